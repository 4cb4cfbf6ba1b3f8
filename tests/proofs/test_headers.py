"""What every answer carries, whoever asks and however it ends (ASVS level 2), and what no page contains."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from django.test import Client, override_settings

from tests.support import PASSWORD

from . import routes
from .routes import Route
from .world import Form, World, send, table_file

ALL = routes.api_routes() + routes.page_routes()
GETS = [each for each in ALL if each.method == "GET"]
# A generated cover is an SVG in a sandbox: its own style sheet runs in it and nothing else.
OWN_POLICY = {"GET /covers/{signature}/{words}.svg"}
KEPT = ("/covers/", "/cover", "/backdrop", "/avatar")
REFUSED = {
    400: ("GET", "/api/media?limit=x"),
    401: ("POST", "/api/libraries"),
    403: ("GET", "/metrics"),
    404: ("GET", "/api/media/med_unknown"),
    405: ("DELETE", "/api/media"),
    415: ("POST", "/api/media/import-csv"),
    422: ("POST", "/api/media"),
}


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.mark.parametrize("route", GETS, ids=str)
@pytest.mark.parametrize("who", ["anonymous", "admin"])
def test_every_answer_carries_the_guards(route: Route, who: str, world: World):
    ids = world.own("admin")
    path = route.filled({name: ids.get(route.kind(name), "x") for name in route.parameters})
    answer = send(world.client(who), "GET", path, **world.standing(who, path))
    assert answer.status_code < 500
    assert_guarded(answer)
    if answer.get("Content-Type", "").startswith("text/html"):
        assert_nothing_inline(answer.content.decode(), str(route))


@pytest.mark.parametrize("status", REFUSED)
def test_every_refusal_of_the_api_carries_them(status: int, world: World):
    method, path = REFUSED[status]
    body = {415: table_file(), 422: {"title": "x", "media_type": "nothing"}}.get(status)
    if status == 415:
        body.content = b"\x89PNG\r\n\x1a\n\x00\x00"
    answer = send(world.client("anonymous" if status == 401 else "admin"), method, path, body)
    assert answer.status_code == status, answer.content
    assert_guarded(answer)
    assert answer["Content-Type"].startswith(
        ("application/problem+json", "text/html" if status == 405 else "!")
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no/such/page", 404),
        ("GET", "/s/no-such-space/", 404),
        ("DELETE", "/sign-in", 405),
        ("POST", "/spaces", 422),
        ("GET", "/s/{slug}/library?year_min=x", 400),
        ("GET", "/s/{slug}/library?q=%00", 400),
    ],
)
def test_every_refusal_of_a_page_carries_them(method: str, path: str, status: int, world: World):
    answer = send(
        world.admin.client, method, path.format(slug=world.home.slug), Form() if method == "POST" else None
    )
    assert answer.status_code == status, answer.content
    assert_guarded(answer)
    assert_nothing_inline(answer.content.decode(), path)


def test_a_failure_carries_them_and_tells_no_cause(alice):
    alice.client.raise_request_exception = False
    with override_settings(ROOT_URLCONF="tests.proofs.refusing"):
        for path in ("/api/refusing/unexpected", "/refusing/unexpected"):
            answer = alice.client.post(path)
            assert answer.status_code == 500
            assert_guarded(answer)
            assert b"secret cause" not in answer.content
            assert b"Traceback" not in answer.content
            assert answer["X-Request-Id"].encode() in answer.content


def test_a_wrong_method_is_405_in_the_form_of_its_address(world):
    for path, kind in (
        ("/api/media", "application/problem+json"),
        ("/api/health", "application/problem+json"),
        ("/sign-in", "text/html"),
    ):
        answer = send(world.admin.client, "DELETE", path)
        assert answer.status_code == 405
        assert answer["Allow"]
        assert answer["Content-Type"].startswith(kind), path


def test_cookies_are_for_this_site_alone_and_the_session_for_no_script(alice):
    client = Client(REMOTE_ADDR="10.99.1.1")
    with override_settings(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True):
        client.get("/sign-in", secure=True)
        client.post(
            "/api/auth/login",
            {"email": alice.email, "password": PASSWORD},
            content_type="application/json",
            secure=True,
        )
        client.post("/spaces", {"name": "New"}, secure=True)  # leaves a message for the next page
    assert {"session", "csrftoken", "messages"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        assert cookie["samesite"] == "Strict", name
        assert cookie["secure"], name
        assert cookie["httponly"] or name == "csrftoken", name  # programs in the page read that one
        assert not cookie["domain"], name


def test_production_keeps_cookies_to_https_and_says_so():
    script = (
        "from mediatheque.web import settings as s; "
        "print(s.PRODUCTION, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_SAMESITE, s.DEBUG)"
    )
    environ = os.environ | {
        "MEDIATHEQUE_ENV": "production", "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "media.example.org",
        "INTEGRATION_ENCRYPTION_KEY": "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["True", "True", "True", "Strict", "False"], done.stderr
    with override_settings(PRODUCTION=True):
        assert "max-age=" in Client().get("/sign-in", secure=True)["Strict-Transport-Security"]


def test_a_host_that_is_not_ours_is_refused():
    answer = Client(raise_request_exception=False).get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert_guarded(answer)


def test_a_cross_site_form_is_refused(alice):
    """A cookie or a form without the token does nothing."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["session"] = alice.session_key
    for path in ("/api/libraries", "/spaces", f"/s/{alice.household.slug}/members"):
        answer = client.post(path, {"name": "x"})
        assert answer.status_code == 403, path
        assert_guarded(answer)


