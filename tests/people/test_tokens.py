"""P4: token pairs that rotate, personal tokens with scopes, and what kills them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from mediatheque.core.scope import digest
from tests.support import PASSWORD, everything


def post(path: str, body: Any, token: str | None = None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client().post(f"/api{path}", json.dumps(body), content_type="application/json", headers=headers)


def get(path: str, token: str):
    return Client().get(f"/api{path}", headers={"Authorization": f"Bearer {token}"})


def pair_of(alice) -> dict[str, Any]:
    answer = post("/auth/token", {"email": alice.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return answer.json()


def api_token(alice, **body: Any) -> str:
    answer = alice.post("/auth/api-tokens", {"name": "script", **body})
    assert answer.status_code == 201, answer.content
    return answer.json()["token"]


def test_a_pair_opens_and_says_how_long(alice):
    pair = pair_of(alice)
    assert set(pair) == {"access_token", "refresh_token", "expires_in"}
    assert pair["expires_in"] == 1800
    assert get("/auth/me", pair["access_token"]).json()["user"]["id"] == alice.id


def test_a_refresh_token_opens_nothing_itself(alice):
    assert get("/auth/me", pair_of(alice)["refresh_token"]).status_code == 401


def test_only_hashes_are_stored(alice):
    pair = pair_of(alice)
    hashes = {
        row[0] for row in everything("select token_hash from tokens where user_id = %s", [alice.user_id])
    }
    assert hashes == {digest(pair["access_token"]), digest(pair["refresh_token"])}


def test_refreshing_rotates(alice):
    pair = pair_of(alice)
    fresh = post("/auth/token/refresh", {"refresh_token": pair["refresh_token"]})
    assert fresh.status_code == 200
    assert fresh.json()["refresh_token"] != pair["refresh_token"]
    assert get("/auth/me", fresh.json()["access_token"]).status_code == 200


def test_reuse_of_a_spent_refresh_token_revokes_its_family(alice):
    stolen, other = pair_of(alice), pair_of(alice)
    fresh = post("/auth/token/refresh", {"refresh_token": stolen["refresh_token"]}).json()
    assert get("/auth/me", fresh["access_token"]).status_code == 200
    again = post("/auth/token/refresh", {"refresh_token": stolen["refresh_token"]})
    assert (again.status_code, again.json()["code"]) == (401, "token.invalid")
    assert get("/auth/me", fresh["access_token"]).status_code == 401
    assert get("/auth/me", stolen["access_token"]).status_code == 401
    assert post("/auth/token/refresh", {"refresh_token": fresh["refresh_token"]}).status_code == 401
    assert get("/auth/me", other["access_token"]).status_code == 200


def test_revoking_ends_the_family_and_is_silent_about_unknown_tokens(alice):
    pair = pair_of(alice)
    assert post("/auth/token/revoke", {"token": pair["refresh_token"]}).status_code == 204
    assert get("/auth/me", pair["access_token"]).status_code == 401
    assert post("/auth/token/revoke", {"token": "mdr_unknown"}).status_code == 204


def test_a_wrong_password_gives_no_token(alice):
    assert post("/auth/token", {"email": alice.email, "password": "wrong"}).status_code == 401


def test_a_banned_person_gets_no_fresh_pair(alice):
    pair = pair_of(alice)
    everything("update users set banned_at = now() where id = %s", [alice.user_id])
    assert get("/auth/me", pair["access_token"]).status_code == 401
    assert post("/auth/token/refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401


def test_signing_out_with_a_token_revokes_its_family(alice):
    pair = pair_of(alice)
    assert post("/auth/logout", {}, pair["access_token"]).status_code == 204
    assert get("/auth/me", pair["access_token"]).status_code == 401
    assert post("/auth/token/refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401


def test_a_personal_token_is_shown_once(alice):
    token = api_token(alice)
    assert token.startswith("mdq_")
    (listed,) = alice.get("/auth/api-tokens").json()["items"]
    assert "token" not in listed
    assert (listed["name"], listed["scopes"], listed["space"]) == ("script", ["read", "write"], None)
    assert get("/auth/me", token).status_code == 200


def test_a_reading_token_does_not_write(alice):
    token = api_token(alice, scopes=["read"])
    assert get("/libraries", token).status_code == 200
    answer = post("/libraries", {"name": "Attic"}, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "token.scope")
    assert post("/libraries", {"name": "Attic"}, api_token(alice)).status_code == 201


def test_a_personal_token_makes_no_further_tokens_and_ends_no_sessions(alice):
    token = api_token(alice)
    answer = post("/auth/api-tokens", {"name": "second"}, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "token.scope")
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().delete("/api/auth/sessions?all=true", headers=headers).status_code == 403
    assert alice.get("/auth/me").status_code == 200


def test_a_token_bound_to_a_space_opens_no_other_and_nothing_personal(alice):
    second = alice.post("/spaces", {"name": "Second"}).json()["id"]
    token = api_token(alice, space=second)
    me = get("/auth/me", token).json()
    assert [each["id"] for each in me["spaces"]] == [second]
    assert get(f"/spaces/{alice.space}", token).status_code == 404
    assert alice.get(f"/spaces/{alice.space}").status_code == 200
    assert get("/auth/sessions", token).status_code == 403
    assert (
        get("/auth/sessions", api_token(alice, space=second, scopes=["read", "personal"])).status_code == 200
    )
    assert post("/spaces", {"name": "Third"}, token).status_code == 403


def test_a_token_for_a_foreign_space_is_404_at_its_field(alice, charlie):
    answer = alice.post("/auth/api-tokens", {"name": "spy", "space": charlie.space})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "space")


def test_a_revoked_or_expired_token_is_dead(alice):
    token = api_token(alice)
    (listed,) = alice.get("/auth/api-tokens").json()["items"]
    assert alice.delete(f"/auth/api-tokens/{listed['id']}").status_code == 204
    assert get("/auth/me", token).status_code == 401
    token = api_token(alice, expires_at=(datetime.now(UTC) + timedelta(days=365)).isoformat())
    assert get("/auth/me", token).status_code == 200
    everything("update tokens set expires_at = now() where token_hash = %s", [digest(token)])
    assert get("/auth/me", token).status_code == 401


def test_an_expiry_in_the_past_or_an_unknown_scope_is_refused(alice):
    past = alice.post("/auth/api-tokens", {"name": "old", "expires_at": "2001-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "expires_at")
    assert alice.post("/auth/api-tokens", {"name": "root", "scopes": ["admin"]}).status_code == 400


def test_a_foreign_token_cannot_be_revoked(alice, charlie):
    api_token(charlie)
    (theirs,) = charlie.get("/auth/api-tokens").json()["items"]
    assert alice.delete(f"/auth/api-tokens/{theirs['id']}").status_code == 404
    assert len(charlie.get("/auth/api-tokens").json()["items"]) == 1
