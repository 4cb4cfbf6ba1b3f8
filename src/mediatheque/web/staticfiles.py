"""Static files with names made of their content, served by whitenoise."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Hashed(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """A file that a style sheet or script names and that does not exist stops the build.

    Django follows the imports of modules in all files or in none; those of htmx name files that are not there.
    """

    manifest_strict = False
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("mediatheque/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
