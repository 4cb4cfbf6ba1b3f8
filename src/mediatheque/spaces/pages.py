"""Coming in and going out as pages: the root, registering, invitations, one's spaces, leaving the install."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import Request, signed_in
from mediatheque.core.errors import NotFound, Refusal
from mediatheque.core.scope import Scope, SpaceFacts
from mediatheque.people import pages as people_pages
from mediatheque.people import queries as people_queries
from mediatheque.people.door import let_in, let_out, visit_of
from mediatheque.people.forms import SeeOther, faults, given, read, show_again
from mediatheque.people.profile import Registration

from . import actions, joining, queries
from .install_pages import urlpatterns as of_the_install
from .schemas import NewSpace
from .space_pages import urlpatterns as of_one_space
from .words import kind_word, kind_words, role_word


@require_http_methods(["GET", "HEAD"])
def root(request: HttpRequest) -> HttpResponse:
    """To the last space, to the door, or to the very first registration."""
    scope: Scope | None = getattr(request, "scope", None)
    if scope is None:
        return SeeOther(
            reverse("people-sign-in" if people_queries.anyone_registered() else "people-register")
        )
    space = scope.active_space
    return SeeOther(home(space.slug) if space else reverse("spaces-mine"))


def home(slug: str) -> str:
    return f"/s/{slug}/"


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    values = {name: sent.get(name, "") for name in ("email", "name", "invite_token")}
    context = _registration(values)
    if request.method != "POST":
        return render(request, "people/register.html", context)
    try:
        form = read(Registration, given({**values, "password": sent.get("password", "")}))
        key = joining.register(
            email=form.email, password=form.password, name=form.name, invitation=form.invite_token,
            visit=visit_of(request),
        )  # fmt: skip
    except Refusal as refusal:
        return show_again(request, "people/register.html", context | {"errors": faults(refusal)}, refusal)
    return let_in(request, SeeOther("/"), key)


def _registration(values: dict[str, str]) -> dict[str, Any]:
    first = not people_queries.anyone_registered()
    invitation = _open_invitation(values["invite_token"])
    errors = {}
    if not (first or invitation or settings.REGISTRATION == "open"):
        errors = {"form": _("Registering here needs an invitation: ask who runs this install.")}
    if invitation and not values["email"] and not invitation["anyone"]:
        values["email"] = invitation["email"]
    return {"values": values, "errors": errors, "first": first, "invitation": invitation}


def _open_invitation(token: str) -> dict[str, Any] | None:
    """What the register page tells of an invitation that still stands."""
    if not token:
        return None
    try:
        found = queries.invitation_of(token)
    except NotFound:
        return None
    shown = _invitation(found)
    return shown | {"anyone": found["anyone"]} if shown["open"] else None


def _invitation(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "space": found["space"]["name"] if found["space"] else None,
        "role": role_word(found["role"]),
        "email": found["email"],
        "by": found["invited_by"],
        "open": found["status"] == "pending",
    }


@require_http_methods(["GET", "HEAD"])
def invitation(request: Request, token: str) -> HttpResponse:
    return render(request, "spaces/invitation.html", _claim_context(request, token))


def _claim_context(request: Request, token: str) -> dict[str, Any]:
    try:
        found = _invitation(queries.invitation_of(token))
    except NotFound:
        found = None
    here = reverse("spaces-invitation", args=[token])
    return {
        "invitation": found,
        "claim_url": reverse("spaces-invitation-claim", args=[token]),
        "decline_url": reverse("spaces-invitation-decline", args=[token]),
        "register_url": f"{reverse('people-register')}?{urlencode({'invite_token': token})}",
        "sign_in_url": f"{reverse('people-sign-in')}?{urlencode({'next': here})}",
        "signed_in": request.scope is not None,
        "detail": "",
    }


@require_POST
def claim(request: Request, token: str) -> HttpResponse:
    scope = signed_in(request)
    try:
        space = joining.claim(scope, token)
    except Refusal as refusal:
        context = _claim_context(request, token) | {"detail": refusal.detail}
        return show_again(request, "spaces/invitation.html", context, refusal)
    messages.success(request, _("Welcome to %(name)s.") % {"name": space["name"]})
    return SeeOther(home(space["slug"]))


@require_POST
def decline(request: Request, token: str) -> HttpResponse:
    try:
        joining.decline(token, request.request_id, request.scope.user_id if request.scope else None)
    except Refusal as refusal:
        context = _claim_context(request, token) | {"detail": refusal.detail}
        return show_again(request, "spaces/invitation.html", context, refusal)
    messages.success(request, _("You declined the invitation."))
    return SeeOther("/")


@require_http_methods(["GET", "HEAD", "POST"])
def spaces(request: HttpRequest) -> HttpResponse:
    scope = signed_in(request)
    values = {name: request.POST.get(name, "") for name in ("name", "kind", "time_zone")}
    values["kind"] = values["kind"] or "household"
    if request.method != "POST":
        values["time_zone"] = str(scope.preferences.get("time_zone") or "")
        return render(request, "spaces/spaces.html", _spaces(scope, values))
    try:
        made = actions.create_space(scope, **dict(read(NewSpace, given(values))))
    except Refusal as refusal:
        context = _spaces(scope, values) | {"errors": faults(refusal)}
        return show_again(request, "spaces/spaces.html", context, refusal)
    messages.success(request, _("%(name)s is ready.") % {"name": made["name"]})
    return SeeOther(home(made["slug"]))


def _spaces(scope: Scope, values: dict[str, str]) -> dict[str, Any]:
    kinds = kind_words() if scope.user.role == "admin" else kind_words()[:1]
    return {"spaces": [_mine(each) for each in scope.spaces], "values": values, "errors": {}, "kinds": kinds}


def _mine(space: SpaceFacts) -> dict[str, Any]:
    return {
        "name": space.name,
        "kind": kind_word(space.kind),
        "role": role_word(space.role),
        "url": home(space.slug),
        "settings_url": reverse("spaces-settings", args=[space.slug]),
        "archived": space.archived,
    }


@require_POST
def leave_install(request: HttpRequest) -> HttpResponseBase:
    """Deletes one's account (P6)."""
    scope = signed_in(request)
    try:
        actions.delete_account(scope, request.POST.get("leave_password", ""))
    except Refusal as refusal:
        errors = {"leave_errors": {"leave_password": refusal.detail}}
        return people_pages.profile_again(request, scope, refusal, errors)
    return let_out(request, SeeOther(reverse("people-sign-in")))


urlpatterns = [
    path("", root, name="home"),
    path("register", register, name="people-register"),
    path("me/leave", leave_install, name="spaces-leave-install"),
    path("invitations/<token>", invitation, name="spaces-invitation"),
    path("invitations/<token>/claim", claim, name="spaces-invitation-claim"),
    path("invitations/<token>/decline", decline, name="spaces-invitation-decline"),
    path("spaces", spaces, name="spaces-mine"),
    *of_the_install,
    *of_one_space,
]
