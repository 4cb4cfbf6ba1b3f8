"""Pages by cursor over a list that changes underneath: nothing twice, nothing that stayed left out (C3)."""

import os
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediatheque.core.ids import new_id, read_id, show_id
from tests.support import Actor, everything, make_household

EXAMPLES = 200 if os.environ.get("PROOFS") == "full" else 12
SORTS = ("title", "year", "format", "date_added", "rating", "user_rating", "relevance")
FORMATS = ("", "DVD", "VHS")


@pytest.fixture(scope="module")
def reader() -> Actor:
    return make_household("Reader").admin


def put(reader: Actor, library: UUID, numbers: list[int]) -> list[str]:
    """Items whose every order ties with some of the others'; their ids."""
    ids = [new_id() for _ in numbers]
    place = {
        "ids": ids, "numbers": numbers, "space": reader.household.space_id, "library": library,
        "person": reader.user_id, "formats": list(FORMATS),
    }  # fmt: skip
    everything(
        """
        with given as (
          select uuid7() as work, uuid7() as entry, i, n from unnest(%(ids)s::uuid[], %(numbers)s::int[]) x(i, n)
        ),
        made as (
          insert into works (id, owner_space, library_id, kind, title, original_title, match_key)
          select work, %(space)s, %(library)s, 'movie', 'Film ' || n, '', 'film ' || n from given
        ),
        rated as (
          insert into entries (id, user_id, title, kind, status, rating, notes, visibility, notes_visibility,
            on_watchlist, set_aside_reason, person_fields, import_fields)
          select entry, %(person)s, 'Film', 'movie', 'completed', 1 + n %% 3, '', 'shared', 'private', false, '',
            '{}', '{}' from given where n %% 4 > 0
        ),
        tied as (
          insert into entry_works (id, user_id, entry_id, work_id, work_owner)
          select uuid7(), %(person)s, entry, work, %(space)s from given where n %% 4 > 0
        )
        insert into media (id, space_id, library_id, work_id, work_owner, media_type, title, original_title,
          sort_title, sort_key, match_key, year, year_key, rating, overview, genres, people, certification, network,
          trailer_url, format, ownership, location, notes, details, external_ids, source_provider,
          source_external_id, import_source, person_fields, import_fields, word_list, terms, added_at)
        select i, %(space)s, %(library)s, work, %(space)s, 'movie', 'Film ' || n, '', '', lpad(n::text, 3, '0'),
          'film ' || n, null, case when n %% 5 = 0 then -32768 else 1990 + n %% 3 end,
          case when n %% 3 > 0 then 10 * (n %% 3) end, '', '{}', '[]', '', '', '',
          (%(formats)s::text[])[1 + n %% 3], 'owned', '', '', '{}', '[]', 'manual', '', '', '{}', '{}',
          array[case when n %% 2 = 0 then '3film' else '1film' end, '3' || n],
          '[["genre", "drama", "Drama"]]', '2026-01-01'::timestamptz + (n / 2) * interval '1 hour' from given
        """,
        place,
    )
    return [show_id("media", each) for each in ids]


def remove(ids: list[str]) -> None:
    everything("delete from media where id = any(%s)", [[read_id("media", each) for each in ids]])


change = st.tuples(st.lists(st.integers(0, 30), max_size=3), st.lists(st.integers(0, 40), max_size=3))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sort=st.sampled_from(SORTS),
    direction=st.sampled_from(["asc", "desc"]),
    narrowed=st.sampled_from(["", "genre=drama&", "media_type=movie&genre=drama&"]),
    several=st.booleans(),
    limit=st.integers(1, 4),
    numbers=st.lists(st.integers(0, 30), min_size=1, max_size=14),
    changes=st.lists(change, min_size=1, max_size=12),
)
def test_pages_over_a_changing_list(
    reader: Actor,
    sort: str,
    direction: str,
    narrowed: str,
    several: bool,
    limit: int,
    numbers: list[int],
    changes: list[tuple[list[int], list[int]]],
) -> None:
    library, second = reader.household.add_library(), reader.household.add_library()
    stayed = [*put(reader, library, numbers), *(put(reader, second, numbers[:3]) if several else [])]
    libraries = [library, second] if several else [library]
    query = "&".join(f"library={show_id('library', each)}" for each in libraries)
    query += f"&{narrowed}sort={sort}&dir={direction}&limit={limit}&q={'film' if sort == 'relevance' else ''}"
    shown: list[str] = []
    gone: set[str] = set()
    cursor: str | None = ""
    for step in range(200):
        answer: dict[str, Any] = reader.get(f"/media?{query}{f'&cursor={cursor}' if cursor else ''}").json()
        shown += [each["id"] for each in answer["items"]]
        cursor = answer["pagination"]["next_cursor"]
        if cursor is None:
            break
        if step < len(changes):
            added, removed = changes[step]
            put(reader, library, added)
            leaving = [stayed[at % len(stayed)] for at in removed]
            remove(leaving)
            gone |= set(leaving)
    assert cursor is None
    assert len(shown) == len(set(shown))
    assert set(stayed) - gone <= set(shown)
