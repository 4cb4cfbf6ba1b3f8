"""Facets: counts of what each further choice would leave (C3, S2)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediatheque.core.ids import show_id
from tests.catalog.making import make
from tests.support import Actor


def facets(actor: Actor, query: str = "") -> dict[str, dict[Any, int]]:
    answer = actor.get(f"/media/facets{query}")
    assert answer.status_code == 200, answer.content
    found = answer.json()["facets"]
    return {name: {each["value"]: each["count"] for each in values} for name, values in found.items()}


@pytest.fixture
def shelf(alice: Actor) -> Actor:
    make(alice, "Alien", year=1979, genres=["Horror", "SF"], format="DVD")
    make(alice, "Aliens", year=1986, genres=["SF"], format="Blu-ray", ownership="wanted")
    item = make(alice, "Solaris", year=1972, genres=["SF"], format="Blu-ray")
    alice.patch(f"/media/{item['id']}", {"own": {"rating": 9}})
    alice.post(f"/media/{item['id']}/variants", {"resolution": "4K"})
    make(alice, "Solaris", "book", year=None, genres=["sf"])
    return alice


def test_every_value_is_counted(shelf: Actor) -> None:
    answer = shelf.get("/media/facets").json()
    assert answer["total"] == 4
    assert facets(shelf) == {
        "media_type": {"movie": 3, "book": 1},
        "genre": {"SF": 4, "Horror": 1},
        "decade": {1980: 1, 1970: 2, None: 1},
        "format": {"Blu-ray": 2, "": 1, "DVD": 1},
        "ownership": {"owned": 3, "wanted": 1},
        "resolution": {"4K": 1},
        "tag": {},
    }
    assert [each["value"] for each in answer["facets"]["decade"]] == [1980, 1970, None]
    assert facets(shelf, "?library=all") == facets(shelf)


def test_a_facet_is_counted_without_its_own_filter(shelf: Actor) -> None:
    found = facets(shelf, "?media_type=movie&genre=horror")
    assert found["genre"] == {"SF": 3, "Horror": 1}
    assert found["media_type"] == {"movie": 1}
    assert found["decade"] == {1970: 1}
    found = facets(shelf, "?year_min=1970&year_max=1979&resolution=4K")
    assert (found["decade"], found["resolution"]) == ({1970: 1}, {"4K": 1})
    assert facets(shelf, "?year_min=1970&year_max=1979")["decade"] == {1980: 1, 1970: 2, None: 1}
    assert facets(shelf, "?q=alien&format=DVD")["format"] == {"DVD": 1, "Blu-ray": 1}
    assert facets(shelf, "?user_rating_min=9")["media_type"] == {"movie": 1}
    assert shelf.get("/media/facets?q=alien&format=DVD").json()["total"] == 1
    assert set(map(len, facets(shelf, "?q=%25").values())) == {0}


def test_facets_agree_with_the_list(shelf: Actor) -> None:
    for narrowed in ("", "&genre=sf", "&q=solaris", "&library=all&ownership=owned"):
        found = facets(shelf, f"?{narrowed[1:]}")
        for facet, name in (("media_type", "media_type"), ("format", "format"), ("ownership", "ownership")):
            if name in narrowed:
                continue
            for value, count in found[facet].items():
                answer = shelf.get(f"/media?total=true{narrowed}&{name}={value}").json()
                assert answer["pagination"]["total"] == count, (narrowed, facet, value)


def test_a_limited_library_counts_for_nobody_else(alice: Actor, bob: Actor, mary: Actor) -> None:
    vault = alice.household.add_library("Vault", limited=True, admits=(mary,))
    make(alice, "Secret", library=show_id("library", vault), genres=["Hidden"], format="VHS", year=1931)
    make(alice, "Open", genres=["Plain"])
    for actor in (alice, mary):  # there is something to leak
        assert facets(actor, "?library=all")["genre"] == {"Hidden": 1, "Plain": 1}
    found = facets(bob, "?library=all")
    assert found["genre"] == {"Plain": 1}
    assert found["decade"] == {None: 1}
    assert found["format"] == {"": 1}
    assert bob.get(f"/media/facets?library={show_id('library', vault)}").status_code == 404


def test_facets_refuse_what_the_list_refuses(alice: Actor, charlie: Actor) -> None:
    assert alice.get("/media/facets?media_type=film").status_code == 400
    assert alice.get("/media/facets?colour=red").json()["errors"][0]["field"] == "colour"
    assert alice.get("/media/facets?sort=title").status_code == 400
    assert alice.get(f"/media/facets?added_by={charlie.id}").status_code == 404


def test_facets_ask_as_often_for_one_as_for_thirty(alice: Actor) -> None:
    for query in ("", "?genre=drama&media_type=movie&year_min=1990"):
        counts = []
        for made in (1, 29):
            for n in range(made):
                make(alice, f"Film {n}", genres=["Drama", f"Genre {n}"], year=1990 + n)
            with CaptureQueriesContext(connection) as captured:
                assert alice.get(f"/media/facets{query}").status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1], query
