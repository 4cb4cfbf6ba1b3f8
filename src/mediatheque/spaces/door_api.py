"""Registering, signing in and `me`: who one is and where one stands (API.md, `/api/auth`)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from mediatheque.core import scope as scopes
from mediatheque.core.api import Request
from mediatheque.core.scope import Scope
from mediatheque.people import actions as people
from mediatheque.people import belongings
from mediatheque.people.door import let_in, let_out, visit_of
from mediatheque.people.policy import personal
from mediatheque.people.profile import Credentials, Farewell, ProfileChanges, Registration, change_profile

from . import actions, joining, queries
from .shapes import me_json, space_json, user_json

router = Router(tags=["auth"])


@router.post("/auth/register", auth=None, response={201: dict[str, Any]})
def register(request: HttpRequest, response: HttpResponse, body: Registration) -> Status[dict[str, Any]]:
    visit = visit_of(request)
    key = joining.register(
        email=body.email, password=body.password, name=body.name, invitation=body.invite_token, visit=visit
    )
    let_in(request, response, key)
    me = _me_of(key, visit.request_id)
    return Status(201, {"user": me["user"], **me["active"]})


@router.post("/auth/login", auth=None)
def login(request: HttpRequest, response: HttpResponse, body: Credentials) -> dict[str, Any]:
    visit = visit_of(request)
    key = people.sign_in(body.email, body.password, visit)
    let_in(request, response, key)
    return _me_of(key, visit.request_id)


def _me_of(key: str, request_id: str) -> dict[str, Any]:
    with scopes.nobody(request_id):
        who = scopes.of_session(key, space=None, request_id=request_id)
        assert who is not None
        return _me(who)


def _me(scope: Scope) -> dict[str, Any]:
    return me_json(scope, queries.active_library(scope))


@router.get("/auth/me")
def me(request: Request) -> dict[str, Any]:
    return _me(request.scope)


@router.patch("/auth/me")
def change_me(request: Request, body: ProfileChanges) -> dict[str, Any]:
    change_profile(request.scope, body)
    refreshed = people.refreshed(request.scope)
    return _me(refreshed)


@router.delete("/auth/me", response={204: None})
def delete_me(request: Request, response: HttpResponse, body: Farewell) -> Status[None]:
    actions.delete_account(request.scope, body.password)
    let_out(request, response)
    return Status(204, None)


@router.get("/auth/me/data")
def my_data(request: Request, response: HttpResponse) -> dict[str, Any]:
    personal(request.scope)
    response["Content-Disposition"] = 'attachment; filename="mediatheque.json"'
    return {"user": user_json(request.scope.user), **belongings.of(request.scope)}


belongings.register_part("spaces", lambda scope: [space_json(each.facts) for each in scope.spaces])
