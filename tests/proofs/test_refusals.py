"""A refused request changes nothing and can be traced (JOINTS, *Scope and requests*; L2)."""

import pytest
from django.test import Client, override_settings

from tests.support import everything

from .refusing import ENDINGS, KINDS, LEFT_OVER

STATUS = {
    "http_error": (400, 500), "unexpected": (500,), "invalid": (400, 500), "missing": (404,), "denied": (403,),
    "suspicious": (400,), "broken_constraint": (500,), "lost_connection": (500,), "kept_in_a_savepoint": (404,),
    "answered": (409,), "answered_by_ninja": (409, 500),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _test_addresses():
    with override_settings(ROOT_URLCONF="tests.proofs.refusing"):
        yield


@pytest.fixture
def alice(alice):
    alice.client.raise_request_exception = False
    return alice


def rows_of(actor):
    return {
        table: everything(f"select count(*) from {table} where space_id = %s", [actor.household.space_id])[0][
            0
        ]
        for table in ("libraries", "media", "audit_changes", "library_members", "file_references")
    }


def events_of(answer):
    return everything(
        "select action, method, path, status, details->>'error' from events where request_id = %s",
        [answer["X-Request-Id"]],
    )


def test_what_is_not_refused_stays(alice):
    """Otherwise an empty table would prove nothing."""
    answer = alice.post("/succeeding")
    assert answer.status_code == 200, answer.content
    assert everything(
        "select name from libraries where space_id = %s and not is_default", [alice.household.space_id]
    ) == [(LEFT_OVER,)]
    assert [action for action, *_ in events_of(answer)] == ["library.created"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("address", ["/api/refusing/", "/refusing/"])
def test_a_write_before_a_refusal_leaves_nothing_but_the_failure(alice, address, kind):
    before = rows_of(alice)
    answer = alice.client.post(address + kind)
    assert answer.status_code in STATUS.get(kind, (int(kind) if kind.isdigit() else 0,)), answer.content
    assert rows_of(alice) == before
    path, status = address + kind, answer.status_code
    found = events_of(answer)
    assert [each[:4] for each in found] == [("request.failed", "POST", path, status)]
    assert b"secret cause" not in answer.content


@pytest.mark.parametrize("kind", [each for each in KINDS if each not in ("answered", "answered_by_ninja")])
def test_a_refusal_of_the_api_is_a_problem_document_that_names_its_request(alice, kind):
    answer = alice.post(f"/refusing/{kind}")
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) >= {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert (body["status"], body["request_id"]) == (answer.status_code, answer["X-Request-Id"])
    assert [error for *_, error in events_of(answer)] == [body["code"]]


def test_the_next_request_works_after_each_kind_of_failure(alice):
    for kind in ENDINGS:
        alice.post(f"/refusing/{kind}")
        assert alice.post("/succeeding").status_code == 200, kind


@pytest.mark.parametrize(
    ("mode", "failed", "done", "read"),
    [("off", 0, 0, 0), ("failures", 1, 0, 0), ("mutations", 1, 1, 0), ("all", 1, 1, 1)],
)
def test_the_mode_decides_which_outcomes_are_kept_and_named_events_always_are(
    alice, mode, failed, done, read
):
    with override_settings(AUDIT_LOG_MODE=mode):
        refused = alice.post("/refusing/409")
        made = alice.post("/succeeding")
        seen = alice.get("/openapi.json")
    assert len(events_of(refused)) == failed
    assert len(events_of(seen)) == read
    assert sorted(action for action, *_ in events_of(made)) == sorted(
        ["library.created", *["request.done"] * done]
    )


def test_a_refused_anonymous_request_is_kept_without_a_person():
    answer = Client().post("/api/refusing/409")
    assert answer.status_code == 401
    found = everything(
        "select action, status, actor_id, space_id from events where request_id = %s",
        [answer["X-Request-Id"]],
    )
    assert found == [("request.failed", 401, None, None)]
