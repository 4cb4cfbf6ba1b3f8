"""The install's people and invitations, as pages for those who run it (P1, P7)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.errors import NotFound, Refusal, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther, faults, given, read, show_again, shown_time
from mediatheque.people.pages import page_id

from . import joining, operators, policy
from .operators_api import UserChanges
from .schemas import NewHouseholder
from .words import initials, status_word

TONES = 6
MOST_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """The new link is on the page that answers the form, and nowhere again."""
    scope = signed_in(request)
    policy.require_operator(scope)
    values = {"email": request.POST.get("email", ""), "anyone": "anyone" in request.POST}
    context: dict[str, Any] = {"made": "", "values": values, "errors": {}}
    if request.method == "POST":
        try:
            form = read(NewHouseholder, values)
            token = joining.invite(scope, email=form.email, anyone=form.anyone, to_install=True)[1]
        except Refusal as refusal:
            context |= _listed(request, scope) | {"errors": faults(refusal)}
            return show_again(request, "spaces/install_invitations.html", context, refusal)
        made = request.build_absolute_uri(joining.invitation_path(token))
        context |= {"made": made, "values": {"email": "", "anyone": False}}
    return render(request, "spaces/install_invitations.html", context | _listed(request, scope))


def _listed(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    show_used = given(request.GET.dict()).get("used") == "yes"
    found = joining.invitations_to_install(scope, None if show_used else "pending")
    here = reverse("spaces-install-invitations")
    newest = sorted(found, key=lambda row: row["created_at"], reverse=True)
    return {
        "invitations": [_invitation(scope, row) for row in newest],
        "show_used": show_used,
        "toggle_url": here if show_used else f"{here}?used=yes",
    }


def _invitation(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    address = reverse("spaces-install-invitation-revoke", args=[show_id("invitation", row["id"])])
    return {
        "email": row["email"],
        "status": status_word(row["status"]),
        "expires": _("ends %(time)s") % {"time": shown_time(scope, row["expires_at"])},
        "revoke_url": address if row["status"] == "pending" else None,
    }


@require_POST
def revoke_invitation(request: HttpRequest, invitation: str) -> HttpResponse:
    joining.revoke_install_invitation(signed_in(request), page_id("invitation", invitation))
    messages.success(request, _("The invitation is revoked."))
    return SeeOther(reverse("spaces-install-invitations"))


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
        "roles": [("user", _("user")), ("manager", _("manager")), ("admin", _("administrator"))],
        "may_change": policy.operates(scope),
        "errors": {},
    }


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
        "banned": row["banned_at"] is not None,
        "me": row["id"] == scope.user_id,
        "since": shown_time(scope, row["created_at"]),
        "last_sign_in": shown_time(scope, row["last_sign_in_at"]) or _("never"),
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

    return _done(request, act)


@require_POST
def ban(request: HttpRequest, user: str) -> HttpResponse:
    """Bans, or lifts the ban when `lift` is sent."""
    banned = "lift" not in request.POST

    def act(scope: Scope) -> str:
        changed = operators.change_person(scope, page_id("user", user), role=None, banned=banned)
        said = _("%(name)s is banned and signed out.") if banned else _("%(name)s may sign in again.")
        return said % {"name": changed["name"]}

    return _done(request, act)


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

    return _done(request, act)


def _done(request: HttpRequest, act: Callable[[Scope], str]) -> HttpResponse:
    """What was done, said on the list; or the list with what stands in the way."""
    scope = signed_in(request)
    policy.require_operator(scope)
    try:
        messages.success(request, act(scope))
    except NotFound:
        raise
    except Refusal as refusal:
        context = _people(request, scope) | {"errors": faults(refusal)}
        return show_again(request, "spaces/install_people.html", context, refusal)
    return SeeOther(reverse("spaces-install-people"))


urlpatterns = [
    path("install/people", people, name="spaces-install-people"),
    path("install/people/<user>/role", change_role, name="spaces-install-person-role"),
    path("install/people/<user>/ban", ban, name="spaces-install-person-ban"),
    path("install/people/<user>/delete", delete_person, name="spaces-install-person-delete"),
    path("install/invitations", invitations, name="spaces-install-invitations"),
    path(
        "install/invitations/<invitation>/revoke", revoke_invitation, name="spaces-install-invitation-revoke"
    ),
]
