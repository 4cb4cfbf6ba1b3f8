"""S1, S4, S6: spaces, who may change them, and that foreign ones read like missing ones."""

import pytest

from mediatheque.core.ids import new_id, show_id
from tests.support import everything


def test_a_space_has_every_field_of_its_shape(alice):
    space = alice.get(f"/spaces/{alice.space}").json()
    assert set(space) == {
        "id", "name", "slug", "kind", "role", "default_library", "language", "time_zone", "contact", "metadata",
        "created_by", "archived_at", "created_at", "updated_at",
    }  # fmt: skip
    assert space["contact"] == {"person": "", "email": "", "address": ""}
    assert (space["role"], space["default_library"]) == ("admin", alice.library)


def test_anyone_makes_a_household_with_a_default_library(bob):
    answer = bob.post("/spaces", {"name": "Bob’s Büro"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["role"], made["kind"], made["created_by"]) == ("admin", "household", bob.id)
    assert made["slug"].startswith("bobs-buro-")
    assert [each["id"] for each in bob.get("/spaces").json()["items"]] == [bob.space, made["id"]]
    (library,) = bob.get("/libraries", X_Space=made["id"]).json()["items"]
    assert (library["name"], library["id"]) == ("Library", made["default_library"])


def test_other_kinds_are_the_install_administrators(alice):
    answer = alice.post("/spaces", {"name": "Studio", "kind": "studio", "time_zone": "Europe/Berlin"})
    assert (answer.status_code, answer.json()["code"]) == (403, "space.kind")
    assert everything("select count(*) from spaces where kind = 'studio' and name = 'Studio'") == [(0,)]
    everything("update users set role = 'admin' where id = %s", [alice.user_id])
    answer = alice.post("/spaces", {"name": "Studio", "kind": "studio"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "time_zone")
    answer = alice.post("/spaces", {"name": "Studio", "kind": "studio", "time_zone": "Europe/Berlin"})
    assert answer.status_code == 201


def test_an_install_administrator_reads_no_space_without_membership(alice, charlie):
    everything("update users set role = 'admin' where id = %s", [charlie.user_id])
    assert alice.get(f"/spaces/{alice.space}").status_code == 200
    assert charlie.get(f"/spaces/{alice.space}").status_code == 404


def test_an_admin_changes_the_space(alice):
    body = {
        "name": "Villa",
        "language": "de",
        "time_zone": "Europe/Berlin",
        "contact": {"person": "A"},
        "metadata": {"flat": 3},
    }
    answer = alice.patch(f"/spaces/{alice.space}", body)
    assert answer.status_code == 200, answer.content
    changed = answer.json()
    assert changed["contact"] == {"person": "A", "email": "", "address": ""}
    assert {name: changed[name] for name in ("name", "language", "time_zone", "metadata")} == {
        name: body[name] for name in ("name", "language", "time_zone", "metadata")
    }
    assert alice.get(f"/spaces/{alice.space}").json() == changed
    kind = alice.patch(f"/spaces/{alice.space}", {"kind": "studio"})
    assert (kind.status_code, kind.json()["errors"][0]["field"]) == (400, "kind")


def test_time_zone_and_metadata_are_checked(alice):
    answer = alice.patch(f"/spaces/{alice.space}", {"name": "Half", "time_zone": "Mars/Olympus"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "time_zone")
    answer = alice.patch(f"/spaces/{alice.space}", {"metadata": {"x": "y" * 17000}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "metadata")
    assert alice.get(f"/spaces/{alice.space}").json()["name"] == "Alice’s household"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("DELETE", "", {"confirm_name": "Alice’s household"}),
        ("POST", "/archive", {}),
        ("POST", "/restore", {}),
        ("POST", "/select", {}),
        ("GET", "/members", None),
        ("POST", "/members", {"name": "Kid"}),
        ("GET", "/invitations", None),
        ("POST", "/invitations", {"email": "x@example.org"}),
    ],
)
def test_a_foreign_space_reads_like_a_missing_one(alice, charlie, method, path, body):
    missing = show_id("space", new_id())
    foreign = charlie.api(method, f"/spaces/{alice.space}{path}", body)
    nowhere = charlie.api(method, f"/spaces/{missing}{path}", body)
    assert foreign.status_code == nowhere.status_code == 404
    assert {**foreign.json(), "request_id": ""} == {**nowhere.json(), "request_id": ""}
    assert everything("select name, archived_at from spaces where id = %s", [alice.household.space_id]) == [
        ("Alice’s household", None)
    ]


@pytest.mark.parametrize("who", ["bob", "mary"])
def test_settings_archive_and_deletion_are_the_admins(request, alice, who):
    actor = request.getfixturevalue(who)
    assert actor.get(f"/spaces/{alice.space}").status_code == 200
    for method, path, body in (
        ("PATCH", "", {"name": "Ours"}),
        ("POST", "/archive", {}),
        ("DELETE", "", {"confirm_name": "Alice’s household"}),
    ):
        answer = actor.api(method, f"/spaces/{alice.space}{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission.role")
    assert alice.get(f"/spaces/{alice.space}").json()["name"] == "Alice’s household"


def test_a_space_is_archived_and_restored(alice):
    assert alice.post(f"/spaces/{alice.space}/archive").json()["archived_at"] is not None
    assert alice.post(f"/spaces/{alice.space}/restore").json()["archived_at"] is None


def test_a_space_goes_with_everything_once_its_name_is_typed(alice, bob):
    wrong = alice.delete(f"/spaces/{alice.space}", {"confirm_name": "alice"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "confirm_name")
    assert alice.get(f"/spaces/{alice.space}").status_code == 200
    assert alice.delete(f"/spaces/{alice.space}", {"confirm_name": "Alice’s household"}).status_code == 204
    assert bob.get(f"/spaces/{alice.space}").status_code == 404
    for table in ("memberships", "libraries"):
        left = everything(f"select count(*) from {table} where space_id = %s", [alice.household.space_id])
        assert left == [(0,)]


def test_two_tabs_stand_in_two_spaces(alice):
    """The address decides, not what the session remembers."""
    second = alice.post("/spaces", {"name": "Second"}).json()["id"]
    alice.post("/libraries", {"name": "Attic"}, X_Space=second)
    for _ in range(2):
        first = {each["name"] for each in alice.get("/libraries", X_Space=alice.space).json()["items"]}
        assert first == {"Library"}
        other = {each["name"] for each in alice.get("/libraries", X_Space=second).json()["items"]}
        assert other == {"Library", "Attic"}


def test_the_session_remembers_the_selected_space(alice):
    second = alice.post("/spaces", {"name": "Second"}).json()["id"]
    assert alice.post(f"/spaces/{second}/select").status_code == 200
    assert alice.get("/auth/me").json()["active"]["space"]["id"] == second
    assert alice.post(f"/spaces/{alice.space}/select").status_code == 200
    assert alice.get("/auth/me").json()["active"]["space"]["id"] == alice.space


def test_a_header_that_contradicts_the_address_is_malformed(alice):
    second = alice.post("/spaces", {"name": "Second"}).json()["id"]
    assert alice.get(f"/spaces/{second}", X_Space=alice.space).status_code == 400


def test_reading_spaces_asks_as_often_for_one_as_for_ten(alice):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert alice.get(path).status_code == 200
        return len(queries)

    paths = ("/spaces", "/libraries", f"/spaces/{alice.space}/members", f"/spaces/{alice.space}/invitations")
    before = [count(path) for path in paths]
    for number in range(10):
        alice.household.add_library(f"Shelf {number}")
        alice.household.add_person(f"P{number}")
        alice.post(f"/spaces/{alice.space}/invitations", {"email": f"q{number}@example.org"})
    assert [count(path) for path in paths] == before
