"""Jobs and rows as pages show them."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from mediatheque.catalog.addresses import item_url, library_url
from mediatheque.core.ids import read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.intake import queries
from mediatheque.intake.queries import ENDED
from mediatheque.intake.sources import SOURCES
from mediatheque.people.forms import shown_time


def line(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": address(scope, "intake-job", read_id("job", found["id"])),
        "file_name": found["file_name"] or _("Import"),
        "source": SOURCES[found["provider"]].label,
        "by": found["added_by"]["name"] if found["added_by"] else "",
        "when": shown_time(scope, found["created_at"]),
        "status_label": status_word(found["status"]),
        **found["summary"],
    }


def shown(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    job_id = read_id("job", found["id"])
    done, total = found["progress"]["done"], found["progress"]["total"]
    finished = found["status"] in ENDED
    cancellable = not finished and found["cancel_requested_at"] is None
    told = line(scope, found)
    return told | {
        "title": told["file_name"],
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
        "progress_url": address(scope, "intake-progress", job_id),
        "cancel_url": address(scope, "intake-cancel", job_id) if cancellable else None,
    }


def row(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "row": found["row"],
        "outcome": found["outcome"],
        "outcome_label": outcome_word(found["outcome"]),
        "title": found["title"],
        "url": item_url(scope, read_id("media", found["media"])) if found["media"] else None,
        "messages": [each["message"] for each in found["messages"]],
        "needs_review": found["review"],
    }


def address(scope: Scope, name: str, job_id: UUID) -> str:
    return reverse(name, args=[scope.space.slug, show_id("job", job_id)])


def status_word(status: str) -> str:
    return {
        "idle": _("Waiting"),
        "running": _("Coming in"),
        "failed": _("Stopped"),
        "succeeded": _("Done"),
        "cancelled": _("Cancelled"),
    }[status]


def outcome_word(outcome: str) -> str:
    return {
        "created": _("Created"),
        "updated": _("Updated"),
        "skipped": _("Skipped"),
        "failed": _("Failed"),
    }[outcome]
