"""The list of media: which part of it, in which order, narrowed to what (C3, S4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.errors import NotFound
from mediatheque.core.scope import Scope

from . import filters as narrowing
from . import search, walking
from .filters import Filters, Link, Sql
from .queries import COLUMNS, OF_OWN, OWN, library, own_entries_of
from .walking import FEW, MANY, Place

CARD_COLUMNS = (
    "id", "library_id", "work_id", "media_type", "title", "year", "rating", "poster", "format", "ownership",
    "people", "location", "added_at",
)  # fmt: skip
# What comes after an item's columns in the values of a list.
BESIDE = (*OF_OWN, "added_by_name")


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a list: rows, the cursor after them, and how many there are where that was asked."""

    rows: list[Any]
    next_cursor: str | None
    total: int | None


def libraries(scope: Scope, wanted: str | Sequence[str] | None) -> list[UUID]:
    """The libraries a request means: those named by TypeID, `all` open ones, else the active one (API.md).

    Raises NotFound at `library`.
    """
    named = [wanted] if isinstance(wanted, str) else list(wanted or ())
    if "all" in named:
        return list(scope.library_ids)
    if not named:
        return [scope.active_library.id] if scope.active_library else []
    return list(dict.fromkeys(library(scope, each).id for each in named))


def check_people(scope: Scope, filters: Filters) -> None:
    """Raises NotFound at `added_by` for somebody who is not in the space and added nothing to it."""
    if filters.added_by is None:
        return
    known = db.value(
        "select exists (select from memberships where space_id = %s and user_id = %s) "
        "or exists (select from media where space_id = %s and library_id = any(%s) and added_by = %s)",
        [scope.space_id, filters.added_by, scope.space_id, list(scope.library_ids), filters.added_by],
    )
    if not known:
        raise NotFound.at("added_by")


def media_list(
    scope: Scope,
    library_ids: Sequence[UUID],
    filters: Filters,
    place: Place,
    columns: Sequence[str] = COLUMNS,
) -> Found:
    """A part of the list, each item with some of its columns by name, one's own entry and who added it."""
    columns = tuple(dict.fromkeys((*columns, "work_id")))
    found = media_values(scope, library_ids, filters, place, columns)
    rows = [dict(zip((*columns, *BESIDE), values, strict=False)) for values in found.rows]
    return Found(rows, found.next_cursor, found.total)


def media_values(
    scope: Scope,
    library_ids: Sequence[UUID],
    filters: Filters,
    place: Place,
    columns: Sequence[str] = COLUMNS,
    *,
    last: bool = False,
) -> Found:
    """The same as values in order (`LISTED` for whole items), then what the item is ordered by.

    One statement, the `last` of its reading if so; another one counts where the total is asked for.
    """
    check_people(scope, filters)
    filters = search.understood(scope, library_ids, filters)
    wants_total = place.page is not None or place.with_total
    if not library_ids or narrowing.nothing_can_match(filters):
        return Found([], None, 0 if wants_total else None)
    here = _here(scope, library_ids, filters, place)
    names = ", ".join(f"m.{name}" for name in columns)
    found = db.tuples(
        f"select {names}, own.*, u.name, key from {here.text} {OWN} "
        f"left join users u on u.id = {'m.added_by' if 'added_by' in columns else 'null::uuid'} "
        f"order by key {place.direction}, m.id {place.direction}",
        [*here.values, own_entries_of(scope)],
        prepared=_is_walk(filters, place),
        last=last and not wants_total,
    )
    rows = found[: place.limit]
    cursor = walking.cursor_after(rows[-1], place) if len(found) > place.limit else None
    return Found(rows, cursor, total(scope, library_ids, filters) if wants_total else None)


def any_media(scope: Scope, library_ids: Sequence[UUID]) -> bool:
    """Whether the libraries hold anything at all."""
    sql = "select exists (select from media where space_id = %s and library_id = any(%s))"
    return bool(db.value(sql, [scope.space_id, list(library_ids)]))


def all_ids(scope: Scope, library_ids: Sequence[UUID], filters: Filters, most: int) -> list[UUID]:
    """The ids of everything the filters find, at most `most` of them."""
    if not library_ids or narrowing.nothing_can_match(filters):
        return []
    those = narrowed(scope, library_ids, filters)
    found = db.rows(
        f"select m.id from media m where m.space_id = %s and m.library_id = any(%s){those.text()} limit %s",
        [scope.space_id, list(library_ids), *those.values, most],
    )
    return [row["id"] for row in found]


