"""The import API: shapes, refusals, permissions, reports (API.md, P10)."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediatheque.core.ids import new_id, show_id
from mediatheque.intake.spreadsheet import neutral
from tests.intake.support import count_media, films, imported, read, report_of, table, upload, work
from tests.support import Actor, everything

JOB_FIELDS = {
    "id", "created_at", "provider", "scope", "status", "progress", "summary", "error", "started_at", "finished_at",
    "undone_at", "file_name", "notices", "cancel_requested_at", "added_by", "stage", "plan",
    "rate", "seconds_left",
}  # fmt: skip


def body(answer: object) -> bytes:
    content: Iterator[bytes] = answer.streaming_content  # type: ignore[attr-defined]
    return b"".join(content)


def test_template_can_be_imported_as_it_is(alice: Actor) -> None:
    answer = alice.get("/media/import/template-csv")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    job = imported(alice, body(answer))
    assert job["summary"] == {"created": 1, "updated": 0, "skipped": 0, "failed": 0}
    assert job["notices"] == []


def test_small_import_can_be_waited_for(alice: Actor) -> None:
    answer = upload(alice, table(films(4)), query="?async=false")
    assert answer.status_code == 200
    job = json.loads(answer.content)
    assert set(job) == JOB_FIELDS
    assert (job["status"], job["summary"]["created"]) == ("succeeded", 4)
    traced = everything(
        "select distinct request_id from audit_changes where table_name = 'media' and space_id = %s",
        [alice.household.space_id],
    )
    assert traced == [(job["id"],)]
    (import_fields,) = everything(
        "select distinct 'title' = any(import_fields) from media where space_id = %s",
        [alice.household.space_id],
    )
    assert import_fields == (True,)


def test_large_import_is_not_waited_for(alice: Actor) -> None:
    answer = upload(alice, table(films(1200)), query="?async=false")
    assert answer.status_code == 202
    assert alice.post(f"/sync-jobs/{answer.json()['job_id']}/cancel").status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "code", "field"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(300), 415, "file.binary", None),
        (b"PK\x03\x04" + bytes(300), 415, "file.binary", None),
        (b"", 422, "file.empty", "file"),
        (b"title,year\r\n", 422, "file.header_only", "file"),
        (b"title,Title\r\na,b\r\n", 422, "file.duplicate_header", "file"),
        (b"colour,size\r\nred,3\r\n", 422, "file.no_title", "file"),
    ],
)
def test_file_that_is_no_collection_is_refused_before_it_is_accepted(
    alice: Actor, content: bytes, status: int, code: str, field: str | None
) -> None:
    answer = upload(alice, content)
    found = json.loads(answer.content)
    assert (answer.status_code, found["code"]) == (status, code)
    assert [each["field"] for each in found["errors"]] == ([field] if field else [])
    assert json.loads(alice.get("/sync-jobs").content)["items"] == []


@pytest.mark.parametrize(
    ("mapping", "status"),
    [
        ("{", 400),
        ('{"columns": {"title": 3}}', 400),
        ('{"surprise": 1}', 400),
        ('{"scales": {"own_rating": 7}}', 400),
        ('{"columns": {"title": "nonsense"}}', 422),
    ],
)
def test_mapping_that_cannot_be_followed_is_refused(alice: Actor, mapping: str, status: int) -> None:
    answer = upload(alice, table(films(1)), mapping=mapping)
    assert answer.status_code == status, answer.content
    assert json.loads(answer.content)["errors"][0]["field"].startswith("mapping")


def test_form_field_that_does_not_exist_is_refused_by_name(alice: Actor) -> None:
    answer = upload(alice, table(films(1)), surprise="true")
    assert answer.status_code == 400
    assert json.loads(answer.content)["errors"][0]["field"] == "surprise"


def test_missing_file_is_refused_by_name(alice: Actor) -> None:
    answer = alice.client.post("/api/media/import-csv", {"library": alice.library})
    assert answer.status_code == 400
    assert json.loads(answer.content)["errors"][0]["field"] == "file"


def test_foreign_and_missing_libraries_read_alike(alice: Actor, charlie: Actor) -> None:
    answers = [
        upload(alice, table(films(1)), library=library)
        for library in (charlie.library, show_id("library", new_id()), "med_nonsense")
    ]
    bodies = [{k: v for k, v in json.loads(each.content).items() if k != "request_id"} for each in answers]
    assert [each.status_code for each in answers] == [404, 404, 404]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["errors"][0]["field"] == "library"
    assert count_media(charlie) == 0


def test_limited_library_takes_only_from_those_it_admits(alice: Actor, bob: Actor) -> None:
    closed = show_id("library", alice.household.add_library("Closed", limited=True))
    assert upload(bob, table(films(1)), library=closed).status_code == 404
    job = imported(alice, table(films(1)), library=closed)
    assert job["summary"]["created"] == 1
    assert bob.get(f"/sync-jobs/{job['id']}").status_code == 404


def test_archived_library_takes_nothing(alice: Actor) -> None:
    attic = alice.household.add_library()
    everything("update libraries set archived_at = now() where id = %s", [attic])
    assert upload(alice, table(films(1)), library=show_id("library", attic)).status_code == 409


def test_member_may_import_and_nobody_signed_out(alice: Actor, bob: Actor) -> None:
    assert imported(bob, table(films(2)))["summary"]["created"] == 2
    alice.client.cookies.clear()
    assert upload(alice, table(films(1))).status_code == 401


def test_members_see_their_own_jobs_and_managers_all(alice: Actor, bob: Actor, mary: Actor) -> None:
    of_bob = imported(bob, table(films(1)))["id"]
    of_alice = imported(alice, table(films(1)))["id"]

    def ids(actor: Actor) -> list[str]:
        return [each["id"] for each in json.loads(actor.get("/sync-jobs").content)["items"]]

    assert (ids(bob), ids(mary), ids(alice)) == ([of_bob], [of_alice, of_bob], [of_alice, of_bob])
    for path in ("", "/result", "/result?format=csv"):
        assert bob.get(f"/sync-jobs/{of_alice}{path}").status_code == 404
        assert mary.get(f"/sync-jobs/{of_bob}{path}").status_code == 200
    assert bob.post(f"/sync-jobs/{of_alice}/cancel").status_code == 404


def test_outsiders_see_no_job(alice: Actor, charlie: Actor) -> None:
    job_id = imported(alice, table(films(1)))["id"]
    assert alice.get(f"/sync-jobs/{job_id}").status_code == 200
    for path in ("", "/result", "/result?format=csv"):
        foreign = charlie.get(f"/sync-jobs/{job_id}{path}")
        missing = charlie.get(f"/sync-jobs/{show_id('job', new_id())}{path}")
        assert (foreign.status_code, missing.status_code) == (404, 404)
    assert charlie.post(f"/sync-jobs/{job_id}/cancel").status_code == 404
    assert json.loads(charlie.get("/sync-jobs").content)["items"] == []


def test_jobs_are_listed_newest_first_and_page_by_page(alice: Actor) -> None:
    made = [upload(alice, table(films(1, notes=str(n)))).json()["job_id"] for n in range(5)]
    first = json.loads(alice.get("/sync-jobs?limit=3").content)
    rest = json.loads(alice.get(f"/sync-jobs?limit=3&cursor={first['pagination']['next_cursor']}").content)
    assert [each["id"] for each in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["pagination"]["next_cursor"] is None
    assert alice.get("/sync-jobs?cursor=nonsense").status_code == 400
    work()


def test_report_is_read_page_by_page_and_by_outcome(alice: Actor) -> None:
    rows = [*films(5), {"title": "", "year": 1999}]
    job = imported(alice, table(rows))
    first = json.loads(alice.get(f"/sync-jobs/{job['id']}/result?limit=4").content)
    assert [each["row"] for each in first["items"]] == [1, 2, 3, 4]
    cursor = first["pagination"]["next_cursor"]
    assert [each["row"] for each in report_of(alice, job["id"], f"?limit=4&cursor={cursor}")] == [5, 6]
    (failed,) = report_of(alice, job["id"], "?outcome=failed")
    assert failed == {
        "row": 6, "outcome": "failed", "title": "", "media": None, "review": False,
        "messages": [{"code": "title.required", "field": "title", "message": "The row has no title."}],
        "undo": None,
    }  # fmt: skip
    assert alice.get(f"/sync-jobs/{job['id']}/result?outcome=odd").status_code == 400


def test_report_as_a_table_holds_every_row_and_no_live_formula(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mediatheque.intake.report.PIECE_ROWS", 3)
    titles = ["=1+1", "+49", "-1", "@cmd", "＝1", "Alien", "Brazil", "Cube"]
    job = imported(alice, table([{"title": each, "year": 1999} for each in titles]))
    answer = alice.get(f"/sync-jobs/{job['id']}/result?format=csv")
    assert answer["Content-Type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))
    assert [each["row"] for each in found] == [str(n) for n in range(1, 9)]
    assert [each["title"] for each in found] == [f"'{each}" for each in titles[:5]] + titles[5:]


@given(st.text(alphabet=" \t\r\n\x0b\x0c\u3000\u00a0\u200b\ufeff=+-@＝＋－＠aé1", max_size=8))
def test_no_cell_begins_a_formula(cell: str) -> None:
    shown = neutral(cell)
    bare = shown.lstrip(" \t\r\n\x0b\x0c\u3000\u00a0\u200b\ufeff")
    assert not bare.startswith(tuple("=+-@＝＋－＠"))
    assert not shown.startswith(("\t", "\r", "\n"))
    assert shown.removeprefix("'") == cell.removeprefix("'")


def test_activity_tells_of_the_import(alice: Actor) -> None:
    imported(alice, table(films(1)))
    found = everything(
        "select action from events where space_id = %s and action like 'import.%%' order by id",
        [alice.household.space_id],
    )
    assert found == [("import.started",), ("import.succeeded",)]


def test_same_key_starts_one_import(alice: Actor) -> None:
    content = table(films(2))
    headers = {"HTTP_IDEMPOTENCY_KEY": "once"}

    def post() -> str:
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile("films.csv", content)
        return str(alice.client.post("/api/media/import-csv", {"file": file}, **headers).json()["job_id"])  # type: ignore[arg-type]

    assert post() == post()
    work()
    assert count_media(alice) == 2
    assert read(alice, post())["status"] == "succeeded"
