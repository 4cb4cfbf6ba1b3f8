"""A waiting plan made anew with another mapping (I2): the step between looking and importing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db, storage
from mediatheque.core.errors import Conflict, NotFound
from mediatheque.core.scope import Scope
from mediatheque.intake import jobs, queries
from mediatheque.intake.recognising import SAMPLE_ROWS, options_of, recognise
from mediatheque.intake.sources import opened
from mediatheque.spaces import policy

SAMPLES = 3
SAMPLE_LENGTH = 80  # characters


def columns_of(scope: Scope, job_id: UUID) -> dict[str, Any]:
    """The file's columns as the job reads them: `columns` [(name, field, samples)], `scales`, `dates`.

    Raises NotFound, FileNotFoundError.
    """
    found = queries.job(scope, job_id)
    stored = _stored(job_id)
    library = queries.library_of(scope, found)
    with storage.open_file(stored["file"]) as file:
        options = options_of(
            cast(BinaryIO, file),
            found["provider"],
            json.loads(stored["options"])["mapping"],
            library.default_type,
        )
        rows = [row.cells for row in opened(cast(BinaryIO, file)).sample(SAMPLE_ROWS)]
    columns = [(name, field, _samples(rows, name)) for name, field in options.columns.items()]
    return {"columns": columns, "scales": options.scales, "dates": options.dates}


def remap(scope: Scope, job_id: UUID, mapping: Mapping[str, Any]) -> None:
    """The plan is made anew, with this mapping of API.md. Raises NotFound, Conflict where no plan waits,
    RuleBroken at what of the mapping cannot be followed."""
    policy.require(scope, "media.import")
    queries.job(scope, job_id)
    with storage.open_file(_stored(job_id)["file"]) as file:
        source = recognise(cast(BinaryIO, file), mapping)
    changed = db.row(
        "update sync_jobs set stage = 'plan', plan = null, provider = %s, options = %s, rows_done = 0, "
        "rows_total = null, notices = '[]', attempts = 0, started_at = null "
        "where id = %s and space_id = %s and status = 'idle' and stage = 'planned' returning user_id",
        [source.name, json.dumps({"mapping": mapping}), job_id, scope.space_id],
    )
    if changed is None:
        raise Conflict(_("Only a plan that waits can be made anew."), code="job.no_plan")
    jobs.queue(job_id, scope.space_id, changed["user_id"])


def _stored(job_id: UUID) -> db.Row:
    found = db.row("select file, options::text as options from sync_jobs where id = %s", [job_id])
    assert found is not None
    if found["file"] is None:
        raise NotFound()
    return found


def _samples(rows: Sequence[Mapping[str, str]], name: str) -> str:
    values = dict.fromkeys(row[name].strip() for row in rows if row.get(name, "").strip())
    return " · ".join(value[:SAMPLE_LENGTH] for value in list(values)[:SAMPLES])
