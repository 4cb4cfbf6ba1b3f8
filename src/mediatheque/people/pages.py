"""Signing in and out, one's profile, sessions and tokens, as pages."""

import zoneinfo
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core import uploads
from mediatheque.core.api import signed_in
from mediatheque.core.clock import now
from mediatheque.core.errors import NotFound, Refusal
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.languages import LANGUAGES, spoken
from mediatheque.core.scope import Scope

from . import actions, avatars, queries, rules
from .door import let_in, let_out, visit_of
from .forms import SeeOther, faults, given, read, show_again, shown_time
from .profile import Credentials, PasswordChange, ProfileChanges, TokenForm, change_profile


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    values = {"email": sent.get("email", ""), "next": rules.local_path(sent.get("next"))}
    context: dict[str, Any] = {
        "values": values,
        "errors": {},
        "may_register": settings.REGISTRATION == "open" or not queries.anyone_registered(),
    }
    if request.method != "POST":
        return render(request, "people/sign_in.html", context)
    try:
        form = read(Credentials, _fields(request, "email", "password"))
        key = actions.sign_in(form.email, form.password, visit_of(request))
    except Refusal as refusal:
        return show_again(request, "people/sign_in.html", context | {"errors": faults(refusal)}, refusal)
    return let_in(request, SeeOther(values["next"]), key)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    actions.sign_out(signed_in(request))
    return let_out(request, SeeOther(reverse("people-sign-in")))


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    scope = signed_in(request)
    if request.method != "POST":
        return render(request, "people/profile.html", _profile(scope))
    part = request.POST.get("part")
    try:
        if part == "password":
            change = read(PasswordChange, _fields(request, "current_password", "password"))
            actions.change_password(scope, change.current_password, change.password)
        else:
            change_profile(scope, _profile_changes(request))
            translation.activate(spoken(actions.refreshed(scope).preferences))
    except Refusal as refusal:
        found = faults(refusal)
        errors = {"password_errors": found} if part == "password" else {"errors": _without_prefix(found)}
        return profile_again(request, scope, refusal, errors)
    messages.success(request, _("Saved."))
    return SeeOther(reverse("people-profile"))


def profile_again(
    request: HttpRequest, scope: Scope, refusal: Refusal, errors: dict[str, dict[str, str]]
) -> HttpResponse:
    """The profile page with what went wrong in one of its forms."""
    return show_again(request, "people/profile.html", _profile(scope, request) | errors, refusal)


PREFERENCES = ("theme", "language", "time_zone", "region", "default_visibility")


def _profile_changes(request: HttpRequest) -> ProfileChanges:
    services = [
        each.strip() for each in request.POST.get("streaming_services", "").split(",") if each.strip()
    ]
    chosen = {
        name: request.POST.get(name, "").strip() or None for name in PREFERENCES if name in request.POST
    }
    if "streaming_services" in request.POST:
        chosen |= {"streaming_services": services or None}  # type: ignore[dict-item]
    return read(ProfileChanges, {**_fields(request, "name", "bio"), "preferences": chosen})


def _without_prefix(found: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("preferences.").split(".")[0]: text for name, text in found.items()}


def _fields(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST[name] for name in names if name in request.POST}


