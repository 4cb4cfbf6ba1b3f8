"""Media over the API: made, listed, read, changed, deleted (C1, C2, C3)."""

import json
from typing import Any

import pytest

from mediatheque.catalog.actions import create_media
from mediatheque.core import scope
from mediatheque.core.errors import NotFound
from tests.catalog.making import make, titles
from tests.support import Actor, everything

FIELDS = {
    "id", "library", "work", "media_type", "title", "original_title", "sort_title", "year", "release_date",
    "overview", "runtime", "genres", "people", "certification", "rating", "network", "trailer_url", "poster",
    "backdrop", "format", "ownership", "location", "notes", "details", "signed", "value", "external_ids",
    "source", "tags", "own", "added_by", "added_at", "created_at", "updated_at",
}  # fmt: skip
MATRIX = {
    "title": "The Matrix",
    "media_type": "movie",
    "original_title": "Матрица",
    "year": 1999,
    "release_date": "1999-03-31",
    "overview": "A hacker learns what the world is made of.",
    "runtime": 136,
    "genres": ["Action", "Science Fiction"],
    "people": [
        {"name": "Lana Wachowski", "role": "director"},
        {"name": "Keanu Reeves", "role": "actor", "character": "Neo"},
    ],
    "certification": "16",
    "rating": 8.2,
    "network": "",
    "trailer_url": "https://example.org/trailer",
    "format": "bluray",
    "ownership": "owned",
    "location": "Shelf 3",
    "notes": "Gift",
    "details": {},
    "signed": {"by": "Keanu Reeves", "role": "actor", "on": "2019-05-01", "at": "Berlin", "proof": "photo"},
    "value": {
        "low": 5,
        "mid": 7.5,
        "high": 10,
        "currency": "EUR",
        "source": "flea market",
        "date": "2024-01-01",
    },
    "external_ids": [{"provider": "imdb", "kind": "", "id": "133093"}],
    "source": {"provider": "manual", "external_id": "", "import": ""},
    "own": {"status": "completed", "rating": 9, "on_watchlist": False},
}


def test_create_needs_only_title_and_media_type(alice: Actor) -> None:
    made = make(alice, "Alien")
    assert set(made) == FIELDS | {"variants", "seasons", "metadata", "series"}
    empty = {
        "original_title": "", "sort_title": "Alien", "year": None, "release_date": None, "overview": "",
        "runtime": None, "genres": [], "people": [], "certification": "", "rating": None, "network": "",
        "trailer_url": "", "poster": None, "backdrop": None, "format": "", "ownership": "owned", "location": "",
        "notes": "", "details": {}, "signed": None, "value": None, "external_ids": [], "tags": [], "own": None,
        "source": {"provider": "manual", "external_id": "", "import": ""}, "variants": [], "seasons": [],
        "metadata": {}, "library": alice.library, "added_by": {"id": alice.id, "name": "Alice"},
    }  # fmt: skip
    assert {name: made[name] for name in empty} == empty


def test_create_keeps_every_field(alice: Actor) -> None:
    made = make(alice, **{k: v for k, v in MATRIX.items() if k not in ("title", "media_type")})
    expected = MATRIX | {
        "format": "Blu-ray",
        "sort_title": "Matrix",
        "external_ids": [{"provider": "imdb", "kind": "", "id": "tt0133093"}],
        "people": [
            {"name": "Lana Wachowski", "role": "director", "character": None},
            {"name": "Keanu Reeves", "role": "actor", "character": "Neo"},
        ],
    }
    assert {name: made[name] for name in expected} == expected
    assert [each["format"] for each in made["variants"]] == ["Blu-ray"]
    assert alice.get(f"/media/{made['id']}").json() == made


def test_list_shows_what_single_shows(alice: Actor) -> None:
    made = make(alice, **{k: v for k, v in MATRIX.items() if k not in ("title", "media_type")})
    listed = alice.get("/media").json()
    assert listed["pagination"] == {"limit": 50, "next_cursor": None, "page": None, "total": None}
    assert listed["items"] == [{name: made[name] for name in listed["items"][0]}]
    assert set(listed["items"][0]) == FIELDS


def test_update_changes_only_what_is_sent(alice: Actor) -> None:
    made = make(alice, **{k: v for k, v in MATRIX.items() if k not in ("title", "media_type")})
    changed = alice.patch(f"/media/{made['id']}", {"title": "A Beautiful Mind", "rating": None})
    assert changed.status_code == 200, changed.content
    expected = made | {"title": "A Beautiful Mind", "sort_title": "Beautiful Mind", "rating": None}
    after = changed.json()
    assert after.pop("updated_at") > expected.pop("updated_at")
    assert after == expected
    [work] = everything("select title from works where owner_space = %s", [alice.household.space_id])
    assert work == ("A Beautiful Mind",)


