"""The people of the install, as pages for those who run it (P7)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.errors import NotFound, Refusal, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther, faults, read, show_again, shown_time
from mediatheque.people.pages import page_id

from . import operators, policy
from .operators_api import UserChanges
from .words import initials

PAGE = "spaces/install_person.html"
TONES = 6
MOST_SHOWN = 200


@require_http_methods(["GET", "HEAD"])
def people(request: HttpRequest) -> HttpResponse:
    return render(request, "spaces/install_people.html", _people(request, signed_in(request)))


def _people(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    words = request.GET.get("q", "")
    found = operators.people(scope, words=words)
    return {
        "people": [_person(scope, row) for row in found[:MOST_SHOWN]],
        "more": max(len(found) - MOST_SHOWN, 0),
        "q": words,
        "may_change": policy.operates(scope),
    }


@require_http_methods(["GET", "HEAD"])
def person(request: HttpRequest, user: str) -> HttpResponse:
    """On a page of their own, or as the drawer over the list."""
    context = _one(signed_in(request), page_id("user", user))
    fragment = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    answer = render(request, "spaces/_install_person.html" if fragment else PAGE, context)
    patch_vary_headers(answer, ("HX-Request", "HX-History-Restore-Request"))
    return answer


def _one(scope: Scope, user_id: UUID) -> dict[str, Any]:
    return {
        "person": _person(scope, operators.person(scope, user_id)),
        "roles": list(_roles().items()),
        "may_change": policy.operates(scope),
        "back_url": reverse("spaces-install-people"),
        "errors": {},
    }


def _roles() -> dict[str, str]:
    return {"user": _("user"), "manager": _("manager"), "admin": _("administrator")}


def _person(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    shown = show_id("user", row["id"])
    return {
        "id": shown,
        "name": row["name"],
        "email": row["email"],
        "initials": initials(row["name"]),
        "tone": row["id"].int % TONES + 1,
        "avatar_url": None,  # pictures are for those who share a space
        "role": row["role"],
        "role_word": _roles()[row["role"]],
        "banned": row["banned_at"] is not None,
        "me": row["id"] == scope.user_id,
        "since": shown_time(scope, row["created_at"]),
        "last_sign_in": shown_time(scope, row["last_sign_in_at"]) or _("never"),
        "url": reverse("spaces-install-person", args=[shown]),
        "spaces": ngettext("%(n)s space", "%(n)s spaces", row["spaces"]) % {"n": row["spaces"]},
        **{
            f"{act}_url": reverse(f"spaces-install-person-{act}", args=[shown])
            for act in ("role", "ban", "delete")
        },
    }


@require_POST
def change_role(request: HttpRequest, user: str) -> HttpResponse:
    def act(scope: Scope) -> str:
        form = read(UserChanges, {"role": request.POST.get("role", "")})
        changed = operators.change_person(scope, page_id("user", user), role=form.role, banned=None)
        return _("%(name)s has a new role.") % {"name": changed["name"]}

    return _done(request, user, act)


@require_POST
def ban(request: HttpRequest, user: str) -> HttpResponse:
    """Bans, or lifts the ban when `lift` is sent."""
    banned = "lift" not in request.POST

    def act(scope: Scope) -> str:
        changed = operators.change_person(scope, page_id("user", user), role=None, banned=banned)
        said = _("%(name)s is banned and signed out.") if banned else _("%(name)s may sign in again.")
        return said % {"name": changed["name"]}

    return _done(request, user, act)


@require_POST
def delete_person(request: HttpRequest, user: str) -> HttpResponse:
    """Once the address was typed."""

    def act(scope: Scope) -> str:
        found = operators.person(scope, page_id("user", user))
        if request.POST.get("confirm_email", "").strip() != found["email"]:
            message = _("Type the address “%(email)s” to confirm.") % {"email": found["email"]}
            raise RuleBroken.at("confirm_email", message, "confirm.name")
        operators.delete_person(scope, found["id"])
        return _("%(name)s is deleted.") % {"name": found["name"]}

    return _done(request, user, act)


def _done(request: HttpRequest, user: str, act: Callable[[Scope], str]) -> HttpResponse:
    """What was done, said on the list; or their page with what stands in the way."""
    scope = signed_in(request)
    policy.require_operator(scope)
    try:
        messages.success(request, act(scope))
    except NotFound:
        raise
    except Refusal as refusal:
        context = _one(scope, page_id("user", user)) | {"errors": faults(refusal)}
        return show_again(request, PAGE, context, refusal)
    return SeeOther(reverse("spaces-install-people"))


urlpatterns = [
    path("install/people", people, name="spaces-install-people"),
    path("install/people/<user>", person, name="spaces-install-person"),
    path("install/people/<user>/role", change_role, name="spaces-install-person-role"),
    path("install/people/<user>/ban", ban, name="spaces-install-person-ban"),
    path("install/people/<user>/delete", delete_person, name="spaces-install-person-delete"),
]
