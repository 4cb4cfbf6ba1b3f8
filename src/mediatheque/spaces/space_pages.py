"""Settings and invitations of one space, as pages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.errors import Conflict, Refusal
from mediatheque.core.ids import show_id
from mediatheque.core.languages import LANGUAGES
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther, faults, given, read, show_again, shown_time
from mediatheque.people.pages import page_id

from . import actions, joining, policy, queries
from .library_pages import urlpatterns as of_libraries
from .member_pages import urlpatterns as of_members
from .schemas import NewInvitation, SpaceChangesIn
from .words import role_word, role_words, status_word

CONTACT = ("contact_person", "contact_email", "contact_address")


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    scope = signed_in(request)
    if request.method != "POST":
        return render(request, "spaces/settings.html", _settings(scope, slug))
    try:
        actions.change_space(scope, _changes(request))
    except Refusal as refusal:
        sent = {name: request.POST[name] for name in request.POST if name != "csrfmiddlewaretoken"}
        context = _settings(scope, slug)
        wrong = {name.replace("contact.", "contact_"): text for name, text in faults(refusal).items()}
        context |= {"values": context["values"] | sent, "errors": wrong}
        return show_again(request, "spaces/settings.html", context, refusal)
    messages.success(request, _("Saved."))
    return SeeOther(reverse("spaces-settings", args=[slug]))


def _changes(request: HttpRequest) -> actions.SpaceChanges:
    plain = {name: request.POST.get(name, "") for name in ("name", "language", "time_zone")}
    plain |= given({"default_library": request.POST.get("default_library", "")})
    contact = {name.removeprefix("contact_"): request.POST[name] for name in CONTACT if name in request.POST}
    form = read(SpaceChangesIn, {**plain, "contact": contact})
    return actions.SpaceChanges(
        form.name, form.language, form.time_zone, contact, default_library=form.default_library
    )


def _settings(scope: Scope, slug: str) -> dict[str, Any]:
    space = queries.space(scope)
    contact = {f"contact_{part}": text for part, text in space["contact"].items()}
    return {
        "space": {"name": space["name"], "archived": space["archived_at"] is not None},
        "values": {name: space[name] for name in ("name", "language", "time_zone")}
        | contact
        | {"default_library": show_id("library", space["default_library"])},
        "libraries": [
            (show_id("library", each.id), each.name) for each in scope.libraries if not each.archived
        ],
        "errors": {},
        "delete_errors": {},
        "languages": LANGUAGES,
        "may_edit": policy.allows(scope, "space.settings"),
        "archive_url": reverse("spaces-archive", args=[slug]),
        "restore_url": reverse("spaces-restore", args=[slug]),
        "delete_url": reverse("spaces-delete", args=[slug]),
        "counts": _inside(len(queries.members(scope)), len(scope.libraries)),
    }


def _inside(people: int, libraries: int) -> str:
    persons = ngettext("%(n)s person", "%(n)s people", people) % {"n": people}
    shelves = ngettext("%(n)s library", "%(n)s libraries", libraries) % {"n": libraries}
    return f"{persons} · {shelves}"


@require_POST
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    actions.archive_space(signed_in(request))
    restore_url = reverse("spaces-restore", args=[slug])
    messages.success(request, _("The space is archived."), extra_tags=f"undo:{restore_url}")
    return SeeOther(reverse("spaces-settings", args=[slug]))


@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    actions.restore_space(signed_in(request))
    messages.success(request, _("The space is back."))
    return SeeOther(reverse("spaces-settings", args=[slug]))


@require_POST
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    scope = signed_in(request)
    try:
        actions.delete_space(scope, request.POST.get("confirm_name", ""))
    except Refusal as refusal:
        context = _settings(scope, slug) | {"delete_errors": faults(refusal)}
        return show_again(request, "spaces/settings.html", context, refusal)
    messages.success(request, _("%(name)s is deleted.") % {"name": scope.space.name})
    return SeeOther(reverse("spaces-mine"))


@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest, slug: str) -> HttpResponse:
    """The new link is on the page that answers the form, and nowhere again."""
    scope = signed_in(request)
    policy.require(scope, "invitation.member")
    sent = request.POST
    values = {"email": sent.get("email", ""), "role": sent.get("role", "member"), "anyone": "anyone" in sent}
    context: dict[str, Any] = {"made": "", "values": values, "errors": {}}
    if request.method == "POST":
        try:
            form = read(NewInvitation, values)
            token = joining.invite(scope, email=form.email, role=form.role, anyone=form.anyone)[1]
        except Refusal as refusal:
            context |= _invitations(request, scope, slug) | {"errors": faults(refusal)}
            return show_again(request, "spaces/invitations.html", context, refusal)
        made = request.build_absolute_uri(joining.invitation_path(token))
        context |= {"made": made, "values": {"email": "", "role": "member", "anyone": False}}
    return render(request, "spaces/invitations.html", context | _invitations(request, scope, slug))


def _invitations(request: HttpRequest, scope: Scope, slug: str) -> dict[str, Any]:
    """Used ones are hidden by default (P9)."""
    show_used = given(request.GET.dict()).get("used") == "yes"
    found = queries.invitations(scope, status=None if show_used else "pending")
    names = {row["user_id"]: row["name"] for row in queries.members(scope)}
    here = reverse("spaces-invitations", args=[slug])
    roles = role_words() if policy.allows(scope, "invitation.any_role") else role_words()[:1]
    return {
        "invitations": [_invitation(scope, slug, row, names) for row in found],
        "roles": roles,
        "show_used": show_used,
        "toggle_url": here if show_used else f"{here}?used=yes",
    }


def _invitation(scope: Scope, slug: str, row: dict[str, Any], names: dict[Any, str]) -> dict[str, Any]:
    by = names.get(row["created_by"])
    mine = row["role"] == "member" or policy.allows(scope, "invitation.any_role")
    revocable = mine and row["status"] == "pending"
    address = reverse("spaces-invitation-revoke", args=[slug, show_id("invitation", row["id"])])
    return {
        "email": row["email"],
        "role": role_word(row["role"]),
        "status": status_word(row["status"]),
        "expires": _("ends %(time)s") % {"time": shown_time(scope, row["expires_at"])},
        "by": _("by %(name)s") % {"name": by} if by else "",
        "revoke_url": address if revocable else None,
        "resend_url": address.removesuffix("revoke") + "resend"
        if mine and row["status"] in ("pending", "expired")
        else None,
    }


@require_POST
def resend_invitation(request: HttpRequest, slug: str, invitation: str) -> HttpResponse:
    """The new link is on the page that answers, and nowhere again."""
    scope = signed_in(request)
    values = {"email": "", "role": "member", "anyone": False}
    context: dict[str, Any] = {"made": "", "values": values, "errors": {}}
    try:
        token = joining.resend_invitation(scope, page_id("invitation", invitation))
    except Conflict as refusal:
        context |= _invitations(request, scope, slug) | {"errors": faults(refusal)}
        return show_again(request, "spaces/invitations.html", context, refusal)
    context["made"] = request.build_absolute_uri(joining.invitation_path(token))
    return render(request, "spaces/invitations.html", context | _invitations(request, scope, slug))


@require_POST
def revoke_invitation(request: HttpRequest, slug: str, invitation: str) -> HttpResponse:
    joining.revoke_invitation(signed_in(request), page_id("invitation", invitation))
    messages.success(request, _("The invitation is revoked."))
    return SeeOther(reverse("spaces-invitations", args=[slug]))


urlpatterns = [
    path("s/<slug>/settings", settings, name="spaces-settings"),
    path("s/<slug>/settings/archive", archive, name="spaces-archive"),
    path("s/<slug>/settings/restore", restore, name="spaces-restore"),
    path("s/<slug>/settings/delete", delete, name="spaces-delete"),
    path("s/<slug>/invitations", invitations, name="spaces-invitations"),
    path("s/<slug>/invitations/<invitation>/resend", resend_invitation, name="spaces-invitation-resend"),
    path("s/<slug>/invitations/<invitation>/revoke", revoke_invitation, name="spaces-invitation-revoke"),
    *of_members,
    *of_libraries,
]
