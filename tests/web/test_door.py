"""The door answers as the rest of Django would, and steps aside for everything that is not plain (ADR 0007)."""

import os
import re

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from mediatheque.core import db
from mediatheque.core.ids import new_id, show_id
from mediatheque.web.door import Door
from tests.catalog.making import make
from tests.support import everything

PLAIN = ["/api/media", "/api/media?limit=1", "/api/media?library=all&q=film&genre=Drama&genre=War&page=1",
         "/api/media?library={library}&sort=year&dir=desc&total=true", "/api/media?q=%ED%A0%80",
         "/api/media/{media}", "/s/{slug}/", "/s/{slug}/library", "/s/{slug}/library/{library}",
         "/s/{slug}/library/{library}?view=table&sort=year&genre=War",
         "/s/{slug}/library?limit=1&media_type="]  # fmt: skip
NOT_PLAIN = ["/api/media?nonsense=1", "/api/media?limit=x", "/api/media?limit=1000", "/api/media?q=%00",
             "/api/media?cursor=x", "/api/media?library=lib_unknown",
             "/api/media?library={foreign_library}", "/api/media/{media}?x=1", "/api/media/{foreign}",
             "/api/media/{missing}", "/api/media/{media}/", "/api/media/nonsense", "/s/{foreign_slug}/",
             "/s/{slug}/library/{foreign_library}", "/s/{slug}/library/{library}?cursor=x",
             "/s/{slug}/library?year_min=x", "/s/{slug}/library/"]  # fmt: skip
CHANGING = ("X-Request-Id",)
FORM_TOKEN = re.compile(rb'csrfmiddlewaretoken" value="[^"]+"|req_[0-9a-f]{32}')


@pytest.fixture
def names(alice, charlie) -> dict[str, str]:
    make(alice, "Film 2", genres=["War"], own={"rating": 5})
    return {
        "media": make(alice, "Film 1", genres=["Drama"])["id"],
        "foreign": make(charlie, "Secret")["id"],
        "missing": show_id("media", new_id()),
        "library": alice.library,
        "foreign_library": charlie.library,
        "slug": alice.household.slug,
        "foreign_slug": charlie.household.slug,
    }


def without_the_door():
    return override_settings(MIDDLEWARE=[each for each in settings.MIDDLEWARE if "door" not in each])


def told(answer: HttpResponse) -> tuple[int, object, dict[str, str]]:
    body: object = FORM_TOKEN.sub(b"", answer.content)  # masked anew on every page
    if answer.content and "json" in answer["Content-Type"]:
        body = {name: value for name, value in answer.json().items() if name != "request_id"}
    headers = {name: value for name, value in answer.items() if name not in CHANGING}
    return answer.status_code, body, headers


def answered_at_the_door(cookie: str, path: str, **headers: str) -> HttpResponse | None:
    request = RequestFactory().get(path, headers={"cookie": f"session={cookie}", **headers})
    request.request_id = "req_t"
    aside = HttpResponse()
    answer = Door(lambda _: aside)(request)
    return None if answer is aside else answer


@pytest.mark.parametrize("path", PLAIN + NOT_PLAIN)
@pytest.mark.parametrize("method", ["get", "head", "delete", "post"])
def test_the_door_says_what_the_rest_says(path: str, method: str, alice, names) -> None:
    address = path.format(**names)
    headers = {"Accept-Language": "de"}
    if method == "delete" and path == "/api/media/{media}":
        return
    at_the_door = told(getattr(alice.client, method)(address, headers=headers))
    # A client keeps the handler, and with it the middleware, of its first request.
    client = Client(headers=headers)
    client.cookies = alice.client.cookies
    with without_the_door():
        assert told(getattr(client, method)(address)) == at_the_door


@pytest.mark.parametrize("path", PLAIN)
def test_the_door_answers_what_is_plain(path: str, alice, names) -> None:
    answer = answered_at_the_door(alice.session_key, path.format(**names))
    assert answer is not None
    assert answer.status_code == 200


