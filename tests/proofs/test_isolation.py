"""Isolation over the router: route × method × who × own, foreign, missing, nested, other type, in body and query (S4).

What each may comes from the policy's own table (P10). Foreign must read exactly like missing; nothing may change.
"""

import json
import os
import re
from typing import Any

import pytest
from django.http import HttpResponse

from mediatheque.core.ids import PREFIXES, new_id, show_id

from . import routes
from .cases import prepare
from .routes import Route
from .world import ROLES, World, fingerprint, make_invitation, send

FULL = os.environ.get("PROOFS") == "full"
SIGNED_IN = ("outsider", "elsewhere", *ROLES)
ROUTES = routes.api_routes() + routes.page_routes()
WITH_IDS = [each for each in ROUTES if each.parameters]
PLACES = ("space", "slug")
NAMES_OF_KINDS = {"change": "audit", "pictured": "user"}
HIDING = ("library", "media", "work", "variant", "season", "change", "job")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_every_route_is_classified():
    assert routes.unclassified() == []


def test_no_rule_is_of_a_route_that_is_gone():
    assert routes.stale() == []


# Only while an import's plan waits.
WAITING_PLANS = {
    "GET /api/sync-jobs/{job}/plan",
    "GET /api/sync-jobs/{job}/mapping",
    "GET /s/{slug}/jobs/{job}/mapping",
}


def test_there_is_something_to_leak(world):
    """The owner reads every record that the others are refused."""
    mine = world.own("admin")
    refused: dict[str, int] = {}
    for route in ROUTES:
        if (
            route.method == "GET"
            and route.rule.least != "install"  # she runs her household, not the install
            and route.parameters
            and route.kind(route.parameters[-1]) not in routes.SECRETS
        ):
            values = {name: mine[route.kind(name)] for name in route.parameters}
            path = route.filled(values)
            answer = send(world.admin.client, "GET", path, **world.standing("admin", path))
            if answer.status_code != 200:
                refused[str(route)] = answer.status_code
    assert refused.keys() <= WAITING_PLANS, refused


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_nobody_gets_in_without_signing_in(route: Route, world: World):
    mine = world.own("admin") | {"invite": make_invitation(world.home, f"{new_id().hex}@example.org")[1]}
    values = {name: mine.get(route.kind(name), "x") for name in route.parameters}
    before = fingerprint(world.home)
    answer = send(
        world.client("anonymous"), route.method, route.filled(values), route.body(world.own("admin"))
    )
    if route.rule.least == "anyone":
        assert answer.status_code == route.rule.status or answer.status_code < 400, answer.content
    else:
        assert turned_away(route, answer), (answer.status_code, answer.content[:500])
        assert fingerprint(world.home) == before
        assert_silent(world, "anonymous", answer)


@pytest.mark.parametrize("route", WITH_IDS, ids=str)
def test_foreign_hidden_and_other_ids_read_like_missing_ones(route: Route, world: World):
    before = fingerprint(world.home, world.second, world.other)
    for who in SIGNED_IN:
        for place in range(len(route.parameters)):
            if route.kind(route.parameters[place]) not in routes.SECRETS:
                _refused_alike(route, world, who, place)
    assert fingerprint(world.home, world.second, world.other) == before


def _refused_alike(route: Route, world: World, who: str, place: int) -> None:
    """With own ids before this place and a stranger's at it, every answer is the one to a missing id."""
    name = route.parameters[place]
    if who == "elsewhere" and name in PLACES:
        return  # the address decides; test_two_tabs shows what a contradicting header gets
    mine, foreign = world.own(who), world.foreign(who)
    body = route.body(mine)
    answers = {}
    for label, stranger in strangers(world, who, route.kind(name), may(route, who)).items():
        values = {
            other: foreign[route.kind(other)] if index > place else mine[route.kind(other)]
            for index, other in enumerate(route.parameters)
        } | {name: stranger}
        path = route.filled(values)
        answer = send(world.client(who), route.method, path, body, **world.standing(who, path))
        assert_silent(world, who, answer, sent=f"{values} {json.dumps(body, default=str)}")
        answers[label] = shown(answer)
    _same(route, who, name, answers)
    if may(route, who) or name in PLACES:
        assert answers["missing"][0] in refusals(route, name), (str(route), who, name, answers["missing"])
    if may(route, who) and not route.is_page:
        assert answers["missing"][1]["code"] == "not_found"
        assert answers["missing"][1]["errors"] == []


@pytest.mark.parametrize("route", [each for each in ROUTES if each.rule.refers], ids=str)
def test_an_id_in_body_or_query_is_refused_at_its_field(route: Route, world: World):
    before = fingerprint(world.home, world.second, world.other)
    for who in SIGNED_IN:
        for place, kind in route.rule.refers.items():
            answers = {}
            for label, stranger in strangers(
                world, who, kind, may(route, who) and not route.rule.ready
            ).items():
                answer = _referring(route, world, who, place, stranger)
                assert_silent(world, who, answer, sent=stranger)
                answers[label] = shown(answer)
            _same(route, who, place, answers)
            if may(route, who) and not route.rule.ready and not route.is_page:
                assert answers["missing"][0] == 404, (str(route), who, place, answers["missing"])
                assert [each["field"] for each in answers["missing"][1]["errors"]] == [
                    place.removeprefix("?")
                ]
    assert fingerprint(world.home, world.second, world.other) == before


