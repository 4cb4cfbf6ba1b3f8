"""The import page: a file, where it goes, and what came before."""

from typing import Any, BinaryIO, cast

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mediatheque.catalog.addresses import identity
from mediatheque.core.api import Request, signed_in
from mediatheque.core.errors import Refusal, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.intake import actions, export_pages, job_pages, mapping_pages, queries
from mediatheque.intake.lines import address, line
from mediatheque.people.forms import SeeOther, faults, show_again
from mediatheque.spaces import policy

EARLIER = 5
FORM_FAULTS = (415, 422, 404, 409)


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: Request, slug: str) -> HttpResponse:
    """A file and where it goes; then its job's page, where the plan waits for a yes."""
    scope = signed_in(request)
    policy.require(scope, "media.import")
    if request.method != "POST":
        return render(request, "intake/import.html", _form(scope, request.GET.get("library", ""), {}))
    wanted = request.POST.get("library", "")
    try:
        file = request.FILES.get("file")
        if file is None:
            raise RuleBroken.at("file", _("Choose a file."), "file.missing")
        library = identity("library", wanted) if wanted else None
        job_id = actions.start_import(scope, library, cast(BinaryIO, file), file.name or "", dry_run=True)
    except Refusal as refusal:
        if refusal.status not in FORM_FAULTS:
            raise
        errors = faults(refusal)
        if refusal.status == 415:
            errors = {"file": refusal.detail}
        return show_again(request, "intake/import.html", _form(scope, wanted, errors), refusal)
    return SeeOther(address(scope, "intake-job", job_id))


def _form(scope: Scope, library: str, errors: dict[str, str]) -> dict[str, Any]:
    active = scope.active_library.name if scope.active_library else ""
    by_name = _("The one that the file names for each title, else %(library)s") % {"library": active}
    earlier = queries.jobs(scope, limit=EARLIER)["items"]
    return {
        "libraries": [
            ("", by_name),
            *((show_id("library", each.id), each.name) for each in scope.libraries if not each.archived),
        ],
        "library": library,
        "errors": errors,
        "template_url": "/api/media/import/template-csv",
        "jobs": [line(scope, each) for each in earlier],
    }


urlpatterns = [
    path("s/<slug>/import", bring, name="intake-import"),
    *job_pages.urlpatterns,
    *mapping_pages.urlpatterns,
    *export_pages.urlpatterns,
]