def test_signing_in_leads_to_this_site_alone(alice):
    for wanted in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil",
    ):
        client = Client(REMOTE_ADDR="10.99.1.2")
        answer = client.post("/sign-in", {"email": alice.email, "password": PASSWORD, "next": wanted})
        assert answer.status_code == 303, wanted
        assert re.fullmatch(r"/(?![/\\]).*", answer["Location"]), wanted


def assert_guarded(answer):
    path = answer.request["PATH_INFO"]
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";") if part
    )
    assert policy["default-src"] in ("'self'", "'none'"), path
    if not path.startswith("/covers/") or answer.status_code != 200:
        assert "unsafe-" not in answer["Content-Security-Policy"], path
        assert policy["frame-ancestors"] == "'none'", path
        assert policy["object-src"] == policy["base-uri"] == "'none'", path
        assert policy["form-action"] == "'self'", path
    assert "*" not in answer["Content-Security-Policy"], path
    assert answer["X-Content-Type-Options"] == "nosniff", path
    assert answer["X-Frame-Options"] == "DENY", path
    assert answer["Referrer-Policy"] in ("same-origin", "no-referrer", "strict-origin"), path
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin", path
    assert re.fullmatch("req_[0-9a-f]{32}", answer["X-Request-Id"]), path
    assert_not_kept(answer, path)
    for name in ("Server", "X-Powered-By"):
        assert name not in answer, path


def assert_not_kept(answer, path):
    """Nothing private is left in a cache that others read; pictures may stay in one's own."""
    kept = answer["Cache-Control"]
    if any(part in path for part in KEPT) and answer.status_code in (200, 304):
        assert "private" in kept, (path, kept)
    else:
        assert "no-store" in kept, (path, kept)


class Inline(HTMLParser):
    """Collects scripts, styles and handlers that stand in the page itself, and addresses of other sites."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") != "application/json"
        ):
            self.found.append(self.get_starttag_text())
        for name, value in attributes:
            outside = name in ("src", "action", "formaction") or (name == "href" and tag == "link")
            if (
                name == "style"
                or name.startswith(("on", "hx-on"))
                or (value or "").strip().startswith("javascript:")
            ):
                self.found.append(f"{tag} {name}={value}")
            if outside and re.match(r"(https?:)?//", value or ""):
                self.found.append(f"{tag} {name}={value}")


def assert_nothing_inline(html, where):
    reader = Inline()
    reader.feed(html)
    assert reader.found == [], where
