"""Imports under way and past, as pages: progress, report, cancelling."""

from collections.abc import Callable
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
from mediatheque.intake.lines import address, line, outcome_word, plan_row, row, shown
from mediatheque.intake.models import OUTCOMES
from mediatheque.intake.queries import ALL, Wanted
from mediatheque.people.forms import SeeOther

SHOWN = 100
REVIEW = "review"  # beside the outcomes: what came in and waits to be looked at


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
    """One import: its plan while it waits, its progress, its report once it has ended."""
    scope = signed_in(request)
    found = queries.job(scope, identity("job", job))
    told = shown(scope, found)
    rows = {"planned": _plan, "ended": _report}.get(told["kind"], _nothing)
    return render(request, "intake/job.html", {"job": told, **rows(request, scope, found)})


@require_GET
def progress(request: Request, slug: str, job: str) -> HttpResponse:
    """How far it is, asked for every second; once it waits or has ended the page comes anew, with its rows."""
    scope = signed_in(request)
    found = shown(scope, queries.job(scope, identity("job", job)))
    response = render(request, "intake/_progress.html", {"job": found})
    if found["finished"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def apply(request: Request, slug: str, job: str) -> HttpResponse:
    """The yes to a plan."""
    scope = signed_in(request)
    job_id = identity("job", job)
    actions.apply_plan(scope, job_id)
    return SeeOther(address(scope, "intake-job", job_id))


@require_POST
def undo(request: Request, slug: str, job: str) -> HttpResponse:
    """Takes an import back; the report says what was kept."""
    scope = signed_in(request)
    job_id = identity("job", job)
    if actions.undo_import(scope, job_id):
        messages.success(request, _("The import is taken back."))
    return SeeOther(address(scope, "intake-job", job_id))


@require_POST
def cancel(request: Request, slug: str, job: str) -> HttpResponse:
    """Stops an import; what came in stays, and can be undone."""
    scope = signed_in(request)
    job_id = identity("job", job)
    actions.cancel_import(scope, job_id)
    messages.success(request, _("The import stops. What came in stays."))
    return SeeOther(address(scope, "intake-job", job_id))


@require_GET
def download(request: Request, slug: str, job: str) -> HttpResponseBase:
    """The report, or the plan while there is none, as a table or as JSON."""
    scope, job_id = signed_in(request), identity("job", job)
    form: report.Form = "json" if request.GET.get("format") == "json" else "csv"
    if queries.job(scope, job_id)["stage"] in ("plan", "planned"):
        return report.answer(scope, job_id, ALL, form, queries.plan_pieces)
    return report.answer(scope, job_id, ALL, form)


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


def _nothing(request: Request, scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    return {"rows": [], "outcomes": [], "next_url": None, "q": "", "csv_url": None}


def _report(request: Request, scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    waiting = queries.review_count(scope, read_id("job", found["id"]))
    return _rows(request, scope, found, queries.report, row, found["summary"], waiting)


def _plan(request: Request, scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    return _rows(request, scope, found, queries.plan, plan_row, found["plan"])


def _rows(
    request: Request,
    scope: Scope,
    found: dict[str, Any],
    listed: Callable[..., dict[str, Any]],
    show: Callable[[Scope, dict[str, Any]], dict[str, Any]],
    counts: dict[str, int],
    review: int = 0,
) -> dict[str, Any]:
    job_id = read_id("job", found["id"])
    here = address(scope, "intake-job", job_id)
    outcome = request.GET.get("outcome")
    outcome = outcome if outcome in (*OUTCOMES, REVIEW) else None
    q = request.GET.get("q", "").replace("\0", "")[:200]
    wanted = Wanted(None if outcome == REVIEW else outcome, q or None, review=outcome == REVIEW)
    page = listed(scope, job_id, wanted, limit=SHOWN, cursor=request.GET.get("cursor"))
    cursor = page["pagination"]["next_cursor"]
    chosen = {name: value for name, value in (("outcome", outcome), ("q", q)) if value}
    tabs = [(None, _("All"), sum(counts.values())), *((o, outcome_word(o), counts[o]) for o in OUTCOMES)]
    if review:
        tabs.append((REVIEW, _("To review"), review))
    return {
        "rows": [show(scope, each) for each in page["items"]],
        "outcomes": [
            {"label": label, "count": count, "url": f"{here}?outcome={o}" if o else here, "on": o == outcome}
            for o, label, count in tabs
        ],
        "next_url": f"{here}?{urlencode(chosen | {'cursor': cursor})}" if cursor else None,
        "here": here,
        "outcome": outcome or "",
        "q": q,
        "csv_url": address(scope, "intake-report", job_id),
    }


urlpatterns = [
    path("s/<slug>/import/current", current, name="intake-current"),
    path("s/<slug>/jobs", jobs, name="intake-jobs"),
    path("s/<slug>/jobs/<job>", job, name="intake-job"),
    path("s/<slug>/jobs/<job>/progress", progress, name="intake-progress"),
    path("s/<slug>/jobs/<job>/cancel", cancel, name="intake-cancel"),
    path("s/<slug>/jobs/<job>/apply", apply, name="intake-apply"),
    path("s/<slug>/jobs/<job>/undo", undo, name="intake-undo"),
    path("s/<slug>/jobs/<job>/report", download, name="intake-report"),
]
