"""The list: order, places, filters, search, limits of libraries, its plan (C3, C4, S2, S4)."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediatheque.core.ids import show_id
from mediatheque.core.scope import of_person
from tests.catalog.making import make, titles
from tests.support import Actor, everything, make_household


def walk(actor: Actor, query: str) -> list[str]:
    """Every title of a list, page by page along its cursors."""
    found, cursor = [], ""
    while True:
        answer = actor.get(f"/media?{query}{cursor}").json()
        found += [each["title"] for each in answer["items"]]
        if answer["pagination"]["next_cursor"] is None:
            return found
        cursor = f"&cursor={answer['pagination']['next_cursor']}"


def test_titles_are_in_order_of_their_language(alice: Actor) -> None:
    for title in (
        "The Zebra",
        "A Beautiful Mind",
        "Die Hard",
        "Éloge",
        "Alien 3",
        "Alien 20",
        "alien",
        "Zoo",
    ):
        make(alice, title)
    expected = ["alien", "Alien 3", "Alien 20", "A Beautiful Mind", "Die Hard", "Éloge", "The Zebra", "Zoo"]
    assert titles(alice) == expected
    assert titles(alice, "?dir=desc") == expected[::-1]


@pytest.mark.parametrize("sort", ["title", "year", "date_added"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("narrowed", ["", "genre=drama&", "library=all&", "library=all&q=twin&"])
def test_cursors_pass_ties_once_in_either_direction(
    alice: Actor, sort: str, direction: str, narrowed: str
) -> None:
    attic = show_id("library", alice.household.add_library())
    made = [make(alice, "Twin", year=[1990, 1991, None][n % 3], genres=["Drama"]) for n in range(7)]
    other = [make(alice, "Twin", year=1990, library=attic) for _ in range(3)]
    expected = {each["id"] for each in made} | (
        {each["id"] for each in other} if "library=all" in narrowed else set()
    )
    found: list[str] = []
    query = f"{narrowed}sort={sort}&dir={direction}&limit=2"
    cursor = ""
    while cursor is not None:
        answer = alice.get(f"/media?{query}{f'&cursor={cursor}' if cursor else ''}").json()
        found += [each["id"] for each in answer["items"]]
        cursor = answer["pagination"]["next_cursor"]
    assert len(found) == len(expected)
    assert set(found) == expected
    whole = [
        each["id"] for each in alice.get(f"/media?{query.replace('limit=2', 'limit=200')}").json()["items"]
    ]
    assert found == whole
    if sort == "year":
        years = [each["year"] or 0 for each in alice.get(f"/media?{query}&limit=200").json()["items"]]
        assert years == sorted(years, reverse=direction == "desc")


def test_cursor_of_another_order_is_refused(alice: Actor) -> None:
    for n in range(3):
        make(alice, f"Film {n}")
    cursor = alice.get("/media?limit=1").json()["pagination"]["next_cursor"]
    for query in ("sort=year", "dir=desc", "sort=date_added"):
        assert alice.get(f"/media?limit=1&{query}&cursor={cursor}").status_code == 400


def test_pages_tell_the_total(alice: Actor) -> None:
    for n in range(5):
        make(alice, f"Film {n}", genres=["Drama"] if n % 2 else [])
    for narrowed, total in (("", 5), ("genre=drama&", 2), ("q=film&", 5), ("library=all&", 5)):
        answer = alice.get(f"/media?{narrowed}limit=2&page=2").json()
        assert answer["pagination"]["total"] == total
        assert answer["pagination"]["page"] == 2
    assert titles(alice, "?limit=2&page=2") == ["Film 2", "Film 3"]
    assert titles(alice, "?limit=2&page=9") == []
    assert alice.get("/media?limit=2&total=true").json()["pagination"]["total"] == 5


def test_filters_narrow_and_their_values_widen(alice: Actor, bob: Actor) -> None:
    person = {"role": "director", "name": "Jean-Pierre Jeunet"}
    make(alice, "Amélie", year=2001, genres=["Comedy", "Romance"], people=[person], format="DVD")
    make(alice, "Alien", year=1979, genres=["Horror"], people=[{"role": "actor", "name": "Sigourney Weaver"}])
    make(bob, "Dune", "book", year=1965, ownership="wanted", genres=["SF"])
    make(bob, "Undated", "book")
    cases: dict[str, list[str]] = {
        "media_type=book": ["Dune", "Undated"],
        "media_type=book&media_type=movie": ["Alien", "Amélie", "Dune", "Undated"],
        "genre=COMEDY": ["Amélie"],
        "genre=comedy&genre=horror": ["Alien", "Amélie"],
        "genre=comedy&cast=sigourney weaver": [],
        "director=jean-pierre jeunet": ["Amélie"],
        "cast=Sigourney Weaver": ["Alien"],
        "cast=jean-pierre jeunet": [],
        "year_min=1979": ["Alien", "Amélie"],
        "year_max=1979": ["Alien", "Dune"],
        "year_min=1970&year_max=1980": ["Alien"],
        "ownership=wanted": ["Dune"],
        "ownership=wanted&ownership=owned": ["Alien", "Amélie", "Dune", "Undated"],
        "format=DVD": ["Amélie"],
        f"added_by={bob.id}": ["Dune", "Undated"],
        f"added_by={bob.id}&year_min=1": ["Dune"],
        "media_type=movie&genre=horror&year_max=1990&ownership=owned": ["Alien"],
    }
    for query, expected in cases.items():
        for library in ("", "&library=all"):
            answer = alice.get(f"/media?total=true&{quote(query, safe='=&')}{library}").json()
            assert sorted(each["title"] for each in answer["items"]) == sorted(expected), query
            assert answer["pagination"]["total"] == len(expected), query


def test_limited_library_is_hidden_everywhere(alice: Actor, bob: Actor, mary: Actor) -> None:
    vault = alice.household.add_library("Vault", limited=True, admits=(mary,))
    secret = make(alice, "Secret Film", library=show_id("library", vault), genres=["Hidden"], format="DVD")
    make(alice, "Open Film", genres=["Plain"])
    path = f"/media/{secret['id']}"
    for actor in (alice, mary):  # there is something to leak
        assert titles(actor, "?library=all") == ["Open Film", "Secret Film"]
        assert titles(actor, "?library=all&q=secret") == ["Secret Film"]
        assert actor.get(f"{path}/history").json()["items"] != []
    assert titles(bob, "?library=all") == ["Open Film"]
    for query in ("q=secret", "genre=hidden", "format=DVD", f"added_by={alice.id}&q=secret"):
        answer = bob.get(f"/media?library=all&total=true&{query}").json()
        assert (answer["items"], answer["pagination"]["total"]) == ([], 0), query
    assert bob.get(f"/media?library={secret['library']}").status_code == 404
    for end in ("", "/history", "/variants", "/metadata", "/cover"):
        assert bob.get(f"{path}{end}").status_code == 404, end
    assert bob.patch(path, {"own": {"rating": 5}}).status_code == 404
    assert bob.delete(path).status_code == 404
    assert (
        bob.post("/media", {"title": "x", "media_type": "movie", "library": secret["library"]}).status_code
        == 404
    )
    alice.delete(path)
    assert bob.post(f"{path}/undo-delete").status_code == 404
    assert bob.get(f"/works/{secret['work']}").status_code == 404


def test_query_count_is_the_same_for_one_and_thirty(alice: Actor) -> None:
    for query in ("/media", "/media?library=all", "/media?q=film&genre=drama", "/media?page=1"):
        counts = []
        for titles_made in (1, 29):
            for n in range(titles_made):
                make(alice, f"Film {n}", genres=["Drama"], own={"rating": 5})
            with CaptureQueriesContext(connection) as captured:
                assert alice.get(query).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1], query


@pytest.fixture(scope="module")
def large() -> Actor:
    """A library of 20,000 items beside another space's 20,000."""
    actors = [make_household(name).admin for name in ("Large", "Beside")]
    for actor in actors:
        fill(actor)
    everything("vacuum (analyze) media, media_words, media_terms, works, variants, entries, entry_works")
    return actors[0]


