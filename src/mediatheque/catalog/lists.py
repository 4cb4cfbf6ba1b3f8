"""The list of media: which part of it, in which order, narrowed to what (C3, S4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.api import make_cursor, read_cursor
from mediatheque.core.errors import FieldError, Malformed, NotFound
from mediatheque.core.scope import Scope

from . import filters as narrowing
from . import search
from .filters import Filters, Link, Sql
from .queries import COLUMNS, OF_OWN, OWN, library, own_entries_of

CARD_COLUMNS = (
    "id", "library_id", "work_id", "media_type", "title", "year", "rating", "poster", "format", "ownership",
    "people", "location", "added_at",
)  # fmt: skip
ORDERS: dict[str, tuple[str, type]] = {
    "title": ("sort_key", str),
    "year": ("year_key", int),
    "format": ("format", str),
    "date_added": ("added_at", datetime),
    "rating": ("rating_key", int),
    "user_rating": ("user_rating", int),
    "relevance": ("relevance", int),
}
FEW = 2000
MANY = 20_000
# What comes after an item's columns in the values of a list.
BESIDE = (*OF_OWN, "added_by_name")
# One's own rating of an item, the unrated below all; parameters: the person.
OWN_RATING = (
    "coalesce((select e.rating from entry_works w join entries e on e.user_id = w.user_id and e.id = w.entry_id "
    "where w.user_id = %s and w.work_id = m.work_id), 0)::int"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of the list: order, direction, how many, and from where."""

    sort: str = "title"  # a name of ORDERS; by relevance only where there are words
    descending: bool = False
    limit: int = 50
    cursor: str | None = None
    page: int | None = None
    with_total: bool = False

    @property
    def direction(self) -> str:
        return "desc" if self.descending else "asc"

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit if self.page else 0

    @property
    def reach(self) -> int:
        """How many rows from the list's beginning, or the cursor, are needed to know this part and whether
        more comes after."""
        return self.offset + self.limit + 1


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
    cursor = _cursor_after(rows[-1], place) if len(found) > place.limit else None
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
        sql = _linked(scope, library_ids, linked)
        found.add(f"m.id in ({sql.text})", *sql.values)
    return found


