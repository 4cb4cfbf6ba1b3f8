"""Jobs and their reports, as a scope shows them: members their own, managers all (P10)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.api import listing, make_cursor, read_cursor
from mediatheque.core.errors import NotFound
from mediatheque.core.ids import show_id
from mediatheque.core.scope import LibraryFacts, Scope
from mediatheque.spaces import policy

OUTCOMES = ("created", "updated", "skipped", "failed")
ENDED = ("failed", "succeeded", "cancelled")

_JOBS = (
    "select j.id, j.created_at, j.provider, j.library_id, l.name as library_name, j.user_id, u.name as user_name, "
    "j.file_name, j.status, j.rows_done, j.rows_total, j.created, j.updated, j.skipped, j.failed, "
    "j.notices::text as notices, j.error, j.cancel_requested_at, j.started_at, j.finished_at, j.undone_at "
    "from sync_jobs j join libraries l on l.space_id = j.space_id and l.id = j.library_id "
    "left join users u on u.id = j.user_id where j.space_id = %(space)s and (%(all)s or j.user_id = %(me)s)"
)
_ROWS = (
    "select row, outcome, title, media_id, needs_review, messages::text as messages from report_rows "
    "where job_id = %(job)s and space_id = %(space)s and row > %(after)s "
    "and (%(outcome)s::text is null or outcome = %(outcome)s) order by row limit %(limit)s"
)


def open_library(scope: Scope, library_id: UUID | None) -> LibraryFacts:
    """The library named, else the active one. Raises NotFound at `library`."""
    if library_id is None:
        found = scope.active_library
    else:
        found = next((each for each in scope.libraries if each.id == library_id), None)
    if found is None:
        raise NotFound.at("library")
    return found


def job(scope: Scope, job_id: UUID) -> dict[str, Any]:
    """One job. Raises NotFound."""
    found = db.row(f"{_JOBS} and j.id = %(id)s", {**_seen_by(scope), "id": job_id})
    if found is None:
        raise NotFound()
    return job_shape(found)


def jobs(scope: Scope, *, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """The jobs, newest first, as a list of API.md."""
    before = read_cursor(cursor, [datetime, UUID]) if cursor else None
    place = " and (j.created_at, j.id) < (%(at)s, %(id)s)" if before else ""
    found = db.rows(
        f"{_JOBS}{place} order by j.created_at desc, j.id desc limit %(limit)s",
        {**_seen_by(scope), "limit": limit + 1, **dict(zip(("at", "id"), before or (), strict=False))},
    )
    last = found[limit - 1] if len(found) > limit else None
    next_cursor = make_cursor([last["created_at"].isoformat(), last["id"]]) if last else None
    return listing([job_shape(each) for each in found[:limit]], limit=limit, next_cursor=next_cursor)


def report(
    scope: Scope, job_id: UUID, *, outcome: str | None = None, limit: int, cursor: str | None = None
) -> dict[str, Any]:
    """The rows of a job's report in the order of the file, as a list of API.md. Raises NotFound."""
    job(scope, job_id)
    (after,) = read_cursor(cursor, [int]) if cursor else [-1]
    found = _report_rows(scope, job_id, outcome, after, limit + 1)
    next_cursor = make_cursor([found[limit - 1]["row"]]) if len(found) > limit else None
    return listing([row_shape(each) for each in found[:limit]], limit=limit, next_cursor=next_cursor)


def report_pieces(
    scope: Scope, job_id: UUID, *, outcome: str | None, after: int, size: int
) -> Sequence[Mapping[str, Any]]:
    """The next rows of a report that is written out piece by piece."""
    return [row_shape(each) for each in _report_rows(scope, job_id, outcome, after, size)]


def running(scope: Scope) -> list[dict[str, Any]]:
    """One's own imports that wait or run, the oldest first."""
    found = db.rows(
        f"{_JOBS} and j.status in ('idle', 'running') order by j.created_at limit 10",
        {**_seen_by(scope), "all": False},
    )
    return [job_shape(each) for each in found]


def review_count(scope: Scope, job_id: UUID) -> int:
    """How many rows of a job wait for review."""
    return int(
        db.value(
            "select count(*) from report_rows where job_id = %s and space_id = %s and needs_review",
            [job_id, scope.space_id],
        )
    )


def job_shape(row: db.Row) -> dict[str, Any]:
    """A job as API.md shows it, with its file, notices, library and person beside."""
    person = {"id": show_id("user", row["user_id"]), "name": row["user_name"]} if row["user_id"] else None
    return {
        "id": show_id("job", row["id"]),
        "created_at": row["created_at"],
        "provider": row["provider"],
        "scope": {"library": show_id("library", row["library_id"]), "name": row["library_name"]},
        "status": row["status"],
        "progress": {"done": row["rows_done"], "total": row["rows_total"]},
        "summary": {outcome: row[outcome] for outcome in OUTCOMES},
        "error": row["error"],
        "started_at": row["started_at"],
        "finished_at": row["finished_at"],
        "undone_at": row["undone_at"],
        "file_name": row["file_name"],
        "notices": json.loads(row["notices"]),
        "cancel_requested_at": row["cancel_requested_at"],
        "added_by": person,
    }


def row_shape(row: db.Row) -> dict[str, Any]:
    """A row of a report as API.md shows it."""
    return {
        "row": row["row"],
        "outcome": row["outcome"],
        "title": row["title"],
        "media": show_id("media", row["media_id"]) if row["media_id"] else None,
        "review": row["needs_review"],
        "messages": json.loads(row["messages"]),
    }


def _report_rows(scope: Scope, job_id: UUID, outcome: str | None, after: int, limit: int) -> list[db.Row]:
    return db.rows(
        _ROWS,
        {"job": job_id, "space": scope.space_id, "after": after, "outcome": outcome, "limit": limit},
    )


def _seen_by(scope: Scope) -> dict[str, Any]:
    return {
        "space": scope.space_id,
        "me": scope.user_id,
        "all": policy.allows(scope, "import.undo_any"),
    }
