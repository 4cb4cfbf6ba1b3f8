"""Jobs and rows as pages show them."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediatheque.catalog.addresses import item_url, library_url
from mediatheque.core.ids import read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.intake import queries
from mediatheque.intake.queries import ENDED
from mediatheque.intake.sources import SOURCES
from mediatheque.people.forms import shown_time
from mediatheque.spaces import policy

LONGEST = 120  # characters of a value in a sentence
MAKERS = ("director", "author", "artist", "developer", "writer")


def line(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    """A job in a table of jobs; while it runs with how far it is."""
    done, total = found["progress"]["done"], found["progress"]["total"]
    kind = kind_of(found)
    job_id = read_id("job", found["id"])
    return {
        "url": address(scope, "intake-job", job_id),
        "file_name": found["file_name"] or _("Import"),
        "source": SOURCES[found["provider"]].label,
        "by": found["added_by"]["name"] if found["added_by"] else "",
        "when": shown_time(scope, found["created_at"]),
        "kind": kind,
        "status_label": kind_word(kind, found),
        "done": done,
        "total": total,
        "percent": 100 if kind == "ended" and found["status"] == "succeeded" else _percent(done, total),
        "left": left_words(found["seconds_left"]),
        "rate": found["rate"],
        "undone": found["undone_at"] is not None,
        "cancel_url": address(scope, "intake-cancel", job_id) if _is_cancellable(found) else None,
        "undo_url": address(scope, "intake-undo", job_id) if _is_undoable(scope, found) else None,
        **found["summary"],
    }


def shown(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    """A job on its own page."""
    job_id = read_id("job", found["id"])
    told = line(scope, found)
    return told | {
        "title": told["file_name"],
        "status": found["status"],
        "finished": told["kind"] in ("ended", "planned"),
        "plan": found["plan"],
        "rows": sum((found["plan"] or found["summary"]).values()),
        "review": queries.review_count(scope, job_id),
        "library": found["scope"]["name"],
        "library_url": library_url(scope, read_id("library", found["scope"]["library"])),
        "error": found["error"],
        "notices": [each["message"] for each in found["notices"]],
        "progress_url": address(scope, "intake-progress", job_id),
        "apply_url": address(scope, "intake-apply", job_id),
        "mapping_url": address(scope, "intake-mapping", job_id),
    }


def kind_of(found: dict[str, Any]) -> str:
    """What a job is at, in one word: planning, planned, importing, undoing, ended."""
    if found["status"] in ENDED:
        return "ended"
    return {"plan": "planning", "planned": "planned", "import": "importing", "undo": "undoing"}[
        found["stage"]
    ]


def kind_word(kind: str, found: dict[str, Any]) -> str:
    if kind == "ended":
        return _("Undone") if found["undone_at"] else status_word(found["status"])
    words = {
        "planning": _("Looking through the file"),
        "planned": _("Waits for your yes"),
        "importing": _("Coming in"),
        "undoing": _("Being taken back"),
    }
    return _("Waiting") if found["status"] == "idle" and kind != "planned" else words[kind]


def left_words(seconds: int | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    return ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes) % {
        "count": minutes
    }


def _percent(done: int, total: int | None) -> int:
    return int(done * 100 / total) if total else 0


def _is_cancellable(found: dict[str, Any]) -> bool:
    return found["status"] not in ENDED and found["cancel_requested_at"] is None


def _is_undoable(scope: Scope, found: dict[str, Any]) -> bool:
    """Whether the page offers it; the action decides."""
    if found["status"] not in ENDED or found["stage"] not in ("import", "undo"):
        return False
    kept = any(each["code"] == "undo.kept" for each in found["notices"])
    if not (found["undone_at"] is None or kept) or not sum(found["summary"].values()):
        return False
    own = found["added_by"] is not None and found["added_by"]["id"] == show_id("user", scope.user_id)
    return own or policy.allows(scope, "import.undo_any")


def row(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "row": found["row"],
        "outcome": found["outcome"],
        "outcome_label": outcome_word(found["outcome"]),
        "title": found["title"],
        "url": item_url(scope, read_id("media", found["media"])) if found["media"] else None,
        "messages": [
            *(each["message"] for each in found["messages"]),
            *([found["undo"]["message"]] if found["undo"] else []),
        ],
        "needs_review": found["review"],
        "kept": bool(found["undo"]) and found["undo"]["outcome"] == "kept",
    }


def plan_row(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    """A row of a plan: what it is, and in a sentence what will happen."""
    new = {each["field"]: each["new"] for each in found["changes"]}
    copy = new.get("variants") or {}
    makers = [each["name"] for each in new.get("people") or [] if each["role"] in MAKERS]
    return {
        "row": found["row"],
        "title": found["title"],
        "url": item_url(scope, read_id("media", found["media"])) if found["media"] else None,
        "by": ", ".join(makers[:2]),
        "year": new.get("year"),
        "barcode": copy.get("barcode", ""),
        "outcome": found["outcome"],
        "happens": _happens(found),
        "needs_review": found["review"],
    }


def _happens(found: dict[str, Any]) -> str:
    if found["outcome"] == "created":
        new = {each["field"]: each["new"] for each in found["changes"]}
        return _("New: %(kind)s") % {"kind": str(new.get("media_type", "")).replace("_", " ")}
    if found["outcome"] == "updated":
        return "; ".join(_change(each) for each in found["changes"])
    if found["outcome"] == "skipped":
        return _("Already here, nothing to change")
    return " ".join(each["message"] for each in found["messages"])


def _change(change: dict[str, Any]) -> str:
    name = change["field"].replace("variants.", "").replace("metadata.", "").replace("_", " ")
    if change["field"] == "variants":
        told = ", ".join(str(each) for each in change["new"].values())
        return _("adds a copy: %(copy)s") % {"copy": told}
    if change["field"] == "own.rating":
        name = _("own rating")
    if change["old"] is None:
        return f"{name}: {_value(change['new'])}"
    return f"{name}: {_value(change['old'])} → {_value(change['new'])}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)[:LONGEST]
    if isinstance(value, dict):
        return str(value.get("name") or ", ".join(f"{name} {each}" for name, each in value.items()))[:LONGEST]
    return str(value)[:LONGEST]


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
