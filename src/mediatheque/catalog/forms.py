"""The form of a media item: texts to fields and back. Rules are the API's; only reading text is its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mediatheque.core.db import Row
from mediatheque.core.errors import FieldError, Refusal, RuleBroken
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.text import has_unstorable

from .shapes import decode


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form; `kind` is an input's type, `area`, `tick` or `choice`."""

    name: str
    label: Any
    kind: str = "text"
    hint: Any = ""


# What only one kind has (C1); names are those of the API.
DETAILS: dict[str, tuple[Field, ...]] = {
    "music": (
        Field("details.label", gettext_lazy("Label")),
        Field("details.catalogue_number", gettext_lazy("Catalogue number")),
        Field(
            "details.tracks", gettext_lazy("Tracks"), "area",
            gettext_lazy("One on a line: title | length, such as Autobahn | 22:43."),
        ),
    ),
    "book": (
        Field("details.isbn", "ISBN", hint=gettext_lazy("10 or 13 digits.")),
        Field("details.publisher", gettext_lazy("Publisher")),
        Field("details.pages", gettext_lazy("Pages"), "number"),
        Field("details.edition", gettext_lazy("Edition")),
    ),
    "comic": (
        Field("details.series", gettext_lazy("Series")),
        Field("details.issue", gettext_lazy("Issue")),
        Field("details.cover_date", gettext_lazy("Cover date"), hint=gettext_lazy("1999-03 or 1999-03-31.")),
    ),
    "game": (
        Field("details.platform", gettext_lazy("Platform")),
        Field("details.developer", gettext_lazy("Developer")),
    ),
    "tv_episode": (
        Field("series", gettext_lazy("Series"), "choice"),
        Field("details.season", gettext_lazy("Season"), "number", gettext_lazy("0 for specials.")),
        Field("details.number", gettext_lazy("Number"), "number"),
        Field("details.episode_title", gettext_lazy("Title of the episode")),
    ),
}  # fmt: skip
SIGNED = (
    Field("signed.by", gettext_lazy("Signed by")),
    Field("signed.role", gettext_lazy("Who is")),
    Field("signed.on", gettext_lazy("Signed on"), "date"),
    Field("signed.at", gettext_lazy("Signed at")),
    Field("signed.proof", gettext_lazy("Proof"), hint=gettext_lazy("A certificate, a photograph …")),
)
VALUE = (
    Field("value.low", gettext_lazy("Value, low"), "number"),
    Field("value.mid", gettext_lazy("Value, likely"), "number"),
    Field("value.high", gettext_lazy("Value, high"), "number"),
    Field("value.currency", gettext_lazy("Currency"), hint="EUR"),
    Field("value.source", gettext_lazy("Estimated by")),
    Field("value.date", gettext_lazy("Estimated on"), "date"),
)
TEXTS = (
    "title", "media_type", "original_title", "sort_title", "format", "ownership", "release_date",
    "certification", "network", "trailer_url", "overview", "location", "notes",
)  # fmt: skip
NUMBERS = ("year", "runtime", "rating")
LISTS = ("genres", "tags", "people")
NESTED = tuple(
    dict.fromkeys(
        field.name for group in (*DETAILS.values(), SIGNED, VALUE) for field in group if "." in field.name
    )
)
FIELDS = (*TEXTS, *NUMBERS, *LISTS, "series", *NESTED)
NEW = dict.fromkeys(FIELDS, "") | {"ownership": "owned"}
MOST_SHOWN = 60
WHOLE = ("year", "runtime", "own.rating", "details.pages", "details.season", "details.number")
BROKEN = ("rating", "value.low", "value.mid", "value.high")
EMPTY_IS_NULL = ("release_date", "series", "details.cover_date")


def values_of(row: Row) -> dict[str, str]:
    """An item as the form shows it."""
    people = decode(row["people"])
    nested = {name: decode(row[name]) if row[name] else {} for name in ("details", "signed", "value")}
    return {
        **{name: "" if row[name] is None else str(row[name]) for name in (*TEXTS, "year", "runtime")},
        "rating": "" if row["rating"] is None else f"{row['rating'] / 10:g}",
        "genres": ", ".join(row["genres"]),
        "tags": ", ".join(row["tags"]),
        "people": "\n".join(_line(each) for each in people),
        "series": show_id("media", row["series_id"]) if row["series_id"] else "",
        **{name: _shown(name, _inside(nested, name)) for name in NESTED},
    }