def _here(scope: Scope, library_ids: Sequence[UUID], filters: Filters, place: Place) -> Sql:
    """The rows of one part of the list as `m`, with what they are ordered by as `key`.

    A walk that passes rows by takes ids from the index alone; the rows are fetched when they are few.
    """
    if _is_plain(library_ids, filters, place):
        [walk] = _index_walks(scope, "%s", narrowing.Condition(), place, "m.*")
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
        return _walk(scope, library_ids, filters, place, [])
    linked = _linked(scope, library_ids, links)
    on_row, after, key = narrowing.on_row(filters), _after(scope, place), _key(scope, place)
    walk = _walk(scope, library_ids, filters, place, links)
    most = FEW if all(each.on_row for each in links) else MANY
    text = (
        f"with found as materialized (select media_id from ({linked.text}) f limit %s), "
        "many as materialized (select count(*) as n from found) "
        f"(select m.id, {key.text} as key from (select distinct media_id from found) found "
        "join media m on m.id = found.media_id "
        "where (select n from many) <= %s and m.space_id = %s and m.library_id = any(%s)"
        f"{on_row.text()}{after.text()} {_ordered(place)}) union all ({walk.text})"
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
    compared, after = _compared(place)
    return Sql(
        f"with hits as materialized ({hits}), many as materialized (select count(*) as n from hits) "
        f"select m.id, m.key from (select h.media_id as id, h.key from hits h{narrowed}) m "
        f"{f'where (m.key, m.id) {compared} ' if compared else ''}{_ordered(place)}",
        [*values, *narrowed_values, *after, place.limit + 1, place.offset],
    )


def _walk(
    scope: Scope, library_ids: Sequence[UUID], filters: Filters, place: Place, links: Sequence[Link]
) -> Sql:
    """The list along the index of its order: one library, or the first of each merged.

    With links it stands beside `many`, and walks where those are not few.
    """
    passed = narrowing.on_row(filters)
    for link in links:
        if link.on_row:
            passed.add(link.on_row, *link.row_values)
        else:
            among, alone = (
                _linked(scope, library_ids, [link]),
                _linked(scope, library_ids, [link], "t.media_id = m.id"),
            )
            passed.add(
                f"case when (select n from many) > %s then (select exists ({alone.text})) "
                f"else (m.id in ({among.text})) is true end",
                MANY, *alone.values, *among.values,
            )  # fmt: skip
    if links:
        passed.add("(select n from many) > %s", FEW)
    one = len(library_ids) == 1
    walks = _rated_walks if place.sort == "user_rating" else _index_walks
    found = walks(scope, "%s" if one else "l.id", passed, place)
    each = " union all ".join(f"({walk.text})" for walk in found)
    values = [value for walk in found for value in ([library_ids[0]] if one else []) + list(walk.values)]
    if one and len(found) == 1:
        return Sql(f"{found[0].text} offset %s", [*values[:-1], place.limit + 1, place.offset])
    of_each = f"({each})" if one else f"unnest(%s::uuid[]) l(id), lateral ({each})"
    return Sql(
        f"select m.id, m.key from {of_each} m {_ordered(place)}",
        [*([] if one else [list(library_ids)]), *values, place.limit + 1, place.offset],
    )


def _index_walks(
    scope: Scope, library_id: str, passed: narrowing.Condition, place: Place, taken: str = "m.id"
) -> list[Sql]:
    """A library's first items along the index of the order; `library_id` is SQL, its value comes first."""
    column, after = ORDERS[place.sort][0], _after(scope, place)
    text = (
        f"select {taken}, m.{column} as key from media m where m.library_id = {library_id} and m.space_id = %s"
        f"{passed.text()}{after.text()} order by m.{column} {place.direction}, m.id {place.direction} limit %s"
    )
    return [Sql(text, [scope.space_id, *passed.values, *after.values, place.reach])]


def _rated_walks(scope: Scope, library_id: str, passed: narrowing.Condition, place: Place) -> list[Sql]:
    """A library's first ids by one's own rating: those rated along the ratings, the others by id."""
    reader, direction = own_entries_of(scope), place.direction
    compared, values = _compared(place)
    rated = (
        "select m.id, e.rating::int as key from entries e "
        "join entry_works w on w.user_id = e.user_id and w.entry_id = e.id "
        f"cross join lateral (select m.id from media m where m.library_id = {library_id} "
        f"and m.work_id = w.work_id and m.space_id = %s{passed.text()} offset 0) m "
        "where e.user_id = %s and e.rating is not null"
        f"{f' and (e.rating::int, m.id) {compared}' if compared else ''} "
        f"order by e.rating {direction}, m.id {direction} limit %s"
    )
    others = (
        f"select m.id, 0 as key from media m where m.library_id = {library_id} and m.space_id = %s "
        f"and (m.work_id in (select w.work_id {narrowing.RATED})) is not true{passed.text()}"
        f"{f' and (0, m.id) {compared}' if compared else ''} order by m.id {direction} limit %s"
    )
    return [
        Sql(rated, [scope.space_id, *passed.values, reader, *values, place.reach]),
        Sql(others, [scope.space_id, reader, 1, 10, *passed.values, *values, place.reach]),
    ]


def _linked(scope: Scope, library_ids: Sequence[UUID], links: Sequence[Link], condition: str = "true") -> Sql:
    """SQL of the ids that are in each of the links, some perhaps several times.

    Words are intersected: their number is misjudged, and looking each up among the next took seconds.
    """
    words = [[each] for each in links if each.is_word]
    others = [each for each in links if not each.is_word]
    parts = [
        _chained(scope, library_ids, chain, condition) for chain in (*words, *([others] if others else []))
    ]
    return Sql(
        " intersect ".join(each.text for each in parts), [value for each in parts for value in each.values]
    )


def _chained(scope: Scope, library_ids: Sequence[UUID], links: Sequence[Link], condition: str) -> Sql:
    """SQL of the ids that are in each of the links, the first looked up among the next."""
    text = ""
    values: list[Any] = []
    for link in reversed(links):
        inner = f" and t.media_id in ({text})" if text else ""
        text = (
            f"select t.media_id from {link.table} t "
            f"where t.space_id = %s and t.library_id = any(%s) and {link.where} and {condition}{inner}"
        )
        values = [*link.table_values, scope.space_id, list(library_ids), *link.values, *values]
    return Sql(text, values)


def _key(scope: Scope, place: Place) -> Sql:
    """What `media m` is ordered by."""
    if place.sort == "user_rating":
        return Sql(OWN_RATING, [own_entries_of(scope)])
    return Sql(f"m.{ORDERS[place.sort][0]}", [])


def _ordered(place: Place) -> str:
    return f"order by key {place.direction}, m.id {place.direction} limit %s offset %s"


def _after(scope: Scope, place: Place) -> narrowing.Condition:
    """What comes after the cursor, in either direction, as one row comparison."""
    found = narrowing.Condition()
    compared, values = _compared(place)
    if compared:
        key = _key(scope, place)
        found.add(f"({key.text}, m.id) {compared}", *key.values, *values)
    return found


def _compared(place: Place) -> tuple[str, list[Any]]:
    """`< (%s, %s)` with the cursor's values, or nothing where there is no cursor."""
    if place.cursor is None:
        return "", []
    order, value, identity = read_cursor(place.cursor, [str, ORDERS[place.sort][1], UUID])
    if order != _order_name(place):
        message = _("This cursor belongs to another order: start again without it.")
        raise Malformed(message, errors=[FieldError("cursor", message, "cursor.invalid")])
    return f"{'<' if place.descending else '>'} (%s, %s)", [value, identity]


def _cursor_after(row: Sequence[Any], place: Place) -> str:
    identity, value = row[0], row[-1]
    shown = value.isoformat() if isinstance(value, datetime) else value
    return make_cursor([_order_name(place), shown, identity])


def _order_name(place: Place) -> str:
    return f"{place.sort}:{place.direction}"
