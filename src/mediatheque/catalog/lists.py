"""The list of media: which part of it, in which order, narrowed to what (C3, S4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.api import make_cursor, read_cursor
from mediatheque.core.db import Row
from mediatheque.core.errors import FieldError, Malformed
from mediatheque.core.scope import Scope

from . import filters as narrowing
from .filters import Filters, Link
from .queries import COLUMNS, OWN, library, own_entries_of

CARD_COLUMNS = (
    "id", "library_id", "work_id", "media_type", "title", "year", "rating", "poster", "format", "ownership",
    "people", "location", "added_at",
)  # fmt: skip
ORDERS: dict[str, tuple[str, type]] = {
    "title": ("sort_key", str),
    "year": ("year_key", int),
    "date_added": ("added_at", datetime),
}
FEW = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of the list: order, direction, how many, and from where."""

    sort: str = "title"
    descending: bool = False
    limit: int = 50
    cursor: str | None = None
    page: int | None = None
    with_total: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a list: rows, the cursor after them, and how many there are where that was asked."""

    rows: list[Row]
    next_cursor: str | None
    total: int | None


def libraries(scope: Scope, wanted: str | None) -> list[UUID]:
    """The libraries a request means: one by TypeID, `all` open ones, else the active one (API.md)."""
    if wanted == "all":
        return list(scope.library_ids)
    if wanted is None:
        return [scope.active_library.id] if scope.active_library else []
    return [library(scope, wanted).id]


def media_list(
    scope: Scope,
    library_ids: Sequence[UUID],
    filters: Filters,
    place: Place,
    columns: Sequence[str] = COLUMNS,
) -> Found:
    """A part of the list, in one statement; another one counts where the total is asked for."""
    if not library_ids or narrowing.nothing_can_match(filters):
        return Found([], None, 0 if place.page or place.with_total else None)
    order, _kind = ORDERS[place.sort]
    page, values = _page(scope, library_ids, filters, place, sorted({*columns, order, "id", "work_id"}))
    names = ", ".join(f"m.{name}" for name in dict.fromkeys((*columns, "work_id", order)))
    direction = "desc" if place.descending else "asc"
    found = db.rows(
        f"select {names}, own.*, u.name as added_by_name from ({page}) m {OWN} "
        f"left join users u on u.id = {'m.added_by' if 'added_by' in columns else 'null::uuid'} "
        f"order by m.{order} {direction}, m.id {direction}",
        [*values, own_entries_of(scope)],
    )
    total = _total(scope, library_ids, filters) if place.page or place.with_total else None
    more = len(found) > place.limit
    rows = found[: place.limit]
    return Found(rows, _cursor_after(rows[-1], place) if more else None, total)


def any_media(scope: Scope, library_ids: Sequence[UUID]) -> bool:
    """Whether the libraries hold anything at all."""
    sql = "select exists (select from media where space_id = %s and library_id = any(%s))"
    return bool(db.value(sql, [scope.space_id, list(library_ids)]))


def _page(
    scope: Scope, library_ids: Sequence[UUID], filters: Filters, place: Place, columns: Sequence[str]
) -> tuple[str, list[Any]]:
    """SQL of one part of the list, and its parameters.

    Where links narrow it (genres, people, words), up to FEW links are taken and sorted when that is all
    of them; else the sort order is walked and each item looked up among the links (JOINTS).
    """
    listed = ", ".join(f"m.{name}" for name in columns)
    links = narrowing.links(filters)
    if not links:
        return _walk(scope, library_ids, filters, place, listed, [])
    found, found_values = _linked(scope, library_ids, links)
    keys = f"m.id, m.{ORDERS[place.sort][0]}"
    on_row, after = narrowing.on_row(filters), _after(place)
    walk, walk_values = _walk(scope, library_ids, filters, place, keys, links, "(select n from many) > %s")
    sql = (
        f"with found as materialized (select media_id from ({found}) f limit %s), "
        "many as materialized (select count(*) as n from found), "
        f"here as materialized ((select {keys} from found join media m on m.id = found.media_id "
        "where (select n from many) <= %s and m.space_id = %s and m.library_id = any(%s)"
        f"{on_row.text()}{after.text()} {_order(place)}) union all ({walk})) "
        f"select {listed} from here join media m on m.id = here.id and m.space_id = %s"
    )
    return sql, [
        *found_values, FEW + 1, FEW, scope.space_id, list(library_ids), *on_row.values, *after.values,
        *_bounds(place), *walk_values, scope.space_id,
    ]  # fmt: skip


def _walk(
    scope: Scope,
    library_ids: Sequence[UUID],
    filters: Filters,
    place: Place,
    listed: str,
    links: Sequence[Link],
    condition: str = "",
) -> tuple[str, list[Any]]:
    """The list along the index of its order: one library, or the first of each merged."""
    on_row, after = narrowing.on_row(filters), _after(place)
    for link in links:
        sql, values = _linked(scope, library_ids, [link])
        on_row.add(f"(m.id in ({sql})) is true", *values)
    if condition:
        on_row.add(condition, FEW)
    rest = f"{on_row.text()}{after.text()} {_order(place)}"
    values = [*on_row.values, *after.values]
    if len(library_ids) == 1:
        sql = f"select {listed} from media m where m.space_id = %s and m.library_id = %s{rest}"
        return sql, [scope.space_id, library_ids[0], *values, *_bounds(place)]
    each = f"select {listed} from media m where m.space_id = %s and m.library_id = l.id{rest}"
    whole = Place(place.sort, place.descending, place.limit + _offset(place))
    sql = f"select m.* from unnest(%s::uuid[]) l(id), lateral ({each}) m {_order(place)}"
    return sql, [list(library_ids), scope.space_id, *values, *_bounds(whole), *_bounds(place)]


def _linked(scope: Scope, library_ids: Sequence[UUID], links: Sequence[Link]) -> tuple[str, list[Any]]:
    """SQL of the ids that are in each of the links.

    Words are intersected: their number is misjudged, and looking each up among the next took seconds.
    """
    words = [[each] for each in links if each.table == "media_words"]
    others = [each for each in links if each.table != "media_words"]
    parts = [_chained(scope, library_ids, chain) for chain in (*words, *([others] if others else []))]
    return " intersect ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]


def _chained(scope: Scope, library_ids: Sequence[UUID], links: Sequence[Link]) -> tuple[str, list[Any]]:
    """SQL of the ids that are in each of the links, the first looked up among the next."""
    sql = ""
    values: list[Any] = []
    for link in reversed(links):
        inner = f" and t.media_id in ({sql})" if sql else ""
        sql = (
            f"select {'distinct ' if link is links[0] and link.repeats else ''}t.media_id from {link.table} t "
            f"where t.space_id = %s and t.library_id = any(%s) and {link.where}{inner}"
        )
        values = [scope.space_id, list(library_ids), *link.values, *values]
    return sql, values


def _total(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> int:
    on_row, links = narrowing.on_row(filters), narrowing.links(filters)
    if links:
        sql, values = _linked(scope, library_ids, links)
        on_row.add(f"m.id in ({sql})", *values)
    return int(
        db.value(
            f"select count(*) from media m where m.space_id = %s and m.library_id = any(%s){on_row.text()}",
            [scope.space_id, list(library_ids), *on_row.values],
        )
    )


def _order(place: Place) -> str:
    direction = "desc" if place.descending else "asc"
    return f"order by m.{ORDERS[place.sort][0]} {direction}, m.id {direction} limit %s offset %s"


def _bounds(place: Place) -> list[int]:
    return [place.limit + 1, _offset(place)]


def _offset(place: Place) -> int:
    return (place.page - 1) * place.limit if place.page else 0


def _after(place: Place) -> narrowing.Condition:
    """What comes after the cursor, in either direction, as one row comparison."""
    found = narrowing.Condition()
    if place.cursor:
        column, kind = ORDERS[place.sort]
        order, value, identity = read_cursor(place.cursor, [str, kind, UUID])
        if order != _order_name(place):
            message = _("This cursor belongs to another order: start again without it.")
            raise Malformed(message, errors=[FieldError("cursor", message, "cursor.invalid")])
        found.add(f"(m.{column}, m.id) {'<' if place.descending else '>'} (%s, %s)", value, identity)
    return found


def _cursor_after(row: Row, place: Place) -> str:
    value = row[ORDERS[place.sort][0]]
    shown = value.isoformat() if isinstance(value, datetime) else value
    return make_cursor([_order_name(place), shown, row["id"]])


def _order_name(place: Place) -> str:
    return f"{place.sort}:{'desc' if place.descending else 'asc'}"