def sent(posted: Mapping[str, Any]) -> dict[str, str]:
    """What the form sent, line ends made one."""
    return {
        name: str(posted[name]).replace("\r\n", "\n").replace("\r", "\n").strip()
        for name in FIELDS
        if name in posted
    }


def fields_of(
    values: Mapping[str, str], before: Mapping[str, str], *, agreed: bool = False
) -> dict[str, Any]:
    """The fields whose text a person changed. `agreed`: a change of kind may lose what only the old kind has.

    Raises RuleBroken for texts that cannot be read.
    """
    changed = {name: text for name, text in values.items() if text != before.get(name)}
    read = read_all(changed)
    found = {name: value for name, value in read.items() if "." not in name}
    kind = values["media_type"]
    if kind != "tv_episode":
        found.pop("series", None)
    for group in ("signed", "value"):
        if any(name.startswith(f"{group}.") for name in changed):
            found[group] = _group(group, NESTED, values) or None
    own = [field.name for field in DETAILS.get(kind, ()) if "." in field.name]
    leaves = kind != before.get("media_type", kind)
    touched = any(name in changed for name in own) or (leaves and agreed)
    if touched and (agreed or not lost(values, before)):
        found["details"] = _group("details", own, values)
    if found.get("series"):
        found["series"] = _series(found["series"])
    return found


def _series(text: str) -> UUID:
    try:
        return read_id("media", text)
    except UnknownId:
        message = _("Choose something that is offered.")
        raise RuleBroken.at("series", message, "series.invalid") from None


def lost(values: Mapping[str, str], before: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the item has that the chosen kind does not: labels and texts."""
    if values["media_type"] == before.get("media_type"):
        return []
    kept = {field.name for field in DETAILS.get(values["media_type"], ())}
    fields = DETAILS.get(before.get("media_type", ""), ())
    return [
        (str(f.label), before[f.name][:MOST_SHOWN])
        for f in fields
        if f.name not in kept and before[f.name] and "." in f.name
    ]


def errors_of(refusal: Refusal) -> dict[str, str]:
    """Messages by the form's fields."""
    found: dict[str, str] = {}
    for each in refusal.errors:
        found.setdefault(each.field if each.field in FIELDS else each.field.split(".")[0], each.message)
    return found or {"title": refusal.detail}


def _group(group: str, names: Any, values: Mapping[str, str]) -> dict[str, Any]:
    """A nested object from its texts, empty ones left out."""
    texts = {name: values[name] for name in names if name.startswith(f"{group}.") and values.get(name)}
    return {name.partition(".")[2]: value for name, value in read_all(texts).items()}


def read_all(texts: Mapping[str, str]) -> dict[str, Any]:
    """Texts as values. Raises RuleBroken with every text that cannot be read."""
    found: dict[str, Any] = {}
    faults: list[FieldError] = []
    for name, text in texts.items():
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


def _read(name: str, text: str) -> Any:
    if name in WHOLE:
        return int(text) if text else None
    if name in BROKEN:
        return float(text.replace(",", ".")) if text else None
    if name in EMPTY_IS_NULL:
        return text or None
    if name in ("genres", "tags", "remove_tags"):
        return [each.strip() for each in text.split(",") if each.strip()]
    if name == "people":
        return [_person(line) for line in text.split("\n") if line.strip()]
    if name == "details.tracks":
        return [_track(line) for line in text.split("\n") if line.strip()]
    return text


def _inside(nested: Mapping[str, Mapping[str, Any]], name: str) -> Any:
    group, _dot, inner = name.partition(".")
    return nested[group].get(inner)


def _shown(name: str, value: Any) -> str:
    if name == "details.tracks":
        return "\n".join(_track_line(each) for each in value or ())
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def _track(line: str) -> dict[str, Any]:
    title, _bar, length = line.rpartition("|") if re.search(r"\|\s*[0-9:]+\s*$", line) else (line, "", "")
    seconds = 0
    for part in filter(None, length.strip().split(":")):
        seconds = seconds * 60 + int(part)
    return {"title": title.strip(), "seconds": seconds if length else None}


def _track_line(track: Any) -> str:
    if not isinstance(track, Mapping):
        return str(track)
    seconds = track.get("seconds")
    return track["title"] if seconds is None else f"{track['title']} | {seconds // 60}:{seconds % 60:02d}"


def _person(line: str) -> dict[str, str | None]:
    name, role, character, *_rest = [part.strip() for part in line.split("|")] + ["", ""]
    return {"name": name, "role": role.lower() or "actor", "character": character or None}


def _line(person: Mapping[str, Any]) -> str:
    return " | ".join(filter(None, (person["name"], person["role"], person["character"])))
