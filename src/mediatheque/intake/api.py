"""Imports for programs (API.md)."""

from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status, UploadedFile
from pydantic import Field

from mediatheque.core.api import In, Request
from mediatheque.core.errors import FieldError, Malformed
from mediatheque.core.ids import show_id, typed
from mediatheque.intake import actions, export_api, jobs_api, mapping_api, queries, report
from mediatheque.intake.mapping_api import read_mapping, refuse_unknown
from mediatheque.intake.sources import template_csv

if TYPE_CHECKING:
    LibraryKey: TypeAlias = UUID
else:
    LibraryKey = typed("library")

router = Router(tags=["imports"])
router.add_router("", jobs_api.router)
router.add_router("", mapping_api.router)
router.add_router("", export_api.router)
forced = Router(tags=["imports"])  # after the others: its path takes whatever they left


class ImportForm(In):
    """What stands beside the file; `dry_run` and `async` are taken in the address as well."""

    library: LibraryKey | None = None
    mapping: str | None = Field(None, max_length=500_000, description="JSON, as API.md says")
    dry_run: bool | None = Field(
        None, description="stop after the plan, which is read and applied at the job"
    )
    run_async: bool | None = Field(None, alias="async")


class ImportQuery(In):
    dry_run: bool = False
    run_async: bool = Field(True, alias="async")


@router.get("/media/import/template-csv")
def template(request: HttpRequest) -> StreamingHttpResponse:
    """A table to fill in: every column, and one example row."""
    return report.download([template_csv().encode()], "mediatheque-template.csv")


@router.post("/media/import-csv", response={200: dict[str, Any], 202: dict[str, Any]})
def import_csv(
    request: Request, file: File[UploadedFile], form: Form[ImportForm], query: Query[ImportQuery]
) -> Status[Any]:
    """Takes a file in, whatever made it. `async=false` waits for a small one and answers with the job as it ended."""
    return _taken_in(request, file, form, query)


@router.post("/media/import-csv/delicious", response={200: dict[str, Any], 202: dict[str, Any]})
def import_delicious(
    request: Request, file: File[UploadedFile], form: Form[ImportForm], query: Query[ImportQuery]
) -> Status[Any]:
    """Takes in what Delicious Library exports: XML, a property list, or CSV."""
    return _taken_in(request, file, form, query, "delicious")


@forced.post("/media/import/{source}", response={200: dict[str, Any], 202: dict[str, Any]})
def import_source(
    request: Request, source: str, file: File[UploadedFile], form: Form[ImportForm], query: Query[ImportQuery]
) -> Status[Any]:
    """Takes in a file of that source; one that is none is refused. `generic` reads any table by its columns."""
    return _taken_in(request, file, form, query, source)


def _taken_in(
    request: Request, file: UploadedFile, form: ImportForm, query: ImportQuery, source: str | None = None
) -> Status[Any]:
    refuse_unknown(request.POST, ("library", "mapping", "dry_run", "async"))
    refuse_unknown(request.FILES, ("file",))
    if len(request.FILES.getlist("file")) > 1:
        message = _("Send one file at a time.")
        raise Malformed(message, errors=[FieldError("file", message, "file.several")])
    dry_run = query.dry_run if form.dry_run is None else form.dry_run
    run_async = query.run_async if form.run_async is None else form.run_async
    upload = (form.library, cast(BinaryIO, file), file.name or "", read_mapping(form.mapping))
    if not run_async:
        done = actions.import_now(request.scope, *upload, dry_run=dry_run, source=source)
        if done is not None:
            return Status(200, queries.job(request.scope, done))
    job = show_id("job", actions.start_import(request.scope, *upload, dry_run=dry_run, source=source))
    return Status(202, {"job_id": job, "status_url": f"/api/sync-jobs/{job}"})


router.add_router("", forced)
