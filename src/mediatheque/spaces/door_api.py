"""Registering, signing in and `me`: who one is and where one stands (API.md, `/api/auth`)."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import StringConstraints

from mediatheque.core import scope as scopes
from mediatheque.core.api import In, Request
from mediatheque.core.errors import NotFound, RuleBroken
from mediatheque.core.ids import UnknownId, read_id
from mediatheque.core.scope import Scope
from mediatheque.people import actions as people
from mediatheque.people import belongings
from mediatheque.people.api import Credentials, Name, Password
from mediatheque.people.door import let_in, let_out, visit_of
from mediatheque.people.policy import personal
from mediatheque.people.preferences import Preferences, chosen

from . import actions, joining, queries
from .shapes import me_json, space_json, user_json

router = Router(tags=["auth"])


class Registration(In):
    email: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    password: Password
    name: Name
    invite_token: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class ProfileChanges(In):
    name: Name | None = None
    bio: Annotated[str, StringConstraints(max_length=5000)] | None = None
    preferences: Preferences | None = None
    current_password: Password | None = None
    password: Password | None = None


class Farewell(In):
    password: Password


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


def change_profile(scope: Scope, changes: ProfileChanges) -> None:
    """Profile, preferences and password, each only where given."""
    if changes.password is not None:
        if changes.current_password is None:
            message = _("Give your current password as well.")
            raise RuleBroken.at("current_password", message, "password.missing")
        people.change_password(scope, changes.current_password, changes.password)
    preferences = chosen(changes.preferences) if changes.preferences else None
    _check_default_library(scope, (preferences or {}).get("default_library"))
    if changes.name is not None or changes.bio is not None or preferences is not None:
        people.change_profile(scope, name=changes.name, bio=changes.bio, preferences=preferences)


def _check_default_library(scope: Scope, library: str | None) -> None:
    try:
        if library is not None and read_id("library", library) not in scope.library_ids:
            raise NotFound.at("preferences.default_library")
    except UnknownId:
        raise NotFound.at("preferences.default_library") from None


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
