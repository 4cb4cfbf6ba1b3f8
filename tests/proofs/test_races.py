"""Many at once: one effect. (Registering, claiming and demoting at once stand in tests/people and tests/spaces.)"""

import json
import os
import threading

import pytest
from django.db import connection
from django.test import Client

from mediatheque.core.ids import new_id, show_id
from tests.support import everything

ROUNDS = 100 if os.environ.get("PROOFS") == "full" else 1


def at_once(count, act):
    """What `act(number)` answered in as many threads, all let go together."""
    answers, gate = [], threading.Barrier(count)

    def one(number):
        try:
            gate.wait()
            answers.append(act(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers


def call(actor, method, path, body, **headers):
    """A request of this person from a browser of their own."""
    client = Client()
    client.cookies["session"] = actor.session_key
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic(method, f"/api{path}", json.dumps(body), "application/json", headers=names)


@pytest.mark.parametrize(
    ("path", "body", "table"),
    [
        ("/media", {"title": "Solaris", "media_type": "movie"}, "media"),
        ("/libraries", {"name": "Attic"}, "libraries"),
        ("/spaces", {"name": "Second"}, "spaces"),
    ],
)
def test_fifty_retries_with_one_key_make_one_record_and_one_answer(alice, path, body, table):
    for _ in range(ROUNDS):
        before = count_of(alice, table)
        key = new_id().hex
        answers = at_once(50, lambda _: call(alice, "POST", path, body, Idempotency_Key=key))  # noqa: B023
        assert {each.status_code for each in answers} == {201}, answers[0].content
        assert len({json.dumps(each.json(), sort_keys=True) for each in answers}) == 1
        assert count_of(alice, table) == before + 1


def count_of(actor, table):
    if table == "spaces":
        sql = "select count(*) from memberships where user_id = %s"
        return everything(sql, [actor.user_id])[0][0]
    return everything(f"select count(*) from {table} where space_id = %s", [actor.household.space_id])[0][0]


def test_one_key_with_two_bodies_at_once_does_one_and_refuses_the_other(alice):
    def act(number):
        return call(
            alice,
            "POST",
            "/media",
            {"title": f"Title {number % 2}", "media_type": "movie"},
            Idempotency_Key="k",
        )

    answers = at_once(20, act)
    assert sorted({each.status_code for each in answers}) == [201, 422]
    assert {each.json()["code"] for each in answers if each.status_code == 422} == {"idempotency.other_body"}
    assert count_of(alice, "media") == 1


def test_a_retry_after_a_refusal_is_tried_anew(alice):
    """Nothing of a refused request stays, its key neither."""
    refused = alice.post("/media", {"title": "", "media_type": "movie"}, Idempotency_Key="again")
    assert refused.status_code in (400, 422)
    assert (
        alice.post("/media", {"title": "Solaris", "media_type": "movie"}, Idempotency_Key="again").status_code
        == 201
    )


def test_one_persons_key_is_not_anothers(alice, bob):
    """Nor is what it answers told to the other."""
    for who in (alice, bob):
        answer = who.post("/media", {"title": who.name, "media_type": "movie"}, Idempotency_Key="shared")
        assert (answer.status_code, answer.json()["title"]) == (201, who.name)


def test_forty_deletions_at_once_delete_once(alice):
    made = alice.post("/media", {"title": "Solaris", "media_type": "movie"}).json()["id"]
    answers = at_once(40, lambda _: call(alice, "DELETE", f"/media/{made}", None))
    assert sorted(each.status_code for each in answers) == [204] + [404] * 39


def test_forty_first_formats_at_once_make_one_copy(alice):
    made = alice.post("/media", {"title": "Solaris", "media_type": "movie"}).json()["id"]
    answers = at_once(40, lambda _: call(alice, "PATCH", f"/media/{made}", {"format": "DVD"}))
    assert {each.status_code for each in answers} == {200}
    assert len(alice.get(f"/media/{made}").json()["variants"]) == 1


def test_forty_seasons_of_one_number_at_once_make_one(alice):
    made = alice.post("/media", {"title": "Twin Peaks", "media_type": "tv_series"}).json()["id"]
    answers = at_once(40, lambda _: call(alice, "POST", f"/media/{made}/seasons", {"number": 1}))
    assert sorted(each.status_code for each in answers) == [201] + [409] * 39


def test_forty_own_marks_at_once_make_one_entry(alice):
    made = alice.post("/media", {"title": "Solaris", "media_type": "movie"}).json()["id"]
    own = {"own": {"status": "watching"}}
    answers = at_once(40, lambda _: call(alice, "PATCH", f"/media/{made}", own))
    assert {each.status_code for each in answers} == {200}, [each.content for each in answers][:1]
    assert everything("select count(*) from entries where user_id = %s", [alice.user_id]) == [(1,)]


def test_two_default_libraries_at_once_leave_one(alice, household):
    wanted = [show_id("library", household.add_library(f"Room {number}")) for number in range(8)]
    answers = at_once(
        40,
        lambda number: call(
            alice, "PATCH", f"/spaces/{alice.space}", {"default_library": wanted[number % 8]}
        ),
    )
    assert {each.status_code for each in answers} <= {200, 409}, [each.content for each in answers][:1]
    found = everything(
        "select count(*) from libraries where space_id = %s and is_default", [household.space_id]
    )
    assert found == [(1,)]
