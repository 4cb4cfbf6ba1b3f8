"""Parts of the crash proof, each a process of its own on one install.

`begin STAGE`   a household and its file: the job's and the household's id; the job is at that stage
`crash POINT VICTIM…`   works at the job and kills these processes at the point (`self` is this one)
`go_on`         looks for stalled jobs and works until nothing is left

The product knows nothing of the points: they are hung in from outside.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import django

django.setup()

from procrastinate.contrib.django import app  # noqa: E402  # Django first

from mediatheque.core.ids import read_id  # noqa: E402
from mediatheque.intake import batches, pipeline, undoing  # noqa: E402
from tests.intake.support import films, run_upkeep, table, upload, work  # noqa: E402
from tests.support import everything, make_household  # noqa: E402

BATCH = 10
ROWS = [*films(20), *films(3), {"title": "", "year": 1999}, {"title": "Last", "year": 2000}]
# Each point: the function after whose n-th call the victims die. Before a commit the rows are written and
# nothing is kept; after it they are.
POINTS: dict[str, tuple[Any, str, int]] = {
    "survey": (pipeline, "_survey", 1),
    "import, while it parses": (pipeline, "_record", 15),
    "import, inside a batch": (batches.entries, "write", 2),
    "import, in the first batch": (batches, "import_rows", 1),
    "import, before a commit": (pipeline, "_advance", 2),
    "import, after a commit": (pipeline, "_import_batch", 2),
    "import, in the last batch": (batches, "import_rows", 3),
    "import, before its end": (pipeline, "_import_batch", 3),
    "plan, before a commit": (batches, "plan_rows", 2),
    "plan, between batches": (pipeline.Watch, "look", 1),
    "plan, before its end": (pipeline.Watch, "look", 3),
    "apply, at its beginning": (pipeline, "_survey", 1),
    "apply, inside a batch": (batches.entries, "write", 1),
    "apply, after its report": (batches, "import_rows", 2),
    "apply, between batches": (pipeline.Watch, "look", 1),
    "undo, at its beginning": (undoing, "_hold", 1),
    "undo, inside a batch": (undoing.putting_back, "remove", 1),
    "undo, between batches": (undoing, "_undo_batch", 1),
    "undo, before a commit": (undoing, "undo_rows", 2),
    "undo, before the entries": (undoing, "undo_rows", 4),
    "undo, before its end": (undoing, "undo_entries", 1),
}


def begin(stage: str) -> None:
    household = make_household()
    alice = household.admin
    before = upload(alice, table([{"title": "Film number 0", "year": 1950, "location": "Attic"}]))
    work()
    assert before.status_code == 202
    job_id = upload(alice, table(ROWS), dry_run="true" if stage in ("plan", "apply") else "false").json()[
        "job_id"
    ]
    if stage == "apply":
        work()
        assert alice.post(f"/sync-jobs/{job_id}/apply").status_code == 202
    if stage == "undo":
        work()
        assert alice.post(f"/sync-jobs/{job_id}/undo").status_code == 202
    print(read_id("job", job_id), household.space_id, flush=True)


def crash(point: str, victims: list[str]) -> None:
    place, name, calls = POINTS[point]
    original, count = getattr(place, name), 0

    def dying(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        answer = original(*arguments, **named)
        count += 1
        if count == calls:
            for victim in victims:
                os.kill(os.getpid() if victim == "self" else int(victim), signal.SIGKILL)
        return answer

    setattr(place, name, dying)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(wait=False, queues=["imports"], listen_notify=False)


def go_on() -> None:
    everything("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
    everything("update procrastinate_jobs set scheduled_at = null where status = 'todo'")
    run_upkeep()
    work()


def main(words: list[str]) -> None:
    pipeline.BATCH_ROWS = undoing.ITEMS_AT_ONCE = BATCH
    pipeline.SMALL_ROWS = 1
    commands: dict[str, Callable[..., None]] = {
        "begin": begin, "crash": lambda point, *victims: crash(point, list(victims)), "go_on": go_on,
    }  # fmt: skip
    partial(commands[words[0]], *words[1:])()


main(sys.argv[1:])
