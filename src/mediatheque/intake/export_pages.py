"""The export page: what goes along, in which form; then the file (I10)."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mediatheque.core.api import Request, signed_in
from mediatheque.core.errors import Malformed
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.intake import export_api
from mediatheque.people.policy import opens_personal
from mediatheque.spaces import policy

OWN = "entries"
FORMATS = ("json", "zip", "csv", "letterboxd")


@require_GET
def choose(request: Request, slug: str) -> HttpResponse:
    """What goes along, and in which form."""
    scope = signed_in(request)
    policy.require(scope, "media.see")
    return render(request, "intake/export.html", _form(scope, request.GET.get("what", "")))


@require_GET
def download(request: Request, slug: str) -> HttpResponseBase:
    """The file that was chosen."""
    scope = signed_in(request)
    what, form = request.GET.get("what") or "all", request.GET.get("form") or "json"
    if form not in FORMATS:
        raise Malformed(_("Choose one of the forms."))
    return export_api.file_of(
        scope,
        "entries" if what == OWN else "media",
        None if what == OWN else what,
        "json" if form == "zip" else form,
        images=form == "zip" and what != OWN,
    )


def _form(scope: Scope, chosen: str) -> dict[str, Any]:
    own = [(OWN, _("What I have seen, rated and plan to see"))] if opens_personal(scope) else []
    libraries = [(show_id("library", each.id), each.name) for each in scope.libraries]
    active = scope.active_library
    return {
        "wholes": [("all", _("Everything in %(space)s") % {"space": scope.space.name}), *libraries, *own],
        "what": chosen or (show_id("library", active.id) if active else "all"),
        "forms": [
            ("json", _("Complete, for another Mediatheque (JSON)")),
            ("zip", _("Complete with covers (ZIP)")),
            ("csv", _("Complete, for spreadsheets (CSV)")),
            ("letterboxd", _("Films for Letterboxd (CSV)")),
        ],
        "file_url": reverse("intake-export-file", args=[scope.space.slug]),
    }


urlpatterns = [
    path("s/<slug>/export", choose, name="intake-export"),
    path("s/<slug>/export/file", download, name="intake-export-file"),
]
