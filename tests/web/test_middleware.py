"""What the middleware decides for every request."""

import json
from io import BytesIO

from django.test import Client

from tests.support import PASSWORD


def login(actor, **headers):
    body = json.dumps({"email": actor.email, "password": PASSWORD})
    return Client(enforce_csrf_checks=True).post(
        "/api/auth/login", body, content_type=headers.pop("type", "application/json"), headers=headers
    )


def test_sign_in_from_another_site_is_refused(alice):
    assert login(alice).status_code == 200
    assert login(alice, Origin="http://testserver").status_code == 200
    assert login(alice, Origin="http://evil.example").json()["code"] == "csrf.failed"
    assert login(alice, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert login(alice, type="text/plain").status_code == 403


def test_head_answers_like_get_without_a_body(alice):
    for path in ("/api/health", "/api/media"):
        answer = alice.client.head(path)
        assert answer.status_code == 200
        assert answer.content == b""


def test_unknown_parameters_are_refused_by_name_on_every_list(alice):
    for path in ("/api/media", "/api/spaces", "/api/libraries", "/api/sync-jobs"):
        answer = alice.client.get(f"{path}?nonsense=1")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "nonsense"


def test_a_key_used_with_another_file_is_refused(alice):
    def send(text):
        file = BytesIO(f"title,year\n{text},2000\n".encode())
        file.name = "list.csv"
        return alice.client.post("/api/media/import-csv", {"file": file}, headers={"Idempotency-Key": "k"})

    first = send("One")
    assert first.status_code == 202
    assert send("One").json() == {k: v for k, v in first.json().items() if k != "url"}
    assert send("Two").json()["code"] == "idempotency.other_body"


def test_two_files_or_one_of_another_name_are_refused(alice):
    files = [BytesIO(b"title\nOne\n"), BytesIO(b"title\nTwo\n")]
    for number, file in enumerate(files):
        file.name = f"{number}.csv"
    assert alice.client.post("/api/media/import-csv", {"file": files}).status_code == 400
    files[0].seek(0)
    files[1].seek(0)
    answer = alice.client.post("/api/media/import-csv", {"file": files[0], "other": files[1]})
    assert answer.status_code == 400


def test_numbers_without_end_and_far_times_are_refused(alice):
    path = f"/api/spaces/{alice.space}"
    for text in ('{"metadata": {"a": NaN}}', '{"metadata": {"a": 1e400}}'):
        assert alice.client.patch(path, text, content_type="application/json").status_code == 400
    for time in ("9999-12-31T23:59:59-23:59", "9999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"):
        answer = alice.post("/auth/api-tokens", {"name": "e", "scopes": ["read"], "expires_at": time})
        assert answer.status_code in (400, 422)


def test_a_token_bound_to_a_space_opens_nothing_of_ones_own(alice):
    media = alice.post("/media", {"title": "Night Ferry", "media_type": "movie", "own": {"rating": 7}}).json()
    assert media["own"]["rating"] == 7
    made = alice.post(
        "/auth/api-tokens", {"name": "bound", "scopes": ["read", "write"], "space": alice.space}
    )
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    client = Client(headers=bearer)
    assert client.get(f"/api/media/{media['id']}").json()["own"] is None
    answer = client.patch(
        f"/api/media/{media['id']}", '{"own": {"rating": 3}}', content_type="application/json"
    )
    assert answer.status_code == 403
    assert (
        client.post("/api/invitations", '{"email": "x@y.org"}', content_type="application/json").status_code
        == 403
    )
