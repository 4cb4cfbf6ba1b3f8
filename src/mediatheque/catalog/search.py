"""Search: words become hits, hits are ranked (C4, ADR 0009).

Titles go before original titles, people and overviews; within each a word itself before words that it begins,
and those before words with one wrong letter. First of all stands a title that is just what was typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.scope import Scope
from mediatheque.core.text import match_key

from .filters import Filters, Link
from .typed import EVERYWHERE, PAST_ALL, Word, searched, spellings

MOST_ALIKE: Final = 50
MOST_HITS: Final = 2000
THE_TITLE: Final = 100  # more than any words weigh together
EXACT, BEGUN, ALIKE = 2, 1, 0


def understood(scope: Scope, library_ids: Sequence[UUID], filters: Filters) -> Filters:
    """The filters with the words of `q`, and what these libraries have within one wrong letter of each."""
    if filters.words or not filters.q.strip():
        return filters
    return replace(filters, words=_with_alike(scope, library_ids, searched(filters.q)))


def _with_alike(scope: Scope, library_ids: Sequence[UUID], found: Sequence[Word]) -> tuple[Word, ...]:
    """The words with what the libraries' titles and people have within one wrong letter, in one statement."""
    asked = [(key, number) for number, word in enumerate(found) for key in set(spellings(word.text))]
    if not asked:
        return tuple(found)
    rows = db.rows(
        "select distinct q.number, s.word from unnest(%s::text[], %s::int[]) q(key, number), "
        "unnest(%s::uuid[]) l(id), lateral (select s.word from media_spellings s where s.space_id = %s "
        "and s.library_id = l.id and s.key = q.key limit %s) s order by 1, 2",
        [[key for key, _ in asked], [number for _, number in asked], list(library_ids), scope.space_id,
         MOST_ALIKE],
    )  # fmt: skip
    alike: Mapping[int, list[str]] = {number: [] for number in range(len(found))}
    for row in rows:
        if row["word"] != found[row["number"]].text:
            alike[row["number"]].append(row["word"])
    return tuple(
        Word(word.text, word.unfinished, tuple(alike[number][:MOST_ALIKE]))
        for number, word in enumerate(found)
    )


def best(scope: Scope, library_ids: Sequence[UUID], word: Word, q: str) -> tuple[str, list[Any]]:
    """SQL of `media_id` and `key` (less is better) of the best hits of a single word, and its parameters.

    Hits are taken from the best kind on until there are MOST_HITS: the most frequent word costs what a rare
    one does. The list by relevance ends there; every other order lists all.
    """
    place = "t.space_id = %s and t.library_id = any(%s) and t.weight = w.weight"
    at: list[Any] = [scope.space_id, list(library_ids)]
    kinds = [(f"{place} and t.word = %s", [*at, word.text], EXACT)]
    if word.begun_in:
        begun = f"{place} and t.word > %s and t.word < %s and w.weight = any(%s::smallint[])"
        kinds.append((begun, [*at, word.text, word.text + PAST_ALL, list(word.begun_in)], BEGUN))
    if word.alike:
        kinds.append((f"{place} and t.word = any(%s)", [*at, list(word.alike)], ALIKE))
    hits = " union all ".join(
        f"(select t.media_id, -(w.weight * 3 + {kind}) as key from media_words t where {where} limit {MOST_HITS})"
        for where, _, kind in kinds
    )
    titles, title_values = _titles(library_ids, q)
    text = (
        f"select media_id, min(key) as key from ((select media_id, {-THE_TITLE} as key from unnest({titles}) "
        "t(media_id)) union all (select h.media_id, h.key from unnest(%s::smallint[]) w(weight), "
        f"lateral ({hits}) h limit {MOST_HITS})) h group by media_id"
    )
    return text, [*title_values, list(EVERYWHERE), *(value for _, values, _ in kinds for value in values)]


def ranked(
    scope: Scope, library_ids: Sequence[UUID], words: Sequence[Word], others: Sequence[Link], q: str
) -> tuple[str, list[Any]]:
    """SQL of `media_id` and `key` (less is better) of everything that has all the words and is in the other
    links, and its parameters.

    Hits are put together and counted, not joined: their number is misjudged, and a join that trusts it took
    seconds (JOINTS).
    """
    at: list[Any] = [scope.space_id, list(library_ids)]
    parts, values = [], []
    for word in words:
        text, given = _hits(word, at)
        parts.append(f"select media_id, min(key) as key from ({text}) h group by media_id")
        values += given
    for link in others:
        parts.append(
            f"select distinct t.media_id, 0 as key from {link.table} t "
            f"where t.space_id = %s and t.library_id = any(%s) and {link.where}"
        )
        values += [*link.table_values, *at, *link.values]
    titles, title_values = _titles(library_ids, q)
    text = (
        f"select media_id, (sum(key) - case when media_id = any({titles}) then {THE_TITLE} else 0 end)::int as key "
        f"from ({' union all '.join(f'({part})' for part in parts)}) h group by media_id having count(*) = %s"
    )
    return text, [*title_values, *values, len(parts)]


def _hits(word: Word, at: Sequence[Any]) -> tuple[str, list[Any]]:
    """Every hit of a word."""
    place = "from media_words t where t.space_id = %s and t.library_id = any(%s) and t.weight = any(%s::smallint[])"
    kinds = [(f"{place} and t.word = %s", [*at, list(EVERYWHERE), word.text], EXACT)]
    if word.begun_in:
        begun = f"{place} and t.word > %s and t.word < %s"
        kinds.append((begun, [*at, list(word.begun_in), word.text, word.text + PAST_ALL], BEGUN))
    if word.alike:
        kinds.append((f"{place} and t.word = any(%s)", [*at, list(EVERYWHERE), list(word.alike)], ALIKE))
    text = " union all ".join(
        f"select t.media_id, -(t.weight * 3 + {kind}) as key {where}" for where, _, kind in kinds
    )
    return text, [value for _, values, _ in kinds for value in values]


def _titles(library_ids: Sequence[UUID], q: str) -> tuple[str, list[Any]]:
    """SQL of an array of items whose title is just what was typed."""
    text = (
        "array(select m.id from unnest(%s::uuid[]) l(id), lateral (select m.id from media m "
        f"where m.library_id = l.id and m.match_key = %s limit {MOST_ALIKE}) m)"
    )
    return text, [list(library_ids), match_key(q)]
