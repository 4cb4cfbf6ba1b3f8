"""Imports in the browser, without any script: bring a file, look how far it is, read the report (I1, L11)."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from mediatheque.core.ids import show_id
from mediatheque.intake import pipeline
from tests.intake.support import count_media, films, imported, read, table, upload, work
from tests.support import Actor, everything


def address(actor: Actor, path: str = "import") -> str:
    return f"/s/{actor.household.slug}/{path}"


def bring(actor: Actor, content: bytes | None, **fields: str) -> HttpResponse:
    file = {} if content is None else {"file": SimpleUploadedFile("films.csv", content)}
    return actor.client.post(address(actor), {**file, **fields})  # type: ignore[return-value]


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_file_is_brought_and_its_job_shown(alice: Actor) -> None:
    form = alice.client.get(address(alice))
    assert form.status_code == 200
    assert 'enctype="multipart/form-data"' in text(form)
    answer = bring(alice, table(films(3)), library=alice.library)
    assert answer.status_code == 303
    page = answer["Location"]
    waiting = text(alice.client.get(page))
    assert "films.csv" in waiting
    assert "Waiting" in waiting
    assert f'hx-get="{page}/progress"' in waiting
    work()
    plan = text(alice.client.get(page))
    assert "What would happen" in plan
    assert 'hx-trigger="every 1s"' not in plan
    assert "Film number 2" in plan
    assert "New: movie" in plan
    assert count_media(alice) == 0
    assert alice.client.post(f"{page}/apply").status_code == 303
    work()
    done = text(alice.client.get(page))
    assert "Done" in done
    assert "Film number 2" in done
    assert count_media(alice) == 3


def test_plan_shows_what_changes_and_is_called_off(alice: Actor) -> None:
    imported(alice, table([{"title": "Alien", "year": 1979, "location": "Shelf 1"}]))
    rows = [
        {"title": "Alien", "year": 1979, "location": "Shelf 2", "format": "DVD"},
        {"title": "", "year": 1},
    ]
    page = bring(alice, table(rows, ["title", "year", "location", "format"]))["Location"]
    work()
    plan = text(alice.client.get(page))
    assert "location: Shelf 1 → Shelf 2" in plan
    assert "adds a copy: DVD" in plan
    assert "Alien" not in text(alice.client.get(f"{page}?outcome=failed"))
    assert "Shelf 1" not in text(alice.client.get(f"{page}?q=no+title"))
    lines = b"".join(alice.client.get(f"{page}/report").streaming_content)  # type: ignore[attr-defined]
    assert lines.startswith(b"\xef\xbb\xbfrow,outcome,title,media,review,messages,changes")
    assert alice.client.post(f"{page}/cancel").status_code == 303
    assert "Cancelled" in text(alice.client.get(page))
    assert f"{page}/apply" not in text(alice.client.get(page))


def test_mapping_is_changed_and_the_plan_made_anew(alice: Actor) -> None:
    page = bring(alice, table([{"title": "Alien", "Baujahr": 1979}]))["Location"]
    work()
    form = text(alice.client.get(f"{page}/mapping"))
    assert re.search(r'<label for="f-column-1">Baujahr</label>', form)
    assert "1979" in form
    refused = alice.client.post(f"{page}/mapping", {"column-0": "nonsense", "column-1": "year"})
    assert refused.status_code == 422
    answer = alice.client.post(f"{page}/mapping", {"column-0": "title", "column-1": "year", "dates": "DMY"})
    assert answer.status_code == 303
    work()
    assert re.search(r'<td class="num p2">1979</td>', text(alice.client.get(page)))
    assert alice.client.post(f"{page}/apply").status_code == 303
    work()
    (item,) = json.loads(alice.get("/media").content)["items"]
    assert (item["title"], item["year"]) == ("Alien", 1979)
    assert alice.client.post(f"{page}/mapping", {"column-0": "title"}).status_code == 409


def test_import_is_undone_by_its_button_by_whoever_may(alice: Actor, bob: Actor) -> None:
    job_id = imported(alice, table(films(3)))["id"]
    page = address(alice, f"jobs/{job_id}")
    item = json.loads(alice.get("/media").content)["items"][0]
    assert alice.patch(f"/media/{item['id']}", {"notes": "A gift"}).status_code == 200
    assert f"{page}/undo" in text(alice.client.get(page))
    assert bob.client.post(f"{page}/undo").status_code == 404
    assert alice.client.post(f"{page}/undo").status_code == 303
    after = text(alice.client.get(page))
    assert "Undone" in after
    assert "It was kept: somebody has changed it since." in after
    assert count_media(alice) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "Choose a file."),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "This is a PNG picture, not a table."),
        (b"colour\r\nred\r\n", "No column holds titles."),
    ],
)
def test_file_that_cannot_be_imported_is_told_at_its_field(
    alice: Actor, content: bytes | None, sentence: str
) -> None:
    answer = bring(alice, content, library=alice.library)
    assert answer.status_code == 422
    assert re.search(rf'id="e-file">.*{re.escape(sentence)}', text(answer), re.DOTALL)


def test_foreign_library_is_told_at_its_field(alice: Actor, charlie: Actor) -> None:
    answer = bring(alice, table(films(1)), library=charlie.library)
    assert answer.status_code == 422
    assert 'id="e-library"' in text(answer)


def test_page_of_a_foreign_or_missing_job_is_missing(alice: Actor, bob: Actor, charlie: Actor) -> None:
    job_id = imported(alice, table(films(1)))["id"]
    for path in ("", "/progress", "/report"):
        assert alice.client.get(address(alice, f"jobs/{job_id}{path}")).status_code == 200
        assert bob.client.get(address(alice, f"jobs/{job_id}{path}")).status_code == 404
        assert charlie.client.get(address(alice, f"jobs/{job_id}{path}")).status_code == 404
        assert charlie.client.get(address(charlie, f"jobs/{job_id}{path}")).status_code == 404


def test_progress_is_a_piece_of_the_page_that_ends_by_itself(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", 2)
    job_id = upload(alice, table(films(4))).json()["job_id"]
    everything("update sync_jobs set status = 'running', rows_done = 1, rows_total = 4 where space_id = %s",
               [alice.household.space_id])  # fmt: skip
    piece = alice.client.get(address(alice, f"jobs/{job_id}/progress"))
    assert "<html" not in text(piece)
    assert 'value="1" max="4"' in text(piece)
    assert "HX-Refresh" not in piece
    everything("update sync_jobs set status = 'succeeded' where space_id = %s", [alice.household.space_id])
    assert alice.client.get(address(alice, f"jobs/{job_id}/progress"))["HX-Refresh"] == "true"


def test_import_is_cancelled_by_its_button(alice: Actor) -> None:
    job_id = upload(alice, table(films(2))).json()["job_id"]
    assert f"/jobs/{job_id}/cancel" in text(alice.client.get(address(alice, f"jobs/{job_id}")))
    answer = alice.client.post(address(alice, f"jobs/{job_id}/cancel"))
    assert answer.status_code == 303
    assert read(alice, job_id)["status"] == "cancelled"
    work()
    assert count_media(alice) == 0


def test_report_is_filtered_by_outcome_and_downloaded(alice: Actor) -> None:
    job_id = imported(alice, table([*films(2), {"title": "", "year": 1999}]))["id"]
    page = address(alice, f"jobs/{job_id}")
    failed = text(alice.client.get(f"{page}?outcome=failed"))
    assert "The row has no title." in failed
    assert "Film number 1" not in failed
    answer = alice.client.get(f"{page}/report")
    assert b"".join(answer.streaming_content).count(b"\r\n") == 4  # type: ignore[attr-defined]


def test_rows_to_review_are_found_by_their_own_tab(alice: Actor) -> None:
    header = [*films(1)[0], "imdb_id"]
    rows = [each | {"imdb_id": "tt0076759"} for each in films(2)]
    imported(alice, table(rows[:1], header))
    page = address(alice, f"jobs/{imported(alice, table([rows[1], *films(3)[2:]], header))['id']}")
    assert "To review 1" in text(alice.client.get(page))
    waiting = text(alice.client.get(f"{page}?outcome=review"))
    assert rows[1]["title"] in waiting
    assert films(3)[2]["title"] not in waiting
    plain = text(alice.client.get(address(alice, f"jobs/{imported(alice, table(films(9)[8:]))['id']}")))
    assert "outcome=review" not in plain


def test_an_items_page_tells_its_import_once_and_names_the_source(alice: Actor) -> None:
    rows = [{"title": "Alien", "year": 1979, "format": "DVD", "Shop": "A", "Colour": "b"}]
    imported(alice, table(rows, list(rows[0])))
    item = alice.get("/media").json()["items"][0]["id"]
    page = text(alice.client.get(address(alice, f"media/{item}")))
    history = page.partition('id="d-history"')[2]
    assert history.count('class="meta"') == 1
    assert "Alice added the title, added a copy, added a key × 2" in history
    assert "Table (CSV)" in page
    assert "generic" not in page


def test_jobs_page_lists_ones_own_and_a_managers_all(alice: Actor, bob: Actor) -> None:
    imported(bob, table(films(1)), name="of-bob.csv")
    imported(alice, table(films(1)), name="of-alice.csv")
    assert "of-alice.csv" not in text(bob.client.get(address(bob, "jobs")))
    both = text(alice.client.get(address(alice, "jobs")))
    assert "of-alice.csv" in both
    assert "of-bob.csv" in both


def test_import_under_way_stands_in_the_top_bar_and_at_home(alice: Actor, bob: Actor) -> None:
    imported(alice, table(films(2)))
    assert text(alice.client.get(address(alice, "import/current"))).strip() == ""
    job_id = upload(alice, table(films(1)), name="coming.csv").json()["job_id"]
    assert "coming.csv" in text(alice.client.get(address(alice, "import/current")))
    assert f"/jobs/{job_id}" in text(alice.client.get(address(alice, "")))
    assert "coming.csv" not in text(bob.client.get(address(bob, "import/current")))
    work()


def test_title_in_a_report_is_shown_as_text(alice: Actor) -> None:
    job_id = imported(alice, table([{"title": "<script>alert(1)</script>", "year": 1999}]))["id"]
    page = text(alice.client.get(address(alice, f"jobs/{job_id}")))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_form_without_its_token_is_refused(alice: Actor) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.cookies["session"] = alice.session_key
    file = SimpleUploadedFile("films.csv", table(films(1)))
    assert strict.post(address(alice), {"file": file}).status_code == 403
    assert json.loads(alice.get("/sync-jobs").content)["items"] == []
    assert show_id("library", alice.household.library_id) == alice.library
