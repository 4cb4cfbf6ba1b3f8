"""A worker killed in the middle: the job is taken up again and has its effect exactly once (L4, PROOFS *Crash*)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.intake.support import count_media, films, queued, read, report_of, run_upkeep, table, upload
from tests.support import Actor, everything

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("batch", "when", "kept"), [(1, "before", 0), (2, "before", 10), (2, "after", 20), (3, "after", 25)]
)
def test_killed_worker_leaves_whole_batches_and_the_next_one_the_rest(
    alice: Actor, batch: int, when: str, kept: int
) -> None:
    rows = [*films(20), *films(3), {"title": "", "year": 1999}, {"title": "Last", "year": 2000}]
    job_id = upload(alice, table(rows)).json()["job_id"]
    assert run_worker(batch, when) == -signal.SIGKILL
    cut_off = read(alice, job_id)
    assert (cut_off["status"], cut_off["progress"]["done"]) == ("running", kept)
    assert len(report_of(alice, job_id)) == kept
    assert queued(job_id) == ["doing"]

    everything("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
    run_upkeep()
    assert queued(job_id) == ["todo"]
    assert run_worker(0, "never") == 0

    job = read(alice, job_id)
    assert job["status"] == "succeeded"
    assert job["summary"] == {"created": 21, "updated": 0, "skipped": 3, "failed": 1}
    assert [each["row"] for each in report_of(alice, job_id)] == list(range(1, 26))
    assert count_media(alice) == 21
    assert orphans(alice) == 0


def test_worker_that_always_dies_at_one_place_is_not_started_for_ever(alice: Actor) -> None:
    job_id = upload(alice, table(films(15))).json()["job_id"]
    for _ in range(3):
        assert run_worker(1, "before") == -signal.SIGKILL
        everything("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
        run_upkeep()
    assert run_worker(1, "before") == 0
    job = read(alice, job_id)
    assert (job["status"], job["progress"]["done"]) == ("failed", 0)
    assert "given up" in job["error"]


def run_worker(batch: int, when: str) -> int:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.intake.crashing_worker", str(batch), when],
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        check=False,
        capture_output=True,
        timeout=60,
    )
    return ended.returncode


def orphans(actor: Actor) -> int:
    """Rows of this household that point at nothing or that nothing points at."""
    found = everything(
        "select (select count(*) from works w where owner_space = %(space)s and not exists "
        "(select from media m where m.work_id = w.id)) + (select count(*) from fingerprints f "
        "where space_id = %(space)s and not exists (select from report_rows r where r.media_id = f.media_id))",
        {"space": actor.household.space_id},
    )
    return int(found[0][0])
