"""A batch's items into the tables of the catalogue, set by set."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from mediatheque.catalog.derive import derive
from mediatheque.core import db
from mediatheque.core.clock import now
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import match_key
from mediatheque.intake import bulk
from mediatheque.intake.known import Place
from mediatheque.intake.merging import CHANGEABLE, DERIVED, TEXTS, Item
from mediatheque.intake.records import SERIES_KEY
from mediatheque.spaces import policy

COPY_TEXTS = ("format", "edition", "barcode", "resolution", "path", "location", "condition", "currency")


def write(scope: Scope, place: Place, items: Collection[Item], language: str) -> None:
    """Everything new and changed of these items."""
    items = [item for item in items if item.is_theirs]
    _tie_episodes(place, items)
    new = [item for item in items if item.is_new]
    changed = [item for item in items if item.changed and not item.is_new]
    for item in (*new, *changed):
        item.columns |= derive(item.columns, language)
    where = {"space_id": place.space_id, "library_id": place.library_id}
    bulk.insert("works", [_work(place, item) for item in new])
    bulk.insert("media", [where | _new_media(scope, place, item) for item in new])
    bulk.update("media", [_changed_media(item) for item in changed])
    bulk.insert("variants", [where | each for item in items for each in _new_copies(item)])
    bulk.update("variants", [each for item in items for each in _changed_copies(item)])
    bulk.insert("loans", [where | each for item in items for each in _new_loans(item)])
    bulk.insert("seasons", [where | each for item in items for each in _new_seasons(item)])
    bulk.insert("media_metadata", [where | each for item in items for each in _new_metadata(item)])
    _tie_earlier_episodes(scope, place, new)


def _tie_episodes(place: Place, items: Iterable[Item]) -> None:
    """An episode belongs to the series of its name, where the library has it (I3, C7)."""
    episodes = {
        item.id: match_key(item.metadata[SERIES_KEY])
        for item in items
        if item.columns["media_type"] == "tv_episode" and SERIES_KEY in item.metadata
    }
    if not episodes:
        return
    found = db.rows(
        "select distinct on (m.match_key) m.match_key, m.id from unnest(%s::text[]) x(title) join media m "
        "on m.library_id = %s and m.match_key = x.title and m.media_type = 'tv_series' order by m.match_key, m.id",
        [list(set(episodes.values())), place.library_id],
    )
    series = {
        match_key(item.columns["title"]): item.id
        for item in items
        if item.columns["media_type"] == "tv_series"
    } | {each["match_key"]: each["id"] for each in found}
    for item in items:
        if item.id in episodes and item.columns.get("series_id") is None:
            item.columns["series_id"] = series.get(episodes[item.id])
            item.changed = item.changed or item.columns["series_id"] is not None


def _tie_earlier_episodes(scope: Scope, place: Place, new: Iterable[Item]) -> None:
    """Episodes that came before their series."""
    series = {item.columns["match_key"]: item.id for item in new if item.columns["media_type"] == "tv_series"}
    if not series:
        return
    untied = db.rows(
        "select m.id, s.value from media m join media_metadata s on s.media_id = m.id and s.key = %s "
        "where m.space_id = %s and m.library_id = %s and m.media_type = 'tv_episode' and m.series_id is null "
        "and (%s or m.added_by = %s)",
        [
            SERIES_KEY,
            place.space_id,
            place.library_id,
            policy.allows(scope, "media.change_others"),
            scope.user_id,
        ],
    )
    found = [{"id": each["id"], "series_id": series.get(match_key(each["value"]))} for each in untied]
    bulk.update("media", [each for each in found if each["series_id"] is not None])


def _work(place: Place, item: Item) -> dict[str, Any]:
    return {
        "id": item.work_id,
        "owner_space": place.space_id,
        "library_id": place.library_id,
        "kind": item.columns["media_type"],
        "title": item.columns["title"],
        "original_title": item.columns.get("original_title", ""),
        "year": item.columns.get("year"),
        "match_key": item.columns["match_key"],
    }


def _new_media(scope: Scope, place: Place, item: Item) -> dict[str, Any]:
    lengths = bulk.lengths("media")
    provider, external_id = item.source or (place.source, "")
    import_source = place.source if item.import_source is None else item.import_source
    return {
        **item.columns,
        "id": item.id,
        "work_id": item.work_id,
        "work_owner": item.work_owner,
        "source_provider": provider[: lengths["source_provider"]],
        "source_external_id": external_id[: lengths["source_external_id"]],
        "import_source": import_source[: lengths["import_source"]],
        "added_by": scope.user_id,
        "added_at": moment(scope, item.added_at) if item.added_at else now(),
    }


def moment(scope: Scope, given: dt.datetime | dt.date) -> dt.datetime:
    """A day alone begins at midnight where the space is."""
    if isinstance(given, dt.datetime):
        return given
    return dt.datetime.combine(given, dt.time(), ZoneInfo(scope.space.time_zone))


def _changed_media(item: Item) -> dict[str, Any]:
    columns: Mapping[str, Any] = {name: item.columns.get(name) for name in (*CHANGEABLE, *DERIVED)}
    return {"id": item.id, **columns, **{name: columns[name] or "" for name in (*TEXTS, "format")}}


def _new_copies(item: Item) -> list[dict[str, Any]]:
    return [{"id": each, "media_id": item.id, **item.copies[each]} for each in sorted(item.new_copies)]


def _new_loans(item: Item) -> list[dict[str, Any]]:
    return [
        {"id": new_id(), "media_id": item.id, "variant_id": copy_id, "borrower": lent.to, "since": lent.since,
         "due": lent.due}
        for copy_id, lent in sorted(item.lent.items())
    ]  # fmt: skip


def _changed_copies(item: Item) -> list[dict[str, Any]]:
    return [
        {"id": each, **{name: item.copies[each].get(name) or "" for name in COPY_TEXTS},
         **{name: item.copies[each].get(name) for name in ("purchased_on", "price")}}
        for each in sorted(item.changed_copies - item.new_copies)
    ]  # fmt: skip


def _new_seasons(item: Item) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(), "media_id": item.id, "number": number,
            "title": item.seasons[number].title,
            "expected_episodes": item.seasons[number].expected,
            "available_episodes": item.seasons[number].available,
            "is_complete": bool(item.seasons[number].complete),
        }
        for number in sorted(item.new_seasons)
    ]  # fmt: skip


def _new_metadata(item: Item) -> list[dict[str, Any]]:
    return [
        {"id": new_id(), "media_id": item.id, "key": key, "value": item.metadata[key]}
        for key in sorted(item.new_metadata)
    ]