def fill(actor: Actor, count: int = 20_000) -> None:
    place: dict[str, Any] = {
        "space": actor.household.space_id,
        "library": actor.household.library_id,
        "n": count,
    }
    everything(
        "insert into works (id, owner_space, library_id, kind, title, original_title, match_key) "
        "select uuid7(), %(space)s, %(library)s, 'movie', 'Film ' || n, '', 'film ' || n "
        "from generate_series(1, %(n)s) n",
        place,
    )
    everything(
        "insert into media (id, space_id, library_id, work_id, work_owner, media_type, title, original_title, "
        "sort_title, sort_key, match_key, year, year_key, overview, genres, people, certification, network, "
        "trailer_url, format, ownership, location, notes, details, external_ids, source_provider, "
        "source_external_id, import_source, person_fields, import_fields, word_list, tags, terms) "
        "select uuid7(), owner_space, library_id, id, owner_space, case when n %% 5 = 0 then 'book' else 'movie' end, "
        "title, '', title, lpad(n::text, 10, '0'), match_key, 1900 + n %% 120, 1900 + n %% 120, '', '{}', '[]', '', "
        "'', '', (array['DVD', 'Blu-ray', ''])[1 + n %% 3], case when n %% 50 = 0 then 'wanted' else 'owned' end, "
        "'', '', '{}', '[]', 'manual', '', '', '{}', '{}', "
        "array['3film', '3' || n, '1name' || n %% 1000], array['tag' || n %% 40], "
        "jsonb_build_array(jsonb_build_array('tag', 'tag' || n %% 40, 'tag' || n %% 40)) || "
        "jsonb_build_array(jsonb_build_array('genre', 'genre' || n %% 10, 'Genre'), "
        "jsonb_build_array('director', 'director' || n %% 1000, 'Director')) "
        "from (select *, row_number() over () as n from works where owner_space = %(space)s) w",
        place,
    )
    everything("update media set rating = n %% 101 from (select id as i, row_number() over () as n from media "
               "where space_id = %(space)s) x where id = x.i and n %% 3 > 0", place)  # fmt: skip
    everything(
        "insert into variants (id, space_id, library_id, media_id, format, edition, resolution, barcode, path, "
        "location, condition, currency) select uuid7(), space_id, library_id, id, format, '', "
        "case when sort_key like '%%00' then '4K' else 'SD' end, '', '', '', '', '' from media "
        "where space_id = %(space)s and format <> ''",
        place,
    )
    everything(
        "with made as (insert into entries (id, user_id, title, kind, rating, notes, set_aside_reason, status, "
        "visibility, notes_visibility, on_watchlist, person_fields, import_fields) "
        "select m.id, %(person)s, title, 'movie', 1 + year %% 10, '', '', 'completed', 'shared', 'private', false, "
        "'{}', '{}' from media m where space_id = %(space)s and year %% 4 = 0 returning id, user_id) "
        "insert into entry_works (id, user_id, entry_id, work_id, work_owner) "
        "select uuid7(), user_id, made.id, work_id, work_owner from made join media m on m.id = made.id",
        place | {"person": actor.user_id},
    )