def _referring(route: Route, world: World, who: str, place: str, stranger: str) -> HttpResponse:
    mine = world.own(who)
    path = route.filled({name: mine[route.kind(name)] for name in route.parameters})
    body = route.body(mine)
    if place.startswith("?"):
        path += f"{'&' if '?' in path else '?'}{place[1:]}={stranger}"
    else:
        target = body
        *outer, last = place.split(".")
        for part in outer:
            target = target[part]
        target[last] = stranger
    return send(world.client(who), route.method, path, body, **world.standing(who, path))


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_role_may_what_the_table_says(route: Route, world: World):
    for role, own in boundary(route):
        case = prepare(route, world.home, role, own=own)
        before = fingerprint(case.household)
        answer = case.call()
        if route.rule.status:
            assert answer.status_code == route.rule.status, (role, answer.content)
        elif route.rule.allows(role, own=own):
            assert answer.status_code < 400, (role, own, answer.status_code, answer.content)
        else:
            expected = (403, 404, 422) if route.is_page else (route.rule.below,)
            assert answer.status_code in expected, (role, own, answer.status_code, answer.content)
            assert fingerprint(case.household) == before


# What the tests above ask of the world.


def boundary(route: Route) -> list[tuple[str, bool]]:
    """The least role that may and the one below it, for others' things and for one's own; in full, every role."""
    found = []
    for own in (False, True) if route.rule.own_act else (False,):
        able = [role for role in ROLES if route.rule.allows(role, own=own)]
        below = [role for role in ROLES if role not in able]
        found += [(role, own) for role in (ROLES if FULL else [*below[-1:], *able[:1]])]
    return found


def strangers(world: World, who: str, kind: str, allowed: bool) -> dict[str, str]:
    """Ids of this kind that are not this one's to see, by what they are.

    Whoever may not do the act is told so before a record is looked for, but after an id's shape was read.
    """
    found = {"missing": missing(kind), "foreign": world.foreign(who)[kind]}
    if allowed and (FULL or who in ("outsider", "admin")):
        found |= {
            "no id": "x" * 30,
            "other type": world.own(who)["media" if kind == "library" else "library"],
        }
    if who in ("member", "manager") and kind in HIDING:
        found["hidden"] = world.ids["hidden"][kind]
    if who == "elsewhere" and kind in PLACES:
        found["foreign"] = world.ids["other"][kind]
    if kind in ("session", "token", "view"):
        found["another’s"] = world.own("manager" if who != "manager" else "member")[kind]
    return found


def missing(kind: str) -> str:
    return (
        show_id(NAMES_OF_KINDS.get(kind, kind), new_id())
        if NAMES_OF_KINDS.get(kind, kind) in PREFIXES
        else "none"
    )


def may(route: Route, who: str) -> bool:
    """Whether the role suffices for other people's things."""
    return route.rule.allows(who if who in ROLES else "admin")


def shown(answer: HttpResponse) -> tuple[int, Any]:
    """Status and body but for the request's id."""
    if not answer.get("Content-Type", "").endswith("json"):
        changing = rb"req_[0-9a-f]{32}|csrfmiddlewaretoken[^>]*|\"X-CSRFToken[^}]*"
        return answer.status_code, re.sub(changing, b"", content_of(answer))
    body = answer.json()
    body.pop("request_id", None)
    return answer.status_code, body


def refusals(route: Route, name: str) -> tuple[int, ...]:
    """A page's form is shown again with what is wrong (422); an address that names nothing is 404."""
    return (404, 422) if route.is_page and route.method == "POST" and name not in PLACES else (404,)


def turned_away(route: Route, answer: HttpResponse) -> bool:
    """401, or (a page that is looked at) to the door."""
    if route.is_page and route.method == "GET":
        return answer.status_code == 302 and answer["Location"].startswith("/sign-in?next=")
    return answer.status_code == 401 and (route.is_page or answer.json()["code"] == "auth.required")


def _same(route: Route, who: str, place: str, answers: dict[str, Any]) -> None:
    different = {label: answer for label, answer in answers.items() if answer != answers["missing"]}
    assert different == {}, f"{route} as {who} at {place}: missing reads {answers['missing']}"


def assert_silent(world: World, who: str, answer: HttpResponse, sent: str = "") -> None:
    """No canary that is not for this one stands in the answer's bytes."""
    heard = leaked(world, who, answer, sent)
    assert heard == [], f"{answer.request['REQUEST_METHOD']} {answer.request['PATH_INFO']} as {who}: {heard}"


def leaked(world: World, who: str, answer: HttpResponse, sent: str = "") -> list[str]:
    text = said(answer)
    return [
        each.name
        for each in world.canaries
        if who not in each.audience and each.secret not in sent and each.secret in text
    ]


def said(answer: HttpResponse) -> str:
    """Body and headers; canaries are plain letters and digits, which no encoding of ours escapes."""
    return content_of(answer).decode("latin-1") + "\n".join(
        f"{name}: {value}" for name, value in answer.items()
    )


def content_of(answer: HttpResponse) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
