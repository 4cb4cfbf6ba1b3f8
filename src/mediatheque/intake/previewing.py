"""A file that somebody brings, looked at before anything is kept (I2)."""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO
from uuid import UUID

from mediatheque.core.scope import Scope
from mediatheque.intake import mappings, queries
from mediatheque.intake.preview import preview, shape
from mediatheque.intake.recognising import refusing
from mediatheque.spaces import policy


def preview_file(
    scope: Scope, library_id: UUID | None, file: BinaryIO, mapping: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the file is, the mapping as it stands, its first rows as records; `saved` are the mappings that fit.

    Without a mapping the saved one that names most of the columns is followed. Raises NotFound at
    `library`, WrongKind, RuleBroken.
    """
    policy.require(scope, "media.import")
    library = queries.open_library(scope, library_id)
    expected = None if library.default_type == "movie" else library.default_type
    with refusing():
        found = preview(file, mapping, expected)
        fitting = mappings.fitting(scope, [each.header for each in found.columns])
        if mapping is None and fitting:
            found = preview(file, fitting[0]["mapping"], expected)
    return shape(found) | {
        "saved": saved(fitting, fitting[0]["mapping"] if mapping is None and fitting else None)
    }


def saved(fitting: Sequence[Mapping[str, Any]], followed: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The saved mappings that fit a file, and which of them it is read by."""
    return [
        {"id": each["id"], "name": each["name"], "followed": each["mapping"] == followed} for each in fitting
    ]
