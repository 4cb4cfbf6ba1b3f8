"""P7, L2: who runs the install sees its people and its events, and no space's content."""

import threading

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from mediatheque.core import db, scope
from mediatheque.core.ids import new_id, show_id
from tests.spaces.test_members import membership
from tests.support import PASSWORD, everything, make_household


def install_role(actor, role: str) -> None:
    everything("update users set role = %s where id = %s", [role, actor.user_id])


@pytest.fixture
def operator():
    """An administrator of the install, with a household of their own."""
    actor = make_household("Olga").admin
    install_role(actor, "admin")
    return actor


def found(actor, person) -> dict:
    answer = actor.get(f"/admin/users/{person.id}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_people_are_listed_with_what_concerns_the_install(operator, alice, bob):
    (shown,) = operator.get(f"/admin/users?q={bob.email}").json()["items"]
    assert shown == found(operator, bob)
    assert set(shown) == {
        "id", "name", "email", "role", "is_banned", "banned_at", "created_at", "last_sign_in_at", "spaces",
    }  # fmt: skip
    assert (shown["name"], shown["role"], shown["is_banned"], shown["spaces"]) == ("Bob", "user", False, 1)
    kid = alice.post(f"/spaces/{alice.space}/members", {"name": "Kid"}).json()["user"]["id"]
    assert operator.get(f"/admin/users/{kid}").status_code == 404
    assert operator.get("/admin/users?limit=1").json()["pagination"]["next_cursor"]
    assert operator.get("/admin/users?is_banned=true&q=" + bob.email).json()["items"] == []


def test_managers_of_the_install_see_and_change_nothing(operator, alice, mary, bob):
    install_role(mary, "manager")
    assert found(mary, bob)["email"] == bob.email
    assert mary.get("/admin/activity").status_code == 200
    path = f"/admin/users/{bob.id}"
    for answer in (
        mary.patch(path, {"role": "admin"}),
        mary.delete(path),
        alice.get(path),
        alice.get("/admin/activity"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission.role")
    for page in ("people", "activity", "invitations"):
        assert alice.client.get(f"/install/{page}").status_code == 403
    assert mary.client.get("/install/people").status_code == 200
    assert mary.client.post(f"/install/people/{bob.id}/ban").status_code == 403


def test_running_the_install_opens_no_space(operator, alice):
    item = alice.post("/media", {"title": "Solaris", "media_type": "movie"}).json()["id"]
    assert alice.get(f"/media/{item}").status_code == 200
    assert operator.get(f"/media/{item}").status_code == 404
    assert operator.get(f"/spaces/{alice.space}").status_code == 404
    assert operator.get(f"/spaces/{alice.space}/activity").status_code == 404
    alice.post("/libraries", {"name": "Attic"})
    actions = {each["action"] for each in operator.get("/admin/activity?limit=200").json()["items"]}
    assert "library.created" not in actions


def test_what_a_persons_own_events_tell_stays_theirs(operator, bob):
    assert bob.post("/auth/api-tokens", {"name": "secret-scheme"}).status_code == 201
    (event,) = operator.get(f"/admin/activity?action=token.created&user_id={bob.id}").json()["items"]
    assert event["details"] == {}
    assert operator.get("/admin/activity?q=secret-scheme").json()["items"] == []


def test_a_banned_person_is_out_at_once(operator, alice, bob):
    token = bob.post("/auth/api-tokens", {"name": "t"}).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/auth/me", headers=bearer).status_code == 200
    answer = operator.patch(f"/admin/users/{bob.id}", {"is_banned": True})
    assert (answer.status_code, answer.json()["is_banned"]) == (200, True)
    assert bob.get("/auth/me").status_code == 401
    assert Client().get("/api/auth/me", headers=bearer).status_code == 401
    body = {"email": bob.email, "password": PASSWORD}
    door = Client(REMOTE_ADDR="10.78.0.1")
    assert door.post("/api/auth/login", body, content_type="application/json").status_code == 401
    assert operator.patch(f"/admin/users/{bob.id}", {"is_banned": False}).json()["banned_at"] is None
    assert bob.get("/auth/me").status_code == 401
    assert door.post("/api/auth/login", body, content_type="application/json").status_code == 200
    actions = [
        each["action"] for each in operator.get(f"/admin/activity?user_id={operator.id}").json()["items"]
    ]
    assert actions[:2] == ["user.unbanned", "user.banned"]


def test_roles_of_the_install_change_and_one_administrator_stays(operator, bob):
    assert operator.patch(f"/admin/users/{bob.id}", {"role": "manager"}).json()["role"] == "manager"
    assert operator.patch(f"/admin/users/{bob.id}", {"role": "owner"}).status_code == 400
    assert operator.patch(f"/admin/users/{operator.id}", {"is_banned": True}).json()["code"] == "user.oneself"
    missing = operator.patch(f"/admin/users/{show_id('user', new_id())}", {"role": "user"})
    assert missing.status_code == 404


def test_two_administrators_who_demote_each_other_leave_one(empty_install):
    first, second = make_household("One").admin, make_household("Two").admin
    for each in (first, second):
        install_role(each, "admin")
    gate, statuses = threading.Barrier(2), []

    def demote(actor, other) -> None:
        try:
            gate.wait()
            statuses.append(actor.patch(f"/admin/users/{other.id}", {"role": "user"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(200) == 1
    assert everything("select count(*) from users where role = 'admin'") == [(1,)]


def test_deleting_a_person_takes_what_is_theirs_alone(operator, alice, bob):
    own = make_household("Alone").admin
    item = bob.post("/media", {"title": "Solaris", "media_type": "movie"}).json()["id"]
    assert operator.delete(f"/admin/users/{bob.id}").status_code == 204
    assert bob.get("/auth/me").status_code == 401
    assert alice.get(f"/media/{item}").json()["added_by"] is None
    assert operator.delete(f"/admin/users/{own.id}").status_code == 204
    assert everything("select count(*) from spaces where id = %s", [own.household.space_id]) == [(0,)]
    assert operator.delete(f"/admin/users/{bob.id}").status_code == 404
    assert operator.delete(f"/admin/users/{operator.id}").json()["code"] == "user.oneself"
    deleted = operator.get("/admin/activity?action=person.deleted").json()["items"]
    assert len(deleted) >= 2


def test_the_last_admin_of_others_is_not_deleted(operator, alice, bob):
    answer = operator.delete(f"/admin/users/{alice.id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "member.last_admin")
    alice.patch(f"/spaces/{alice.space}/members/{membership(bob)}", {"role": "admin"})
    assert operator.delete(f"/admin/users/{alice.id}").status_code == 204
    assert bob.get(f"/spaces/{bob.space}").status_code == 200


def test_plain_sql_as_the_application_governs_nobody(alice, bob, operator):
    """Neither the gate's inner functions nor its doors, for whoever does not run the install."""
    for statement, message in (
        ("select delete_person(%(id)s)", "permission denied"),
        ("select keep_an_operator(%(id)s)", "permission denied"),
        ("select delete_user(%(id)s)", r"permission\.role"),
        ("select change_user(%(id)s, 'admin', null)", r"permission\.role"),
    ):
        with (
            pytest.raises(DatabaseError, match=message),
            scope.of_person(alice.user_id, space=None, request_id="x"),
        ):
            db.execute(statement, {"id": bob.user_id})
    with scope.of_person(alice.user_id, space=None, request_id="x"):
        assert db.rows("select * from people_of_the_install(null)") == []
        assert db.rows("select * from install_events(null, null, null, null, null, null, '{}', 10)") == []
    with scope.of_person(operator.user_id, space=None, request_id="x"):
        assert db.rows("select * from people_of_the_install(null)") != []


def test_the_pages_find_change_and_delete(operator, bob):
    page = operator.client.get(f"/install/people?q={bob.email}").content.decode()
    assert bob.email in page
    assert operator.email not in page.split('class="people measure"')[1]
    base = f"/install/people/{bob.id}"
    assert f'href="{base}" data-drawer' in page
    assert "Delete Bob" in operator.client.get(base).content.decode()
    assert "<html" not in operator.client.get(base, headers={"HX-Request": "true"}).content.decode()
    assert operator.client.post(f"{base}/role", {"role": "manager"}).status_code == 303
    assert operator.client.post(f"{base}/role", {"role": "owner"}).status_code == 422
    assert operator.client.post(f"{base}/ban").status_code == 303
    assert found(operator, bob)["is_banned"] is True
    assert operator.client.post(f"{base}/ban", {"lift": "yes"}).status_code == 303
    refused = operator.client.post(f"{base}/delete", {"confirm_email": "someone else"})
    assert refused.status_code == 422
    assert "Type the address" in refused.content.decode()
    assert operator.client.post(f"{base}/delete", {"confirm_email": bob.email}).status_code == 303
    assert operator.get(f"/admin/users/{bob.id}").status_code == 404
    log = operator.client.get("/install/activity?action=person.deleted").content.decode()
    assert "deleted the account" in log
    assert operator.client.get("/install/activity?from=soon").status_code == 422
