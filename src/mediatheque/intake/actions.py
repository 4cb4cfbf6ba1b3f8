"""Starting and cancelling imports (I1, L4)."""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.core import db, storage
from mediatheque.core.clock import now
from mediatheque.core.errors import Conflict, NotFound, translating
from mediatheque.core.ids import new_id, read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.intake import jobs, pipeline, queries, undoing
from mediatheque.intake.recognising import recognise
from mediatheque.people.policy import opens_personal
from mediatheque.spaces import policy

LONGEST_NAME = 300


def start_import(
    scope: Scope,
    library_id: UUID | None,
    file: BinaryIO,
    file_name: str,
    mapping: Mapping[str, Any] | None = None,
    *,
    dry_run: bool = False,
    source: str | None = None,
) -> UUID:
    """Keeps the file and queues its import; the job's id.

    `mapping` is that of API.md; `dry_run` stops after the plan, which waits for `apply_plan`; `source` is what
    the file is of, where that shall not be recognised. Without a library each item of our own export goes into
    the one of its own name, everything else into the active one. Raises NotFound at `library` and for an unknown
    source, Conflict for an archived library, WrongKind and RuleBroken for a file that cannot be imported.
    """
    job_id = accept_import(scope, library_id, file, file_name, mapping, dry_run=dry_run, source=source)
    jobs.queue(job_id, scope.space_id, scope.user_id)
    return job_id


def import_now(
    scope: Scope,
    library_id: UUID | None,
    file: BinaryIO,
    file_name: str,
    mapping: Mapping[str, Any] | None = None,
    *,
    dry_run: bool = False,
    source: str | None = None,
) -> UUID | None:
    """A small file, imported while the request waits; None for one that is too large for that (I1)."""
    if not pipeline.is_small(file):
        return None
    job_id = accept_import(scope, library_id, file, file_name, mapping, dry_run=dry_run, source=source)
    pipeline.run_inside(scope, job_id)
    return job_id


def accept_import(
    scope: Scope,
    library_id: UUID | None,
    file: BinaryIO,
    file_name: str,
    mapping: Mapping[str, Any] | None = None,
    *,
    dry_run: bool = False,
    source: str | None = None,
) -> UUID:
    """Keeps the file and its job without queueing it: whoever asks runs it. Raises as `start_import`."""
    policy.require(scope, "media.import")
    library = queries.open_library(scope, library_id)
    if library.archived:
        raise Conflict(_("This library is archived: restore it to import into it."), code="library.archived")
    recognised = recognise(file, mapping, source)
    options = {"mapping": mapping, "personal": opens_personal(scope), "by_name": library_id is None}
    job_id, sha256 = new_id(), storage.keep(file, "text/csv")
    db.execute(
        "insert into file_references (id, space_id, library_id, sha256, role, record_id) "
        "values (%s, %s, %s, %s, 'import', %s)",
        [new_id(), scope.space_id, library.id, sha256, job_id],
    )
    with translating({"sync_jobs_library": NotFound.at("library")}):  # it moved away or went meanwhile
        db.execute(
            "insert into sync_jobs (id, space_id, library_id, user_id, provider, file_name, file, options, status, "
            "stage, rows_done, created, updated, skipped, failed, notices, attempts) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, 'idle', %s, 0, 0, 0, 0, 0, '[]', 0)",
            [job_id, scope.space_id, library.id, scope.user_id, recognised.name, _plain_name(file_name), sha256,
             json.dumps(options), "plan" if dry_run else "import"],
        )  # fmt: skip
    activity.record(
        scope, "import.started", entity="job", entity_id=job_id, details={"provider": recognised.name}
    )
    return job_id


def apply_plan(scope: Scope, job_id: UUID, *, waits: bool = False) -> bool:
    """A plan's rows are imported, each against what the library has by then (I1); whether they are already.

    `waits` asks for a small one to be done at once; others are queued. Raises NotFound, Conflict where no
    plan waits.
    """
    policy.require(scope, "media.import")
    found = queries.job(scope, job_id)
    changed = db.row(
        "update sync_jobs set stage = 'import', rows_done = 0, attempts = 0, started_at = null, "
        "options = options || %s where id = %s and space_id = %s and status = 'idle' and stage = 'planned' "
        "returning user_id, rows_total",
        ["{}" if opens_personal(scope) else '{"personal": false}', job_id, scope.space_id],
    )
    if changed is None:
        raise _no_plan(found)
    activity.record(scope, "import.applied", entity="job", entity_id=job_id)
    if waits and changed["user_id"] == scope.user_id and changed["rows_total"] <= pipeline.SMALL_ROWS:
        pipeline.run_inside(scope, job_id)
        return True
    jobs.queue(job_id, scope.space_id, changed["user_id"])
    return False


