"""P6: profile, preferences, password, one's data, and leaving."""

import pytest
from django.db import DatabaseError
from django.test import Client

from mediatheque.core import db
from mediatheque.core import scope as scopes
from mediatheque.core.ids import new_id
from mediatheque.people.actions import reset_password
from mediatheque.spaces.joining import create_admin
from tests.people.test_signing_in import login
from tests.support import PASSWORD, everything


def test_the_profile_is_changed_field_by_field(alice):
    answer = alice.patch(
        "/auth/me", {"name": "Alice B.", "bio": "Collects.", "preferences": {"theme": "dark"}}
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["user"]["name"] == "Alice B."
    answer = alice.patch("/auth/me", {"preferences": {"region": "DE"}})
    assert answer.json()["user"]["preferences"] == {"theme": "dark", "region": "DE"}
    answer = alice.patch("/auth/me", {"preferences": {"theme": None}})
    assert answer.json()["user"] == alice.get("/auth/me").json()["user"]
    assert answer.json()["user"]["preferences"] == {"region": "DE"}
    assert answer.json()["user"]["bio"] == "Collects."


def test_unknown_preferences_and_values_are_refused_by_name(alice):
    answer = alice.patch("/auth/me", {"preferences": {"colour": "red"}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "preferences.colour")
    assert alice.patch("/auth/me", {"preferences": {"theme": "pink"}}).status_code == 400
    answer = alice.patch("/auth/me", {"preferences": {"time_zone": "Mars/Olympus"}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "preferences.time_zone")
    assert alice.get("/auth/me").json()["user"]["preferences"] == {}


def test_the_preferences_schema_is_published():
    schema = Client().get("/api/auth/preferences-schema").json()
    assert set(schema["properties"]) == {
        "theme", "language", "region", "default_library", "time_zone", "default_visibility", "streaming_services",
    }  # fmt: skip
    assert schema["additionalProperties"] is False


def test_a_foreign_default_library_reads_like_a_missing_one(alice, charlie):
    own = alice.patch("/auth/me", {"preferences": {"default_library": alice.library}})
    assert own.status_code == 200
    missing = "lib_00000000000000000000000000"
    for library in (charlie.library, missing, alice.space, "no id"):
        answer = alice.patch("/auth/me", {"preferences": {"default_library": library}})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (
            404,
            "preferences.default_library",
        )


def test_a_new_password_ends_every_other_session(alice):
    other = Client()
    login(other, alice.email)
    assert other.get("/api/auth/me").status_code == 200
    answer = alice.patch("/auth/me", {"current_password": PASSWORD, "password": "a new long password"})
    assert answer.status_code == 200, answer.content
    assert other.get("/api/auth/me").status_code == 401
    assert alice.get("/auth/me").status_code == 200
    assert login(Client(), alice.email).status_code == 401
    assert login(Client(), alice.email, "a new long password").status_code == 200
    events = everything(
        "select details->>'password_changed' from events where action = 'profile.changed' and owner_id = %s",
        [alice.user_id],
    )
    assert events == [("true",)]


def test_a_new_password_needs_the_current_one(alice):
    missing = alice.patch("/auth/me", {"password": "a new long password"})
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "current_password")
    wrong = alice.patch("/auth/me", {"password": "a new long password", "current_password": "guess"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "current_password")
    assert login(Client(), alice.email).status_code == 200


def test_a_refused_change_leaves_nothing(alice):
    body = {
        "name": "Half",
        "preferences": {"theme": "dark"},
        "password": "short",
        "current_password": PASSWORD,
    }
    assert alice.patch("/auth/me", body).status_code == 422
    assert alice.get("/auth/me").json()["user"]["name"] == "Alice"
    assert alice.get("/auth/me").json()["user"]["preferences"] == {}


def test_the_operator_resets_a_password(alice):
    password = reset_password(alice.email)
    assert alice.get("/auth/me").status_code == 401
    assert login(Client(), alice.email).status_code == 401
    assert login(Client(), alice.email, password).status_code == 200


def test_the_operator_makes_an_administrator():
    password = create_admin(email="root@example.org", name="Root")
    answer = login(Client(), "root@example.org", password)
    assert answer.json()["user"]["role"] == "admin"
    assert answer.json()["active"]["space"]["role"] == "admin"


def test_ones_data_can_be_taken_along(alice):
    answer = alice.get("/auth/me/data")
    assert answer.json()["user"]["email"] == alice.email
    assert [each["id"] for each in answer.json()["spaces"]] == [alice.space]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_leaving_takes_account_and_own_household(alice):
    assert alice.delete("/auth/me", {"password": "not mine"}).status_code == 422
    assert alice.delete("/auth/me", {"password": PASSWORD}).status_code == 204
    assert everything("select count(*) from users where id = %s", [alice.user_id]) == [(0,)]
    assert everything("select count(*) from spaces where id = %s", [alice.household.space_id]) == [(0,)]
    assert alice.get("/auth/me").status_code == 401


def test_leaving_purges_what_was_private_from_the_trail(alice):
    assert alice.post("/media", {"title": "Alien", "media_type": "movie"}).status_code == 201
    everything(
        "insert into entries (id, user_id, kind, title, status, notes, visibility, notes_visibility, on_watchlist, "
        "set_aside, set_aside_reason, added_at, person_fields, import_fields) values (%s, %s, 'movie', 'Alien', "
        "'completed', 'my secret', 'shared', 'private', false, false, '', now(), '{}', '{}')",
        [new_id(), alice.user_id],
    )
    private = "select count(*) from audit_changes where owner_id = %s and table_name <> 'users'"
    assert everything(private, [alice.user_id]) == [(1,)]
    assert alice.delete("/auth/me", {"password": PASSWORD}).status_code == 204
    assert everything(private, [alice.user_id]) == [(0,)]
    kept = "select action from audit_changes where table_name = 'users' and row_id = %s order by id"
    assert everything(kept, [alice.user_id])[-1] == ("delete",)


def test_the_last_admin_of_others_cannot_leave(alice, bob):
    answer = alice.delete("/auth/me", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "member.last_admin")
    assert everything("select count(*) from users where id = %s", [alice.user_id]) == [(1,)]
    assert bob.delete("/auth/me", {"password": PASSWORD}).status_code == 204
    assert alice.get(f"/spaces/{alice.space}/members").json()["pagination"]["total"] == 1


def test_what_a_person_added_stays_without_them(alice, bob):
    library = alice.post("/libraries", {"name": "Shared"}).json()["id"]
    everything("update libraries set created_by = %s where name = 'Shared'", [bob.user_id])
    assert bob.delete("/auth/me", {"password": PASSWORD}).status_code == 204
    assert alice.get(f"/libraries/{library}").json()["created_by"] is None


def test_the_application_reads_no_secrets_of_people(alice):
    """Names are open to it, addresses, hashes, sessions and tokens are not."""
    with scopes.nobody():
        assert db.value("select name from users where id = %s", [alice.user_id]) == "Alice"
    for sql in (
        "select email from users",
        "select password from users",
        "select key_hash from sessions",
        "select token_hash from tokens",
        "update users set role = 'admin'",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), scopes.nobody():
            db.execute(sql)
