"""From what a person sends to what the media table holds: checks, normal forms, columns."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from mediatheque.core.errors import FieldError, RuleBroken

from . import rules
from .derive import term_key

TEXTS = (
    "original_title", "sort_title", "overview", "certification", "network", "trailer_url", "location", "notes",
)  # fmt: skip
PLAIN = ("title", "media_type", "year", "release_date", "runtime", "ownership")
LARGEST_AMOUNT = 10**12

_PROVIDER = re.compile(r"[a-z][a-z0-9_]{0,19}")
_KIND = re.compile(r"[a-z0-9_]{0,20}")
CURRENCY = re.compile(r"[A-Z]{3}")
_NORMAL_IDS = {"imdb": rules.normal_imdb, "tmdb": rules.normal_tmdb}


def check(fields: Mapping[str, Any], *, partial: bool = False) -> None:
    """Raises RuleBroken with every fault of the fields (C1)."""
    found = [FieldError(e.field, e.message, e.code) for e in rules.check_media(fields, partial=partial)]
    found += _check_tracks(fields.get("details"))
    found += _check_external_ids(fields.get("external_ids") or ())
    found += _check_texts("signed", fields.get("signed"), {"by": 200, "role": 100, "at": 200, "proof": 500})
    found += _check_dates("signed", fields.get("signed"), "on")
    found += _check_value(fields.get("value"))
    found += _check_texts(
        "source", fields.get("source"), {"provider": 50, "external_id": 255, "import_source": 50}
    )
    if fields.get("series") and fields.get("media_type") != "tv_episode":
        found.append(FieldError("series", _("Only an episode is tied to a series."), "series.not_an_episode"))
    if fields.get("format") and len(fields["format"]) > 60:
        found.append(FieldError("format", _too_long(60), "format.invalid"))
    refuse(found)


def refuse(faults: Sequence[FieldError]) -> None:
    """Raises RuleBroken where there are faults."""
    if faults:
        raise RuleBroken(faults[0].message, code=faults[0].code, errors=faults)


def columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The checked fields as columns of `media`: texts never null, ratings in tenths, ids in normal form."""
    stored: dict[str, Any] = {name: fields[name] for name in PLAIN if name in fields}
    if stored.get("ownership", "") is None:
        stored["ownership"] = "owned"
    stored |= {name: fields[name] or "" for name in TEXTS if name in fields}
    if "rating" in fields:
        stored["rating"] = None if fields["rating"] is None else round(fields["rating"] * 10)
    if "genres" in fields:
        stored["genres"] = list(dict.fromkeys(each.strip() for each in fields["genres"] or ()))
    if "tags" in fields:
        stored["tags"] = _once_each(fields["tags"] or ())
    if "people" in fields:
        stored["people"] = [_person(each) for each in fields["people"] or ()]
    if "details" in fields:
        stored["details"] = {k: v for k, v in (fields["details"] or {}).items() if v is not None}
    for name in ("signed", "value"):
        if name in fields:
            stored[name] = fields[name] or None
    if "external_ids" in fields:
        stored["external_ids"] = external_ids(fields["external_ids"] or ())
    if fields.get("source"):
        source = fields["source"]
        stored["source_provider"] = source.get("provider") or "manual"
        stored["source_external_id"] = source.get("external_id") or ""
        stored["import_source"] = source.get("import_source") or ""
    return stored


def _once_each(names: Sequence[str]) -> list[str]:
    """What is written differently and folds alike is one."""
    found: dict[str, str] = {}
    for each in names:
        found.setdefault(term_key(each), " ".join(each.split()))
    return list(found.values())


def writable(
    stored: Mapping[str, Any], writer: str, person_fields: Sequence[str], import_fields: Sequence[str]
) -> dict[str, Any]:
    """What this writer may set: a person goes before an import, an import before a provider (I3).

    The database keeps the others' values by itself; leaving them out here keeps derived columns in step.
    """
    closed = {"import": {*person_fields}, "provider": {*person_fields, *import_fields}}.get(writer, set())
    return {name: value for name, value in stored.items() if name not in closed}


def external_ids(given: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Each id once, in its normal form (I3)."""
    found = []
    for each in given:
        normal = _NORMAL_IDS.get(each["provider"], str.strip)
        entry = {"provider": each["provider"], "kind": each.get("kind") or "", "id": normal(each["id"]) or ""}
        if entry not in found:
            found.append(entry)
    return found


def _person(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": given["name"].strip(),
        "role": given["role"],
        "character": given.get("character") or None,
    }


def _check_tracks(details: Any) -> list[FieldError]:
    """A track has a title and perhaps seconds: what is stored must be JSON of known size."""
    tracks = details.get("tracks") if isinstance(details, Mapping) else None
    for each in tracks if isinstance(tracks, list) else ():
        if isinstance(each, Mapping) and set(each) - {"title", "seconds"}:
            return [FieldError("details.tracks", _("A track has a title and seconds."), "details.invalid")]
    return []


def _check_external_ids(given: Sequence[Mapping[str, str]]) -> list[FieldError]:
    if len(given) > 50:
        return [FieldError("external_ids", _("An item has at most 50 ids."), "external_ids.invalid")]
    faults = []
    for index, each in enumerate(given):
        normal = _NORMAL_IDS.get(each["provider"], str.strip)
        valid = (
            _PROVIDER.fullmatch(each["provider"])
            and _KIND.fullmatch(each.get("kind") or "")
            and 0 < len(each["id"]) <= 64
            and normal(each["id"])
        )
        if not valid:
            named = {"id": each["id"][:80], "provider": each["provider"][:20]}
            message = _("“%(id)s” is not an id of %(provider)s.") % named
            faults.append(FieldError(f"external_ids.{index}", message, "external_ids.invalid"))
    return faults


def _check_texts(field: str, given: Mapping[str, Any] | None, longest: Mapping[str, int]) -> list[FieldError]:
    return [
        FieldError(
            f"{field}.{name}",
            _too_long(most),
            f"{field}.invalid",
        )
        for name, most in longest.items()
        if given and len(given.get(name) or "") > most
    ]


def _too_long(most: int) -> str:
    return _("It may have at most %(most)s characters.") % {"most": most}


def _check_dates(field: str, given: Mapping[str, Any] | None, name: str) -> list[FieldError]:
    if not given or given.get(name) is None:
        return []
    fault = rules.check_media({"release_date": given[name]}, partial=True)
    return [FieldError(f"{field}.{name}", each.message, f"{field}.invalid") for each in fault]


def _check_value(given: Mapping[str, Any] | None) -> list[FieldError]:
    if not given:
        return []
    faults = _check_texts("value", given, {"source": 200}) + _check_dates("value", given, "date")
    for name in ("low", "mid", "high"):
        if (amount := given.get(name)) is not None and not _is_amount(amount):
            faults.append(FieldError(f"value.{name}", _("It must be an amount from 0 up."), "value.invalid"))
    if given.get("currency") and not CURRENCY.fullmatch(given["currency"]):
        faults.append(FieldError("value.currency", _("A currency is three capitals: EUR."), "value.invalid"))
    return faults


def _is_amount(amount: float) -> bool:
    return math.isfinite(amount) and 0 <= amount < LARGEST_AMOUNT