def _no_plan(found: Mapping[str, Any]) -> Conflict:
    if found["status"] in queries.ENDED:
        return Conflict(_("This import has ended already."), code="job.ended")
    if found["stage"] == "plan":
        return Conflict(_("The plan is still being made: wait for its end."), code="job.planning")
    return Conflict(_("This import is under way already."), code="job.running")


def undo_import(scope: Scope, job_id: UUID) -> bool:
    """Removes what an import made and restores what it changed; a small one of one's own at once, others as
    a job (I1). Whether it is done already.

    What somebody has changed since is kept, and the report says so; asking again tries those once more.
    Raises NotFound, Forbidden, Conflict where it has not ended or is undone already.
    """
    found = queries.job(scope, job_id)
    changed = db.row(
        "update sync_jobs j set stage = 'undo', ended_as = status, status = 'idle', undo_by = %(me)s, "
        "undone_at = null, rows_done = 0, attempts = 0, cancel_requested_at = null, started_at = null, "
        "finished_at = null where id = %(id)s and space_id = %(space)s and status in ('failed', 'succeeded', "
        "'cancelled') and stage in ('import', 'undo') and (undone_at is null or exists (select from report_rows r "
        "where r.job_id = j.id and r.undo->>'outcome' = 'kept')) "
        "returning user_id, (select count(*) from report_rows r where r.job_id = j.id) as rows",
        {"me": scope.user_id, "id": job_id, "space": scope.space_id},
    )
    if changed is None:
        raise _not_to_undo(found)
    if not _is_traced(job_id) and sum(found["summary"][each] for each in ("created", "updated")):
        raise Conflict(_("The trail no longer holds what this import did."), code="undo.forgotten")
    own = changed["user_id"] == scope.user_id
    policy.require(scope, "media.import" if own else "import.undo_any")
    db.execute("update report_rows set undo = null where job_id = %s and undo->>'outcome' = 'kept'", [job_id])
    if own and changed["rows"] <= pipeline.SMALL_ROWS:
        undoing.run_inside(scope, job_id)
        return True
    jobs.queue_undo(job_id, scope.space_id, scope.user_id, changed["user_id"])
    return False


def _is_traced(job_id: UUID) -> bool:
    return bool(
        db.value("select true from audit_changes where request_id = %s limit 1", [show_id("job", job_id)])
    )


def _not_to_undo(found: Mapping[str, Any]) -> Conflict:
    if found["status"] not in queries.ENDED:
        return Conflict(_("This import has not ended: cancel it first."), code="job.running")
    if found["undone_at"] is not None:
        return Conflict(_("This import is undone already."), code="job.undone")
    return Conflict(_("Nothing was imported, so there is nothing to undo."), code="job.nothing_imported")


def cancel_import(scope: Scope, job_id: UUID) -> dict[str, Any]:
    """Stops a job after its present batch, or before it begins. What was imported stays.

    Raises NotFound, Conflict when it has ended.
    """
    policy.require(scope, "media.import")
    found = queries.job(scope, job_id)
    changed = db.execute(
        "update sync_jobs set cancel_requested_at = coalesce(cancel_requested_at, %(now)s), "
        "status = case when status = 'idle' then coalesce(ended_as, 'cancelled') else status end, "
        "ended_as = case when status = 'idle' then null else ended_as end, "
        "finished_at = case when status = 'idle' then %(now)s end "
        "where id = %(id)s and space_id = %(space)s and status in ('idle', 'running')",
        {"now": now(), "id": read_id("job", found["id"]), "space": scope.space_id},
    )
    if not changed:
        raise Conflict(_("This import has ended already."), code="job.ended")
    return queries.job(scope, job_id)


def _plain_name(file_name: str) -> str:
    """The last part of what a browser or program calls the file."""
    bare = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(mark for mark in bare if mark.isprintable())[:LONGEST_NAME]
