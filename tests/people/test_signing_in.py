"""P2, P3: sign-in and sessions, and what must be dead afterwards."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings

from mediatheque.core.clock import at
from mediatheque.core.scope import digest
from mediatheque.people import jobs
from tests.support import PASSWORD, everything


def login(client: Client, email: str, password: str = PASSWORD, **headers: str):
    body = json.dumps({"email": email, "password": password})
    return client.post("/api/auth/login", body, content_type="application/json", headers=headers)


def session_of(key: str):
    return everything("select id from sessions where key_hash = %s", [digest(key)])


def test_sign_in_answers_like_me_and_sets_the_cookie(alice):
    client = Client()
    answer = login(client, alice.email.upper())
    assert answer.status_code == 200, answer.content
    assert answer.cookies["session"]["httponly"] is True
    assert answer.cookies["session"]["samesite"] == "Strict"
    assert answer.json() == client.get("/api/auth/me").json()
    assert answer.json()["user"] == {
        "id": alice.id,
        "name": "Alice",
        "email": alice.email,
        "role": "user",
        "bio": "",
        "avatar_url": None,
        "preferences": {},
    }


def test_the_cookie_is_secure_in_production(alice):
    with override_settings(SESSION_COOKIE_SECURE=True):
        assert login(Client(), alice.email).cookies["session"]["secure"] is True


def test_known_unknown_and_kept_addresses_answer_alike(alice):
    wrong = login(Client(), alice.email, "not the password")
    unknown = login(Client(), "nobody@example.org", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_a_banned_person_cannot_sign_in_and_their_session_stops(alice):
    assert alice.get("/auth/me").status_code == 200
    everything("update users set banned_at = now() where id = %s", [alice.user_id])
    assert alice.get("/auth/me").status_code == 401
    assert login(Client(), alice.email).json()["code"] == "auth.failed"


def test_sign_in_rotates_the_session_and_the_csrf_token(alice):
    """A key that was put into the browser before sign-in opens nothing afterwards."""
    client = Client()
    first = login(client, alice.email)
    planted, csrf = first.cookies["session"].value, first.cookies["csrftoken"].value
    second = login(client, alice.email)
    assert second.cookies["session"].value != planted
    assert second.cookies["csrftoken"].value != csrf
    assert session_of(planted) == []
    stale = Client()
    stale.cookies["session"] = planted
    assert stale.get("/api/auth/me").status_code == 401


def test_a_session_somebody_else_chose_is_never_taken_over(alice):
    client = Client()
    client.cookies["session"] = "chosen by an attacker"
    assert login(client, alice.email).cookies["session"].value != "chosen by an attacker"


def test_sign_out_kills_the_session(alice):
    assert alice.get("/auth/me").status_code == 200
    assert alice.post("/auth/logout").status_code == 204
    alice.client.cookies["session"] = alice.session_key
    assert alice.get("/auth/me").status_code == 401
    assert session_of(alice.session_key) == []


def test_an_expired_session_is_dead(alice):
    everything("update sessions set expires_at = now() where user_id = %s", [alice.user_id])
    assert alice.get("/auth/me").status_code == 401


def test_a_cookie_without_csrf_token_changes_nothing(alice):
    strict = Client(enforce_csrf_checks=True)
    key = login(strict, alice.email)
    assert key.status_code == 200
    body = json.dumps({"name": "Mallory"})
    answer = strict.patch("/api/auth/me", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf.failed")
    assert everything("select name from users where id = %s", [alice.user_id]) == [("Alice",)]
    token = strict.cookies["csrftoken"].value
    answer = strict.patch(
        "/api/auth/me", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 200, answer.content


def test_ten_failures_close_the_account_for_a_while(alice):
    start = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
    with at(start):
        for _ in range(10):
            assert login(Client(), alice.email, "wrong guess").status_code == 401
        refused = login(Client(), alice.email)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 901
    with at(start + timedelta(minutes=15)):
        assert login(Client(), alice.email).status_code == 200


def test_successful_sign_ins_do_not_count(alice):
    for _ in range(12):
        assert login(Client(), alice.email).status_code == 200


def test_guessing_spread_over_accounts_is_held_by_address(alice):
    with override_settings(TRUST_PROXY=1):
        start = datetime(2030, 5, 2, 12, 0, tzinfo=UTC)
        with at(start):
            for number in range(50):
                spread = {"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.9"}
                assert login(Client(), f"guess{number}@example.org", "wrong", **spread).status_code == 401
            here = {"X-Forwarded-For": "10.9.9.9, 203.0.113.9"}
            assert login(Client(), alice.email, PASSWORD, **here).status_code == 429
            elsewhere = {"X-Forwarded-For": "10.9.9.9, 203.0.113.10"}
            assert login(Client(), alice.email, PASSWORD, **elsewhere).status_code == 200


def test_a_forwarded_address_is_not_believed_without_a_proxy(alice):
    login(Client(), alice.email, **{"X-Forwarded-For": "203.0.113.77"})
    rows = everything(
        "select address from sessions where user_id = %s order by created_at desc", [alice.user_id]
    )
    assert rows[0] == ("127.0.0.1",)


def test_the_oldest_session_goes_beyond_the_maximum(alice):
    with override_settings(MAX_SESSIONS_PER_PERSON=3):
        everything(
            "update sessions set last_seen_at = now() - interval '1 day' where user_id = %s", [alice.user_id]
        )
        for _ in range(3):
            login(Client(), alice.email)
    assert everything("select count(*) from sessions where user_id = %s", [alice.user_id]) == [(3,)]
    assert session_of(alice.session_key) == []


def test_sign_in_leaves_expired_sessions_to_the_job(alice):
    everything(
        "update sessions set expires_at = now() - interval '1 day' where user_id = %s", [alice.user_id]
    )
    login(Client(), alice.email)
    assert len(session_of(alice.session_key)) == 1
    jobs.prune_expired.func(0)
    assert session_of(alice.session_key) == []
    assert everything("select count(*) from sessions where user_id = %s", [alice.user_id]) == [(1,)]


def test_sessions_are_listed_for_oneself_alone(alice, charlie):
    mine = alice.get("/auth/sessions").json()["items"]
    assert [(each["current"], each["user_agent"], each["address"]) for each in mine] == [
        (True, "test", "127.0.0.1")
    ]
    theirs = charlie.get("/auth/sessions").json()["items"]
    assert {each["id"] for each in mine}.isdisjoint({each["id"] for each in theirs})


def test_a_foreign_session_cannot_be_ended(alice, charlie):
    session = charlie.get("/auth/sessions").json()["items"][0]["id"]
    assert alice.delete(f"/auth/sessions/{session}").status_code == 404
    assert charlie.delete(f"/auth/sessions/{session}").status_code == 204
    assert charlie.get("/auth/me").status_code == 401


def test_ending_the_others_keeps_this_one(alice):
    other = Client()
    login(other, alice.email)
    assert other.get("/api/auth/me").status_code == 200
    assert alice.delete("/auth/sessions").status_code == 204
    assert other.get("/api/auth/me").status_code == 401
    assert alice.get("/auth/me").status_code == 200
    assert alice.delete("/auth/sessions?all=true").status_code == 204
    assert alice.get("/auth/me").status_code == 401


def test_a_bcrypt_hash_is_accepted_and_upgraded(alice):
    from django.contrib.auth.hashers import make_password

    everything(
        "update users set password = %s where id = %s",
        [make_password(PASSWORD, hasher="bcrypt"), alice.user_id],
    )
    assert login(Client(), alice.email).status_code == 200
    ((upgraded,),) = everything("select password from users where id = %s", [alice.user_id])
    assert upgraded.startswith("argon2$argon2id$")
    assert login(Client(), alice.email).status_code == 200


def test_the_product_hashes_with_argon2id():
    assert settings.PASSWORD_HASHERS[1].endswith("Argon2PasswordHasher")


@pytest.mark.parametrize("action", ["sign_in", "sign_in.failed"])
def test_signing_in_is_an_event_of_the_person(alice, action):
    login(Client(), alice.email, PASSWORD if action == "sign_in" else "wrong guess")
    rows = everything(
        "select owner_id from events where action = %s and owner_id = %s", [action, alice.user_id]
    )
    assert rows == [(alice.user_id,)]
