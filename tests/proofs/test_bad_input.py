"""Every creating and changing route with what it does not take: told by field, nothing changed, never a fault of ours.

Made from the OpenAPI document, so that a new field is tried the day it is there.
"""

import json

import pytest
from django.test import Client

from . import routes
from .cases import Case, prepare
from .routes import Route
from .shapes import TITLE_OF_10_MB, broken, fields_of, unreadable
from .world import ADDRESS, Form, Upload, World, fingerprint, peek, send

WRITES = [each for each in routes.api_routes() if each.method not in routes.SAFE]
WITH_BODY = [each for each in WRITES if fields_of(each)]
FORMS = [each for each in routes.page_routes() if each.method == "POST"]
REFUSED = (400, 404, 409, 413, 415, 422)
# The door answers alike whatever is wrong behind it, and counts.
AT_THE_DOOR = (401, 429)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


NO_BODY = ("empty", "null")  # where a body is optional, these are no fault


def operation_requires(route: Route) -> bool:
    return bool(routes.operation(route).get("requestBody", {}).get("required"))


def case_of(route: Route, world: World) -> Case:
    """An admin before the route (of the install, where it is about that), with something of their own to change."""
    case = prepare(route, world.home, "admin", own=bool(route.rule.own_act))
    if route.rule.least == "install":
        peek("update users set role = 'admin' where id = %s", [case.actor.user_id])
    case.actor.client.raise_request_exception = False
    return case


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_each_wrong_field_is_named_and_changes_nothing(route: Route, world: World):
    case = case_of(route, world)
    before = fingerprint(case.household)
    faults = []
    for each in broken(route, route.body(case.ids)):
        answer = case.call(each.body)
        allowed = REFUSED + (AT_THE_DOOR if route.rule.status == 401 else ())
        if answer.status_code not in allowed:
            faults.append(f"{each.why}: {answer.status_code}")
        elif answer["Content-Type"] != "application/problem+json":
            faults.append(f"{each.why}: {answer['Content-Type']}")
        elif answer.status_code != 429 and not names(answer.json(), each.field):
            faults.append(
                f"{each.why}: {answer.status_code} names {[e['field'] for e in answer.json()['errors']]}"
            )
    assert faults == [], "\n".join(faults)
    assert fingerprint(case.household) == before


def names(problem, field):
    """Whether an error is about this field or a place in it."""
    named = [each["field"] for each in problem["errors"]]
    return any(each == field or each.startswith(f"{field}.") for each in named)


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_unreadable_bodies_are_refused_and_change_nothing(route: Route, world: World):
    case = case_of(route, world)
    path = route.filled(case.values)
    if not fields_of(route) and not isinstance(route.body(case.ids), Upload):
        pytest.skip("takes no body")
    optional = not operation_requires(route)
    before = fingerprint(case.household)
    faults = []
    for why, content, kind in unreadable():
        if optional and why in NO_BODY:
            continue
        answer = case.actor.client.generic(route.method, path, content, content_type=kind)
        allowed = REFUSED + (AT_THE_DOOR if route.rule.status == 401 else ())
        if answer.status_code not in allowed and not (optional and answer.status_code == 404):
            faults.append(f"{why}: {answer.status_code}")
        elif answer.status_code != 404 and answer["Content-Type"] != "application/problem+json":
            faults.append(f"{why}: {answer['Content-Type']}")
    assert faults == [], "\n".join(faults)
    assert fingerprint(case.household) == before


@pytest.mark.parametrize("route", [each for each in WITH_BODY if operation_requires(each)], ids=str)
def test_a_good_body_under_a_wrong_content_type_is_refused(route: Route, world: World):
    """A form of another site can send text/plain; it may not pass for JSON."""
    case = case_of(route, world)
    before = fingerprint(case.household)
    content = json.dumps(route.body(case.ids)).encode()
    answer = case.actor.client.generic(
        route.method, route.filled(case.values), content, content_type="text/plain"
    )
    assert answer.status_code in (400, 403, 415), (answer.status_code, answer.content[:200])
    assert fingerprint(case.household) == before


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_ten_megabytes_in_a_text_are_refused(route: Route, world: World):
    texts = [each.path for each in fields_of(route) if "string" in each.types and "." not in each.path]
    if not texts:
        pytest.skip("takes no text")
    case = case_of(route, world)
    before = fingerprint(case.household)
    valid = route.body(case.ids)
    answer = case.call({**(valid if isinstance(valid, dict) else {}), texts[0]: TITLE_OF_10_MB})
    assert answer.status_code in REFUSED + (AT_THE_DOOR if route.rule.status == 401 else ()), (
        answer.status_code
    )
    assert len(answer.content) < 10_000
    assert fingerprint(case.household) == before


@pytest.mark.parametrize(
    "route", [each for each in routes.api_routes() if routes.query_parameters(each)], ids=str
)
def test_wrong_parameters_are_refused_or_without_effect(route: Route, world: World):
    case = case_of(route, world)
    before = fingerprint(case.household)
    base = route.filled(case.values)
    faults = []
    for name in routes.query_parameters(route):
        for value in (
            "%00",
            "%ED%A0%80",
            "x" * 9000,
            "9" * 40,
            "-1",
            "1e999",
            "[]",
            "null",
            "%F0%9F%A6%86",
            "'%22--",
        ):
            path = f"{base}{'&' if '?' in base else '?'}{name}={value}"
            body = None if route.method == "GET" else {}
            answer = send(case.actor.client, route.method, path, body)
            if answer.status_code not in (200, *REFUSED):
                faults.append(f"{name}={value[:20]}: {answer.status_code}")
            elif value == "%00" and answer.status_code != 400:
                faults.append(f"{name}={value}: {answer.status_code}")
    assert faults == [], "\n".join(faults)
    assert fingerprint(case.household) == before


@pytest.mark.parametrize("route", FORMS, ids=str)
def test_wrong_forms_are_refused_and_never_a_fault(route: Route, world: World):
    case = case_of(route, world)
    path = route.filled(case.values)
    valid = route.body(case.ids)
    if not isinstance(valid, Form):
        pytest.skip("takes no form")
    before = fingerprint(case.household)
    faults = []
    for name in valid:
        for value in ("a\x00b", "x" * 200_000):
            answer = send(case.actor.client, route.method, path, Form(valid | {name: value}))
            if answer.status_code not in (400, 404, 413, 422, 429):
                faults.append(f"{name}={value[:10]!r}: {answer.status_code}")
    assert faults == [], "\n".join(faults)
    assert fingerprint(case.household) == before


@pytest.mark.parametrize("route", [each for each in routes.api_routes() if each.parameters], ids=str)
def test_odd_ids_in_addresses_are_missing_records(route: Route, world: World):
    case = case_of(route, world)
    before = fingerprint(case.household)
    for name in route.parameters:
        if route.kind(name) in routes.SECRETS:
            continue
        odd = case.values[name]
        for value in (
            odd.upper(),
            odd + "0",
            odd[:-1],
            odd[:4] + "z" * 26,
            "%00",
            "..",
            "%2e%2e",
            "'",
            "%ED%A0%80",
            "🦆",
        ):
            answer = case.call(**{name: value})
            assert answer.status_code in (404, 405), (name, value, answer.status_code, answer.content[:300])
    assert fingerprint(case.household) == before


def test_a_body_nobody_signed_in_sends_is_not_read_further_than_needed():
    """401 comes before any word about the body."""
    client = Client(REMOTE_ADDR=ADDRESS)
    answer = client.generic("POST", "/api/media", b"{", content_type="application/json")
    assert answer.status_code == 401
    assert json.loads(answer.content)["errors"] == []