def test_update_keeps_a_sort_title_of_ones_own(alice: Actor) -> None:
    made = make(alice, sort_title="Matrix 1")
    after = alice.patch(f"/media/{made['id']}", {"title": "Matrix, The"}).json()
    assert after["sort_title"] == "Matrix 1"
    assert alice.patch(f"/media/{made['id']}", {"sort_title": None}).json()["sort_title"] == "Matrix, The"


def test_update_of_own_entry_makes_and_changes_it(alice: Actor, bob: Actor) -> None:
    made = make(alice)
    path = f"/media/{made['id']}"
    first = bob.patch(path, {"own": {"status": "watching"}})
    assert first.json()["own"] == {"status": "watching", "rating": None, "on_watchlist": False}
    second = bob.patch(path, {"own": {"rating": 7}})
    assert second.json()["own"] == {"status": "watching", "rating": 7, "on_watchlist": False}
    assert alice.get(path).json()["own"] is None
    refused = bob.patch(path, {"own": {"rating": 11, "status": "seen"}})
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["own.status", "own.rating"]


def test_delete_takes_the_item_and_its_work(alice: Actor) -> None:
    made = make(alice, format="DVD", own={"status": "completed"})
    assert alice.delete(f"/media/{made['id']}").status_code == 204
    assert alice.get(f"/media/{made['id']}").status_code == 404
    space = [alice.household.space_id]
    for table, column in (("media", "space_id"), ("works", "owner_space"), ("variants", "space_id"),
                          ("media_words", "space_id"), ("media_terms", "space_id")):  # fmt: skip
        assert everything(f"select count(*) from {table} where {column} = %s", space) == [(0,)], table
    entries = everything("select title from entries where user_id = %s", [alice.user_id])
    assert entries == [("The Matrix",)]


def test_members_change_their_own_and_managers_others(alice: Actor, mary: Actor, bob: Actor) -> None:
    hers, his = make(alice, "Alien"), make(bob, "Brazil")
    for method, body in (("PATCH", {"year": 1979}), ("DELETE", None)):
        assert bob.api(method, f"/media/{hers['id']}", body).status_code == 403
    assert bob.patch(f"/media/{his['id']}", {"year": 1985}).status_code == 200
    assert mary.patch(f"/media/{his['id']}", {"year": 1984}).status_code == 200
    assert mary.delete(f"/media/{hers['id']}").status_code == 204
    assert bob.delete(f"/media/{his['id']}").status_code == 204


def test_foreign_reads_like_missing(alice: Actor, charlie: Actor) -> None:
    made = make(alice)
    missing = "med_01jd7qk2m8e5vtx9m4r0c6w3zb"
    other_kind = made["work"]
    for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        answers = []
        for identity in (made["id"], missing, other_kind, "nonsense"):
            response = charlie.api(method, f"/media/{identity}", body)
            answers.append({k: v for k, v in response.json().items() if k != "request_id"})
            assert response.status_code == 404
        assert answers == [answers[0]] * 4
    assert titles(charlie, "?library=all") == []
    assert alice.get(f"/media/{made['id']}").json()["title"] == "The Matrix"


def test_closed_library_reads_like_missing(alice: Actor, charlie: Actor) -> None:
    for body in (alice.library, "lib_01jd7qk2m8e5vtx9m4r0c6w3zb", "nonsense", alice.space):
        response = charlie.post("/media", {"title": "x", "media_type": "movie", "library": body})
        assert response.status_code == 404, response.content
        assert response.json()["errors"][0]["field"] == "library"
        response = charlie.get(f"/media?library={body}")
        assert (response.status_code, response.json()["errors"][0]["field"]) == (404, "library")


def test_archived_library_takes_nothing_new(alice: Actor) -> None:
    everything("update libraries set archived_at = now() where id = %s", [alice.household.library_id])
    response = alice.post("/media", {"title": "x", "media_type": "movie"})
    assert (response.status_code, response.json()["code"]) == (409, "library.archived")


