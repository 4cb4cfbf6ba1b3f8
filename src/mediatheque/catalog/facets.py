"""How many items each value of a facet has, within the list's own filters (C3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.scope import Scope

from . import lists, search
from .filters import Condition, Filters, Sql, narrows, nothing_can_match

MOST_VALUES = 100
# What clears a facet's own filter: its counts say what choosing another value would give.
CLEARED: Final[dict[str, Mapping[str, Any]]] = {
    "media_type": {"media_type": ()},
    "genre": {"genre": ()},
    "decade": {"year_min": None, "year_max": None},
    "format": {"format": ()},
    "ownership": {"ownership": ()},
    "resolution": {"resolution": ()},
    "tag": {"tag": ()},
}
LINKED: Final = ("q", "words", "director", "cast", "user_rating_min", "user_rating_max")
ON_ROW: Final = {
    "media_type": "m.media_type",
    "decade": "case when m.year_key >= -3000 then m.year_key - ((m.year_key %% 10) + 10) %% 10 end",
    "format": "m.format",
    "ownership": "m.ownership",
}
# A genre's name is read from its links, from one to the next: there are few genres and many links.
GENRES: Final = """
select distinct on (g.key) g.key, g.term from unnest(%s::uuid[]) l(id), lateral (
  with recursive g as (
    (select t.key, t.term from media_terms t where t.space_id = %s and t.library_id = l.id and t.kind = 'genre'
     order by t.key limit 1)
    union all
    select n.key, n.term from g, lateral (
      select t.key, t.term from media_terms t where t.space_id = %s and t.library_id = l.id and t.kind = 'genre'
      and t.key > g.key order by t.key limit 1
    ) n
  ) select key, term from g
) g
"""
# Tags that others stand below (`top`), each with itself and everything below; parameter: the space.
TAGS_BELOW: Final = """
below as (
  select p.id as root, p.name, p.id, p.name_key as key, true as top from tags p
  where p.deleted_at is null and (p.space_id is null or p.space_id = %s)
  and exists (select from tags c where c.parent_id = p.id and c.deleted_at is null)
  union select b.root, b.name, c.id, c.name_key, false from tags c join below b on c.parent_id = b.id
  where c.deleted_at is null
)
"""


def facets(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> dict[str, list[dict[str, Any]]]:
    """By facet its values with their counts, the most frequent first, decades the latest first.

    Each facet is counted with the other facets' filters. What is unknown (no year, no format) is `None`
    or empty. Raises NotFound at `added_by`.
    """
    lists.check_people(scope, filters)
    filters = search.understood(scope, library_ids, filters)
    found: dict[str, list[dict[str, Any]]] = {facet: [] for facet in CLEARED}
    if not library_ids or nothing_can_match(filters):
        return found
    linked = _linked(scope, library_ids, filters)
    parts = _parts(scope, library_ids, filters)
    rows = db.rows(
        linked.text + " union all ".join(f"({part.text})" for part in parts),
        [*linked.values, *(value for part in parts for value in part.values)],
    )
    for row in rows:
        value = int(row["value"]) if row["facet"] == "decade" and row["value"] is not None else row["value"]
        found[row["facet"]].append({"value": value, "count": int(row["n"])})
    for facet, values in found.items():
        values.sort(key=_latest_first if facet == "decade" else _most_frequent_first)
        del values[MOST_VALUES:]
    return found


def _linked(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> Sql:
    """What no facet is of (words, people, own ratings), looked up once for all of them as `linked`."""
    if not _is_linked(filters):
        return Sql("", [])
    found = _where(scope, library_ids, _only_linked(filters), once=False)
    return Sql(f"with linked as materialized (select m.id from media m where {found.alone()}) ", found.values)


def _only_linked(filters: Filters) -> Filters:
    return Filters(**{name: getattr(filters, name) for name in LINKED})


def _is_linked(filters: Filters) -> bool:
    return _only_linked(filters) != Filters()


def _parts(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> list[Sql]:
    """What has no filter of its own is counted in one go, everything else apart."""
    together: list[str] = []
    parts: list[Sql] = []
    for facet in ON_ROW:
        without = replace(filters, **CLEARED[facet])
        if without == filters:
            together.append(facet)
        else:
            parts.append(_cube(scope, library_ids, without, [facet]))
    if together:
        parts.append(_cube(scope, library_ids, filters, together))
    return [
        *parts,
        _genres(scope, library_ids, replace(filters, **CLEARED["genre"])),
        _resolutions(scope, library_ids, replace(filters, **CLEARED["resolution"])),
        _tags(scope, library_ids, replace(filters, **CLEARED["tag"])),
    ]


def _cube(scope: Scope, library_ids: Sequence[UUID], filters: Filters, names: Sequence[str]) -> Sql:
    where = _where(scope, library_ids, filters)
    columns = ", ".join(f"{ON_ROW[name]} as {name}" for name in names)
    groups = ", ".join(str(at + 1) for at in range(len(names)))
    each = " union all ".join(
        f"select '{name}' as facet, {name}::text as value, sum(n) as n from cube group by {name}"
        for name in names
    )
    text = (
        f"with cube as materialized (select {columns}, count(*) as n from media m where {where.alone()} "
        f"group by {groups}) {each}"
    )
    return Sql(text, where.values)


def _genres(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> Sql:
    where = _where(scope, library_ids, filters)
    text = (
        "with marked as materialized (select m.genre_marks, count(*) as n from media m "
        f"where {where.alone()} group by 1), genres as materialized ({GENRES}), "
        "counted as (select mark, sum(n) as n from marked, unnest(genre_marks) mark group by 1) "
        "select 'genre' as facet, genres.term as value, counted.n from genres "
        "join counted on counted.mark = hashtextextended(genres.key, 0)"
    )
    return Sql(text, [*where.values, list(library_ids), scope.space_id, scope.space_id])


def _resolutions(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> Sql:
    terms = _terms(scope, library_ids, filters, "resolution")
    return Sql(
        f"select 'resolution' as facet, t.key as value, count(*) as n {terms.text} group by t.key",
        terms.values,
    )


def _tags(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> Sql:
    """A tag that others stand below counts their items as well, each item once."""
    terms = _terms(scope, library_ids, filters, "tag")
    text = (
        f"with recursive {TAGS_BELOW}, borne as materialized (select t.key, count(*) as n {terms.text} group by t.key) "
        "select 'tag' as facet, (select t.term from media_terms t where t.space_id = %s and t.library_id = any(%s) "
        "and t.kind = 'tag' and t.key = b.key limit 1) as value, b.n from borne b "
        "where b.key not in (select key from below where top) union all "
        "select 'tag', a.name, count(distinct b.media_id) from below a "
        f"join (select t.key, t.media_id {terms.text}) b on b.key = a.key group by a.root, a.name"
    )
    here = [scope.space_id, list(library_ids)]
    return Sql(text, [scope.space_id, *terms.values, *here, *terms.values])


def _terms(scope: Scope, library_ids: Sequence[UUID], filters: Filters, kind: str) -> Sql:
    """The terms of a kind that the items bear which the filters leave."""
    within, values = "", []
    if narrows(filters):
        where = _where(scope, library_ids, filters)
        within, values = f" and t.media_id in (select m.id from media m where {where.alone()})", where.values
    return Sql(
        f"from media_terms t where t.space_id = %s and t.library_id = any(%s) and t.kind = '{kind}'{within}",
        [scope.space_id, list(library_ids), *values],
    )


def _where(scope: Scope, library_ids: Sequence[UUID], filters: Filters, *, once: bool = True) -> Condition:
    """The filters as conditions on `media m`; `once`: with what `linked` has looked up already."""
    found = Condition(["m.space_id = %s", "m.library_id = any(%s)"], [scope.space_id, list(library_ids)])
    if once and _is_linked(filters):
        found.add("m.id in (select id from linked)")
        filters = replace(filters, **{name: getattr(Filters(), name) for name in LINKED})
    narrowed = lists.narrowed(scope, library_ids, filters)
    return Condition(found.sql + narrowed.sql, found.values + narrowed.values)


def _most_frequent_first(value: Mapping[str, Any]) -> tuple[int, str]:
    return -value["count"], value["value"] or ""


def _latest_first(value: Mapping[str, Any]) -> int:
    return 1_000_000 if value["value"] is None else -value["value"]
