"""Imports as pages: bring a file, watch it come in, read what became of each row."""

from typing import Any, BinaryIO, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mediatheque.catalog import pages as catalog_pages
from mediatheque.catalog.addresses import identity, item_url, library_url
from mediatheque.core.api import Request, signed_in
from mediatheque.core.errors import Refusal, RuleBroken
from mediatheque.core.ids import read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.intake import actions, queries, report
from mediatheque.intake.queries import ENDED, OUTCOMES
from mediatheque.intake.sources import SOURCES
from mediatheque.people.forms import SeeOther, faults, show_again, shown_time
from mediatheque.spaces import policy

EARLIER = 5
SHOWN = 100
FORM_FAULTS = (415, 422, 404, 409)


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: Request, slug: str) -> HttpResponse:
    """A file and where it goes; then its job's page."""
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
        job_id = actions.start_import(scope, library, cast(BinaryIO, file), file.name or "")
    except Refusal as refusal:
        if refusal.status not in FORM_FAULTS:
            raise
        errors = faults(refusal)
        if refusal.status == 415:
            errors = {"file": refusal.detail}
        return show_again(request, "intake/import.html", _form(scope, wanted, errors), refusal)
    return SeeOther(_address(scope, "intake-job", job_id))


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
            "jobs": [_line(scope, each) for each in found["items"]],
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
        request, "intake/job.html", {"job": _shown(scope, found), **_report(request, scope, found, outcome)}
    )


@require_GET
def progress(request: Request, slug: str, job: str) -> HttpResponse:
    """How far it is, asked for every second; once it has ended the page comes anew, with the report."""
    scope = signed_in(request)
    found = _shown(scope, queries.job(scope, identity("job", job)))
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
    return SeeOther(_address(scope, "intake-job", job_id))


@require_GET
def download(request: Request, slug: str, job: str) -> HttpResponseBase:
    """The report as a table."""
    return report.answer(signed_in(request), identity("job", job), None)


@require_GET
def current(request: Request, slug: str) -> HttpResponse:
    """One's import under way, for the top bar."""
    scope = signed_in(request)
    running = queries.running(scope)
    return render(request, "intake/_current.html", {"job": _shown(scope, running[0]) if running else None})


def running(scope: Scope) -> list[dict[str, Any]]:
    """One's imports under way, for the home page."""
    shown = [_shown(scope, each) for each in queries.running(scope)]
    return [{name: each[name] for name in ("title", "done", "total", "url")} for each in shown]


catalog_pages.RUNNING.append(running)


def _form(scope: Scope, library: str, errors: dict[str, str]) -> dict[str, Any]:
    active = scope.active_library
    chosen = library or (show_id("library", active.id) if active else "")
    earlier = queries.jobs(scope, limit=EARLIER)["items"]
    return {
        "libraries": [
            (show_id("library", each.id), each.name) for each in scope.libraries if not each.archived
        ],
        "library": chosen,
        "errors": errors,
        "template_url": "/api/media/import/template-csv",
        "jobs": [_line(scope, each) for each in earlier],
    }


def _line(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": _address(scope, "intake-job", read_id("job", found["id"])),
        "file_name": found["file_name"] or _("Import"),
        "source": SOURCES[found["provider"]].label,
        "by": found["added_by"]["name"] if found["added_by"] else "",
        "when": shown_time(scope, found["created_at"]),
        "status_label": _status(found["status"]),
        **found["summary"],
    }


def _shown(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    job_id = read_id("job", found["id"])
    done, total = found["progress"]["done"], found["progress"]["total"]
    finished = found["status"] in ENDED
    cancellable = not finished and found["cancel_requested_at"] is None
    line = _line(scope, found)
    return line | {
        "title": line["file_name"],
        "status": found["status"],
        "finished": finished,
        "done": done,
        "total": total,
        "percent": 100 if found["status"] == "succeeded" else int(done * 100 / total) if total else 0,
        "review": queries.review_count(scope, job_id),
        "library": found["scope"]["name"],
        "library_url": library_url(scope, read_id("library", found["scope"]["library"])),
        "error": found["error"],
        "notices": [each["message"] for each in found["notices"]],
        "progress_url": _address(scope, "intake-progress", job_id),
        "cancel_url": _address(scope, "intake-cancel", job_id) if cancellable else None,
    }


def _report(request: Request, scope: Scope, found: dict[str, Any], outcome: str | None) -> dict[str, Any]:
    job_id = read_id("job", found["id"])
    address = _address(scope, "intake-job", job_id)
    rows = queries.report(scope, job_id, outcome=outcome, limit=SHOWN, cursor=request.GET.get("cursor"))
    cursor = rows["pagination"]["next_cursor"]
    further = {"outcome": outcome, "cursor": cursor} if outcome else {"cursor": cursor}
    tabs = [(None, _("All")), *((each, _outcome(each)) for each in OUTCOMES)]
    return {
        "rows": [_row(scope, each) for each in rows["items"]],
        "outcomes": [
            {"label": label, "url": f"{address}?outcome={each}" if each else address, "on": each == outcome}
            for each, label in tabs
        ],
        "next_url": f"{address}?{urlencode(further)}" if cursor else None,
        "csv_url": _address(scope, "intake-report", job_id),
    }


def _row(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "row": row["row"],
        "outcome": row["outcome"],
        "outcome_label": _outcome(row["outcome"]),
        "title": row["title"],
        "url": item_url(scope, read_id("media", row["media"])) if row["media"] else None,
        "messages": [each["message"] for each in row["messages"]],
        "needs_review": row["review"],
    }


def _address(scope: Scope, name: str, job_id: UUID) -> str:
    return reverse(name, args=[scope.space.slug, show_id("job", job_id)])


def _status(status: str) -> str:
    return {
        "idle": _("Waiting"),
        "running": _("Coming in"),
        "failed": _("Stopped"),
        "succeeded": _("Done"),
        "cancelled": _("Cancelled"),
    }[status]


def _outcome(outcome: str) -> str:
    return {
        "created": _("Created"),
        "updated": _("Updated"),
        "skipped": _("Skipped"),
        "failed": _("Failed"),
    }[outcome]


urlpatterns = [
    path("s/<slug>/import", bring, name="intake-import"),
    path("s/<slug>/import/current", current, name="intake-current"),
    path("s/<slug>/jobs", jobs, name="intake-jobs"),
    path("s/<slug>/jobs/<job>", job, name="intake-job"),
    path("s/<slug>/jobs/<job>/progress", progress, name="intake-progress"),
    path("s/<slug>/jobs/<job>/cancel", cancel, name="intake-cancel"),
    path("s/<slug>/jobs/<job>/report", download, name="intake-report"),
]