@pytest.mark.parametrize(
    "query",
    [
        "", "dir=desc", "sort=year&dir=desc", "sort=date_added", "media_type=book", "genre=genre3",
        "sort=rating", "sort=format&dir=desc", "sort=user_rating&dir=desc", "sort=user_rating",
        "user_rating_min=5", "user_rating_min=9&genre=genre8", "rating_min=9", "rating_max=3&sort=year",
        "resolution=4K", "resolution=SD&sort=rating", "genre=genre1&genre=genre2&sort=rating&dir=desc",
        "format=DVD", "ownership=wanted", "page=150", "page=3&genre=genre3", "sort=user_rating&library=all",
        "director=director7", "q=film", "q=film+123", "q=name77", "q=nothing", "library=all", "year_min=1950",
        "library=all&q=film&genre=genre3", "cursor", "genre=genre3&cursor",
    ],
)  # fmt: skip
def test_plan_reads_no_table_from_end_to_end(large: Actor, query: str) -> None:
    if query.endswith("cursor"):
        query = query.removesuffix("cursor")
        query += f"cursor={large.get(f'/media?{query}').json()['pagination']['next_cursor']}"
    with CaptureQueriesContext(connection) as captured:
        answer = large.get(f"/media?{query}").json()
    assert bool(answer["items"]) == ("nothing" not in query)
    statements = [
        each["sql"] for each in captured if "from media m" in each["sql"] or "join media m" in each["sql"]
    ]
    assert 1 <= len(statements) <= 2  # a page is counted as well
    for statement in statements:
        assert_no_scan(large, statement)


def assert_no_scan(large: Actor, statement: str) -> None:
    with (
        of_person(large.user_id, space=large.household.space_id, request_id="test"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"explain (analyze, costs off, timing off) {statement}")
        plan = [line for (line,) in cursor.fetchall()]
    assert_few_rows(plan)
    scanned = [line for line in plan if "Seq Scan" in line and "never executed" not in line]
    assert [line for line in scanned if any(t in line for t in ("on media", "on works"))] == [], "\n".join(
        plan
    )


def assert_few_rows(plan: list[str]) -> None:
    """What is shown is fetched, and no more: the outermost step has a part's rows."""
    found = re.search(r"actual rows=([0-9.]+)", plan[0])
    assert found is not None
    assert float(found[1]) <= 51, "\n".join(plan)
