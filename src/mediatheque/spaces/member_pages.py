"""The people of a space, as pages: the list, and one of them in a drawer or on a page of their own (P8)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.errors import Refusal
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.avatars import avatar_url
from mediatheque.people.forms import SeeOther, faults, read, show_again, shown_time
from mediatheque.people.pages import page_id

from . import actions, policy, queries
from .schemas import MemberChanges, NewMember
from .words import initials, role_word, role_words

TONES = 6


@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """The list; its form keeps somebody without an account (P6)."""
    scope = signed_in(request)
    if request.method == "POST":
        try:
            made = actions.keep_person(scope, read(NewMember, {"name": request.POST.get("name", "")}).name)
        except Refusal as refusal:
            context = _members(scope, slug) | {
                "errors": faults(refusal),
                "kept_name": request.POST.get("name", ""),
            }
            return show_again(request, "spaces/members.html", context, refusal)
        messages.success(request, _("%(name)s is here now.") % {"name": made["name"]})
        return SeeOther(reverse("spaces-members", args=[slug]))
    return render(request, "spaces/members.html", _members(scope, slug))


def _members(scope: Scope, slug: str) -> dict[str, Any]:
    return {
        "members": [_member(scope, slug, row) for row in queries.members(scope)],
        "may_keep": policy.allows(scope, "member.keep") and scope.space.kind == "household",
        "kept_name": "",
        "errors": {},
    }


def _member(scope: Scope, slug: str, row: dict[str, Any]) -> dict[str, Any]:
    shown = show_id("membership", row["id"])
    return {
        "id": shown,
        "name": row["name"],
        "email": row["email"],
        "bio": row["bio"],
        "initials": initials(row["name"]),
        "tone": row["user_id"].int % TONES + 1,
        "avatar_url": avatar_url(row["user_id"], row["avatar"], 128),
        "role": row["role"],
        "role_word": role_word(row["role"]),
        "joined": shown_time(scope, row["joined_at"]),
        "suspended": shown_time(scope, row["suspended_at"]),
        "me": row["user_id"] == scope.user_id,
        "url": reverse("spaces-member", args=[slug, shown]),
        **{
            f"{act}_url": reverse(f"spaces-member-{act}", args=[slug, shown])
            for act in ("role", "remove", "suspend", "lift")
        },
    }


@require_http_methods(["GET", "HEAD"])
def member(request: HttpRequest, slug: str, member: str) -> HttpResponse:
    scope = signed_in(request)
    context = _one(scope, slug, page_id("membership", member))
    fragment = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    answer = render(request, "spaces/_member.html" if fragment else "spaces/member.html", context)
    patch_vary_headers(answer, ("HX-Request", "HX-History-Restore-Request"))
    return answer


def _one(scope: Scope, slug: str, membership_id: UUID) -> dict[str, Any]:
    row = queries.member(scope, membership_id)
    return {
        "member": _member(scope, slug, row),
        "activity": _told(scope, queries.member_activity(scope, membership_id)),
        "roles": role_words(),
        "may_change": policy.allows(scope, "member.role"),
        "may_suspend": policy.allows(scope, "member.suspend") and row["user_id"] != scope.user_id,
        "may_remove": policy.allows(scope, "member.remove") or row["user_id"] == scope.user_id,
        "back_url": reverse("spaces-members", args=[slug]),
        "errors": {},
    }


def _told(scope: Scope, activity: dict[str, Any] | None) -> list[tuple[str, str]]:
    if activity is None:
        return []
    last = {name: shown_time(scope, datetime.fromisoformat(activity[name])) if activity[name] else _("never")
            for name in ("last_sign_in_at", "last_edit_at")}  # fmt: skip
    return [
        (_("Last sign-in"), last["last_sign_in_at"]),
        (_("Titles added"), str(activity["media_added"])),
        (_("Last edit"), last["last_edit_at"]),
        (_("Contributions in 90 days"), str(activity["score"])),
    ]


def _again(
    request: HttpRequest, scope: Scope, slug: str, membership_id: UUID, refusal: Refusal
) -> HttpResponse:
    context = _one(scope, slug, membership_id) | {"errors": faults(refusal)}
    return show_again(request, "spaces/member.html", context, refusal)


@require_POST
def change_role(request: HttpRequest, slug: str, member: str) -> HttpResponse:
    scope, membership_id = signed_in(request), page_id("membership", member)
    try:
        form = read(MemberChanges, {"role": request.POST.get("role", "")})
        changed = actions.change_role(scope, membership_id, form.role or "")
    except Refusal as refusal:
        return _again(request, scope, slug, membership_id, refusal)
    words = {"name": changed["name"], "role": role_word(changed["role"])}
    messages.success(request, _("%(name)s is %(role)s now.") % words)
    return SeeOther(reverse("spaces-members", args=[slug]))


@require_POST
def suspend(request: HttpRequest, slug: str, member: str) -> HttpResponse:
    return _suspension(request, slug, page_id("membership", member), suspended=True)


@require_POST
def lift(request: HttpRequest, slug: str, member: str) -> HttpResponse:
    return _suspension(request, slug, page_id("membership", member), suspended=False)


def _suspension(request: HttpRequest, slug: str, membership_id: UUID, *, suspended: bool) -> HttpResponse:
    scope = signed_in(request)
    try:
        found = actions.suspend_member(scope, membership_id, suspended=suspended)
    except Refusal as refusal:
        return _again(request, scope, slug, membership_id, refusal)
    said = _("%(name)s is suspended: nothing here opens to them.") if suspended else _("%(name)s is back.")
    undo = reverse("spaces-member-lift", args=[slug, show_id("membership", membership_id)])
    messages.success(request, said % {"name": found["name"]}, extra_tags=f"undo:{undo}" if suspended else "")
    return SeeOther(reverse("spaces-members", args=[slug]))


@require_POST
def remove_member(request: HttpRequest, slug: str, member: str) -> HttpResponse:
    scope, membership_id = signed_in(request), page_id("membership", member)
    try:
        found = queries.member(scope, membership_id)
        actions.remove_member(scope, found["id"])
    except Refusal as refusal:
        return _again(request, scope, slug, membership_id, refusal)
    if found["user_id"] == scope.user_id:
        messages.success(request, _("You left %(name)s.") % {"name": scope.space.name})
        return SeeOther(reverse("spaces-mine"))
    messages.success(request, _("%(name)s is no longer a member.") % {"name": found["name"]})
    return SeeOther(reverse("spaces-members", args=[slug]))


urlpatterns = [
    path("s/<slug>/members", members, name="spaces-members"),
    path("s/<slug>/members/<member>", member, name="spaces-member"),
    path("s/<slug>/members/<member>/role", change_role, name="spaces-member-role"),
    path("s/<slug>/members/<member>/suspend", suspend, name="spaces-member-suspend"),
    path("s/<slug>/members/<member>/lift", lift, name="spaces-member-lift"),
    path("s/<slug>/members/<member>/remove", remove_member, name="spaces-member-remove"),
]
