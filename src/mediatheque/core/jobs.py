"""The job queue's own upkeep: what a killed worker left behind is taken up again (JOINTS, *Jobs*)."""

from datetime import timedelta

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from . import db, limits, sweeping
from .clock import now

MOST_ATTEMPTS = 3


class WorkerStops(Exception):
    """The worker is asked to stop: the job goes on with the next one."""


def retrying(*errors: type[Exception]) -> RetryStrategy:
    """A task's strategy: again after these errors, a little later each time.

    The task is called once more after its last attempt (`is_spent`), so that it can say that it gave up.
    """
    return RetryStrategy(
        max_attempts=MOST_ATTEMPTS, wait=5, linear_wait=5, retry_exceptions=(WorkerStops, *errors)
    )


def is_spent(attempts: int) -> bool:
    """Whether a job was tried as often as it may be; it is poison then."""
    return attempts >= MOST_ATTEMPTS


@app.periodic(cron="* * * * *")
@app.task(name="core.take_up_stalled", queueing_lock="core.take_up_stalled", queue="upkeep")
async def take_up_stalled(timestamp: int) -> None:
    """Jobs of workers that no longer give a sign of life go back into the queue, a few times only."""
    for job in await app.job_manager.get_stalled_jobs():
        if job.attempts > MOST_ATTEMPTS:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            continue
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # the same work waits in the queue already
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="17 * * * *")
@app.task(name="core.forget_old", queueing_lock="core.forget_old", queue="upkeep")
def forget_old(timestamp: int) -> None:
    """Yesterday's rate counts and kept answers have served."""
    yesterday = now() - timedelta(days=1)
    limits.forget_old(yesterday)
    db.value("select forget_kept_answers(%s)", [yesterday])


@app.periodic(cron="41 3 * * *")
@app.task(name="core.sweep_files", queueing_lock="core.sweep_files", queue="upkeep")
def sweep_files(timestamp: int) -> None:
    """Files nobody refers to go once the trail has forgotten them; what a crash left goes after a day."""
    sweeping.sweep_files(timedelta(days=settings.AUDIT_RETENTION_DAYS))
    sweeping.sweep_crashed()
