"""P6, P8, P10: roles, leaving, people kept by a household, and the last admin."""

import threading

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from mediatheque.core import db, scope
from mediatheque.core.ids import new_id, show_id
from tests.support import everything


def membership(actor) -> str:
    rows = everything(
        "select id from memberships where user_id = %s and space_id = %s",
        [actor.user_id, actor.household.space_id],
    )
    return show_id("membership", rows[0][0])


def role(actor) -> str:
    rows = everything(
        "select role from memberships where user_id = %s and space_id = %s",
        [actor.user_id, actor.household.space_id],
    )
    return rows[0][0]


def test_members_are_listed_with_when_they_joined(alice, bob):
    members = alice.get(f"/spaces/{alice.space}/members").json()["items"]
    assert [set(each) for each in members] == [{"id", "user", "role", "joined_at", "suspended_at"}] * 2
    assert [each["user"] for each in members] == [
        {"id": alice.id, "name": "Alice", "email": alice.email},
        {"id": bob.id, "name": "Bob", "email": bob.email},
    ]
    whole = alice.get(f"/spaces/{alice.space}/members/{membership(bob)}").json()
    assert {name: whole[name] for name in members[1]} == members[1]
    assert whole["profile"] == {"bio": "", "avatar_url": None}
    assert whole["activity"] == {"last_sign_in_at": None, "media_added": 0, "last_edit_at": None, "score": 0}


def test_a_foreign_membership_reads_like_a_missing_one(alice, charlie):
    own = f"/spaces/{charlie.space}/members/{membership(charlie)}"
    assert charlie.get(own).status_code == 200
    for member in (membership(alice), show_id("membership", new_id())):
        path = f"/spaces/{charlie.space}/members/{member}"
        assert charlie.get(path).status_code == 404
        assert charlie.patch(path, {"role": "member"}).status_code == 404
        assert charlie.delete(path).status_code == 404
    assert role(alice) == "admin"


def test_an_admin_changes_roles(alice, bob):
    answer = alice.patch(f"/spaces/{alice.space}/members/{membership(bob)}", {"role": "manager"})
    assert (answer.status_code, answer.json()["role"]) == (200, "manager")
    events = everything(
        "select details->>'before', details->>'after' from events where action = 'member.role_changed' "
        "and space_id = %s",
        [alice.household.space_id],
    )
    assert events == [("member", "manager")]