def test_bad_values_are_refused_by_name(alice: Actor) -> None:
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"title": ""}, 422, "title"),
        ({"title": "x" * 501}, 422, "title"),
        ({"title": "x" * 10_000_000}, 422, "title"),
        ({"title": 5}, 400, "title"),
        ({"title": None}, 400, "title"),
        ({"title": "a\x00b"}, 400, "title"),
        ({"media_type": "film"}, 422, "media_type"),
        ({"year": "1999"}, 400, "year"),
        ({"year": 10**30}, 422, "year"),
        ({"year": 0}, 422, "year"),
        ({"runtime": -1}, 422, "runtime"),
        ({"rating": 11}, 422, "rating"),
        ({"rating": float("nan")}, 400, "rating"),
        ({"rating": True}, 400, "rating"),
        ({"rating": 10**400}, 400, "rating"),
        ({"runtime": 10**400}, 422, "runtime"),
        ({"value": {"low": 10**400}}, 400, "value.low"),
        ({"details": {"pages": 10**400}, "media_type": "book"}, 422, "details.pages"),
        ({"release_date": "1999-02-30"}, 422, "release_date"),
        ({"trailer_url": "javascript:alert(1)"}, 422, "trailer_url"),
        ({"people": [{"name": "", "role": "actor"}]}, 422, "people"),
        ({"people": [{"name": "x"}]}, 400, "people.0.role"),
        ({"details": {"isbn": "x"}}, 422, "details.isbn"),
        ({"ownership": "stolen"}, 422, "ownership"),
        ({"certification": "x" * 51}, 422, "certification"),
        ({"certification": "x" * 50, "network": "x" * 500, "location": "x" * 500, "title": ""}, 422, "title"),
        ({"format": "x" * 61}, 422, "format"),
        ({"value": {"low": float("inf")}}, 400, "value.low"),
        ({"value": {"currency": "euro"}}, 422, "value.currency"),
        ({"signed": {"on": "yesterday"}}, 422, "signed.on"),
        ({"external_ids": [{"provider": "imdb", "id": "hello"}]}, 422, "external_ids.0"),
        ({"external_ids": [{"provider": "tmdb", "kind": "x" * 21, "id": "5"}]}, 422, "external_ids.0"),
        ({"surprise": 1}, 400, "surprise"),
        ({"own": {"status": "seen"}}, 422, "own.status"),
    ]  # fmt: skip
    for fields, status, field in cases:
        response = alice.post("/media", {"title": "x", "media_type": "movie", **fields})
        answer = response.json()
        assert response.status_code == status, (str(fields)[:80], response.content[:300])
        assert field in [each["field"] for each in answer["errors"]], (str(fields)[:80], answer)
    assert titles(alice) == []


def test_longest_values_are_kept(alice: Actor) -> None:
    longest = {
        "original_title": "ﷺ" * 500, "certification": "x" * 50, "network": "x" * 500, "location": "x" * 500,
        "genres": ["ﷺ" * 100], "people": [{"name": "ﷺ" * 200, "role": "director", "character": "x" * 300}],
    }  # fmt: skip
    made = make(alice, "ﷺ" * 500, **longest)
    assert made["location"] == longest["location"]
    make(alice, "漢字" * 250)
    make(alice, " ".join(f"word{n}" for n in range(70)))


def test_lone_surrogates_are_refused(alice: Actor) -> None:
    body = json.dumps({"title": "PLACE", "media_type": "movie"}).replace("PLACE", "\\ud800")
    response = alice.client.post("/api/media", body, content_type="application/json")
    assert response.status_code == 400


def test_malformed_bodies_are_400(alice: Actor) -> None:
    endless = '{"title": ' + "[" * 100_000
    infinite = '{"title": "x", "media_type": "movie", "year": 1e999}'
    for body in ("", "{", "[]", "5", endless, infinite):
        response = alice.client.post("/api/media", body, content_type="application/json")
        assert response.status_code == 400, (body[:40], response.content[:200])


def test_unknown_parameters_are_400(alice: Actor) -> None:
    for query in (
        "genere=x",
        "sort=colour",
        "dir=up",
        "limit=0",
        "limit=201",
        "page=0",
        "year_min=x",
        "page=1e9",
    ):
        assert alice.get(f"/media?{query}").status_code == 400, query
    assert alice.get("/media?added_by=nonsense").status_code == 404
    for cursor in ("x", "%00", "W10", "WyJ0aXRsZTphc2MiLCAiYSIsICJiIl0"):
        assert alice.get(f"/media?cursor={cursor}").status_code == 400, cursor


def test_a_name_of_invisible_signs_is_refused_everywhere(alice: Actor) -> None:
    for unseen in ("\u200b\u2060", "\u3164"):
        answer = alice.post("/media", {"title": unseen, "media_type": "movie"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "title")
        item = {"title": "Alien", "media_type": "movie"}
        for field, value in (("genres", [unseen]), ("people", [{"name": unseen, "role": "actor"}])):
            answer = alice.post("/media", item | {field: value})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        for path in ("/libraries", "/spaces", "/auth/api-tokens"):
            answer = alice.post(path, {"name": unseen})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "name"), path
        assert alice.patch("/auth/me", {"name": unseen}).status_code == 400
    assert alice.post("/media", {"title": "👩\u200d🚀", "media_type": "movie"}).status_code == 201


def test_a_library_that_goes_meanwhile_is_missing_and_nothing_is_left(alice: Actor) -> None:
    key, space = alice.household.add_library("Shelf"), alice.household.space_id

    def create_too_late() -> None:
        with scope.of_person(alice.user_id, space=space, request_id="req_t") as found:
            everything("delete from libraries where id = %s", [key])
            create_media(found, {"title": "Alien", "media_type": "movie", "library": key})

    with pytest.raises(NotFound) as refused:
        create_too_late()
    assert refused.value.errors[0].field == "library"
    assert everything("select count(*) from works where owner_space = %s", [space]) == [(0,)]
