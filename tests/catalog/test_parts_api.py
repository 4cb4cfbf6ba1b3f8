"""Variants, seasons, metadata, history and undo over the API (C6, C7, C9, L1)."""

from typing import Any

from mediatheque.core.ids import read_id
from tests.catalog.making import make
from tests.support import Actor, everything

VARIANT = {
    "format": "Blu-ray", "edition": "Steelbook", "resolution": "1080p", "barcode": "7321900123456", "path": "",
    "location": "Shelf", "condition": "good", "purchased_on": "2020-02-29", "price": 9.99, "currency": "EUR",
}  # fmt: skip


def test_first_variant_gives_the_item_its_format(alice: Actor) -> None:
    item = make(alice)
    path = f"/media/{item['id']}/variants"
    first = alice.post(path, VARIANT)
    assert first.status_code == 201, first.content
    assert first.json() == VARIANT | {"id": first.json()["id"], "loan": None}
    second = alice.post(path, {"format": "dvd"}).json()
    assert alice.get(f"/media/{item['id']}").json()["format"] == "Blu-ray"
    assert alice.get(path).json()["items"] == [first.json(), second]
    assert alice.delete(f"{path}/{first.json()['id']}").status_code == 204
    assert alice.get(f"/media/{item['id']}").json()["format"] == "DVD"
    changed = alice.patch(f"{path}/{second['id']}", {"format": "VHS", "barcode": "080689047848"})
    assert (changed.json()["format"], changed.json()["barcode"]) == ("VHS", "0080689047848")
    assert alice.patch(f"/media/{item['id']}", {"format": "LP"}).json()["format"] == "Vinyl"
    assert [each["format"] for each in alice.get(path).json()["items"]] == ["Vinyl"]


def test_bad_variants_are_refused_by_name(alice: Actor) -> None:
    path = f"/media/{make(alice)['id']}/variants"
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"barcode": "hello"}, 422, "barcode"),
        ({"resolution": "8K"}, 422, "resolution"),
        ({"price": -1}, 422, "price"),
        ({"price": 1e12}, 422, "price"),
        ({"price": 0.001}, 422, "price"),
        ({"price": 9.999}, 422, "price"),
        ({"price": float("nan")}, 400, "price"),
        ({"price": "9"}, 400, "price"),
        ({"currency": "€"}, 422, "currency"),
        ({"purchased_on": "soon"}, 422, "purchased_on"),
        ({"path": "x" * 2001}, 422, "path"),
        ({"format": "x" * 61}, 422, "format"),
        ({"colour": "red"}, 400, "colour"),
    ]
    for fields, status, field in cases:
        response = alice.post(path, fields)
        assert response.status_code == status, (fields, response.content)
        assert [each["field"] for each in response.json()["errors"]] == [field]
    assert alice.get(path).json()["items"] == []


def test_seasons_are_once_each_and_may_be_zero(alice: Actor) -> None:
    item = make(alice, "Lost", "tv_series")
    path = f"/media/{item['id']}/seasons"
    one = alice.post(path, {"number": 1, "title": "One", "expected_episodes": 24, "available_episodes": 24})
    assert one.status_code == 201, one.content
    assert one.json() == {
        "id": one.json()["id"], "number": 1, "title": "One", "expected_episodes": 24, "available_episodes": 24,
        "is_complete": True,
    }  # fmt: skip
    specials = alice.post(path, {"number": 0}).json()
    assert [each["number"] for each in alice.get(f"/media/{item['id']}").json()["seasons"]] == [0, 1]
    again = alice.post(path, {"number": 1})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "number")
    moved = alice.patch(f"{path}/{specials['id']}", {"number": 1})
    assert moved.status_code == 409
    assert alice.patch(f"{path}/{specials['id']}", {"is_complete": True}).json()["is_complete"] is True
    for number in (-1, 10**6):
        assert alice.post(path, {"number": number}).status_code == 422
    assert alice.post(path, {"number": "2"}).status_code == 400
    assert alice.delete(f"{path}/{specials['id']}").status_code == 204
    film = make(alice, "Alien")
    assert alice.post(f"/media/{film['id']}/seasons", {"number": 1}).status_code == 422


