"""One's own entries over the API: of a work, of a typed title, in every space one stands in (W1, S1)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from mediatheque.core.ids import new_id, show_id
from tests.catalog.making import make
from tests.support import Actor, Household, everything

SHAPE = {
    "id", "work", "status", "rating", "notes", "visibility", "notes_visibility", "on_watchlist", "set_aside",
    "set_aside_reason", "last_watched_at", "added_at", "created_at", "updated_at",
}  # fmt: skip


def enter(actor: Actor, **body: Any) -> dict[str, Any]:
    answer = actor.post("/watchlist", body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_an_entry_of_a_work_is_that_of_its_item(alice: Actor) -> None:
    item = make(alice, "Alien", year=1979)
    made = enter(alice, work=item["work"], status="watching", rating=9, on_watchlist=True, notes="Dark.")
    assert set(made) == SHAPE
    assert made["work"] == {"id": item["work"], "title": "Alien", "year": 1979, "media_type": "movie"}
    own = {"status": "watching", "rating": 9, "on_watchlist": True}
    assert alice.get(f"/media/{item['id']}").json()["own"] == own
    again = alice.post("/watchlist", {"work": item["work"]})
    assert (again.status_code, again.json()["code"]) == (409, "entry.taken")
    path = f"/watchlist/{made['id']}"
    changed = alice.patch(
        path, {"rating": None, "status": "completed", "set_aside": "paused", "on_watchlist": None}
    )
    assert changed.status_code == 200, changed.content
    assert alice.get(path).json() == changed.json()
    assert {k: changed.json()[k] for k in ("rating", "status", "set_aside", "on_watchlist", "notes")} == {
        "rating": None, "status": "completed", "set_aside": "paused", "on_watchlist": False, "notes": "Dark.",
    }  # fmt: skip
    assert alice.delete(path).status_code == 204
    assert alice.get(path).status_code == 404
    assert alice.get(f"/media/{item['id']}").json()["own"] is None


def test_a_typed_title_is_ones_own_and_tied_to_the_spaces(alice: Actor) -> None:
    made = enter(alice, title="Solaris", media_type="movie", year=1972, on_watchlist=True)
    assert made["work"]["title"] == "Solaris"
    item = make(alice, "Stalker", year=1979)
    typed = enter(alice, title="stalker", media_type="movie", year=1979, rating=10)
    assert typed["work"] == {"id": item["work"], "title": "Stalker", "year": 1979, "media_type": "movie"}
    assert alice.get(f"/media/{item['id']}").json()["own"]["rating"] == 10
    assert (
        alice.post("/watchlist", {"title": "Solaris", "media_type": "movie", "year": 1972}).status_code == 409
    )
    other = enter(alice, title="Solaris", media_type="movie", year=2002)
    assert other["id"] != made["id"]
    alice.delete(f"/watchlist/{made['id']}")
    left = everything("select count(*) from works where owner_user = %s and year = 1972", [alice.user_id])
    assert left == [(0,)]


def test_entries_follow_the_person_and_keep_their_title_when_the_work_is_out_of_sight(
    alice: Actor, charlie: Actor
) -> None:
    item = make(alice, "Alien", year=1979)
    made = enter(alice, work=item["work"])
    second = alice.post("/spaces", {"name": "Second"}).json()["id"]
    elsewhere = alice.get("/watchlist", X_Space=second).json()["items"]
    assert [each["id"] for each in elsewhere] == [made["id"]]
    assert elsewhere[0]["work"] == {"id": None, "title": "Alien", "year": 1979, "media_type": "movie"}
    for method, body in (("GET", None), ("PATCH", {"rating": 1}), ("DELETE", None)):
        assert charlie.api(method, f"/watchlist/{made['id']}", body).status_code == 404
    foreign = charlie.post("/watchlist", {"work": item["work"]})
    assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (404, "work")
    assert charlie.get("/watchlist").json()["items"] == []


def test_a_token_of_one_space_opens_no_entries_unless_it_says_personal(alice: Actor) -> None:
    from django.test import Client

    made = enter(alice, title="Solaris", media_type="movie")
    for scopes, status in ((["read", "write"], 403), (["read", "write", "personal"], 200)):
        sent = {"name": "t", "space": alice.space, "scopes": scopes}
        token = alice.post("/auth/api-tokens", sent).json()["token"]
        program = Client(headers={"Authorization": f"Bearer {token}"})
        assert program.get("/api/watchlist").status_code == status
        assert program.get(f"/api/watchlist/{made['id']}").status_code == status
        assert program.delete(f"/api/watchlist/{show_id('entry', new_id())}").status_code == (
            404 if status == 200 else 403
        )


def test_bad_entries_are_refused_by_name(alice: Actor) -> None:
    work = make(alice)["work"]
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({}, 422, "title"),
        ({"title": "X"}, 422, "media_type"),
        ({"title": "\u200b", "media_type": "movie"}, 422, "title"),
        ({"title": "X", "media_type": "film"}, 422, "media_type"),
        ({"title": "X", "media_type": "movie", "year": 1066}, 422, "year"),
        ({"work": work, "title": "X"}, 422, "title"),
        ({"work": "nonsense"}, 404, "work"),
        ({"work": work, "status": "seen"}, 422, "status"),
        ({"work": work, "rating": 0}, 422, "rating"),
        ({"work": work, "rating": 4.5}, 400, "rating"),
        ({"work": work, "visibility": "public"}, 422, "visibility"),
        ({"work": work, "set_aside": "lost"}, 422, "set_aside"),
        ({"work": work, "last_watched_at": "2020-01-01T00:00:00"}, 400, "last_watched_at"),
        ({"work": work, "colour": "red"}, 400, "colour"),
    ]
    for body, status, field in cases:
        answer = alice.post("/watchlist", body)
        assert answer.status_code == status, (body, answer.content)
        assert answer.json()["errors"][0]["field"] == field, (body, answer.content)
    assert alice.get("/watchlist").json()["items"] == []
    assert alice.get("/watchlist?status=seen").status_code == 400


def test_entries_are_listed_latest_first_by_cursor_and_filter(alice: Actor) -> None:
    for number in range(3):
        enter(alice, title=f"Film {number}", media_type="movie", on_watchlist=number != 1)
    first = alice.get("/watchlist?limit=2").json()
    rest = alice.get(f"/watchlist?limit=2&cursor={first['pagination']['next_cursor']}").json()
    assert [each["work"]["title"] for each in first["items"] + rest["items"]] == [
        "Film 2",
        "Film 1",
        "Film 0",
    ]
    wanted = alice.get("/watchlist?on_watchlist=true&status=not_watched").json()["items"]
    assert [each["work"]["title"] for each in wanted] == ["Film 2", "Film 0"]


def test_a_work_gets_one_entry_of_a_person_whatever_runs_at_once(alice: Actor, household: Household) -> None:
    work = make(alice)["work"]

    def post(_number: int) -> int:
        try:
            return alice.post("/watchlist", {"work": work}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(post, range(6))) == [201] + [409] * 5


def test_times_at_the_ends_of_the_calendar_are_refused_by_name(alice: Actor) -> None:
    for written in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        body = {"title": "Night Ferry", "media_type": "movie", "last_watched_at": written}
        answer = alice.post("/watchlist", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "last_watched_at")
    assert alice.get("/watchlist").json()["items"] == []
