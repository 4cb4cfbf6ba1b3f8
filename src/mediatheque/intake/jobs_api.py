"""Jobs for programs: state, report, cancelling (API.md)."""

from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import Field

from mediatheque.core.api import MAX_LIMIT, In, Request
from mediatheque.core.ids import typed
from mediatheque.intake import actions, queries, report

if TYPE_CHECKING:
    JobKey: TypeAlias = UUID
else:
    JobKey = typed("job")

router = Router(tags=["imports"])


class JobsQuery(In):
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=2000)


class RowsQuery(JobsQuery):
    outcome: Literal["created", "updated", "skipped", "failed"] | None = None
    q: str | None = Field(None, max_length=200, description="a text in the title or the messages")
    format: Literal["json", "csv"] = "json"
    download: bool = Field(False, description="the whole as a file; `format=csv` always is")

    @property
    def wanted(self) -> queries.Wanted:
        return queries.Wanted(self.outcome, self.q or None)

    @property
    def is_file(self) -> bool:
        return self.download or self.format == "csv"


class WaitQuery(In):
    run_async: bool = Field(True, alias="async")


@router.get("/sync-jobs", response=dict[str, Any])
def list_jobs(request: Request, query: Query[JobsQuery]) -> dict[str, Any]:
    """One's own imports; a manager's list holds everybody's."""
    return queries.jobs(request.scope, limit=query.limit, cursor=query.cursor)


@router.get("/sync-jobs/{job}", response=dict[str, Any])
def read_job(request: Request, job: JobKey) -> dict[str, Any]:
    """An import's state, progress and counts."""
    return queries.job(request.scope, job)


@router.get("/sync-jobs/{job}/plan", response=dict[str, Any])
def read_plan(request: Request, job: JobKey, query: Query[RowsQuery]) -> Any:
    """What each row would become and which fields that changes; nothing of it is written yet."""
    listed = queries.plan(request.scope, job, query.wanted, limit=query.limit, cursor=query.cursor)
    if query.is_file:
        return report.answer(request.scope, job, query.wanted, query.format, queries.plan_pieces)
    return listed


@router.post("/sync-jobs/{job}/apply", response={200: dict[str, Any], 202: dict[str, Any]})
def apply_plan(request: Request, job: JobKey, query: Query[WaitQuery]) -> Status[Any]:
    """Imports a plan's rows; `async=false` waits for a small one."""
    done = actions.apply_plan(request.scope, job, waits=not query.run_async)
    return accepted(request, job, done=done)


@router.get("/sync-jobs/{job}/result", response=dict[str, Any])
def read_report(request: Request, job: JobKey, query: Query[RowsQuery]) -> Any:
    """What became of each row; `format=csv` is the whole report as a file."""
    if query.is_file:
        return report.answer(request.scope, job, query.wanted, query.format)
    return queries.report(request.scope, job, query.wanted, limit=query.limit, cursor=query.cursor)


@router.post("/sync-jobs/{job}/cancel", response=dict[str, Any])
def cancel_job(request: Request, job: JobKey) -> dict[str, Any]:
    """Stops an import after its present batch; what was imported stays."""
    return actions.cancel_import(request.scope, job)


@router.post("/sync-jobs/{job}/undo", response={200: dict[str, Any], 202: dict[str, Any]})
def undo_job(request: Request, job: JobKey) -> Status[Any]:
    """Takes an import back, at once where it is small; the report says what was kept and why."""
    return accepted(request, job, done=actions.undo_import(request.scope, job))


def accepted(request: Request, job: UUID, *, done: bool) -> Status[Any]:
    """A job as it ended (200), or where to ask for one that goes on (202)."""
    found = queries.job(request.scope, job)
    where = {"job_id": found["id"], "status_url": f"/api/sync-jobs/{found['id']}"}
    return Status(200 if done else 202, found | where)
