"""A waiting plan made anew with another mapping (I2): the step between looking and importing."""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db, storage
from mediatheque.core.errors import Conflict, NotFound
from mediatheque.core.scope import Scope
from mediatheque.intake import jobs, mappings, queries
from mediatheque.intake.preview import preview, shape
from mediatheque.intake.previewing import saved
from mediatheque.intake.recognising import recognise, refusing
from mediatheque.spaces import policy


def columns_of(scope: Scope, job_id: UUID) -> dict[str, Any]:
    """How the job reads the columns of its file, as a preview shows it, with the saved mappings that fit.

    Raises NotFound, FileNotFoundError.
    """
    policy.require(scope, "media.import")
    found = queries.job(scope, job_id)
    stored = _stored(job_id)
    default_type = queries.library_of(scope, found).default_type
    mapping = json.loads(stored["options"])["mapping"]
    with storage.open_file(stored["file"]) as file, refusing():
        looked = preview(cast(BinaryIO, file), mapping, None if default_type == "movie" else default_type)
    fitting = mappings.fitting(scope, [each.header for each in looked.columns])
    told = shape(looked)
    wanted = ("source", "mapping", "columns", "rows")
    return {name: told[name] for name in wanted} | {"saved": saved(fitting, mapping)}


def remap(scope: Scope, job_id: UUID, mapping: Mapping[str, Any]) -> None:
    """The plan is made anew, with this mapping of API.md. Raises NotFound, Conflict where no plan waits,
    RuleBroken at what of the mapping cannot be followed."""
    policy.require(scope, "media.import")
    queries.job(scope, job_id)
    stored = _stored(job_id)
    with storage.open_file(stored["file"]) as file:
        source = recognise(cast(BinaryIO, file), mapping, stored["provider"])
    changed = db.row(
        "update sync_jobs set stage = 'plan', plan = null, provider = %s, options = options || %s, rows_done = 0, "
        "rows_total = null, notices = '[]', attempts = 0, started_at = null "
        "where id = %s and space_id = %s and status = 'idle' and stage = 'planned' returning user_id",
        [source.name, json.dumps({"mapping": mapping}), job_id, scope.space_id],
    )
    if changed is None:
        raise Conflict(_("Only a plan that waits can be made anew."), code="job.no_plan")
    jobs.queue(job_id, scope.space_id, changed["user_id"])


def _stored(job_id: UUID) -> db.Row:
    found = db.row("select file, provider, options::text as options from sync_jobs where id = %s", [job_id])
    assert found is not None
    if found["file"] is None:
        raise NotFound()
    return found
