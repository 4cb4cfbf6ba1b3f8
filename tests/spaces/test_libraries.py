"""S2, S4: libraries, and that a limited one is not there for those it does not admit."""

import pytest
from django.db import DatabaseError

from mediatheque.core import db, scope
from mediatheque.core.ids import new_id, show_id
from tests.support import everything


def make(actor, name: str = "Attic", **more) -> str:
    answer = actor.post("/libraries", {"name": name, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def ids(actor) -> set[str]:
    return {each["id"] for each in actor.get("/libraries").json()["items"]}


def add_media(actor, library: str) -> None:
    body = {"title": "The Matrix", "media_type": "movie", "library": library}
    answer = actor.post("/media", body)
    assert answer.status_code == 201, answer.content


def keep_cover(space_id, library_id) -> None:
    sha256 = f"{library_id.hex}{space_id.hex}"
    everything("insert into stored_files (sha256, size, content_type) values (%s, 1, 'image/webp')", [sha256])
    everything(
        "insert into file_references (id, space_id, library_id, sha256, role, record_id) "
        "values (%s, %s, %s, %s, 'poster', %s)",
        [new_id(), space_id, library_id, sha256, new_id()],
    )


def test_a_library_has_every_field_of_its_shape(alice):
    library = alice.get(f"/libraries/{alice.library}").json()
    assert set(library) == {
        "id", "name", "description", "template", "default_type", "columns", "limited", "created_by", "archived_at",
        "created_at", "updated_at",
    }  # fmt: skip


def test_a_manager_makes_a_library_and_a_member_does_not(mary, bob):
    made = mary.post("/libraries", {"name": "Vinyl", "template": "music", "description": "By the window"})
    assert made.status_code == 201, made.content
    assert (made.json()["default_type"], made.json()["template"]) == ("music", "music")
    assert made.json()["created_by"] == mary.id
    assert made.json()["id"] in ids(bob)
    refused = bob.post("/libraries", {"name": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission.role")


def test_a_library_is_renamed_and_described(mary):
    library = make(mary)
    answer = mary.patch(
        f"/libraries/{library}", {"name": "Loft", "description": "Dry", "default_type": "book"}
    )
    assert answer.status_code == 200, answer.content
    assert [answer.json()[name] for name in ("name", "description", "default_type")] == [
        "Loft",
        "Dry",
        "book",
    ]
    assert mary.patch(f"/libraries/{library}", {"default_type": "film"}).status_code == 400


def test_a_foreign_library_reads_like_a_missing_one(alice, charlie):
    assert alice.get(f"/libraries/{alice.library}").status_code == 200
    missing = show_id("library", new_id())
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("DELETE", "", {"confirm_name": "Library", "media": "delete"}),
        ("POST", "/archive", {}),
        ("POST", "/restore", {}),
        ("POST", "/select", {}),
    ):
        foreign = charlie.api(method, f"/libraries/{alice.library}{path}", body)
        nowhere = charlie.api(method, f"/libraries/{missing}{path}", body)
        assert foreign.status_code == nowhere.status_code == 404
        assert {**foreign.json(), "request_id": ""} == {**nowhere.json(), "request_id": ""}


def test_a_limited_library_is_there_for_the_admitted_and_the_admins(alice, bob, mary):
    library = make(alice, "Secret", limited=True, members=[bob.id])
    assert library in ids(alice)
    assert library in ids(bob)
    assert library not in ids(mary)
    assert mary.get(f"/libraries/{library}").status_code == 404
    assert mary.patch(f"/libraries/{library}", {"name": "Found"}).status_code == 404
    assert mary.get("/libraries").json()["pagination"]["total"] == 1


def test_limits_are_an_admins_to_set(alice, bob, mary):
    library = make(alice)
    answer = mary.patch(f"/libraries/{library}", {"limited": True, "members": [mary.id]})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission.role")
    assert mary.post("/libraries", {"name": "Mine", "limited": True}).status_code == 403
    assert library in ids(bob)
    assert alice.patch(f"/libraries/{library}", {"limited": True, "members": [mary.id]}).status_code == 200
    assert (library in ids(bob), library in ids(mary)) == (False, True)
    assert alice.patch(f"/libraries/{library}", {"limited": False}).status_code == 200
    assert library in ids(bob)
    assert everything(
        "select count(*) from library_members where space_id = %s", [alice.household.space_id]
    ) == [(0,)]


def test_only_members_are_admitted(alice, charlie):
    answer = alice.post("/libraries", {"name": "Secret", "limited": True, "members": [charlie.id]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "members")
    assert {each["name"] for each in alice.get("/libraries").json()["items"]} == {"Library"}


def test_the_default_library_is_neither_limited_nor_archived(alice):
    assert alice.patch(f"/libraries/{alice.library}", {"limited": True, "members": []}).status_code == 409
    answer = alice.post(f"/libraries/{alice.library}/archive")
    assert (answer.status_code, answer.json()["code"]) == (409, "library.default")
    second = make(alice)
    answer = alice.patch(f"/spaces/{alice.space}", {"default_library": second})
    assert answer.json()["default_library"] == second
    assert alice.post(f"/libraries/{alice.library}/archive").status_code == 200


def test_row_security_hides_a_limited_library_from_plain_sql(alice, bob):
    library = alice.household.add_library("Secret", limited=True)
    add_media(alice, show_id("library", library))
    for who, expected in ((alice, 1), (bob, 0)):
        with scope.of_person(who.user_id, space=None, request_id="r"):
            assert db.value("select count(*) from libraries where name = 'Secret'") == expected
            assert db.value("select count(*) from media") == expected
            assert db.value("select count(*) from works where owner_space is not null") == expected


def test_a_library_is_archived_and_restored(mary):
    library = make(mary)
    assert mary.post(f"/libraries/{library}/archive").json()["archived_at"] is not None
    active = mary.get("/libraries?archived=false").json()["items"]
    assert library not in {each["id"] for each in active}
    assert mary.post(f"/libraries/{library}/restore").json()["archived_at"] is None


def test_deleting_asks_for_archive_name_and_what_happens_to_the_media(alice, mary):
    library = make(alice)
    body = {"confirm_name": "Attic", "media": "delete"}
    early = alice.delete(f"/libraries/{library}", body)
    assert (early.status_code, early.json()["code"]) == (409, "library.not_archived")
    alice.post(f"/libraries/{library}/archive")
    assert mary.delete(f"/libraries/{library}", body).status_code == 403
    wrong = alice.delete(f"/libraries/{library}", {**body, "confirm_name": "attic"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "confirm_name")
    open_question = alice.delete(f"/libraries/{library}", {"confirm_name": "Attic"})
    assert (open_question.status_code, open_question.json()["errors"][0]["field"]) == (422, "media")
    assert library in ids(alice)
    assert alice.delete(f"/libraries/{library}?confirm_name=Attic&media=delete").status_code == 204
    assert library not in ids(alice)


@pytest.mark.parametrize(("media", "moved"), [("move", 1), ("delete", 0)])
def test_deleting_a_library_moves_or_deletes_its_media(alice, media, moved):
    library_id = alice.household.add_library("Attic")
    library = show_id("library", library_id)
    add_media(alice, library)
    keep_cover(alice.household.space_id, library_id)
    alice.post(f"/libraries/{library}/archive")
    body = {"confirm_name": "Attic", "media": media, "to": alice.library if moved else None}
    answer = alice.delete(f"/libraries/{library}", body)
    assert answer.status_code == 204, answer.content
    for table in ("media", "works", "file_references"):
        rows = everything(
            f"select library_id from {table} where library_id = any(%s)",
            [[library_id, alice.household.library_id]],
        )
        assert rows == [(alice.household.library_id,)] * moved


def test_media_move_only_where_one_may_see(alice, charlie):
    library = make(alice)
    alice.post(f"/libraries/{library}/archive")
    for target, status in ((charlie.library, 404), (library, 422), (None, 422)):
        body = {"confirm_name": "Attic", "media": "move", "to": target}
        answer = alice.delete(f"/libraries/{library}", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, "to")


def test_the_session_remembers_the_selected_library(alice):
    library = make(alice)
    assert alice.get("/auth/me").json()["active"]["library"]["id"] == alice.library
    assert alice.post(f"/libraries/{library}/select").status_code == 200
    assert alice.get("/auth/me").json()["active"]["library"]["id"] == library


def test_a_library_cannot_be_moved_to_another_space_by_plain_sql(alice, charlie):
    with pytest.raises(DatabaseError), scope.of_person(alice.user_id, space=None, request_id="r"):
        db.execute(
            "update libraries set space_id = %s where id = %s",
            [charlie.household.space_id, alice.household.library_id],
        )
