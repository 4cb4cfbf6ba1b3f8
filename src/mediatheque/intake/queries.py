"""Jobs and their reports, as a scope shows them: members their own, managers all (P10)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.api import listing, make_cursor, read_cursor
from mediatheque.core.clock import now
from mediatheque.core.errors import Conflict, NotFound
from mediatheque.core.ids import read_id, show_id
from mediatheque.core.scope import LibraryFacts, Scope
from mediatheque.intake.models import OUTCOMES
from mediatheque.spaces import policy

ENDED = ("failed", "succeeded", "cancelled")

_JOBS = (
    "select j.id, j.created_at, j.provider, j.library_id, l.name as library_name, j.user_id, u.name as user_name, "
    "j.file_name, j.status, j.rows_done, j.rows_total, j.created, j.updated, j.skipped, j.failed, "
    "j.stage, j.plan::text as plan, j.notices::text as notices, "
    "j.error, j.cancel_requested_at, j.started_at, j.finished_at, j.undone_at "
    "from sync_jobs j join libraries l on l.space_id = j.space_id and l.id = j.library_id "
    "left join users u on u.id = j.user_id where j.space_id = %(space)s and (%(all)s or j.user_id = %(me)s)"
)
# A manager reads others' jobs, but not what these say of their persons' own entries (W1).
_SHARED_CHANGE = "not starts_with(c->>'field', 'own.')"
_SHOWN_REPORT = "(%(mine)s or not is_entry and (outcome = 'failed' or media_id is not null))"
_SHOWN_PLAN = (
    f"({_SHOWN_REPORT} or exists (select from jsonb_array_elements(changes) c where {_SHARED_CHANGE}))"
)
_CHANGES = (
    "case when %(mine)s then changes else (select coalesce(jsonb_agg(c), '[]') "
    f"from jsonb_array_elements(changes) c where {_SHARED_CHANGE}) end::text as changes"
)


def _told(table: str, more: str, shown: str) -> str:
    return (
        f"select row, outcome, case when {shown} then title else '' end as title, media_id, needs_review, "
        f"case when {shown} then messages else '[]' end::text as messages, {more} from {table} "
        "where job_id = %(job)s and space_id = %(space)s and row > %(after)s "
        "and (%(outcome)s::text is null or outcome = %(outcome)s) and (not %(review)s or needs_review) "
        "and (%(q)s::text is null or "
        f"({shown} and strpos(lower(title || ' ' || messages::text), lower(%(q)s)) > 0)) "
        "order by row limit %(limit)s"
    )


_REPORT = _told("report_rows", "undo::text as undo", _SHOWN_REPORT)
_PLAN = _told("plan_rows", _CHANGES, _SHOWN_PLAN)


def open_library(scope: Scope, library_id: UUID | None) -> LibraryFacts:
    """The library named, else the active one. Raises NotFound at `library`."""
    if library_id is None:
        found = scope.active_library
    else:
        found = next((each for each in scope.libraries if each.id == library_id), None)
    if found is None:
        raise NotFound.at("library")
    return found


def library_of(scope: Scope, found: Mapping[str, Any]) -> LibraryFacts:
    """The library that a job of `job` fills. Raises NotFound."""
    return open_library(scope, read_id("library", found["scope"]["library"]))


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a report or a plan: of one outcome, holding a text in title or messages, waiting for review."""

    outcome: str | None = None
    q: str | None = None
    review: bool = False


ALL = Wanted()


def report(
    scope: Scope, job_id: UUID, wanted: Wanted = ALL, *, limit: int, cursor: str | None = None
) -> dict[str, Any]:
    """The rows of a job's report in the order of the file, as a list of API.md. Raises NotFound."""
    job(scope, job_id)
    return _page(scope, job_id, _REPORT, wanted, limit, cursor)


