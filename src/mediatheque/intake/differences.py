"""Which fields of an item a row changes, from what to what: the words of a plan (I1). Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from mediatheque.intake.merging import EMPTY, Item

LONGEST_SHOWN = 500  # characters of a value: a plan is read, not stored for ever
NOT_SHOWN = frozenset({"series_id"})

Change = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """An item before a row changes it."""

    columns: Mapping[str, Any]
    copies: Mapping[UUID, Mapping[str, Any]]
    seasons: frozenset[int]
    metadata: Mapping[str, str]


NOTHING = Standing({}, {}, frozenset(), {})


def standing(item: Item) -> Standing:
    """As it is now: what comes of it later does not show in here."""
    copies = {identity: dict(copy) for identity, copy in item.copies.items()}
    return Standing(dict(item.columns), copies, frozenset(item.seasons), dict(item.metadata))


def changes(
    before: Standing, item: Item, rating: tuple[int | None, int | None] = (None, None)
) -> list[Change]:
    """Each as `{field, old, new}`; `rating` is the person's own, before and after."""
    found = [
        _change(name, before.columns.get(name), value)
        for name, value in item.columns.items()
        if name not in NOT_SHOWN and not _same(before.columns.get(name), value)
    ]
    for identity, copy in item.copies.items():
        found += _of_copy(before.copies.get(identity), copy)
    found += [_change("seasons", None, each) for each in sorted(item.seasons.keys() - before.seasons)]
    found += [
        _change(f"metadata.{name}", None, value)
        for name, value in item.metadata.items()
        if name not in before.metadata
    ]
    if rating[0] != rating[1]:
        found.append(_change("own.rating", *rating))
    return found


def of_entry(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What a row changes of the person's entry, as `own.…`."""
    return [
        _change(f"own.{name}", before.get(name), value)
        for name, value in after.items()
        if not name.startswith(("id", "person_")) and not _same(before.get(name), value)
    ]


def _of_copy(before: Mapping[str, Any] | None, copy: Mapping[str, Any]) -> list[Change]:
    told = {name: value for name, value in copy.items() if value not in EMPTY}
    if before is None:
        return [{"field": "variants", "old": None, "new": {name: _shown(name, told[name]) for name in told}}]
    return [
        _change(f"variants.{name}", before.get(name), value)
        for name, value in told.items()
        if not _same(before.get(name), value)
    ]


def _same(before: Any, after: Any) -> bool:
    return before == after or (before in EMPTY and after in EMPTY)


def _change(name: str, old: Any, new: Any) -> Change:
    return {"field": name, "old": _shown(name, old), "new": _shown(name, new)}


def _shown(name: str, value: Any) -> Any:
    """As JSON holds it; a provider's rating is kept times ten."""
    if value in EMPTY:
        return None
    if name == "rating":
        return value / 10
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return value[:LONGEST_SHOWN] + "…"
    return value
