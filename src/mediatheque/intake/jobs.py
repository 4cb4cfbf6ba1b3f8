"""Imports in the background: scopes of their own, again after a killed worker or a lost database (L4)."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext_lazy
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from mediatheque.core import db
from mediatheque.core.clock import now
from mediatheque.core.errors import Forbidden, NotFound
from mediatheque.core.jobs import WorkerStops, is_spent, retrying
from mediatheque.core.roles import KEEPER
from mediatheque.intake import pipeline, undoing

log = structlog.get_logger("intake")

POISON = gettext_lazy(
    "The import was interrupted again and again and was given up. What it had imported stays: "
    "the report says which rows. Importing the file again goes on with the others."
)
SHUT_OUT = gettext_lazy("You may no longer import into this library. What was imported before stays.")
FILE_GONE = gettext_lazy("The stored file is gone: import it again.")
QUIET = timedelta(minutes=10)  # no batch takes nearly as long
KEPT_PLANS = timedelta(days=7)
UNDO_STOPPED = gettext_lazy(
    "The undo stopped before its end. What it took back stays so; ask again, and it goes on."
)
DEFECT = gettext_lazy("Something is broken on our side, and the import stopped. What it had imported stays.")


def queue(job_id: UUID, space_id: UUID, user_id: UUID) -> None:
    """Run the import when the transaction is committed; one that waits already waits once."""
    key = f"import {job_id}"
    task = run_import.configure(lock=key, queueing_lock=key)
    with suppress(AlreadyEnqueued), transaction.atomic():
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


def queue_undo(job_id: UUID, space_id: UUID, user_id: UUID, owner_id: UUID | None) -> None:
    """Undo the import when the transaction is committed; `user_id` undoes, `owner_id` imported."""
    task = run_undo.configure(lock=f"import {job_id}", queueing_lock=f"undo {job_id}")
    owner = str(owner_id) if owner_id else None
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(job_id=str(job_id), space_id=str(space_id), user_id=str(user_id), owner_id=owner)


@app.task(
    name="intake.run_undo",
    queue="imports",
    retry=retrying(OperationalError, InterfaceError),
    pass_context=True,
)
def run_undo(context: JobContext, job_id: str, space_id: str, user_id: str, owner_id: str | None) -> None:
    """One undo, from where it stands."""
    job, space = UUID(job_id), UUID(space_id)
    open_scope = undoing.scopes_of(job, space, UUID(user_id))
    open_owner = undoing.scopes_of(job, space, UUID(owner_id)) if owner_id else None
    if is_spent(context.job.attempts):
        undoing.give_up(open_scope, job, UNDO_STOPPED)
        return
    try:
        undoing.run(job, open_scope, open_owner, stops=context.should_abort)
    except (OperationalError, InterfaceError, WorkerStops):
        raise
    except Exception:
        log.exception("undo.failed", job=job_id)
        undoing.give_up(open_scope, job, UNDO_STOPPED)


@app.periodic(cron="29 3 * * *")
@app.task(name="intake.forget_plans", queueing_lock="intake.forget_plans", queue="upkeep")
def forget_plans(timestamp: int) -> None:
    """Plans of imports that ended a while ago have served."""
    db.value("select forget_plans(%s)", [now() - KEPT_PLANS])


@app.periodic(cron="*/10 * * * *")
@app.task(name="intake.take_up_forgotten", queueing_lock="intake.take_up_forgotten", queue="upkeep")
def take_up_forgotten(timestamp: int) -> None:
    """Imports that nobody works at (a command was killed, a queue was lost) go back into the queue."""
    with transaction.atomic(durable=True):
        db.execute(f"set local role {KEEPER}")
        found = db.rows(
            "select id, space_id, user_id, stage, undo_by from sync_jobs where status in ('idle', 'running') "
            "and not (status = 'idle' and stage = 'planned') and updated_at < %s",
            [now() - QUIET],
        )
    for each in found:
        if each["stage"] == "undo":
            queue_undo(each["id"], each["space_id"], each["undo_by"], each["user_id"])
            continue
        if each["user_id"] is None:
            db.value("select abandon_import(%s, %s)", [each["id"], str(SHUT_OUT)])
            continue
        queue(each["id"], each["space_id"], each["user_id"])
