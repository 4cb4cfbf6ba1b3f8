"""Invitations to the install, as a page for its administrators (P1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.errors import Refusal
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther, faults, given, read, show_again, shown_time
from mediatheque.people.pages import page_id

from . import joining, policy
from .people_pages import urlpatterns as of_people
from .schemas import NewHouseholder
from .words import status_word

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


urlpatterns = [
    *of_people,
    path("install/invitations", invitations, name="spaces-install-invitations"),
    path(
        "install/invitations/<invitation>/revoke", revoke_invitation, name="spaces-install-invitation-revoke"
    ),
]