def plan(
    scope: Scope, job_id: UUID, wanted: Wanted = ALL, *, limit: int, cursor: str | None = None
) -> dict[str, Any]:
    """What each row would become, as a list of API.md; with the counts once the plan is whole.

    Raises NotFound, and Conflict for a job that was started without a plan.
    """
    found = job(scope, job_id)
    if found["plan"] is None and found["stage"] != "plan":
        raise Conflict(_("This import was started without a plan."), code="job.no_plan")
    listed = _page(scope, job_id, _PLAN, wanted, limit, cursor)
    return listed | {"summary": found["plan"], "complete": found["plan"] is not None}


def report_pieces(
    scope: Scope, job_id: UUID, wanted: Wanted, *, after: int, size: int
) -> Sequence[Mapping[str, Any]]:
    """The next rows of a report that is written out piece by piece."""
    return [row_shape(each) for each in _rows(scope, job_id, _REPORT, wanted, after, size)]


def plan_pieces(
    scope: Scope, job_id: UUID, wanted: Wanted, *, after: int, size: int
) -> Sequence[Mapping[str, Any]]:
    """The next rows of a plan that is written out piece by piece."""
    return [row_shape(each) for each in _rows(scope, job_id, _PLAN, wanted, after, size)]


def running(scope: Scope) -> list[dict[str, Any]]:
    """One's own imports that wait or run, the oldest first."""
    found = db.rows(
        f"{_JOBS} and j.status in ('idle', 'running') and not (j.status = 'idle' and j.stage = 'planned') "
        "order by j.created_at limit 10",
        {**_seen_by(scope), "all": False},
        prepared=True,
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
        **_speed(row),
        "summary": {outcome: row[outcome] for outcome in OUTCOMES},
        "stage": row["stage"],
        "plan": json.loads(row["plan"]) if row["plan"] else None,
        "error": row["error"],
        "started_at": row["started_at"],
        "finished_at": row["finished_at"],
        "undone_at": row["undone_at"],
        "file_name": row["file_name"],
        "notices": json.loads(row["notices"]),
        "cancel_requested_at": row["cancel_requested_at"],
        "added_by": person,
    }


def _speed(row: db.Row) -> dict[str, Any]:
    """Rows a second and the seconds left, while it runs."""
    done, total, rate = row["rows_done"], row["rows_total"], None
    if row["status"] == "running" and row["started_at"] and done:
        rate = done / max((now() - row["started_at"]).total_seconds(), 0.1)
    left = int((total - done) / rate) if rate and total else None
    return {"rate": round(rate, 1) if rate else None, "seconds_left": left}


def row_shape(row: db.Row) -> dict[str, Any]:
    """A row of a report as API.md shows it, with what an undo made of it; of a plan, with its changes."""
    more = "changes" if "changes" in row else "undo"
    return {
        "row": row["row"],
        "outcome": row["outcome"],
        "title": row["title"],
        "media": show_id("media", row["media_id"]) if row["media_id"] else None,
        "review": row["needs_review"],
        "messages": json.loads(row["messages"]),
        more: json.loads(row[more]) if row[more] else None,
    }


def _page(
    scope: Scope, job_id: UUID, select: str, wanted: Wanted, limit: int, cursor: str | None
) -> dict[str, Any]:
    (after,) = read_cursor(cursor, [int]) if cursor else [-1]
    found = _rows(scope, job_id, select, wanted, after, limit + 1)
    next_cursor = make_cursor([found[limit - 1]["row"]]) if len(found) > limit else None
    return listing([row_shape(each) for each in found[:limit]], limit=limit, next_cursor=next_cursor)


def _rows(scope: Scope, job_id: UUID, select: str, wanted: Wanted, after: int, limit: int) -> list[db.Row]:
    own = "select true from sync_jobs where space_id = %s and id = %s and user_id = %s"
    mine = bool(db.value(own, [scope.space_id, job_id, scope.user_id]))
    asked = {"outcome": wanted.outcome, "q": wanted.q, "review": wanted.review, "mine": mine}
    return db.rows(select, {"job": job_id, "space": scope.space_id, "after": after, "limit": limit, **asked})


def _seen_by(scope: Scope) -> dict[str, Any]:
    return {
        "space": scope.space_id,
        "me": scope.user_id,
        "all": policy.allows(scope, "import.undo_any"),
    }
