"""The mapping step: what is guessed, what a mapping may say, and mappings kept for the next time (I2)."""

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mediatheque.intake.preview import Preview, preview
from mediatheque.intake.sources import UnknownField, generic, template_csv
from tests.intake.support import imported, upload, work
from tests.support import Actor

HEADER = ["What", "Year", "Stars", "Who"]


def previewed(content: str | bytes, mapping: dict[str, Any] | None = None) -> Preview:
    return preview(io.BytesIO(content.encode() if isinstance(content, str) else content), mapping)


def fields(found: Preview) -> dict[str, str | None]:
    return {each.header: each.field for each in found.columns}


def look(actor: Actor, content: bytes, **form: Any) -> Any:
    data = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in form.items()}
    file = SimpleUploadedFile("films.csv", content)
    return actor.client.post("/api/media/import/preview", {"file": file, **data})


REFUSED = {
    "a column that is not there": (
        {"columns": {"What": "title", "Colour": "notes"}}, "mapping.columns.Colour", "mapping.column_missing"),
    "a field that does not exist": (
        {"columns": {"What": "titel"}}, "mapping.columns.What", "mapping.field_unknown"),
    "no column of titles": (
        {"columns": {"What": None}}, "mapping.columns.What", "mapping.title_required"),
    "one field of two columns": (
        {"columns": {"What": "title", "Who": "title"}}, "mapping.columns.Who", "mapping.field_twice"),
    "a scale of what is no rating": (
        {"columns": {"What": "title"}, "scales": {"year": 5}}, "mapping.scales.year", "mapping.scale_unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("mapping", "field", "code"), REFUSED.values(), ids=REFUSED)
def test_a_mapping_that_cannot_be_followed_is_refused_by_name(
    mapping: dict[str, Any], field: str, code: str
) -> None:
    generic.prepare(HEADER, [], {"columns": {"What": "title"}})  # this one can
    with pytest.raises(UnknownField) as refused:
        generic.prepare(HEADER, [], mapping)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_an_import_with_such_a_mapping_is_refused_whole(alice: Actor) -> None:
    content = b"What,Year\nHeat,1995\n"
    answer = upload(alice, content, mapping={"columns": {"What": "title", "Colour": "notes"}})
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [
        ("mapping.columns.Colour", "mapping.column_missing")
    ]
    assert json.loads(alice.get("/sync-jobs").content)["items"] == []
    assert imported(alice, content, mapping={"columns": {"What": "title"}})["summary"]["created"] == 1


def test_a_mapping_takes_a_field_from_the_guess() -> None:
    options = generic.prepare(["Title", "German title"], [], {"columns": {"German title": "title"}})
    assert options.columns == {"German title": "title", "Title": None}


def test_several_columns_may_name_people_genres_and_formats() -> None:
    header = ["Title", "Genre 1", "Genre 2"]
    options = generic.prepare(header, [], {"columns": {"Genre 1": "genres", "Genre 2": "genres"}})
    record = generic.parse(1, {"Title": "Heat", "Genre 1": "Crime", "Genre 2": "Drama | Crime"}, options)
    assert record.genres == ["Crime", "Drama"]


def test_columns_are_guessed_by_their_values_where_their_names_say_nothing() -> None:
    rows = [
        ("Heat", "tt0113277", "7321900945837", "Blu-ray", "★★★½", "red"),
        ("Ronin", "tt0122690", "7321900945837", "DVD", "★★", "tt0122690"),
        ("Solaris", "tt0069293", "0814456026428", "Blu-ray", "★★★★★", "blue"),
    ]
    content = "Title,A,B,C,D,E\n" + "".join(",".join(row) + "\n" for row in rows)
    found = previewed(content)
    assert fields(found) == {
        "Title": "title", "A": "imdb_id", "B": "barcode", "C": "format", "D": "own_rating", "E": None,
    }  # fmt: skip
    assert [each.confidence for each in found.columns] == ["name", *["values"] * 4, "none"]
    assert [each.own_rating for each in found.records] == [7, 4, 10]


def test_a_preview_tells_what_it_read_and_the_first_rows() -> None:
    found = previewed("Titel;Jahr;Gesehen;Note\nDie Laterne;2009;31.12.2023;4,5\n".encode("cp1252"))
    assert (found.source, found.encoding, found.delimiter, found.rows) == ("generic", "utf-8", ";", 1)
    assert (found.dates, found.scales) == ("DMY", {"own_rating": 5})
    (record,) = found.records
    assert (record.title, record.year, record.own_rating) == ("Die Laterne", 2009, 9)


def test_a_table_without_titles_waits_for_somebody_to_name_them() -> None:
    found = previewed("Colour,What\nred,Heat\n")
    assert (found.titled, found.records) == (False, ())
    named = previewed("Colour,What\nred,Heat\n", {"columns": {"What": "title"}})
    assert (named.titled, [each.title for each in named.records]) == (True, ["Heat"])


def test_a_program_looks_before_it_imports(alice: Actor) -> None:
    answer = look(alice, b"What,Year\nHeat,1995\n", mapping={"columns": {"What": "title"}})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["mapping"]["columns"] == {"What": "title", "Year": "year"}
    assert found["records"][0]["title"] == "Heat"
    assert json.loads(alice.get("/sync-jobs").content)["items"] == []
    assert look(alice, b"\x89PNG\r\n\x1a\n").status_code == 415
    assert look(alice, b"What\nHeat\n", mapping={"scales": {"rating": 7}}).status_code == 400


def test_a_saved_mapping_is_proposed_for_files_that_have_its_columns(alice: Actor, bob: Actor) -> None:
    base = f"/spaces/{alice.space}/import-mappings"
    mapping = {"columns": {"What": "title", "When": "year"}, "dates": "DMY"}
    answer = alice.post(base, {"name": "My shop", "mapping": mapping})
    assert answer.status_code == 201, answer.content
    kept = answer.json()
    assert kept["mapping"] == mapping
    found = look(bob, b"When,What\n1995,Heat\n").json()
    assert found["saved"] == [{"id": kept["id"], "name": "My shop", "followed": True}]
    assert found["records"][0]["title"] == "Heat"
    assert look(bob, b"When,Title\n1995,Heat\n").json()["saved"] == []


def test_saved_mappings_are_changed_and_forgotten_by_their_makers_and_managers(
    alice: Actor, bob: Actor, charlie: Actor
) -> None:
    base = f"/spaces/{alice.space}/import-mappings"
    body = {"name": "Mine", "mapping": {"columns": {"What": "title"}}}
    of_bob, of_alice = (
        bob.post(base, body).json()["id"],
        alice.post(base, body | {"name": "Hers"}).json()["id"],
    )
    taken = alice.post(base, body | {"name": "MINE"})
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (409, "name")
    assert bob.patch(f"{base}/{of_alice}", {"name": "His"}).status_code == 403
    assert bob.patch(f"{base}/{of_bob}", {"name": "His"}).json()["name"] == "His"
    assert alice.patch(f"{base}/{of_bob}", {"mapping": {"columns": {"A": "titel"}}}).status_code == 422
    assert alice.patch(f"{base}/{of_bob}", {"mapping": {"columns": {"A": "title"}}}).status_code == 200
    names = [each["name"] for each in json.loads(bob.get(base).content)["items"]]
    assert names == ["Hers", "His"]
    assert charlie.get(base).status_code == 404
    assert bob.delete(f"{base}/{of_bob}").status_code == 204
    assert bob.delete(f"{base}/{of_bob}").status_code == 404


def test_the_template_is_imported_as_it_is(alice: Actor) -> None:
    answer = alice.get("/media/import/template-csv")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert content == template_csv().encode()
    job = imported(alice, content)
    assert (job["summary"]["created"], job["notices"]) == (1, [])


def test_a_waiting_plan_is_made_anew_by_a_program(alice: Actor) -> None:
    job = upload(
        alice, b"What,Year,Stars\nHeat,1995,4.5\n", mapping={"columns": {"What": "title"}}, dry_run="true"
    )
    work()
    path = f"/sync-jobs/{job.json()['job_id']}/mapping"
    told = json.loads(alice.get(path).content)
    assert [(each["header"], each["field"], each["confidence"]) for each in told["columns"]] == [
        ("What", "title", "asked"), ("Year", "year", "name"), ("Stars", "actor", "name"),
    ]  # fmt: skip
    wanted = {"columns": {"What": "title", "Year": None, "Stars": "own_rating"}, "scales": {"own_rating": 5}}
    refused = alice.api("PUT", path, {"columns": {"Colour": "title"}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "mapping.columns.Colour")
    assert alice.api("PUT", path, wanted).status_code == 202
    work()
    (row,) = json.loads(alice.get(path.replace("mapping", "plan")).content)["items"]
    told_changes = {each["field"]: each["new"] for each in row["changes"]}
    assert (told_changes["own.rating"], "year" in told_changes) == (9, False)
    assert json.loads(alice.get(path).content)["mapping"]["columns"]["Stars"] == "own_rating"
    assert alice.post(path.replace("mapping", "apply")).status_code == 202
    work()
    assert alice.api("PUT", path, wanted).status_code == 409


def test_a_preview_refuses_fields_that_it_does_not_know(alice: Actor) -> None:
    answer = look(alice, b"Title\nHeat\n", colour={"red": True})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "colour")
