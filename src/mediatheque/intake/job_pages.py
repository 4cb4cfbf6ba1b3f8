"""Imports under way and past, as pages: progress, report, cancelling."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mediatheque.catalog import pages as catalog_pages
from mediatheque.catalog.addresses import identity
from mediatheque.core.api import Request, signed_in
from mediatheque.core.ids import read_id
from mediatheque.core.scope import Scope
from mediatheque.intake import actions, queries, report
from mediatheque.intake.lines import address, line, outcome_word, row, shown
from mediatheque.intake.models import OUTCOMES
from mediatheque.intake.queries import ALL, Wanted
from mediatheque.people.forms import SeeOther

SHOWN = 100


@require_GET
def jobs(request: Request, slug: str) -> HttpResponse:
    """The imports of the space: one's own, a manager's list all."""
    scope = signed_in(request)
    found = queries.jobs(scope, limit=SHOWN, cursor=request.GET.get("cursor"))
    cursor = found["pagination"]["next_cursor"]
    return render(
        request,
        "intake/jobs.html",
        {
            "jobs": [line(scope, each) for each in found["items"]],
            "next_url": f"{reverse('intake-jobs', args=[slug])}?{urlencode({'cursor': cursor})}"
            if cursor
            else None,
        },
    )


@require_GET
def job(request: Request, slug: str, job: str) -> HttpResponse:
    """One import: its progress, and its report once it has ended."""
    scope = signed_in(request)
    found = queries.job(scope, identity("job", job))
    outcome = request.GET.get("outcome")
    outcome = outcome if outcome in OUTCOMES else None
    return render(
        request, "intake/job.html", {"job": shown(scope, found), **_report(request, scope, found, outcome)}
    )


@require_GET
def progress(request: Request, slug: str, job: str) -> HttpResponse:
    """How far it is, asked for every second; once it has ended the page comes anew, with the report."""
    scope = signed_in(request)
    found = shown(scope, queries.job(scope, identity("job", job)))
    response = render(request, "intake/_progress.html", {"job": found})
    if found["finished"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def cancel(request: Request, slug: str, job: str) -> HttpResponse:
    """Stops an import; what came in stays."""
    scope = signed_in(request)
    job_id = identity("job", job)
    actions.cancel_import(scope, job_id)
    messages.success(request, _("The import stops. What came in stays."))
    return SeeOther(address(scope, "intake-job", job_id))


@require_GET
def download(request: Request, slug: str, job: str) -> HttpResponseBase:
    """The report as a table."""
    return report.answer(signed_in(request), identity("job", job), ALL, "csv")


@require_GET
def current(request: Request, slug: str) -> HttpResponse:
    """One's import under way, for the top bar."""
    scope = signed_in(request)
    running = queries.running(scope)
    return render(request, "intake/_current.html", {"job": shown(scope, running[0]) if running else None})


def running(scope: Scope) -> list[dict[str, Any]]:
    """One's imports under way, for the home page."""
    under_way = [shown(scope, each) for each in queries.running(scope)]
    return [{name: each[name] for name in ("title", "done", "total", "url")} for each in under_way]


catalog_pages.RUNNING.append(running)


def _report(request: Request, scope: Scope, found: dict[str, Any], outcome: str | None) -> dict[str, Any]:
    job_id = read_id("job", found["id"])
    here = address(scope, "intake-job", job_id)
    rows = queries.report(scope, job_id, Wanted(outcome), limit=SHOWN, cursor=request.GET.get("cursor"))
    cursor = rows["pagination"]["next_cursor"]
    further = {"outcome": outcome, "cursor": cursor} if outcome else {"cursor": cursor}
    tabs = [(None, _("All")), *((each, outcome_word(each)) for each in OUTCOMES)]
    return {
        "rows": [row(scope, each) for each in rows["items"]],
        "outcomes": [
            {"label": label, "url": f"{here}?outcome={each}" if each else here, "on": each == outcome}
            for each, label in tabs
        ],
        "next_url": f"{here}?{urlencode(further)}" if cursor else None,
        "csv_url": address(scope, "intake-report", job_id),
    }


urlpatterns = [
    path("s/<slug>/import/current", current, name="intake-current"),
    path("s/<slug>/jobs", jobs, name="intake-jobs"),
    path("s/<slug>/jobs/<job>", job, name="intake-job"),
    path("s/<slug>/jobs/<job>/progress", progress, name="intake-progress"),
    path("s/<slug>/jobs/<job>/cancel", cancel, name="intake-cancel"),
    path("s/<slug>/jobs/<job>/report", download, name="intake-report"),
]
