"""A real worker that kills itself: `python -m tests.intake.crashing_worker BATCH WHEN`.

WHEN is `before` (the batch's rows are written, nothing is committed), `after` (they are committed) or
`never`. The product knows nothing of this: the points are hung in from outside.
"""

import os
import signal
import sys

import django

django.setup()

from procrastinate.contrib.django import app  # noqa: E402  # Django first

from mediatheque.intake import pipeline  # noqa: E402

BATCH, WHEN = int(sys.argv[1]), sys.argv[2]
pipeline.BATCH_ROWS = 10
import_batch, advance = pipeline._import_batch, pipeline._advance
batches = 0


def die() -> None:
    if batches == BATCH:
        os.kill(os.getpid(), signal.SIGKILL)


def advance_and_die(*arguments: object) -> None:
    global batches
    batches += 1
    advance(*arguments)  # type: ignore[arg-type]
    if WHEN == "before":
        die()


def import_and_die(*arguments: object) -> int:
    done = import_batch(*arguments)  # type: ignore[arg-type]
    if WHEN == "after":
        die()
    return done


pipeline._advance = advance_and_die
pipeline._import_batch = import_and_die  # type: ignore[assignment]
with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
    worker.run_worker(wait=False, queues=["imports"], listen_notify=False)
