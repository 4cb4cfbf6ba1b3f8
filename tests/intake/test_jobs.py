"""An import as a job: accepted at once, run by a worker, counted and reported (I1, L4)."""

from tests.intake.support import count_media, films, read, table, upload, work
from tests.support import Actor


def test_import_is_accepted_and_then_done_by_the_worker(alice: Actor) -> None:
    answer = upload(alice, table(films(3)))
    assert answer.status_code == 202
    job = answer.json()
    assert job["status_url"] == f"/api/sync-jobs/{job['job_id']}"
    waiting = read(alice, job["job_id"])
    assert (waiting["status"], waiting["progress"]) == ("idle", {"done": 0, "total": None})
    assert count_media(alice) == 0
    work()
    done = read(alice, job["job_id"])
    assert done["status"] == "succeeded"
    assert done["progress"] == {"done": 3, "total": 3}
    assert done["summary"] == {"created": 3, "updated": 0, "skipped": 0, "failed": 0}
    assert count_media(alice) == 3
