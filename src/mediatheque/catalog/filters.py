"""From a list's filters to SQL: conditions on the row, and links that must exist (C3, C4).

Values always travel as parameters. Links (genres, people, words) live in tables with a btree, because
row security switches other indexes off (ARCHITECTURE, *Reading fast*).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from .derive import term_key
from .rules import WORK_YEARS, normal_format
from .typed import EVERYWHERE, PAST_ALL, Word, searched

# Whose own ratings count; parameters: the person, the lowest and the highest.
RATED = (
    "from entry_works w join entries e on e.user_id = w.user_id and e.id = w.entry_id "
    "where w.user_id = %s and e.rating between %s and %s"
)
# The keys of tags and of all tags below them; parameter: keys.
BELOW = (
    "array(with recursive below as (select w.id, w.name_key from tags w where w.name_key = any(%s) "
    "and w.deleted_at is null union select w.id, w.name_key from tags w join below b on w.parent_id = b.id "
    "where w.deleted_at is null) select name_key from below)"
)
# Items of which a copy is in somebody else's hands.
LENT = "(select l.media_id from loans l where l.back is null)"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. Several values of one filter widen it, several filters narrow it.

    `rating_*` are of 10 with one decimal, `user_rating_*` whole numbers of 10 in the asking person's
    own entries. `words` is what `q` comes to in the libraries it is asked of (`search.understood`).
    """

    q: str = ""
    media_type: Sequence[str] = ()
    genre: Sequence[str] = ()
    director: Sequence[str] = ()
    cast: Sequence[str] = ()
    year_min: int | None = None
    year_max: int | None = None
    resolution: Sequence[str] = ()
    ownership: Sequence[str] = ()
    format: Sequence[str] = ()
    tag: Sequence[str] = ()
    rating_min: float | None = None
    rating_max: float | None = None
    user_rating_min: int | None = None
    user_rating_max: int | None = None
    availability: Sequence[str] = ()
    added_by: UUID | None = None
    words: tuple[Word, ...] = ()


@dataclass(slots=True)
class Condition:
    """SQL and its parameters."""

    sql: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, sql: str, *values: Any) -> None:
        self.sql.append(sql)
        self.values += values

    def text(self) -> str:
        """What is to be said after other conditions."""
        return "".join(f" and {each}" for each in self.sql)

    def alone(self) -> str:
        return " and ".join(self.sql)


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement's text and its parameters."""

    text: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Link:
    """Rows with a `media_id` (`table` as `t`), what they must say, and the parameters of both.

    One item may be found several times. `on_row` says the same of `media m`, where that is quicker than
    looking the item up among the rows.
    """

    table: str
    where: str
    values: tuple[Any, ...]
    table_values: tuple[Any, ...] = ()
    is_word: bool = False
    on_row: str = ""
    row_values: tuple[Any, ...] = ()


def on_row(filters: Filters) -> Condition:
    """Conditions on columns of `media m`, all of which the indexes of the orders carry."""
    found = Condition()
    for column, wanted in (
        ("media_type", list(filters.media_type)),
        ("ownership", list(filters.ownership)),
        ("format", [normal_format(each) for each in filters.format]),
    ):
        if len(wanted) == 1:
            found.add(f"m.{column} = %s", wanted[0])
        elif wanted:
            found.add(f"m.{column} = any(%s)", wanted)
    _between(found, "year_key", filters.year_min, filters.year_max, WORK_YEARS[0])
    _between(found, "rating_key", _tenths(filters.rating_min), _tenths(filters.rating_max), 0)
    if filters.added_by is not None:
        found.add("m.added_by = %s", filters.added_by)
    at_hand = f"(m.ownership = 'owned' and (m.id in {LENT}) is not true)"
    if set(filters.availability) == {"on_shelf"}:
        found.add(at_hand)
    elif filters.availability and set(filters.availability) != {"lent"}:
        found.add(f"({at_hand} or m.id in {LENT})")
    return found


def links(filters: Filters, reader: UUID) -> list[Link]:
    """In each of these an item must be found; the rarest kind first. `reader` is whose own ratings count."""
    found = [_search(word) for word in filters.words]
    for kind, wanted in (("director", filters.director), ("actor", filters.cast)):
        if wanted:
            found.append(_term(kind, [term_key(each) for each in wanted]))
    if filters.user_rating_min is not None or filters.user_rating_max is not None:
        found.append(_rated(reader, filters.user_rating_min or 1, filters.user_rating_max or 10))
    if set(filters.availability) == {"lent"}:
        found.append(Link("loans", "t.back is null", ()))
    if filters.resolution:
        found.append(_term("resolution", list(filters.resolution)))
    if filters.tag:
        found.append(
            Link(
                "media_terms",
                f"t.kind = 'tag' and t.key = any({BELOW})",
                ([term_key(each) for each in filters.tag],),
            )
        )
    if filters.genre:
        found.append(_genre([term_key(each) for each in filters.genre]))
    return found


def nothing_can_match(filters: Filters) -> bool:
    """Whether the query has signs but no words in it: it finds nothing rather than everything."""
    return bool(filters.q.strip()) and not searched(filters.q)


def _between(found: Condition, column: str, low: int | None, high: int | None, lowest_known: int) -> None:
    """What is unknown lies in no range."""
    if low is not None or high is not None:
        found.add(f"m.{column} >= %s", lowest_known if low is None else max(low, lowest_known))
    if high is not None:
        found.add(f"m.{column} <= %s", high)


def _tenths(rating: float | None) -> int | None:
    return None if rating is None else round(rating * 10)


def _term(kind: str, keys: list[str]) -> Link:
    return Link("media_terms", "t.kind = %s and t.key = any(%s)", (kind, keys))


def _genre(keys: list[str]) -> Link:
    """Genres stand on the row as well, as marks: a walk need not look twenty thousand links up first."""
    marks = ", ".join(["hashtextextended(%s, 0)"] * len(keys))
    link = _term("genre", keys)
    return Link(
        link.table, link.where, link.values,
        on_row=f"m.genre_marks && array[{marks}]", row_values=tuple(keys),
    )  # fmt: skip


def _rated(reader: UUID, low: int, high: int) -> Link:
    """One by one (OFFSET 0): of thousands of ratings a part needs few, and a join reads all titles for them."""
    values = (reader, low, high)
    table = (
        "(select x.space_id, x.library_id, x.id as media_id "
        f"from (select w.work_id {RATED} offset 0) r cross join lateral "
        "(select i.space_id, i.library_id, i.id from media i where i.work_id = r.work_id offset 0) x)"
    )
    on_row = f"(m.work_id in (select w.work_id {RATED})) is true"
    return Link(table, "true", (), table_values=values, on_row=on_row, row_values=values)


def _search(word: Word) -> Link:
    """Items that have the word, one that it begins, or one with a wrong letter."""
    exact = [word.text, *word.alike]
    if not word.begun_in:
        where = "t.weight = any(%s::smallint[]) and t.word = any(%s)"
        return Link("media_words", where, (list(EVERYWHERE), exact), is_word=True)
    columns = (
        "select w.space_id, w.library_id, w.media_id from media_words w where w.weight = any(%s::smallint[])"
    )
    table = f"({columns} and w.word = any(%s) union all {columns} and w.word > %s and w.word < %s)"
    values = (list(EVERYWHERE), exact, list(word.begun_in), word.text, word.text + PAST_ALL)
    return Link(table, "true", (), table_values=values, is_word=True)


def narrows(filters: Filters) -> bool:
    """Whether anything is left out."""
    return filters != Filters()