@pytest.mark.parametrize("path", NOT_PLAIN)
def test_the_door_steps_aside_where_something_is_wrong(path: str, alice, names) -> None:
    assert answered_at_the_door(alice.session_key, path.format(**names)) is None


def test_the_door_steps_aside_for_nobody_and_for_other_spaces(alice, charlie, names) -> None:
    assert answered_at_the_door("unknown", "/api/media") is None
    assert answered_at_the_door("", "/api/media") is None
    assert answered_at_the_door(alice.session_key, "/api/media", x_space=charlie.space) is None
    assert answered_at_the_door(alice.session_key, "/api/media", x_space=alice.space) is not None
    assert answered_at_the_door(alice.session_key, "/api/media", authorization="Bearer nonsense") is None
    assert answered_at_the_door(alice.session_key, "/api/media", host="evil.example") is None


def test_the_door_sees_at_once_who_is_banned_signed_out_or_left_out(alice, bob, names) -> None:
    for sql, actor in (
        ("update users set banned_at = now() where id = %s", bob.user_id),
        ("delete from sessions where user_id = %s", alice.user_id),
    ):
        key = bob.session_key if actor == bob.user_id else alice.session_key
        assert answered_at_the_door(key, f"/api/media/{names['media']}") is not None
        everything(sql, [actor])
        assert answered_at_the_door(key, f"/api/media/{names['media']}") is None


def test_the_door_steps_aside_where_every_request_is_recorded(alice, names) -> None:
    with override_settings(AUDIT_LOG_MODE="all"):
        assert answered_at_the_door(alice.session_key, "/api/media") is None


def test_the_door_steps_aside_when_the_database_went_away(alice, names) -> None:
    everything("select pg_terminate_backend(%s)", [db.value("select pg_backend_pid()")])
    assert alice.get("/media").status_code == 200
    assert answered_at_the_door(alice.session_key, "/api/media") is not None


def test_the_door_speaks_the_person_s_language(alice, names) -> None:
    path = f"/s/{alice.household.slug}/library"
    assert alice.patch("/auth/me", {"preferences": {"language": "de"}}).status_code == 200
    answer = answered_at_the_door(alice.session_key, path, **{"accept-language": "en"})
    assert answer is not None
    assert answer["Content-Language"] == "de"
    assert "Alle Bibliotheken" in answer.content.decode()


def test_the_door_steps_aside_where_something_is_to_be_told(alice, names) -> None:
    """A message is shown once: it is taken out of its cookie on the whole way."""
    path = f"/s/{alice.household.slug}/"
    assert answered_at_the_door(alice.session_key, path) is not None
    alice.client.post(f"/s/{alice.household.slug}/views/keep", {"name": "Mine", "state": "q=film"})
    assert "messages" in alice.client.cookies
    cookie = f"{alice.session_key}; messages={alice.client.cookies['messages'].value}"
    assert answered_at_the_door(cookie, path) is None
    assert "is kept among your views" in alice.client.get(path).content.decode()


def test_reads_wait_for_no_other_request_of_their_session_or_token(alice, names) -> None:
    """A long change in another tab, or of the same program, holds it until it is done."""
    token = alice.post("/auth/api-tokens", {"name": "script", "scopes": ["read"]}).json()["token"]
    attic = show_id("library", alice.household.add_library())
    everything(
        "update sessions set last_seen_at = now() - interval '1 hour' where user_id = %s", [alice.user_id]
    )
    dsn = os.environ["TEST_SUPERUSER_DSN"].replace("DATABASE", connection.settings_dict["NAME"])
    db.execute("set lock_timeout = '2s'")
    try:
        with psycopg.connect(dsn) as other:
            other.execute("select from sessions where user_id = %s for update", [alice.user_id])
            other.execute("select from tokens where user_id = %s for update", [alice.user_id])
            bearer = {"authorization": f"Bearer {token}"}
            assert answered_at_the_door(alice.session_key, "/api/media", **bearer) is not None
            for path in ("/api/media", f"/s/{alice.household.slug}/library/{attic}"):
                assert answered_at_the_door(alice.session_key, path) is not None, path
    finally:
        db.execute("reset lock_timeout")
