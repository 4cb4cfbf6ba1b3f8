"""From a list's filters to SQL: conditions on the row, and links that must exist (C3, C4).

Values always travel as parameters. Links (genres, people, words) live in tables with a btree, because
row security switches other indexes off (ARCHITECTURE, *Reading fast*).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from mediatheque.core.text import words

from .derive import term_key

MOST_SEARCHED_WORDS = 12


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. Several values of one filter widen it, several filters narrow it."""

    q: str = ""
    media_type: Sequence[str] = ()
    genre: Sequence[str] = ()
    director: Sequence[str] = ()
    cast: Sequence[str] = ()
    year_min: int | None = None
    year_max: int | None = None
    ownership: Sequence[str] = ()
    format: Sequence[str] = ()
    added_by: UUID | None = None


@dataclass(slots=True)
class Condition:
    """SQL and its parameters."""

    sql: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, sql: str, *values: Any) -> None:
        self.sql.append(sql)
        self.values += values

    def text(self) -> str:
        return "".join(f" and {each}" for each in self.sql)


@dataclass(frozen=True, slots=True)
class Link:
    """A table of `media_id` (as `t`), what its rows must say, and the parameters of that.

    `repeats`: one item may be found several times.
    """

    table: str
    where: str
    values: tuple[Any, ...]
    repeats: bool = False


def on_row(filters: Filters) -> Condition:
    """Conditions on columns of `media m`."""
    found = Condition()
    for column in ("media_type", "ownership", "format"):
        wanted = getattr(filters, column)
        if len(wanted) == 1:
            found.add(f"m.{column} = %s", wanted[0])
        elif wanted:
            found.add(f"m.{column} = any(%s)", list(wanted))
    if filters.year_min is not None:
        found.add("m.year_key >= %s", filters.year_min)
    if filters.year_max is not None:
        found.add("m.year_key <= %s", filters.year_max)
        if filters.year_min is None:
            found.add("m.year is not null")
    if filters.added_by is not None:
        found.add("m.added_by = %s", filters.added_by)
    return found


def links(filters: Filters) -> list[Link]:
    """In each of these an item must be found; the rarest kind first."""
    found = [_search(word, prefix=last) for word, last in _searched(filters.q)]
    for kind, wanted in (("director", filters.director), ("actor", filters.cast), ("genre", filters.genre)):
        if wanted:
            keys = [term_key(each) for each in wanted]
            found.append(Link("media_terms", "t.kind = %s and t.key = any(%s)", (kind, keys), len(keys) > 1))
    return found


def _searched(q: str) -> list[tuple[str, bool]]:
    """The folded words of a query, longest first; the last one typed may be unfinished."""
    typed = words(q)[:MOST_SEARCHED_WORDS]
    marked = [(word, word == typed[-1]) for word in typed]
    return sorted(marked, key=lambda each: (each[1], -len(each[0])))


def _search(word: str, *, prefix: bool) -> Link:
    if not prefix:
        return Link("media_words", "t.word = %s", (word,))
    return Link("media_words", "t.word >= %s and t.word < %s", (word, word + "\U0010ffff"), repeats=True)


def nothing_can_match(filters: Filters) -> bool:
    """Whether the query has signs but no words in it: it finds nothing rather than everything."""
    return bool(filters.q.strip()) and not words(filters.q)
