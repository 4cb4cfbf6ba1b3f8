"""The API against its own OpenAPI document, with and without signing in: no fault of ours, answers as documented."""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import override_settings
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from mediatheque.web.api import api
from tests.support import Actor, make_household

from . import routes
from .cases import Case, prepare

FULL = os.environ.get("PROOFS") == "full"
EXAMPLES = 200 if FULL else 10
RULES = {(each.method, each.path): each for each in routes.api_routes()}
AS_IT_IS = {"Accept-Encoding": "identity"}  # a WSGI client reads no compressed answers
# After these the person is gone, signed out or has another key.
ENDING = {("POST", "/api/auth/logout"), ("DELETE", "/api/auth/sessions"), ("DELETE", "/api/auth/me")}

schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
schema.app = get_wsgi_application()
schema.config.phases.coverage.enabled = FULL  # every constraint of every parameter, one at a time: minutes
people: dict[tuple[str, str], Actor] = {}
ready: dict[tuple[str, str], Case] = {}
signed_in_answers: dict[tuple[str, str], set[int]] = {}

pytestmark = pytest.mark.xdist_group("schemathesis")  # the last test reads what the others saw


@pytest.fixture(autouse=True)
def _connection_stays():
    """As Django's own client does: a request from a test does not close the test's connection."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    with override_settings(ALLOWED_HOSTS=["*"]):
        yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def quickly(test):
    return settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )(test)  # fmt: skip


def check(case, response):
    assert response.status_code < 500, (
        case.method,
        case.path,
        case.body,
        response.status_code,
        response.text[:300],
    )
    if response.status_code >= 400:
        assert response.headers["content-type"][0] == "application/problem+json", response.status_code
    case.validate_response(response, checks=[content_type_conformance, response_schema_conformance])


@schema.parametrize()
@quickly
def test_anything_sent_by_nobody_is_answered_as_documented(case):
    check(case, case.call(headers=AS_IT_IS))


@schema.parametrize()
@quickly
def test_anything_sent_by_somebody_is_answered_as_documented(case):
    key = (case.method.upper(), case.operation.path)
    actor = people.get(key)
    if actor is None or key in ENDING:
        actor = people[key] = make_household("Fuzz").admin
    headers = {"X-CSRFToken": "t" * 32} | AS_IT_IS
    response = case.call(cookies={"session": actor.session_key, "csrftoken": "t" * 32}, headers=headers)
    signed_in_answers.setdefault(key, set()).add(response.status_code)
    check(case, response)


@schema.parametrize()
@quickly
def test_anything_sent_to_ones_own_records_is_answered_as_documented(case):
    """As before, with ids in the address that are there: the body is read."""
    route = RULES.get((case.method.upper(), case.operation.path))
    if (
        route is None
        or not route.parameters
        or {route.kind(name) for name in route.parameters} & routes.SECRETS
    ):
        return
    key = (route.method, route.path)
    if key not in ready:
        ready[key] = prepare(route, make_household("Fuzz"), "admin", own=True)
    case.path_parameters = dict(ready[key].values)
    cookies = {"session": ready[key].actor.session_key, "csrftoken": "t" * 32}
    response = case.call(cookies=cookies, headers={"X-CSRFToken": "t" * 32} | AS_IT_IS)
    signed_in_answers.setdefault(key, set()).add(response.status_code)
    if response.status_code in (204, 401, 404):
        del ready[key]
    check(case, response)


def test_the_cookie_went_in():
    """Everything 401 would have been silently green."""
    assert signed_in_answers
    public = {key for key, route in RULES.items() if route.rule.least == "anyone"}
    only_401 = {key for key, seen in signed_in_answers.items() if seen == {401}}
    assert only_401 - public == set()
    assert {200, 201} & set().union(*signed_in_answers.values())
