"""A person's mapping against the columns of a file: what it may say, and what it leaves to the guess (I2). Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from mediatheque.catalog.rules import ROLES
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.fields import RATINGS, SETTERS
from mediatheque.intake.sources.options import UnknownField

SEVERAL: Final = frozenset({"cast", "genres", "tags", "format", *ROLES})  # fields that take several columns
FIELDS: Final = tuple(sorted(SETTERS))


def settled(
    header: Sequence[str], proposed: Mapping[str, str | None], mapping: Mapping[str, Any] | None
) -> dict[str, str | None]:
    """Each column's field: what the mapping asks, else what is proposed and not taken by it.

    Raises `UnknownField` at a column that is not there, a field that does not exist, one field asked of
    two columns, a scale of what is no rating, and a file left without titles.
    """
    asked: Mapping[str, str | None] = (mapping or {}).get("columns") or {}
    _check_columns(header, asked)
    _check_scales((mapping or {}).get("scales") or {})
    if (mapping or {}).get("dates", "DMY") not in (None, *cells.DATE_ORDERS):
        raise UnknownField("The order of dates must be YMD, DMY or MDY.", "mapping.dates")
    taken = {field for field in asked.values() if field not in SEVERAL}
    columns = {
        column: asked[column] if column in asked else _left(proposed.get(column), taken) for column in header
    }
    if asked and not names_titles(columns.values()):
        unmapped = next((column for column, field in asked.items() if field is None), None)
        path = f"mapping.columns.{unmapped}" if unmapped else "mapping.columns"
        raise UnknownField("No column is left that holds titles.", path, "mapping.title_required")
    return columns


def names_titles(fields: Collection[str | None]) -> bool:
    """Whether rows get a title of these fields; an episode may be named by its own or its series alone."""
    return bool({"title", "episode_title"} & set(fields)) or {"series", "episode"} <= set(fields)


def _left(field: str | None, taken: Collection[str | None]) -> str | None:
    return None if field in taken else field


def _check_columns(header: Sequence[str], asked: Mapping[str, str | None]) -> None:
    by_field: dict[str, str] = {}
    for column, field in asked.items():
        path = f"mapping.columns.{column}"
        if column not in header:
            raise UnknownField(f"The file has no column “{column}”.", path, "mapping.column_missing")
        if field is None:
            continue
        if field not in SETTERS:
            message = f"“{column}” is mapped to “{field}”, which is not a field."
            raise UnknownField(message, path, "mapping.field_unknown")
        if field in by_field and field not in SEVERAL:
            message = f"“{by_field[field]}” is mapped to “{field}” already, which takes one column."
            raise UnknownField(message, path, "mapping.field_twice")
        by_field[field] = column


def _check_scales(scales: Mapping[str, int]) -> None:
    for name, scale in scales.items():
        if name not in RATINGS:
            message = f"“{name}” is no rating: scales are of {' and '.join(RATINGS)}."
            raise UnknownField(message, f"mapping.scales.{name}", "mapping.scale_unknown")
        if scale not in cells.SCALES:
            raise UnknownField(f"The scale of “{name}” must be 5, 10 or 100.", f"mapping.scales.{name}")
