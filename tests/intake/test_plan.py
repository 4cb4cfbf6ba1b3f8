"""A dry run: read before anything is written, then applied to what the library has by then (I1)."""

import csv
import io
import json
from typing import Any

import pytest

from mediatheque.core.ids import read_id
from mediatheque.intake import pipeline
from mediatheque.intake.jobs import take_up_forgotten
from tests.intake.support import (
    COLLECTZ,
    count_media,
    films,
    imported,
    read,
    report_of,
    run_upkeep,
    table,
    upload,
    work,
)
from tests.proofs.world import fingerprint
from tests.support import Actor, everything

ALIEN = {"title": "Alien", "year": 1979, "location": "Shelf 1"}
# What a plan may write: its job and rows, the stored file, and the log.
OWN_TABLES = {"sync_jobs", "plan_rows", "file_references", "stored_files", "audit_changes"}


def planned(actor: Actor, content: bytes, **fields: Any) -> dict[str, Any]:
    answer = upload(actor, content, dry_run="true", **fields)
    assert answer.status_code == 202, answer.content
    work()
    return read(actor, answer.json()["job_id"])


def plan_of(actor: Actor, job: dict[str, Any], query: str = "?limit=200") -> dict[str, Any]:
    answer = actor.get(f"/sync-jobs/{job['id']}/plan{query}")
    assert answer.status_code == 200, answer.content
    return dict(json.loads(answer.content))


def applied(actor: Actor, job: dict[str, Any]) -> dict[str, Any]:
    answer = actor.post(f"/sync-jobs/{job['id']}/apply")
    assert answer.status_code == 202, answer.content
    assert answer.json()["status_url"] == f"/api/sync-jobs/{job['id']}"
    work()
    return read(actor, job["id"])


def library_of(actor: Actor) -> dict[str, str]:
    return {name: rows for name, rows in fingerprint(actor.household).items() if name not in OWN_TABLES}


def test_plan_is_read_before_anything_is_written(alice: Actor) -> None:
    imported(alice, table([ALIEN]))
    before = library_of(alice)
    rows = [
        ALIEN | {"location": "Shelf 2", "runtime": 117},
        {"title": "Aliens", "year": 1986},
        ALIEN,
        {"title": ""},
    ]
    rows[3]["year"] = 1999
    job = planned(alice, table(rows, ["title", "year", "location", "runtime"]))
    assert (job["status"], job["stage"], job["finished_at"]) == ("idle", "planned", None)
    assert job["plan"] == {"created": 1, "updated": 1, "skipped": 1, "failed": 1}
    assert job["summary"] == {"created": 0, "updated": 0, "skipped": 0, "failed": 0}
    assert library_of(alice) == before

    plan = plan_of(alice, job)
    assert (plan["summary"], plan["complete"]) == (job["plan"], True)
    update, create, skip, problem = plan["items"]
    assert [each["outcome"] for each in plan["items"]] == ["updated", "created", "skipped", "failed"]
    assert update["changes"] == [
        {"field": "runtime", "old": None, "new": 117},
        {"field": "location", "old": "Shelf 1", "new": "Shelf 2"},
    ]
    assert update["media"] is not None
    assert create["media"] is None
    assert {"field": "title", "old": None, "new": "Aliens"} in create["changes"]
    assert skip["changes"] == []
    assert problem["messages"][0]["code"] == "title.required"


def test_applied_plan_does_what_it_said(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 3)
    rows = [*films(7), *films(2, location="Shelf 9"), {"title": "", "year": 1999}, *films(1)]
    content = table(rows)
    job = planned(alice, content)
    assert job["progress"]["total"] == 11
    promised = [(each["row"], each["outcome"]) for each in plan_of(alice, job)["items"]]
    done = applied(alice, job)
    assert done["status"] == "succeeded"
    assert done["summary"] == job["plan"] == {"created": 7, "updated": 2, "skipped": 1, "failed": 1}
    report = report_of(alice, job["id"])
    assert [(each["row"], each["outcome"]) for each in report] == promised
    assert not [each for each in report for message in each["messages"] if message["code"] == "plan.changed"]