def test_metadata_is_set_replaced_and_removed(alice: Actor) -> None:
    path = f"/media/{make(alice)['id']}/metadata"
    assert alice.patch(path, {"Shelf": "A", "colour": "red"}).json() == {"Shelf": "A", "colour": "red"}
    assert alice.patch(path, {"Shelf": None, "colour": "blue"}).json() == {"colour": "blue"}
    assert alice.api("PUT", path, {"new": "1"}).json() == {"new": "1"}
    assert alice.get(path).json() == {"new": "1"}
    for body, status in (
        ({"": "x"}, 422),
        ({"k" * 101: "x"}, 422),
        ({"k": "x" * 10_001}, 422),
        ({"k": 5}, 400),
        ({"k": "\x00"}, 400),
        ({f"k{n}": "x" for n in range(201)}, 422),
        ([], 400),
    ):
        assert alice.patch(path, body).status_code == status, str(body)[:50]


def test_parts_of_others_are_closed(alice: Actor, bob: Actor, charlie: Actor) -> None:
    item = make(alice, "Lost", "tv_series", format="DVD")
    season = alice.post(f"/media/{item['id']}/seasons", {"number": 1}).json()
    own = make(bob, "Heroes", "tv_series")
    writes = [
        ("POST", "variants", {"format": "VHS"}),
        ("PATCH", f"variants/{item['variants'][0]['id']}", {"format": "VHS"}),
        ("DELETE", f"variants/{item['variants'][0]['id']}", None),
        ("POST", "seasons", {"number": 2}),
        ("PATCH", f"seasons/{season['id']}", {"number": 2}),
        ("DELETE", f"seasons/{season['id']}", None),
        ("PATCH", "metadata", {"a": "b"}),
        ("PUT", "metadata", {"a": "b"}),
        ("DELETE", "cover", None),
    ]
    for method, path, body in writes:
        assert bob.api(method, f"/media/{item['id']}/{path}", body).status_code == 403, path
        assert charlie.api(method, f"/media/{item['id']}/{path}", body).status_code == 404, path
        if "/" in path:  # another item's part
            assert bob.api(method, f"/media/{own['id']}/{path}", body).status_code == 404, path
    for path in ("variants", "seasons", "metadata", "history", "cover"):
        assert charlie.get(f"/media/{item['id']}/{path}").status_code == 404, path
    assert charlie.post(f"/media/{item['id']}/undo-delete").status_code == 404
    assert charlie.get(f"/works/{item['work']}").status_code == 404
    after = alice.get(f"/media/{item['id']}").json()
    assert (after["variants"], after["seasons"]) == (item["variants"], [season])


def test_work_shows_what_is_known_of_it(alice: Actor, bob: Actor) -> None:
    item = make(alice, original_title="Matrix", year=1999)
    assert bob.get(f"/works/{item['work']}").json() == {
        "id": item["work"], "media_type": "movie", "title": "The Matrix", "original_title": "Matrix",
        "year": 1999, "texts": [], "external_ids": [],
    }  # fmt: skip


def test_history_tells_who_changed_what(alice: Actor, mary: Actor) -> None:
    item = make(alice)
    mary.patch(f"/media/{item['id']}", {"rating": 7.5})
    variant = alice.post(f"/media/{item['id']}/variants", {"format": "DVD"}).json()
    alice.delete(f"/media/{item['id']}/variants/{variant['id']}")
    answer = alice.get(f"/media/{item['id']}/history").json()
    told = {(each["actor"]["name"], each["entity"], each["action"]) for each in answer["items"]}
    assert told == {
        ("Alice", "media", "insert"), ("Mary", "media", "update"), ("Alice", "media", "update"),
        ("Alice", "variant", "insert"), ("Alice", "variant", "delete"),
    }  # fmt: skip
    [rated] = [each for each in answer["items"] if each["actor"]["name"] == "Mary"]
    assert rated["changes"] == [{"field": "rating", "old": None, "new": 7.5}]
    assert answer["items"][-1]["action"] == "insert"
    page = alice.get(f"/media/{item['id']}/history?limit=2").json()
    rest = alice.get(f"/media/{item['id']}/history?cursor={page['pagination']['next_cursor']}").json()
    assert page["items"] + rest["items"] == answer["items"]


