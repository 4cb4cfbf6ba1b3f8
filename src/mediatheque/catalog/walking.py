"""SQL of one part of a list: along the index of its order, or one's own ratings, from a cursor on (C3).

Row security keeps conditions on other tables from being looked up first, so each walk says how it is narrowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core.api import make_cursor, read_cursor
from mediatheque.core.errors import FieldError, Malformed
from mediatheque.core.scope import Scope

from . import filters as narrowing
from .filters import Filters, Link, Sql
from .queries import own_entries_of

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


def walk(
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
                linked_ids(scope, library_ids, [link]),
                linked_ids(scope, library_ids, [link], "t.media_id = m.id"),
            )
            passed.add(
                f"case when (select n from many) > %s then (select exists ({alone.text})) "
                f"else (m.id in ({among.text})) is true end",
                MANY, *alone.values, *among.values,
            )  # fmt: skip
    if links:
        passed.add("(select n from many) > %s", FEW)
    one = len(library_ids) == 1
    place_of_library, library_values = ("%s", [library_ids[0]]) if one else ("l.id", [])
    if place.sort == "user_rating":
        each = _by_own_rating(scope, place_of_library, library_values, passed, filters, place)
    else:
        [found] = index_walks(scope, place_of_library, passed, place)
        each = Sql(found.text, [*library_values, *found.values])
        if one:
            return Sql(f"{each.text} offset %s", [*each.values[:-1], place.limit + 1, place.offset])
    of_each = f"({each.text})" if one else f"unnest(%s::uuid[]) l(id), lateral ({each.text})"
    return Sql(
        f"select m.id, m.key from {of_each} m {ordered(place)}",
        [*([] if one else [list(library_ids)]), *each.values, place.limit + 1, place.offset],
    )


def index_walks(
    scope: Scope, library_id: str, passed: narrowing.Condition, place: Place, taken: str = "m.id"
) -> list[Sql]:
    """A library's first items along the index of the order; `library_id` is SQL, its value comes first."""
    column, after = ORDERS[place.sort][0], after_cursor(scope, place)
    text = (
        f"select {taken}, m.{column} as key from media m where m.library_id = {library_id} and m.space_id = %s"
        f"{passed.text()}{after.text()} order by m.{column} {place.direction}, m.id {place.direction} limit %s"
    )
    return [Sql(text, [scope.space_id, *passed.values, *after.values, place.reach])]


def _by_own_rating(
    scope: Scope,
    library_id: str,
    library_values: list[Any],
    passed: narrowing.Condition,
    filters: Filters,
    place: Place,
) -> Sql:
    """A library's first ids by one's own rating: those rated along the ratings, the others by id.

    What comes later in the order is walked only where the first ones do not fill the part.
    """
    rated, others = _rated_walks(scope, library_id, passed, place)
    of_rated = Sql(rated.text, [*library_values, *rated.values])
    if filters.user_rating_min is not None or filters.user_rating_max is not None:
        return of_rated
    of_others = Sql(others.text, [*library_values, *others.values])
    first, then = (of_rated, of_others) if place.descending else (of_others, of_rated)
    return Sql(
        f"with first as materialized ({first.text}) select id, key from first union all "
        f"select id, key from ({then.text}) t where (select count(*) from first) < %s",
        [*first.values, *then.values, place.reach],
    )


def _rated_walks(scope: Scope, library_id: str, passed: narrowing.Condition, place: Place) -> tuple[Sql, Sql]:
    """The rated and the others; `library_id` is SQL, its value comes first."""
    reader, direction = own_entries_of(scope), place.direction
    compared, values = comparison(place)
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
    return (
        Sql(rated, [scope.space_id, *passed.values, reader, *values, place.reach]),
        Sql(others, [scope.space_id, reader, 1, 10, *passed.values, *values, place.reach]),
    )


def linked_ids(
    scope: Scope, library_ids: Sequence[UUID], links: Sequence[Link], condition: str = "true"
) -> Sql:
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


def order_key(scope: Scope, place: Place) -> Sql:
    """What `media m` is ordered by."""
    if place.sort == "user_rating":
        return Sql(OWN_RATING, [own_entries_of(scope)])
    return Sql(f"m.{ORDERS[place.sort][0]}", [])


def ordered(place: Place) -> str:
    return f"order by key {place.direction}, m.id {place.direction} limit %s offset %s"


def after_cursor(scope: Scope, place: Place) -> narrowing.Condition:
    """What comes after the cursor, in either direction, as one row comparison."""
    found = narrowing.Condition()
    compared, values = comparison(place)
    if compared:
        key = order_key(scope, place)
        found.add(f"({key.text}, m.id) {compared}", *key.values, *values)
    return found


def comparison(place: Place) -> tuple[str, list[Any]]:
    """`< (%s, %s)` with the cursor's values, or nothing where there is no cursor."""
    if place.cursor is None:
        return "", []
    order, value, identity = read_cursor(place.cursor, [str, ORDERS[place.sort][1], UUID])
    if order != _order_name(place):
        message = _("This cursor belongs to another order: start again without it.")
        raise Malformed(message, errors=[FieldError("cursor", message, "cursor.invalid")])
    return f"{'<' if place.descending else '>'} (%s, %s)", [value, identity]


def cursor_after(row: Sequence[Any], place: Place) -> str:
    identity, value = row[0], row[-1]
    shown = value.isoformat() if isinstance(value, datetime) else value
    return make_cursor([_order_name(place), shown, identity])


def _order_name(place: Place) -> str:
    return f"{place.sort}:{place.direction}"
