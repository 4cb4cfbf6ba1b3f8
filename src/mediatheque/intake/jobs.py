"""Imports in the background: scopes of their own, again after a killed worker or a lost database (L4)."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from mediatheque.core import db
from mediatheque.core.clock import now
from mediatheque.core.errors import Forbidden, NotFound
from mediatheque.core.jobs import MOST_ATTEMPTS, WorkerStops, is_spent, retrying
from mediatheque.core.roles import KEEPER
from mediatheque.intake import pipeline

log = structlog.get_logger("intake")

POISON = (
    f"The import was interrupted {MOST_ATTEMPTS} times and was given up. What it had imported stays: "
    "the report says which rows. Importing the file again goes on with the others."
)
SHUT_OUT = "You may no longer import into this library. What was imported before stays."
FILE_GONE = "The stored file is gone: import it again."
QUIET = timedelta(minutes=10)  # no batch takes nearly as long
DEFECT = "Something is broken on our side, and the import stopped. What it had imported stays."


def queue(job_id: UUID, space_id: UUID, user_id: UUID) -> None:
    """Run the import when the transaction is committed; one that waits already waits once."""
    key = f"import {job_id}"
    task = run_import.configure(lock=key, queueing_lock=key)
    task.defer(job_id=str(job_id), space_id=str(space_id), user_id=str(user_id))


@app.task(
    name="intake.run_import",
    queue="imports",
    retry=retrying(OperationalError, InterfaceError),
    pass_context=True,
)
def run_import(context: JobContext, job_id: str, space_id: str, user_id: str) -> None:
    """One import, from where it stands."""
    job = UUID(job_id)
    open_scope = pipeline.scopes_of(job, UUID(space_id), UUID(user_id))
    if is_spent(context.job.attempts):
        pipeline.fail(open_scope, job, POISON)
        return
    try:
        pipeline.run(job, open_scope, stops=context.should_abort)
    except (OperationalError, InterfaceError, WorkerStops):
        raise
    except (NotFound, Forbidden):
        pipeline.fail(open_scope, job, SHUT_OUT)
    except FileNotFoundError:
        pipeline.fail(open_scope, job, FILE_GONE)
    except Exception:
        log.exception("import.failed", job=job_id)
        pipeline.fail(open_scope, job, DEFECT)


@app.periodic(cron="*/10 * * * *")
@app.task(name="intake.take_up_forgotten", queueing_lock="intake.take_up_forgotten", queue="upkeep")
def take_up_forgotten(timestamp: int) -> None:
    """Imports that nobody works at (a command was killed, a queue was lost) go back into the queue."""
    with transaction.atomic(durable=True):
        db.execute(f"set local role {KEEPER}")
        found = db.rows(
            "select id, space_id, user_id from sync_jobs where status in ('idle', 'running') "
            "and not (status = 'idle' and stage = 'planned') and updated_at < %s",
            [now() - QUIET],
        )
    for each in found:
        if each["user_id"] is None:
            db.value("select abandon_import(%s, %s)", [each["id"], SHUT_OUT])
            continue
        try:
            queue(each["id"], each["space_id"], each["user_id"])
        except AlreadyEnqueued:
            log.info("import.waits", job=str(each["id"]))
