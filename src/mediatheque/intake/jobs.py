"""Imports in the background: scopes of their own, again after a killed worker or a lost database (L4)."""

from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from procrastinate import JobContext
from procrastinate.contrib.django import app

from mediatheque.core.errors import Forbidden, NotFound
from mediatheque.core.jobs import MOST_ATTEMPTS, WorkerStops, is_spent, retrying
from mediatheque.intake import pipeline

log = structlog.get_logger("intake")

POISON = (
    f"The import was interrupted {MOST_ATTEMPTS} times and was given up. What it had imported stays: "
    "the report says which rows. Importing the file again goes on with the others."
)
SHUT_OUT = "You may no longer import into this library. What was imported before stays."
FILE_GONE = "The stored file is gone: import it again."
DEFECT = "Something is broken on our side, and the import stopped. What it had imported stays."


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
