"""Static files with names made of their content, served by whitenoise."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Hashed(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """A file that a style sheet or script names and that does not exist stops the build."""

    manifest_strict = False
