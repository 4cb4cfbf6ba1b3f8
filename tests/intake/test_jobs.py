"""An import as a job: accepted at once, run by a worker, cancelled, given up, taken up again (I1, L4)."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from mediatheque.core import clock, jobs
from mediatheque.core.ids import read_id
from mediatheque.intake import batches, pipeline
from mediatheque.intake.jobs import POISON, SHUT_OUT, take_up_forgotten
from tests.intake.support import (
    count_media,
    films,
    imported,
    make_stale,
    queued,
    read,
    report_of,
    run_upkeep,
    table,
    upload,
    work,
)
from tests.support import Actor, everything


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


def test_refused_request_queues_nothing(alice: Actor) -> None:
    before = everything("select count(*) from procrastinate_jobs")
    assert upload(alice, b"\x89PNG\r\n\x1a\n" + bytes(500)).status_code == 415
    assert everything("select count(*) from procrastinate_jobs") == before


def test_counts_add_up_over_several_batches(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 10)
    rows = [*films(25), *films(5), {"title": ""}, {"title": "x" * 501}]
    rows[31] |= {"year": 1999}  # an entirely empty row would not be a row
    rows[30] |= {"year": 1999}
    job = imported(alice, table(rows))
    assert job["summary"] == {"created": 25, "updated": 0, "skipped": 5, "failed": 2}
    report = report_of(alice, job["id"])
    assert [each["row"] for each in report] == list(range(1, 33))
    assert [each["messages"][0]["code"] for each in report[30:]] == ["title.required", "title.invalid"]


def test_row_the_database_refuses_fails_alone(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = batches.merging.item_columns

    def with_an_impossible_value(record: object, limits: object) -> dict[str, object]:
        columns = plain(record, limits)  # type: ignore[arg-type]
        return columns | {"ownership": "stolen"} if columns["title"] == "Film number 6" else columns

    monkeypatch.setattr(batches.merging, "item_columns", with_an_impossible_value)
    job = imported(alice, table(films(9)))
    assert job["summary"] == {"created": 8, "updated": 0, "skipped": 0, "failed": 1}
    (failed,) = report_of(alice, job["id"], "?outcome=failed")
    assert (failed["title"], failed["messages"][0]["code"]) == ("Film number 6", "row.refused")
    assert count_media(alice) == 8


def test_cancelled_before_it_begins_nothing_is_imported(alice: Actor) -> None:
    job_id = upload(alice, table(films(3))).json()["job_id"]
    answer = alice.post(f"/sync-jobs/{job_id}/cancel")
    assert answer.status_code == 200
    work()
    assert read(alice, job_id)["status"] == "cancelled"
    assert count_media(alice) == 0


def test_cancelled_while_it_runs_keeps_what_was_done(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 2)
    job_id = upload(alice, table(films(6))).json()["job_id"]

    def cancel(done: int) -> None:
        if done == 4:
            everything(
                "update sync_jobs set cancel_requested_at = now() where id = %s", [read_id("job", job_id)]
            )

    pipeline.run(read_id("job", job_id), scopes(alice, job_id), tell=cancel)
    job = read(alice, job_id)
    assert (job["status"], job["progress"]["done"], count_media(alice)) == ("cancelled", 4, 4)
    assert alice.post(f"/sync-jobs/{job_id}/cancel").status_code == 409


def test_person_shut_out_in_the_middle_stops_the_import(alice: Actor, bob: Actor) -> None:
    job_id = upload(bob, table(films(3))).json()["job_id"]
    everything("update memberships set suspended_at = now() where user_id = %s", [bob.user_id])
    work()
    job = read(alice, job_id)
    assert (job["status"], job["error"]) == ("failed", SHUT_OUT)
    assert count_media(alice) == 0


def test_import_can_only_be_abandoned_when_its_person_is_shut_out(alice: Actor, bob: Actor) -> None:
    job_id = upload(bob, table(films(3))).json()["job_id"]
    with connection.cursor() as cursor:
        cursor.execute("select abandon_import(%s, 'mischief')", [read_id("job", job_id)])
        assert cursor.fetchone() == (False,)
    assert read(alice, job_id)["status"] == "idle"
    work()


def test_import_interrupted_too_often_is_given_up(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = upload(alice, table(films(3))).json()["job_id"]

    def lose_the_database(*_: object) -> None:
        raise OperationalError("the server went away")

    monkeypatch.setattr(batches, "lock_libraries", lose_the_database)
    for _ in range(jobs.MOST_ATTEMPTS):
        make_due()
        work()
        assert read(alice, job_id)["status"] == "running"
    make_due()
    work()
    job = read(alice, job_id)
    assert (job["status"], job["error"]) == ("failed", POISON)
    assert queued(job_id) == []


def test_defect_ends_the_import_with_a_sentence(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise ValueError("secret of another household")

    monkeypatch.setattr(pipeline, "_survey", break_down)
    job = imported(alice, table(films(3)))
    assert job["status"] == "failed"
    assert "secret" not in job["error"]


def test_job_nobody_works_at_is_taken_up_again(alice: Actor) -> None:
    job_id = upload(alice, table(films(3))).json()["job_id"]
    everything("delete from procrastinate_jobs where args->>'job_id' = %s", [str(read_id("job", job_id))])
    take_up_forgotten(0)
    assert queued(job_id) == []
    with clock.at(clock.now() + timedelta(minutes=11)):
        take_up_forgotten(0)
        take_up_forgotten(0)
    assert queued(job_id) == ["todo"]
    work()
    assert read(alice, job_id)["status"] == "succeeded"


def test_stalled_job_is_queued_again_a_few_times_only(alice: Actor) -> None:
    job_id = upload(alice, table(films(3))).json()["job_id"]
    for attempt in range(jobs.MOST_ATTEMPTS + 1):
        make_stale(job_id)
        run_upkeep()
        assert queued(job_id) == ["todo"], attempt
    make_stale(job_id)
    run_upkeep()
    assert queued(job_id) == ["failed"]


def test_two_jobs_over_one_file_at_once_give_what_one_gives(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 7)
    content = table(films(60))
    job_ids = [upload(alice, content, name=f"{n}.csv").json()["job_id"] for n in range(2)]
    barrier = threading.Barrier(2)

    def run(job_id: str) -> None:
        barrier.wait()
        pipeline.run(read_id("job", job_id), scopes(alice, job_id))
        connection.close()

    threads = [threading.Thread(target=run, args=[job_id]) for job_id in job_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    summaries = [read(alice, job_id)["summary"] for job_id in job_ids]
    assert sum(each["created"] for each in summaries) == 60
    assert sum(each["skipped"] for each in summaries) == 60
    assert count_media(alice) == 60


def test_job_run_by_two_workers_at_once_has_its_effect_once(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 5)
    job_id = upload(alice, table(films(40))).json()["job_id"]
    barrier = threading.Barrier(2)

    def run() -> None:
        barrier.wait()
        pipeline.run(read_id("job", job_id), scopes(alice, job_id))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job = read(alice, job_id)
    assert job["summary"] == {"created": 40, "updated": 0, "skipped": 0, "failed": 0}
    assert count_media(alice) == 40


def test_worker_that_stops_hands_the_job_on(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 2)
    job_id = upload(alice, table(films(6))).json()["job_id"]
    with pytest.raises(jobs.WorkerStops):
        pipeline.run(read_id("job", job_id), scopes(alice, job_id), stops=lambda: True)
    assert read(alice, job_id)["progress"]["done"] == 2
    work()
    assert read(alice, job_id)["summary"]["created"] == 6


def make_due() -> None:
    everything("update procrastinate_jobs set scheduled_at = null where status = 'todo'")


def scopes(actor: Actor, job_id: str) -> pipeline.OpenScope:
    return pipeline.scopes_of(read_id("job", job_id), actor.household.space_id, actor.user_id)