def test_undo_brings_back_an_equal_item(alice: Actor, bob: Actor) -> None:
    item = make(
        alice, "The Wire", "tv_series", format="DVD", year=2002, genres=["Crime"], rating=9.3,
        people=[{"name": "Dominic West", "role": "actor"}], own={"status": "watching", "rating": 9},
        external_ids=[{"provider": "tmdb", "kind": "tv", "id": "1438"}],
    )  # fmt: skip
    path = f"/media/{item['id']}"
    alice.post(f"{path}/variants", VARIANT)
    alice.post(f"{path}/seasons", {"number": 1})
    alice.patch(f"{path}/metadata", {"shelf": "A"})
    bob.patch(path, {"own": {"rating": 10}})
    before = alice.get(path).json()
    setters = everything("select person_fields from media where title = 'The Wire'")
    assert alice.delete(path).status_code == 204
    assert alice.get(path).status_code == 404
    answer = alice.post(f"{path}/undo-delete")
    assert answer.status_code == 200, answer.content
    after = answer.json()
    assert after.pop("updated_at") >= before.pop("updated_at")
    assert after == before
    assert alice.get("/media?q=wire&genre=crime&cast=dominic+west").json()["items"][0]["id"] == item["id"]
    assert bob.get(path).json()["own"]["rating"] == 10
    assert everything("select person_fields from media where title = 'The Wire'") == setters
    again = alice.post(f"{path}/undo-delete")
    assert (again.status_code, again.json()["code"]) == (409, "undo.not_deleted")


def test_undo_of_others_deletions_is_for_admins(alice: Actor, mary: Actor, bob: Actor) -> None:
    path = f"/media/{make(bob)['id']}"
    mary.delete(path)
    assert bob.post(f"{path}/undo-delete").status_code == 403
    assert alice.post(f"{path}/undo-delete").status_code == 200
    bob.delete(path)
    assert bob.post(f"{path}/undo-delete").json()["added_by"]["name"] == "Bob"
    assert alice.post("/media/med_01jd7qk2m8e5vtx9m4r0c6w3zb/undo-delete").status_code == 404


def test_undo_brings_back_what_is_known_of_the_work(alice: Actor, charlie: Actor) -> None:
    item = make(alice, "Solaris")
    work = read_id("work", item["work"])
    everything(
        "insert into work_texts (id, work_id, work_owner, language, title, overview) "
        "values (uuid7(), %s, %s, 'ru', 'Солярис', 'A planet.')",
        [work, alice.household.space_id],
    )
    everything(
        "insert into work_certifications (id, work_id, work_owner, country, certification) "
        "values (uuid7(), %s, %s, 'DE', '12')",
        [work, alice.household.space_id],
    )
    before = alice.get(f"/works/{item['work']}").json()
    assert [each["title"] for each in before["texts"]] == ["Солярис"]
    assert alice.delete(f"/media/{item['id']}").status_code == 204
    assert everything("select count(*) from work_texts where work_id = %s", [work]) == [(0,)]
    assert charlie.post(f"/media/{item['id']}/undo-delete").status_code == 404
    assert alice.post(f"/media/{item['id']}/undo-delete").status_code == 200
    assert alice.get(f"/works/{item['work']}").json() == before
    kept = everything("select country, certification from work_certifications where work_id = %s", [work])
    assert kept == [("DE", "12")]