def _profile(scope: Scope, request: HttpRequest | None = None) -> dict[str, Any]:
    kept: dict[str, Any] = {name: scope.preferences.get(name) or "" for name in PREFERENCES}
    kept |= {"name": scope.user.name, "bio": scope.user.bio}
    kept["streaming_services"] = ", ".join(scope.preferences.get("streaming_services") or [])
    sent = {name: request.POST[name] for name in kept if name in request.POST} if request else {}
    return {
        "values": kept | sent,
        "errors": {},
        "password_errors": {},
        "leave_errors": {},
        "avatar_errors": {},
        "avatar_url": avatars.avatar_url(scope.user_id, scope.user.avatar, 128),
        "themes": [("", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        "languages": [("", _("As the browser")), *LANGUAGES],
        "visibilities": [("", _("As the install")), ("shared", _("Shared")), ("private", _("Private"))],
        "time_zones": sorted(zoneinfo.available_timezones()),
    }


@require_POST
def set_avatar(request: HttpRequest) -> HttpResponse:
    scope = signed_in(request)
    try:
        avatars.set_avatar(scope, uploads.uploaded(request))
    except Refusal as refusal:
        return profile_again(request, scope, refusal, {"avatar_errors": {"file": refusal.detail}})
    messages.success(request, _("That is your picture now."))
    return SeeOther(reverse("people-profile"))


@require_POST
def remove_avatar(request: HttpRequest) -> HttpResponse:
    avatars.remove_avatar(signed_in(request))
    messages.success(request, _("Your picture is gone."))
    return SeeOther(reverse("people-profile"))


@require_http_methods(["GET", "HEAD"])
def sessions(request: HttpRequest) -> HttpResponse:
    scope = signed_in(request)
    shown = [
        {
            "id": show_id("session", row["id"]),
            "device": rules.device(row["user_agent"]) or _("Unknown device"),
            "address": row["address"],
            "last_seen": shown_time(scope, row["last_seen_at"]),
            "current": row["current"],
            "revoke_url": reverse("people-session-end", args=[show_id("session", row["id"])]),
        }
        for row in queries.sessions(scope)
    ]
    context = {"sessions": shown, "revoke_all_url": reverse("people-sessions-end")}
    return render(request, "people/sessions.html", context)


@require_POST
def end_session(request: HttpRequest, session: str) -> HttpResponse:
    actions.end_session(signed_in(request), page_id("session", session))
    messages.success(request, _("The session has ended."))
    return SeeOther(reverse("people-sessions"))


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    actions.end_sessions(signed_in(request), all_of_them=False)
    messages.success(request, _("Every other session has ended."))
    return SeeOther(reverse("people-sessions"))


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The new token's text is on the page that answers the form, and nowhere again."""
    scope = signed_in(request)
    sent = request.POST
    values = {"name": sent.get("name", ""), "scope": sent.get("scope", "read"), "days": sent.get("days", "")}
    context: dict[str, Any] = {"made": "", "values": values, "errors": {}}
    if request.method == "POST":
        try:
            context |= {"made": _make_token(scope, read(TokenForm, given(values)))}
            context["values"] = {"name": "", "scope": "read", "days": ""}
        except Refusal as refusal:
            context |= {"errors": faults(refusal), "tokens": _tokens(scope)}
            return show_again(request, "people/tokens.html", context, refusal)
    return render(request, "people/tokens.html", context | {"tokens": _tokens(scope)})


def _make_token(scope: Scope, form: TokenForm) -> str:
    scopes = ["read"] if form.scope == "read" else ["read", "write"]
    ends = now() + timedelta(days=form.days) if form.days else None
    return actions.create_api_token(scope, name=form.name, scopes=scopes, space_id=None, expires_at=ends)[1]


def _tokens(scope: Scope) -> list[dict[str, str]]:
    words = {"read": _("read"), "write": _("write"), "personal": _("personal")}
    return [
        {
            "name": row["name"],
            "scopes": ", ".join(words[each] for each in row["scopes"]),
            "created": _("made %(time)s") % {"time": shown_time(scope, row["created_at"])},
            "expires": _("ends %(time)s") % {"time": shown_time(scope, row["expires_at"])}
            if row["expires_at"]
            else "",
            "last_used": _("used %(time)s") % {"time": shown_time(scope, row["last_used_at"])}
            if row["last_used_at"]
            else _("never used"),
            "revoke_url": reverse("people-token-revoke", args=[show_id("token", row["id"])]),
        }
        for row in queries.api_tokens(scope)
    ]


@require_POST
def revoke_token(request: HttpRequest, token: str) -> HttpResponseBase:
    actions.revoke_api_token(signed_in(request), page_id("token", token))
    messages.success(request, _("The token is revoked."))
    return SeeOther(reverse("people-tokens"))


def page_id(kind: str, text: str) -> Any:
    """The id in a page's address. Raises NotFound."""
    try:
        return read_id(kind, text)
    except UnknownId:
        raise NotFound() from None


urlpatterns = [
    path("sign-in", sign_in, name="people-sign-in"),
    path("sign-out", sign_out, name="people-sign-out"),
    path("me/profile", profile, name="people-profile"),
    path("me/avatar", set_avatar, name="people-avatar"),
    path("me/avatar/delete", remove_avatar, name="people-avatar-delete"),
    path("me/sessions", sessions, name="people-sessions"),
    path("me/sessions/end", end_sessions, name="people-sessions-end"),
    path("me/sessions/<session>/end", end_session, name="people-session-end"),
    path("me/tokens", tokens, name="people-tokens"),
    path("me/tokens/<token>/revoke", revoke_token, name="people-token-revoke"),
]