def total(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> int:
    """How many items of the libraries the filters leave."""
    found = narrowed(scope, library_ids, filters)
    return int(
        db.value(
            f"select count(*) from media m where m.space_id = %s and m.library_id = any(%s){found.text()}",
            [scope.space_id, list(library_ids), *found.values],
        )
    )


def narrowed(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> narrowing.Condition:
    """Everything the filters say, as conditions on `media m`, for counting all that they leave."""
    filters = search.understood(scope, library_ids, filters)
    found, links = narrowing.on_row(filters), narrowing.links(filters, own_entries_of(scope))
    for link in [each for each in links if each.on_row]:
        found.add(link.on_row, *link.row_values)
    if linked := [each for each in links if not each.on_row]:
        sql = walking.linked_ids(scope, library_ids, linked)
        found.add(f"m.id in ({sql.text})", *sql.values)
    return found


def _here(scope: Scope, library_ids: Sequence[UUID], filters: Filters, place: Place) -> Sql:
    """The rows of one part of the list as `m`, with what they are ordered by as `key`.

    A walk that passes rows by takes ids from the index alone; the rows are fetched when they are few.
    """
    if _is_plain(library_ids, filters, place):
        [walk] = walking.index_walks(scope, "%s", narrowing.Condition(), place, "m.*")
        return Sql(f"({walk.text}) m", [library_ids[0], *walk.values])
    keys = _keys(scope, library_ids, filters, place)
    return Sql(
        f"({keys.text}) here join media m on m.id = here.id and m.space_id = %s",
        [*keys.values, scope.space_id],
    )


def _is_plain(library_ids: Sequence[UUID], filters: Filters, place: Place) -> bool:
    """Whether the part is read along one index and nothing else."""
    return len(library_ids) == 1 and not place.offset and _is_walk(filters, place)


def _is_walk(filters: Filters, place: Place) -> bool:
    """Whether the part is read along indexes alone: its plan is the same for all values."""
    return not narrowing.narrows(filters) and place.sort not in ("user_rating", "relevance")


def _keys(scope: Scope, library_ids: Sequence[UUID], filters: Filters, place: Place) -> Sql:
    """The ids of one part of the list with what they are ordered by.

    Where links narrow it (genres, people, words), up to FEW links are taken and sorted when that is all
    of them; else the sort order is walked and each item looked up among the links (JOINTS). Of more than
    MANY, the walk meets one soon enough to ask for each item by itself.
    """
    links = narrowing.links(filters, own_entries_of(scope))
    if place.sort == "relevance":
        return _relevant(scope, library_ids, filters, place, links)
    if not links:
        return walking.walk(scope, library_ids, filters, place, [])
    linked = walking.linked_ids(scope, library_ids, links)
    on_row, after, key = (
        narrowing.on_row(filters),
        walking.after_cursor(scope, place),
        walking.order_key(scope, place),
    )
    walk = walking.walk(scope, library_ids, filters, place, links)
    most = FEW if all(each.on_row for each in links) else MANY
    text = (
        f"with found as materialized (select media_id from ({linked.text}) f limit %s), "
        "many as materialized (select count(*) as n from found) "
        f"(select m.id, {key.text} as key from (select distinct media_id from found) found "
        "join media m on m.id = found.media_id "
        "where (select n from many) <= %s and m.space_id = %s and m.library_id = any(%s)"
        f"{on_row.text()}{after.text()} {walking.ordered(place)}) union all ({walk.text})"
    )
    return Sql(text, [
        *linked.values, most + 1, *key.values, FEW, scope.space_id, list(library_ids), *on_row.values,
        *after.values, place.limit + 1, place.offset, *walk.values,
    ])  # fmt: skip


def _relevant(
    scope: Scope, library_ids: Sequence[UUID], filters: Filters, place: Place, links: Sequence[Link]
) -> Sql:
    """The ids of one part of what was searched for, the best first; of equal ones the oldest.

    A single word's best hits are taken until there are enough. Where more narrows it, everything is ranked,
    and the row is looked at for a few, for many among all that the row's filters leave.
    """
    others, on_row = [each for each in links if not each.is_word], narrowing.on_row(filters)
    if len(links) == 1 and not on_row.sql:
        hits, values = search.best(scope, library_ids, filters.words[0], filters.q)
    else:
        hits, values = search.ranked(scope, library_ids, filters.words, others, filters.q)
    narrowed, narrowed_values = "", []
    if on_row.sql:
        here = f"from media m where m.space_id = %s and m.library_id = any(%s){on_row.text()}"
        row_values = [scope.space_id, list(library_ids), *on_row.values]
        narrowed, narrowed_values = (
            f" where case when (select n from many) <= %s then (select exists (select {here} and m.id = h.media_id)) "
            f"else (h.media_id in (select m.id {here})) is true end",
            [FEW, *row_values, *row_values],
        )
    compared, after = walking.comparison(place)
    return Sql(
        f"with hits as materialized ({hits}), many as materialized (select count(*) as n from hits) "
        f"select m.id, m.key from (select h.media_id as id, h.key from hits h{narrowed}) m "
        f"{f'where (m.key, m.id) {compared} ' if compared else ''}{walking.ordered(place)}",
        [*values, *narrowed_values, *after, place.limit + 1, place.offset],
    )
