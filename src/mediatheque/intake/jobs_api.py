"""Jobs for programs: state, report, cancelling (API.md)."""

from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID

from ninja import Query, Router
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


class ReportQuery(JobsQuery):
    outcome: Literal["created", "updated", "skipped", "failed"] | None = None
    format: Literal["json", "csv"] = "json"


@router.get("/sync-jobs", response=dict[str, Any])
def list_jobs(request: Request, query: Query[JobsQuery]) -> dict[str, Any]:
    """One's own imports; a manager's list holds everybody's."""
    return queries.jobs(request.scope, limit=query.limit, cursor=query.cursor)


@router.get("/sync-jobs/{job}", response=dict[str, Any])
def read_job(request: Request, job: JobKey) -> dict[str, Any]:
    """An import's state, progress and counts."""
    return queries.job(request.scope, job)


@router.get("/sync-jobs/{job}/result", response=dict[str, Any])
def read_report(request: Request, job: JobKey, query: Query[ReportQuery]) -> Any:
    """What became of each row; `format=csv` is the whole report as a file."""
    if query.format == "csv":
        return report.answer(request.scope, job, query.outcome)
    return queries.report(request.scope, job, outcome=query.outcome, limit=query.limit, cursor=query.cursor)


@router.post("/sync-jobs/{job}/cancel", response=dict[str, Any])
def cancel_job(request: Request, job: JobKey) -> dict[str, Any]:
    """Stops an import after its present batch; what was imported stays."""
    return actions.cancel_import(request.scope, job)
