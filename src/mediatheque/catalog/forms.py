"""The form of a media item: texts to fields and back. Rules are the API's; only reading text is its own."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from mediatheque.core.db import Row
from mediatheque.core.errors import FieldError, Refusal, RuleBroken
from mediatheque.core.text import has_unstorable

from .shapes import decode

TEXTS = (
    "title", "media_type", "original_title", "sort_title", "format", "ownership", "release_date",
    "certification", "network", "trailer_url", "overview", "location", "notes",
)  # fmt: skip
NUMBERS = ("year", "runtime", "rating")
LISTS = ("genres", "people")
FIELDS = (*TEXTS, *NUMBERS, *LISTS)
NEW = dict.fromkeys(FIELDS, "") | {"ownership": "owned"}


def values_of(row: Row) -> dict[str, str]:
    """An item as the form shows it."""
    people = decode(row["people"])
    return {
        **{name: "" if row[name] is None else str(row[name]) for name in (*TEXTS, "year", "runtime")},
        "rating": "" if row["rating"] is None else f"{row['rating'] / 10:g}",
        "genres": ", ".join(row["genres"]),
        "people": "\n".join(_line(each) for each in people),
    }


def sent(posted: Mapping[str, Any]) -> dict[str, str]:
    """What the form sent, line ends made one."""
    return {
        name: str(posted[name]).replace("\r\n", "\n").replace("\r", "\n").strip()
        for name in FIELDS
        if name in posted
    }


def fields_of(values: Mapping[str, str], before: Mapping[str, str]) -> dict[str, Any]:
    """The fields whose text a person changed. Raises RuleBroken for texts that cannot be read."""
    found: dict[str, Any] = {}
    faults: list[FieldError] = []
    for name, text in values.items():
        if text == before.get(name):
            continue
        if has_unstorable(text):
            message = _("Remove the character that cannot be stored.")
            faults.append(FieldError(name, message, "unstorable_text"))
            continue
        try:
            found[name] = _read(name, text)
        except ValueError:
            faults.append(FieldError(name, _("It must be a number."), f"{name}.invalid"))
    if faults:
        raise RuleBroken(faults[0].message, errors=faults)
    return found


def errors_of(refusal: Refusal) -> dict[str, str]:
    """Messages by the form's fields."""
    found: dict[str, str] = {}
    for each in refusal.errors:
        found.setdefault(each.field.split(".")[0], each.message)
    return found or {"title": refusal.detail}


def _read(name: str, text: str) -> Any:
    if name in ("year", "runtime"):
        return int(text) if text else None
    if name == "rating":
        return float(text.replace(",", ".")) if text else None
    if name == "release_date":
        return text or None
    if name == "genres":
        return [each.strip() for each in text.split(",") if each.strip()]
    if name == "people":
        return [_person(line) for line in text.split("\n") if line.strip()]
    return text


def _person(line: str) -> dict[str, str | None]:
    name, role, character, *_rest = [part.strip() for part in line.split("|")] + ["", ""]
    return {"name": name, "role": role.lower() or "actor", "character": character or None}


def _line(person: Mapping[str, Any]) -> str:
    return " | ".join(filter(None, (person["name"], person["role"], person["character"])))
