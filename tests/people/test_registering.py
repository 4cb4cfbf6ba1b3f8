"""P1: the first one becomes administrator, later ones need an invitation or an open door."""

import json
import re
import threading

from django.db import connection
from django.test import Client, override_settings

from tests.support import PASSWORD, everything


def register(client: Client, email: str, **more: str):
    body = {"email": email, "password": PASSWORD, "name": "Ada", **more}
    return client.post("/api/auth/register", json.dumps(body), content_type="application/json")


@override_settings(REGISTRATION="invite")
def test_the_first_registration_makes_the_administrator_with_a_household(empty_install):
    answer = register(Client(), "Ada@Example.org")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert set(body) == {"user", "space", "library"}
    assert body["user"]["role"] == "admin"
    assert body["user"]["email"] == "Ada@Example.org"
    assert (body["space"]["kind"], body["space"]["role"]) == ("household", "admin")
    assert body["space"]["default_library"] == body["library"]["id"]
    assert re.fullmatch("adas-household-[a-z2-9]{6}", body["space"]["slug"])
    assert body["library"]["name"] == "Library"


@override_settings(REGISTRATION="invite")
def test_the_second_registration_needs_an_invitation(empty_install):
    assert register(Client(), "ada@example.org").status_code == 201
    answer = register(Client(), "bob@example.org")
    assert (answer.status_code, answer.json()["code"]) == (403, "invitation.required")
    assert everything("select count(*) from users") == [(1,)]


@override_settings(REGISTRATION="invite")
def test_forty_first_registrations_make_one_administrator(empty_install):
    answers = []

    def one(number: int) -> None:
        try:
            answers.append(register(Client(), f"p{number}@example.org"))
        finally:
            connection.close()

    name = connection.settings_dict["NAME"]
    assert name == empty_install
    threads = [threading.Thread(target=one, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.status_code for each in answers) == [201] + [403] * 39
    assert {each.json()["code"] for each in answers if each.status_code == 403} == {"invitation.required"}
    assert everything("select role, count(*) from users group by role") == [("admin", 1)]
    assert everything("select count(*) from spaces") == [(1,)]


def test_the_cookie_of_a_registration_opens_me(empty_install):
    client = Client()
    answer = register(client, "ada@example.org")
    cookie = answer.cookies["session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 30 * 86400)
    me = client.get("/api/auth/me").json()
    assert me["user"] == answer.json()["user"]
    assert me["active"] == {"space": answer.json()["space"], "library": answer.json()["library"]}


def test_an_open_door_gives_a_household_of_ones_own(alice):
    answer = register(Client(), f"new-{alice.email}")
    assert answer.status_code == 201, answer.content
    assert answer.json()["user"]["role"] == "user"
    assert answer.json()["space"]["id"] != alice.space


def test_a_known_address_is_refused_in_any_spelling(alice):
    answer = register(Client(), alice.email.upper())
    assert (answer.status_code, answer.json()["code"]) == (409, "email.known")


def test_a_weak_password_is_refused_at_its_field():
    for password, code in (("short", "password.short"), ("x" * 1025, "password.long")):
        answer = register(Client(), "weak@example.org", password=password)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "password")
        assert answer.json()["code"] == code
    answer = register(Client(), "weak-one@example.org", password="Weak-One@example.org")
    assert answer.json()["code"] == "password.email"


def test_a_malformed_address_is_refused_at_its_field():
    answer = register(Client(), "nobody at all")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "email")


def test_unknown_and_missing_fields_are_400_by_name():
    answer = register(Client(), "a@example.org", role="admin")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "role")
    answer = Client().post("/api/auth/register", "{}", content_type="application/json")
    assert {each["field"] for each in answer.json()["errors"]} == {"email", "password", "name"}


def test_a_password_keeps_its_blanks(empty_install):
    register(Client(), "ada@example.org", password="  ten blanks  ")
    login = {"email": "ada@example.org", "password": "ten blanks"}
    answer = Client().post("/api/auth/login", json.dumps(login), content_type="application/json")
    assert answer.status_code == 401
    login["password"] = "  ten blanks  "
    answer = Client().post("/api/auth/login", json.dumps(login), content_type="application/json")
    assert answer.status_code == 200
