"""The libraries that our own export names, and what it says of them (I10). Pure."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import IO, Any

import ijson

from mediatheque.catalog.rules import MEDIA_TYPES
from mediatheque.core.text import has_unstorable
from mediatheque.intake import spreadsheet
from mediatheque.intake.records import NamedLibrary
from mediatheque.intake.sources.documents import BROKEN, bounded
from mediatheque.spaces.rules import COLUMNS, TEMPLATES

CELL = "mediatheque library"  # beside an item: what the head says of its library, as JSON
COLUMN = "library"  # of our CSV, which knows the name alone
MOST = 100  # libraries of one file: an absurd one shall not fill the navigation
LONGEST_NAME = 120
LONGEST_DESCRIPTION = 5000
_AFTER = {("libraries", "end_array"), ("media", "start_array"), ("entries", "start_array")}


def in_head(document: IO[bytes]) -> dict[str, str]:
    """The head's libraries by name, each as the text of its cell; those of a broken head are left out."""
    found: dict[str, str] = {}
    document.seek(0)
    builder: Any = None
    try:
        for place, event, value in ijson.parse(bounded(document, 2), use_float=True):
            if (place, event) in _AFTER or len(found) == MOST:
                break
            if (place, event) == ("libraries.item", "start_map"):
                builder = ijson.ObjectBuilder()
            if builder is not None and place.startswith("libraries.item"):
                builder.event(event, value)
                if (place, event) == ("libraries.item", "end_map"):
                    found |= _cell(builder.value)
                    builder = None
    except BROKEN:
        pass  # the items tell
    return found


def cell_of(name: object, head: Mapping[str, str]) -> str:
    """What stands beside an item of the library of that name."""
    if not isinstance(name, str) or not name.strip():
        return ""
    return head.get(name) or json.dumps({"name": name[:LONGEST_NAME]})


def named_by(row: Mapping[str, str]) -> NamedLibrary | None:
    """The library of a row's item; None where the row names none that can be."""
    if (told := row.get(CELL)) is not None:
        return _read(told)
    return _read(json.dumps({"name": spreadsheet.restored(row[COLUMN])})) if row.get(COLUMN) else None


def named(rows: Iterable[Mapping[str, str]]) -> tuple[int, tuple[NamedLibrary, ...]]:
    """How many rows there are, and the first libraries that they name."""
    count, found = 0, dict[str, NamedLibrary]()
    for row in rows:
        count += 1
        each = named_by(row)
        if each is not None and len(found) < MOST:
            found.setdefault(each.name, each)
    return count, tuple(found.values())


def _cell(given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        return {}
    facts = {
        field: given[field] for field in ("template", "default_type") if isinstance(given.get(field), str)
    }
    told = {
        "name": given["name"][:LONGEST_NAME],
        "description": _text(given, "description")[:LONGEST_DESCRIPTION],
        "columns": _columns(given),
    }
    return {given["name"]: json.dumps(facts | told)}


@lru_cache(MOST * 2)
def _read(text: str) -> NamedLibrary | None:
    """What can be followed of it; a template, type or column that we do not know is left out."""
    given: Any = json.loads(text) if text else {}
    name, description = (_text(given, field) for field in ("name", "description"))
    name = " ".join(name.split())[:LONGEST_NAME]
    template, default_type = _text(given, "template"), _text(given, "default_type")
    if not name:
        return None
    return NamedLibrary(
        name=name,
        description=description[:LONGEST_DESCRIPTION],
        template=template if template in TEMPLATES else None,
        default_type=default_type if default_type in MEDIA_TYPES else None,
        columns=_columns(given),
    )


def _columns(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Those that we know, each once, in their order."""
    found = given.get("columns")
    if not isinstance(found, list):
        return None
    return tuple(dict.fromkeys(each for each in found if isinstance(each, str) and each in COLUMNS))


def _text(given: Mapping[str, Any], field: str) -> str:
    found = given.get(field)
    return found if isinstance(found, str) and not has_unstorable(found) else ""
