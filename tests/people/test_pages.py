"""The door and one's account in a browser: forms without scripts, faults at their fields."""

import re

import pytest
from django.test import Client, override_settings

from tests.support import PASSWORD, everything


def browser() -> Client:
    """A browser: it must bring the CSRF token of the form it was shown."""
    return Client(enforce_csrf_checks=True)


def submit(client: Client, path: str, shown_at: str | None = None, **values: str):
    page = client.get(shown_at or path).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, page
    return client.post(path, {"csrfmiddlewaretoken": token[1], **values})


@pytest.fixture
def at_home(alice):
    """Alice's browser, CSRF check on."""
    client = browser()
    client.cookies["session"] = alice.session_key
    return client


def test_an_empty_install_leads_to_registering(empty_install):
    client = browser()
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/register")
    assert "administrator" in client.get("/register").content.decode()
    answer = submit(client, "/register", name="Ada", email="ada@example.org", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/"), answer.content
    assert re.fullmatch(r"/s/adas-household-[a-z2-9]{6}/", client.get("/").headers["Location"])


def test_the_root_leads_strangers_to_sign_in_and_people_home(alice):
    assert Client().get("/").headers["Location"] == "/sign-in"
    assert alice.client.get("/").headers["Location"] == f"/s/{alice.household.slug}/"


def test_registering_shows_every_fault_at_its_field():
    answer = submit(browser(), "/register", name=" ", email="nobody", password="")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="e-name"' in page
    assert 'id="e-password"' in page
    answer = submit(browser(), "/register", name="A", email="nobody", password=PASSWORD)
    assert 'id="e-email"' in answer.content.decode()
    assert 'value="nobody"' in answer.content.decode()


@override_settings(REGISTRATION="invite")
def test_registering_without_invitation_says_whom_to_ask(alice):
    assert "invitation" in Client().get("/register").content.decode()
    answer = submit(browser(), "/register", name="A", email="a@example.org", password=PASSWORD)
    assert answer.status_code == 403
    assert everything("select count(*) from users where email = 'a@example.org'") == [(0,)]


def test_signing_in_leads_on_to_a_local_path_alone(alice):
    for wanted, led in (
        ("/me/profile", "/me/profile"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
    ):
        answer = submit(browser(), "/sign-in", email=alice.email, password=PASSWORD, next=wanted)
        assert (answer.status_code, answer.headers["Location"]) == (303, led)


def test_a_wrong_password_shows_the_form_again(alice):
    answer = submit(browser(), "/sign-in", email=alice.email, password="wrong guess")
    assert answer.status_code == 422
    assert "The e-mail or the password is wrong." in answer.content.decode()
    assert alice.email in answer.content.decode()
    assert "session" not in answer.cookies


def test_a_form_without_token_signs_nobody_in(alice):
    answer = browser().post("/sign-in", {"email": alice.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "session" not in answer.cookies


def test_a_page_of_ones_own_asks_strangers_to_sign_in(alice):
    for path in (
        "/me/profile",
        "/me/sessions",
        "/me/tokens",
        "/spaces",
        f"/s/{alice.household.slug}/members",
    ):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in?next=%2F")


def test_signing_out_ends_the_session(at_home, alice):
    answer = submit(at_home, "/sign-out", "/me/profile")
    assert answer.headers["Location"] == "/sign-in"
    assert Client(headers={"Cookie": f"session={alice.session_key}"}).get("/me/profile").status_code == 302
    assert everything("select count(*) from sessions where user_id = %s", [alice.user_id]) == [(0,)]


def test_the_profile_is_saved_or_shows_its_fault(at_home, alice):
    good = {"part": "profile", "name": "Alice B.", "bio": "", "theme": "dark", "time_zone": "Europe/Berlin"}
    answer = submit(at_home, "/me/profile", **good, streaming_services="Arte, Mubi", region="DE")
    assert answer.status_code == 303, answer.content.decode()
    me = alice.get("/auth/me").json()["user"]
    assert me["name"] == "Alice B."
    assert me["preferences"] == {
        "theme": "dark", "time_zone": "Europe/Berlin", "region": "DE", "streaming_services": ["Arte", "Mubi"],
    }  # fmt: skip
    answer = submit(at_home, "/me/profile", **{**good, "time_zone": "Mars"})
    assert answer.status_code == 422
    assert 'id="e-time_zone"' in answer.content.decode()
    answer = submit(at_home, "/me/profile", **{**good, "name": ""})
    assert 'id="e-name"' in answer.content.decode()


def test_the_password_is_changed_on_the_profile_page(at_home, alice):
    wrong = submit(at_home, "/me/profile", part="password", current_password="x", password="a new long one")
    assert wrong.status_code == 422
    assert 'id="e-current_password"' in wrong.content.decode()
    right = submit(
        at_home, "/me/profile", part="password", current_password=PASSWORD, password="a new long one"
    )
    assert right.status_code == 303
    answer = submit(browser(), "/sign-in", email=alice.email, password="a new long one")
    assert answer.status_code == 303


def test_sessions_are_shown_and_ended(at_home, alice):
    other = browser()
    submit(other, "/sign-in", email=alice.email, password=PASSWORD)
    page = at_home.get("/me/sessions").content.decode()
    (end,) = re.findall(r'action="(/me/sessions/ses_[^"]+/end)"', page)
    assert submit(at_home, end, "/me/sessions").status_code == 303
    assert other.get("/me/profile").status_code == 302
    assert at_home.get("/me/profile").status_code == 200


def test_a_token_is_shown_once_and_revoked(at_home):
    answer = submit(at_home, "/me/tokens", name="script", scope="write", days="30")
    (token,) = re.findall(r"<code>(mdq_[^<]+)</code>", answer.content.decode())
    bearer = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/auth/me", headers=bearer).status_code == 200
    page = at_home.get("/me/tokens").content.decode()
    assert token not in page
    (revoke,) = re.findall(r'action="(/me/tokens/tok_[^"]+/revoke)"', page)
    assert submit(at_home, revoke, "/me/tokens").status_code == 303
    assert Client().get("/api/auth/me", headers=bearer).status_code == 401
    assert 'id="e-days"' in submit(at_home, "/me/tokens", name="x", days="0").content.decode()


def test_the_account_is_deleted_with_its_password(at_home, alice):
    wrong = submit(at_home, "/me/leave", "/me/profile", leave_password="no")
    assert wrong.status_code == 422
    assert 'id="e-leave_password"' in wrong.content.decode()
    assert submit(at_home, "/me/leave", "/me/profile", leave_password=PASSWORD).status_code == 303
    assert everything("select count(*) from users where id = %s", [alice.user_id]) == [(0,)]