def test_plan_finds_what_its_own_earlier_rows_will_have_made(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every way of matching, with each row in a batch of its own, gives what the import itself gives."""
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 1)
    base = dict.fromkeys(COLLECTZ, "") | {"media_type": "movie", "import_source": "csv_generic"}
    rows = [
        base | {"id": "1", "title": "Alien", "year": "1979", "tmdb_id": "348", "upc": "4010232006516"},
        base | {"id": "1", "title": "Alien", "year": "1979", "tmdb_id": "348", "upc": "4010232006516"},
        base
        | {
            "id": "1",
            "title": "Alien – Director's Cut",
            "year": "1979",
            "upc": "4010232006516",
            "runtime": "117",
        },
        base | {"id": "2", "title": "Alien", "year": "1979", "format": "Blu-ray", "upc": "4010232051974"},
        base | {"id": "3", "title": "Prometheus", "year": "2012", "tmdb_id": "348"},
        base | {"id": "4", "title": "Alien", "year": ""},
        base | {"id": "5", "title": "ALIEN", "year": "1979", "user_rating": "4"},
        base | {"id": "6", "title": "Alien", "year": "1979", "user_rating": "2"},
    ]
    content = table(rows, COLLECTZ)
    job = planned(alice, content)
    promised = [(each["outcome"], each["review"]) for each in plan_of(alice, job)["items"]]
    done = applied(alice, job)
    report = report_of(alice, job["id"])
    assert [(each["outcome"], each["review"]) for each in report] == promised
    assert done["summary"] == job["plan"]
    assert not [each for each in report for message in each["messages"] if message["code"] == "plan.changed"]
    assert {outcome for outcome, _ in promised} == {"created", "updated", "skipped"}


def test_what_changed_since_the_plan_is_decided_anew_and_said(alice: Actor) -> None:
    imported(alice, table([ALIEN]))
    job = planned(
        alice, table([{"title": "Aliens", "year": 1986}, ALIEN | {"location": "Shelf 2", "runtime": 117}])
    )
    (item,) = json.loads(alice.get("/media").content)["items"]
    assert alice.patch(f"/media/{item['id']}", {"location": "My room"}).status_code == 200
    assert alice.post("/media", {"title": "Aliens", "media_type": "movie", "year": 1986}).status_code == 201
    done = applied(alice, job)
    assert job["plan"] == {"created": 1, "updated": 1, "skipped": 0, "failed": 0}
    assert done["summary"] == {"created": 0, "updated": 1, "skipped": 1, "failed": 0}
    skipped, updated = report_of(alice, job["id"])
    assert "would be created" in next(
        m["message"] for m in skipped["messages"] if m["code"] == "plan.changed"
    )
    assert "other fields" in next(m["message"] for m in updated["messages"] if m["code"] == "plan.changed")
    assert json.loads(alice.get(f"/media/{item['id']}").content)["location"] == "My room"


def test_small_plan_and_its_import_can_be_waited_for(alice: Actor) -> None:
    answer = upload(alice, table(films(3)), query="?async=false&dry_run=true")
    assert answer.status_code == 200, answer.content
    job = answer.json()
    assert (job["status"], job["plan"]["created"], count_media(alice)) == ("idle", 3, 0)
    answer = alice.post(f"/sync-jobs/{job['id']}/apply?async=false")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["status"], answer.json()["summary"]["created"]) == ("succeeded", 3)
    assert count_media(alice) == 3


def test_plan_is_paged_filtered_and_downloaded(alice: Actor) -> None:
    job = planned(alice, table([*films(5), {"title": "", "year": 2000}, {"title": "=SUM(A1)", "year": 2001}]))
    first = plan_of(alice, job, "?limit=2")
    cursor = first["pagination"]["next_cursor"]
    assert [each["row"] for each in first["items"]] == [1, 2]
    assert [each["row"] for each in plan_of(alice, job, f"?limit=2&cursor={cursor}")["items"]] == [3, 4]
    assert [each["row"] for each in plan_of(alice, job, "?outcome=failed")["items"]] == [6]
    assert [each["row"] for each in plan_of(alice, job, "?q=NUMBER 3")["items"]] == [4]
    answer = alice.get(f"/sync-jobs/{job['id']}/plan?format=csv")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert lines[0] == ["row", "outcome", "title", "media", "review", "messages", "changes"]
    assert [len(lines), lines[7][2]] == [8, "'=SUM(A1)"]
    answer = alice.get(f"/sync-jobs/{job['id']}/plan?download=true")
    assert [each["row"] for each in json.loads(b"".join(answer.streaming_content))] == list(range(1, 8))


def test_cancelled_plan_is_never_applied(alice: Actor) -> None:
    job = planned(alice, table(films(3)))
    assert alice.post(f"/sync-jobs/{job['id']}/cancel").json()["status"] == "cancelled"
    answer = alice.post(f"/sync-jobs/{job['id']}/apply")
    assert (answer.status_code, answer.json()["code"]) == (409, "job.ended")
    work()
    assert count_media(alice) == 0


def test_plan_is_applied_once(alice: Actor) -> None:
    job = planned(alice, table(films(3)))
    assert alice.post(f"/sync-jobs/{job['id']}/apply").status_code == 202
    answer = alice.post(f"/sync-jobs/{job['id']}/apply")
    assert (answer.status_code, answer.json()["code"]) == (409, "job.running")
    work()
    assert count_media(alice) == 3
    assert alice.post(f"/sync-jobs/{job['id']}/apply").json()["code"] == "job.ended"


def test_plan_not_yet_made_cannot_be_applied_and_an_import_has_none(alice: Actor) -> None:
    waiting = upload(alice, table(films(3)), dry_run="true").json()["job_id"]
    answer = alice.post(f"/sync-jobs/{waiting}/apply")
    assert (answer.status_code, answer.json()["code"]) == (409, "job.planning")
    assert plan_of(alice, {"id": waiting}) | {"pagination": None} == {
        "items": [], "pagination": None, "summary": None, "complete": False,
    }  # fmt: skip
    done = imported(alice, table(films(2)))
    answer = alice.get(f"/sync-jobs/{done['id']}/plan")
    assert (answer.status_code, answer.json()["code"]) == (409, "job.no_plan")


def test_waiting_plan_is_left_alone_by_the_upkeep(alice: Actor) -> None:
    job = planned(alice, table(films(3)))
    everything("alter table sync_jobs disable trigger sync_jobs_touch")
    everything(
        "update sync_jobs set updated_at = now() - interval '1 day' where space_id = %s",
        [alice.household.space_id],
    )
    everything("alter table sync_jobs enable trigger sync_jobs_touch")
    before = everything("select count(*) from procrastinate_jobs where task_name = 'intake.run_import'")
    take_up_forgotten(timestamp=0)
    run_upkeep()
    assert (
        everything("select count(*) from procrastinate_jobs where task_name = 'intake.run_import'") == before
    )
    assert read(alice, job["id"])["stage"] == "planned"


def test_plan_cut_off_in_the_middle_begins_anew(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 2)
    job_id = upload(alice, table([*films(5), *films(2)]), dry_run="true").json()["job_id"]
    done = []

    def cut_off(rows: int) -> None:
        done.append(rows)
        raise KeyboardInterrupt

    from tests.intake.test_jobs import scopes

    with pytest.raises(KeyboardInterrupt):
        pipeline.run(read_id("job", job_id), scopes(alice, job_id), tell=cut_off)
    assert (done, read(alice, job_id)["status"]) == ([2], "running")
    work()
    job = read(alice, job_id)
    assert job["plan"] == {"created": 5, "updated": 0, "skipped": 2, "failed": 0}
    assert [each["row"] for each in plan_of(alice, job)["items"]] == list(range(1, 8))


@pytest.mark.parametrize("path", ["plan", "apply"])
def test_plan_of_another_is_for_managers(
    alice: Actor, bob: Actor, charlie: Actor, mary: Actor, path: str
) -> None:
    job = planned(bob, table(films(1)))
    other = planned(alice, table(films(2)))

    def ask(actor: Actor, job_id: str) -> int:
        method = "GET" if path == "plan" else "POST"
        return actor.api(method, f"/sync-jobs/{job_id}/{path}").status_code

    assert ask(bob, other["id"]) == ask(charlie, job["id"]) == 404
    assert ask(mary, job["id"]) == (200 if path == "plan" else 202)


def test_plan_cancelled_while_it_is_made_ends_there(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.intake.test_jobs import scopes

    monkeypatch.setattr(pipeline, "BATCH_ROWS", 2)
    job_id = upload(alice, table(films(6)), dry_run="true").json()["job_id"]

    def cancel(done: int) -> None:
        assert alice.post(f"/sync-jobs/{job_id}/cancel").status_code in (200, 409)

    pipeline.run(read_id("job", job_id), scopes(alice, job_id), tell=cancel)
    assert (read(alice, job_id)["status"], read(alice, job_id)["plan"]) == ("cancelled", None)
    assert alice.post(f"/sync-jobs/{job_id}/apply").json()["code"] == "job.ended"


def test_a_manager_reads_others_plans_without_what_they_say_of_their_persons_entries(
    bob: Actor, mary: Actor
) -> None:
    entry = {"status": "completed", "rating": 3, "notes": "My own thoughts", "visibility": "private"}
    film = {"title": "Night Ferry", "media_type": "movie", "year": 2001}
    shelf = {"mediatheque": 1, "media": [{**film, "entry": entry}]}
    diary = {"mediatheque": 1, "entries": [{"work": {**film, "title": "Diary Thing"}, **entry}]}
    for document, hidden in ((shelf, False), (diary, True)):
        job = planned(bob, json.dumps(document).encode())
        for path in ("plan", "plan?download=true", "plan?format=csv"):
            told, seen = (_text(each, f"/sync-jobs/{job['id']}/{path}") for each in (bob, mary))
            assert "own.rating" in told
            assert "own." not in seen
            assert ("Diary Thing" in told) is hidden
            assert "Diary Thing" not in seen
            assert ("Night Ferry" in seen) is not hidden
        assert len(plan_of(bob, job, "?q=diary")["items"]) == hidden
        assert plan_of(mary, job, "?q=diary")["items"] == []
        applied(bob, job)
        assert ("Diary Thing" in _text(bob, f"/sync-jobs/{job['id']}/result")) is hidden
        assert "Diary Thing" not in _text(mary, f"/sync-jobs/{job['id']}/result")
        assert ("Night Ferry" in _text(mary, f"/sync-jobs/{job['id']}/result")) is not hidden


def _text(actor: Actor, path: str) -> str:
    answer = actor.get(path)
    assert answer.status_code == 200
    return b"".join(answer).decode()
