"""`mediatheque import` and `export`: a file into a library and out of it, by the operator's hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediatheque.core import db
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.scope import of_person
from mediatheque.intake import actions, export_files, exporting, pipeline, queries
from mediatheque.intake.exporting import Of
from mediatheque.people.rules import email_key

FAILED_ROWS = 200
FORMS = {
    "json": export_files.as_json,
    "zip": export_files.as_zip,
    "csv": export_files.as_csv,
    "letterboxd": export_files.as_letterboxd,
}


class NobodyImports(Exception):
    """There is no such library, or the person is no member of its space."""


def import_file(
    path: Path, library: str, email: str | None, tell: Callable[[int], None], *, dry_run: bool = False
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Import as the person with that e-mail, else as the space's first admin.

    Answers the job as it ended and its failed rows; `tell` hears how many rows are done. With `dry_run`
    the plan's, and nothing is kept of it. Raises NobodyImports, OSError, Refusal.
    """
    who = _who_imports(library, email)
    by = {"user_id": who["user_id"], "space": who["space_id"], "via": "command"}
    with path.open("rb") as file, of_person(request_id="command", **by) as scope:
        job_id = actions.accept_import(scope, read_id("library", library), file, path.name, dry_run=dry_run)
    pipeline.run(job_id, pipeline.scopes_of(job_id, who["space_id"], who["user_id"]), tell=tell)
    with of_person(request_id=show_id("job", job_id), **by) as scope:
        rows = queries.plan if dry_run else queries.report
        report = rows(scope, job_id, queries.Wanted("failed"), limit=FAILED_ROWS)
        found = queries.job(scope, job_id)
        if dry_run:
            actions.cancel_import(scope, job_id)
        return found, report["items"]


def export_file(path: Path, library: str, email: str | None, of: Of, form: str, *, whole: bool) -> int:
    """Write what that person sees of the library, its `whole` space, or their entries; how many bytes it is.

    The file is there whole or not at all. Raises NobodyImports, OSError, Refusal.
    """
    who = _who_imports(library, email)
    by = {"user_id": who["user_id"], "space": who["space_id"], "via": "command"}
    with of_person(request_id="command", **by) as scope:
        found = exporting.export(scope, of, "all" if whole else library)
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("wb") as file:
            size = sum(file.write(piece) for piece in FORMS[form](found))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return size


def _who_imports(library: str, email: str | None) -> db.Row:
    try:
        library_id = read_id("library", library)
    except UnknownId as error:
        raise NobodyImports(f"{library} is no id of a library.") from error
    found = db.row(
        "select user_id, space_id from who_imports(%s, %s)", [library_id, email and email_key(email)]
    )
    if found is None:
        raise NobodyImports("There is no such library, or nobody of that address is in its space.")
    return found