@pytest.mark.parametrize("who", ["bob", "mary"])
def test_nobody_promotes_themselves(request, alice, who):
    actor = request.getfixturevalue(who)
    before = role(actor)
    path = f"/spaces/{alice.space}/members/{membership(actor)}"
    assert actor.get(path).status_code == 200
    answer = actor.patch(path, {"role": "admin"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission.role")
    assert role(actor) == before


ATTACKS = {
    "promote": "update memberships set role = 'admin' where user_id = %(me)s",
    "join": "insert into memberships (id, space_id, user_id, kind, role, joined_at, metadata) values "
    "(%(id)s, %(foreign)s, %(me)s, 'household', 'admin', now(), '{}')",
    "open a limited library": "insert into library_members (id, space_id, library_id, user_id) values "
    "(%(id)s, %(space)s, %(library)s, %(me)s)",
    "invite oneself": "insert into invitations (id, space_id, email, email_key, role, anyone, token_hash, status, "
    "expires_at) values (%(id)s, %(foreign)s, 'x', 'x', 'admin', true, '\\x00', 'pending', 'infinity')",
    "raise an invitation": "update invitations set role = 'admin'",
    "remove the admin": "delete from memberships where role = 'admin'",
    "found a space": "select found_space(%(id)s, 'x', 'x', 'household', 'en', 'UTC', %(id)s, 'x', %(id)s, %(me)s)",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_plain_sql_as_the_application_opens_nothing(alice, bob, charlie, attack):
    limited = alice.household.add_library("Secret", limited=True)
    values = {
        "me": bob.user_id,
        "id": new_id(),
        "space": alice.household.space_id,
        "foreign": charlie.household.space_id,
        "library": limited,
    }
    before = everything("select count(*), count(*) filter (where role = 'admin') from memberships")
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        scope.of_person(bob.user_id, space=None, request_id="attack"),
    ):
        db.execute(ATTACKS[attack], values)
    assert everything("select count(*), count(*) filter (where role = 'admin') from memberships") == before
    assert everything("select count(*) from library_members where library_id = %s", [limited]) == [(0,)]
    assert bob.get(f"/libraries/{show_id('library', limited)}").status_code == 404


def test_a_foreign_space_is_not_renamed_by_plain_sql(alice, charlie):
    sql, values = "update spaces set name = 'Mine' where id = %s", [alice.household.space_id]
    with scope.of_person(charlie.user_id, space=None, request_id="attack"):
        assert db.execute(sql, values) == 0
    with scope.of_person(alice.user_id, space=None, request_id="own"):
        assert db.execute(sql, values) == 1


def test_the_gate_itself_refuses_a_member(alice, bob):
    """Even where code forgot to ask."""
    other = everything("select id from memberships where user_id = %s", [bob.user_id])[0][0]
    for sql, values in (
        ("select set_member_role(%s, 'admin')", [other]),
        ("select limit_library(%s, true, array[]::uuid[])", [alice.household.library_id]),
        ("select delete_space(%s)", [alice.household.space_id]),
        ("select keep_person(%s, 'Kid', %s)", [new_id(), new_id()]),
    ):
        with pytest.raises(DatabaseError, match=r"permission\.role"), scope.of_person(
            bob.user_id, space=None, request_id="attack"
        ):  # fmt: skip
            db.execute(sql, values)


def test_the_last_admin_can_neither_leave_nor_be_demoted(alice, bob):
    path = f"/spaces/{alice.space}/members/{membership(alice)}"
    for answer in (alice.patch(path, {"role": "member"}), alice.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (409, "member.last_admin")
    assert alice.patch(path, {"role": "admin"}).status_code == 200
    alice.patch(f"/spaces/{alice.space}/members/{membership(bob)}", {"role": "admin"})
    assert alice.delete(path).status_code == 204
    assert bob.get(f"/spaces/{alice.space}").status_code == 200


def test_forty_demotions_at_once_leave_one_admin(alice):
    admins = [alice.household.add_person(f"Admin{number}", "admin") for number in range(40)]
    paths = [(each, f"/spaces/{alice.space}/members/{membership(each)}") for each in (alice, *admins)]
    statuses = []

    def demote(actor, path) -> None:
        try:
            statuses.append(actor.patch(path, {"role": "member"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=each) for each in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 40 + [409]
    left = everything(
        "select count(*) from memberships where space_id = %s and role = 'admin'", [alice.household.space_id]
    )
    assert left == [(1,)]


def test_a_member_leaves_and_an_admin_removes(alice, bob, mary):
    assert bob.delete(f"/spaces/{alice.space}/members/{membership(mary)}").status_code == 403
    assert bob.delete(f"/spaces/{alice.space}/members/{membership(bob)}").status_code == 204
    assert bob.get(f"/spaces/{alice.space}").status_code == 404
    assert mary.get(f"/spaces/{alice.space}").status_code == 200
    assert alice.delete(f"/spaces/{alice.space}/members/{membership(mary)}").status_code == 204
    assert mary.get(f"/spaces/{alice.space}").status_code == 404


def test_leaving_closes_limited_libraries(alice, bob):
    limited = alice.household.add_library("Secret", limited=True, admits=(bob,))
    assert bob.get(f"/libraries/{show_id('library', limited)}").status_code == 200
    bob.delete(f"/spaces/{alice.space}/members/{membership(bob)}")
    assert everything("select count(*) from library_members where library_id = %s", [limited]) == [(0,)]


def test_a_household_keeps_people_without_sign_in(alice, bob):
    assert bob.post(f"/spaces/{alice.space}/members", {"name": "Kid"}).status_code == 403
    answer = alice.post(f"/spaces/{alice.space}/members", {"name": "Kid"})
    assert answer.status_code == 201, answer.content
    kid = answer.json()
    assert (kid["user"]["name"], kid["user"]["email"], kid["role"]) == ("Kid", None, "member")
    names = [each["user"]["name"] for each in bob.get(f"/spaces/{alice.space}/members").json()["items"]]
    assert names == ["Alice", "Bob", "Kid"]
    assert alice.delete(f"/spaces/{alice.space}/members/{kid['id']}").status_code == 204
    assert everything(
        "select count(*) from users where name = 'Kid' and kept_by = %s", [alice.household.space_id]
    ) == [(0,)]


def test_a_person_kept_by_the_household_does_not_count_as_admin(alice):
    kid = alice.post(f"/spaces/{alice.space}/members", {"name": "Kid"}).json()["id"]
    alice.patch(f"/spaces/{alice.space}/members/{kid}", {"role": "admin"})
    assert alice.delete(f"/spaces/{alice.space}/members/{membership(alice)}").status_code == 409


def test_a_suspended_member_opens_nothing(alice, bob):
    assert bob.get(f"/spaces/{alice.space}").status_code == 200
    item = alice.post("/media", {"title": "Solaris", "media_type": "movie"}).json()["id"]
    token = bob.post("/auth/api-tokens", {"name": "t", "space": alice.space, "scopes": ["read"]}).json()[
        "token"
    ]
    path = f"/spaces/{alice.space}/members/{membership(bob)}"
    answer = alice.patch(path, {"suspended": True})
    assert answer.status_code == 200, answer.content
    assert answer.json()["suspended_at"] is not None
    assert bob.get(f"/spaces/{alice.space}").status_code == 404
    assert bob.get(f"/media/{item}").status_code == 404
    assert bob.get("/auth/me").json()["spaces"] == []
    assert bob.client.get(f"/s/{alice.household.slug}/").status_code == 404
    bearer = {"Authorization": f"Bearer {token}"}
    assert Client().get(f"/api/media/{item}", headers=bearer).status_code == 404
    again = alice.patch(path, {"suspended": True}).json()["suspended_at"]
    assert again == answer.json()["suspended_at"]
    assert alice.patch(path, {"suspended": False}).json()["suspended_at"] is None
    assert bob.get(f"/media/{item}").status_code == 200
    assert Client().get(f"/api/media/{item}", headers=bearer).status_code == 200
    events = everything(
        "select action from events where space_id = %s and action like 'member.%%' order by id",
        [alice.household.space_id],
    )
    assert events == [("member.suspended",), ("member.lifted",)]


def test_only_admins_suspend_and_nobody_themselves(alice, bob, mary):
    path = f"/spaces/{alice.space}/members"
    for actor in (bob, mary):
        refused = actor.patch(f"{path}/{membership(bob)}", {"suspended": True})
        assert (refused.status_code, refused.json()["code"]) == (403, "permission.role")
        with pytest.raises(DatabaseError, match=r"permission\.role"), scope.of_person(
            actor.user_id, space=None, request_id="attack"
        ):  # fmt: skip
            db.execute("select suspend_member(id, true) from memberships where user_id = %s", [alice.user_id])
    own = alice.patch(f"{path}/{membership(alice)}", {"suspended": True})
    assert (own.status_code, own.json()["code"]) == (409, "member.oneself")


def test_a_suspended_admin_counts_no_longer(alice, bob, mary):
    path = f"/spaces/{alice.space}/members"
    alice.patch(f"{path}/{membership(mary)}", {"role": "admin"})
    assert alice.patch(f"{path}/{membership(mary)}", {"suspended": True}).status_code == 200
    assert (
        alice.patch(f"{path}/{membership(alice)}", {"role": "member"}).json()["code"] == "member.last_admin"
    )


def test_two_admins_who_suspend_each_other_leave_one(alice, mary):
    path = f"/spaces/{alice.space}/members"
    alice.patch(f"{path}/{membership(mary)}", {"role": "admin"})
    pairs = [(alice, membership(mary)), (mary, membership(alice))]
    statuses = []

    def suspend(actor, other) -> None:
        try:
            statuses.append(actor.patch(f"{path}/{other}", {"suspended": True}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=suspend, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 200 in statuses
    left = everything(
        "select count(*) from memberships where space_id = %s and role = 'admin' and suspended_at is null",
        [alice.household.space_id],
    )
    assert left == [(1,)]


def test_a_member_shows_what_they_did_to_managers_and_themselves(alice, bob, mary):
    item = bob.post("/media", {"title": "Solaris", "media_type": "movie"}).json()["id"]
    bob.post("/media", {"title": "Mirror", "media_type": "movie"})
    hidden = alice.household.add_library("Attic", limited=True, admits=(bob,))
    bob.post("/media", {"title": "Stalker", "media_type": "movie", "library": show_id("library", hidden)})
    for notes in ("once", "twice"):
        assert bob.patch(f"/media/{item}", {"notes": notes}).status_code == 200
    bob.post(f"/media/{item}/variants", {"format": "DVD"})
    everything("update users set last_sign_in_at = now() where id = %s", [bob.user_id])
    path = f"/spaces/{alice.space}/members/{membership(bob)}"
    mine = bob.get(path).json()["activity"]
    assert (mine["media_added"], mine["score"]) == (3, 4)
    assert None not in (mine["last_sign_in_at"], mine["last_edit_at"])
    assert alice.get(path).json()["activity"] == mine
    shown = mary.get(path).json()["activity"]
    assert (shown["media_added"], shown["score"]) == (2, 3)
    assert bob.get(f"/spaces/{alice.space}/members/{membership(alice)}").json()["activity"] is None
    everything(
        "update audit_changes set at = now() - interval '91 days' where space_id = %s",
        [alice.household.space_id],
    )
    old = alice.get(path).json()["activity"]
    assert (old["media_added"], old["score"]) == (3, 0)
