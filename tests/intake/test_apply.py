"""What rows become in a library: nothing swallowed, nothing twice, nothing of a person's overwritten (I1, I3)."""

import json
from typing import Any

import pytest

from mediatheque.intake import pipeline
from tests.intake.support import COLLECTZ, count_media, films, imported, read, report_of, table
from tests.support import Actor, everything


def collectz(title: str, year: int | str = "", **more: Any) -> dict[str, Any]:
    return dict.fromkeys(COLLECTZ, "") | {
        "title": title, "year": year, "media_type": "movie", "import_source": "csv_generic", **more,
    }  # fmt: skip


def summary(created: int = 0, updated: int = 0, skipped: int = 0, failed: int = 0) -> dict[str, int]:
    return {"created": created, "updated": updated, "skipped": skipped, "failed": failed}


def only_item(actor: Actor) -> dict[str, Any]:
    (item,) = json.loads(actor.get("/media").content)["items"]
    return dict(json.loads(actor.get(f"/media/{item['id']}").content))


def changes(actor: Actor) -> int:
    """How many changes of the household's own records the trail holds."""
    found = everything(
        "select count(*) from audit_changes where space_id = %s and table_name <> 'file_references'",
        [actor.household.space_id],
    )
    return int(found[0][0])


def set_person(actor: Actor, **fields: Any) -> None:
    item = only_item(actor)
    answer = actor.patch(f"/media/{item['id']}", fields)
    assert answer.status_code == 200, answer.content


def test_row_becomes_an_item_with_everything_it_says(alice: Actor) -> None:
    row = {
        "title": "The Matrix", "original title": "Matrix", "year": "1999", "director": "Lana Wachowski",
        "cast": "Keanu Reeves (Neo) | Carrie-Anne Moss", "genres": "Action | Science Fiction", "format": "Blu-ray",
        "edition": "Steelbook", "barcode": "7321900945837", "imdb rating": "8.7", "my rating": "9", "runtime": "136",
        "location": "Shelf 2", "notes": "A gift", "tmdb id": "603", "price": "14,99 €", "added": "2024-01-31",
        "tags": "favourite", "shelf mark": "A 17",
    }  # fmt: skip
    job = imported(alice, table([row]))
    assert job["summary"] == summary(created=1)
    item = only_item(alice)
    told = {
        name: item[name] for name in ("title", "original_title", "sort_title", "year", "runtime", "rating")
    }
    assert told == {
        "title": "The Matrix", "original_title": "Matrix", "sort_title": "Matrix", "year": 1999, "runtime": 136,
        "rating": 8.7,
    }  # fmt: skip
    assert item["genres"] == ["Action", "Science Fiction"]
    assert item["people"][0] == {"name": "Lana Wachowski", "role": "director", "character": None}
    assert item["people"][1] == {"name": "Keanu Reeves", "role": "actor", "character": "Neo"}
    assert item["external_ids"] == [{"provider": "tmdb", "kind": "movie", "id": "603"}]
    assert (item["format"], item["location"], item["notes"]) == ("Blu-ray", "Shelf 2", "A gift")
    assert item["added_at"].startswith("2024-01-31")
    assert item["added_by"]["name"] == "Alice"
    assert item["own"]["rating"] == 9
    assert (item["metadata"], item["tags"]) == ({"shelf mark": "A 17"}, ["favourite"])
    (variant,) = item["variants"]
    told = {name: variant[name] for name in ("format", "edition", "barcode", "price", "currency")}
    assert told == {
        "format": "Blu-ray", "edition": "Steelbook", "barcode": "7321900945837", "price": 14.99, "currency": "EUR",
    }  # fmt: skip
    assert job["notices"][0]["columns"] == ["shelf mark"]


def test_second_run_of_a_file_skips_every_row(alice: Actor) -> None:
    content = table(films(30))
    imported(alice, content)
    before = changes(alice)
    assert imported(alice, content)["summary"] == summary(skipped=30)
    assert count_media(alice) == 30
    assert changes(alice) == before


def test_same_rows_with_other_column_order_are_known(alice: Actor) -> None:
    rows = films(5)
    imported(alice, table(rows))
    other_order = table(rows[::-1], ["genres", "director", "format", "year", "title"])
    assert imported(alice, other_order)["summary"] == summary(skipped=5)


def test_same_items_with_another_header_are_known_by_title(alice: Actor) -> None:
    imported(alice, table([{"title": "Alien", "year": 1979, "format": "DVD"}]))
    again = imported(alice, table([{"Titel": "ALIEN", "Jahr": 1979, "Format": "DVD"}]))
    assert again["summary"] == summary(skipped=1)
    assert count_media(alice) == 1


def test_shared_wrong_ids_keep_their_films_apart(alice: Actor) -> None:
    rows = [collectz(f"Disc {n}", 2001, tmdb_id="75907", id=n) for n in range(19)]
    job = imported(alice, table(rows, COLLECTZ))
    assert job["summary"] == summary(created=19)
    report = report_of(alice, job["id"])
    assert [each["review"] for each in report] == [False] + [True] * 18
    assert count_media(alice) == 19


def test_shared_wrong_ids_keep_films_apart_across_files(alice: Actor) -> None:
    imported(alice, table([collectz("Star Wars", 1977, tmdb_id="11", id=1)], COLLECTZ))
    job = imported(alice, table([collectz("Return of the Jedi", 1983, tmdb_id="11", id=2)], COLLECTZ))
    assert job["summary"] == summary(created=1)
    assert report_of(alice, job["id"])[0]["review"] is True


def test_second_copy_becomes_a_variant_and_counts_as_updated(alice: Actor) -> None:
    rows = [
        {"title": "Alien", "year": 1979, "format": "DVD", "barcode": "4010232006516"},
        {"title": "Alien", "year": 1979, "format": "Blu-ray", "barcode": "4010232051974"},
    ]
    job = imported(alice, table(rows))
    assert job["summary"] == summary(created=1, updated=1)
    item = only_item(alice)
    assert [each["format"] for each in item["variants"]] == ["DVD", "Blu-ray"]
    assert item["format"] == "DVD"


def test_quantity_makes_that_many_copies(alice: Actor) -> None:
    imported(alice, table([{"title": "Alien", "year": 1979, "format": "DVD", "quantity": 3}]))
    assert len(only_item(alice)["variants"]) == 3


def test_later_file_fills_what_is_empty_and_renews_what_an_import_set(alice: Actor) -> None:
    imported(alice, table([{"title": "Alien", "year": 1979, "location": "Shelf 1"}]))
    row = {"title": "Alien", "year": 1979, "location": "Shelf 2", "runtime": 117, "format": "DVD"}
    assert imported(alice, table([row]))["summary"] == summary(updated=1)
    item = only_item(alice)
    assert (item["location"], item["runtime"], item["format"]) == ("Shelf 2", 117, "DVD")
    assert [each["format"] for each in item["variants"]] == ["DVD"]


def test_person_goes_before_import_even_where_they_cleared(alice: Actor) -> None:
    imported(
        alice, table([{"title": "Alien", "year": 1979, "location": "Shelf 1", "notes": "From the file"}])
    )
    set_person(alice, location="My room", notes=None, own={"rating": 10})
    row = {"title": "Alien", "year": 1979, "location": "Shelf 2", "notes": "Again", "my rating": 3}
    assert imported(alice, table([row]))["summary"] == summary(skipped=1)
    item = only_item(alice)
    assert (item["location"], item["notes"], item["own"]["rating"]) == ("My room", "", 10)


def test_own_rating_of_an_import_gives_way_to_a_newer_import(alice: Actor) -> None:
    imported(alice, table([{"title": "Alien", "year": 1979, "my rating": "7"}]))
    assert only_item(alice)["own"]["rating"] == 7
    newer = imported(alice, table([{"title": "Alien", "year": 1979, "my rating": "9"}]))
    assert newer["summary"] == summary(updated=1)
    assert only_item(alice)["own"]["rating"] == 9


def test_own_rating_is_the_importing_persons_alone(alice: Actor, bob: Actor) -> None:
    imported(alice, table([{"title": "Alien", "year": 1979, "my rating": "7"}]))
    assert only_item(bob)["own"] is None
    imported(bob, table([{"title": "Alien", "year": 1979, "my rating": "2"}]))
    assert only_item(alice)["own"]["rating"] == 7
    assert only_item(bob)["own"]["rating"] == 2


def test_zero_is_no_rating(alice: Actor) -> None:
    imported(alice, table([{"title": "Alien", "year": 1979, "my rating": "0"}]))
    assert only_item(alice)["own"] is None


def test_origin_finds_an_item_whose_title_was_corrected(alice: Actor) -> None:
    imported(alice, table([collectz("Alein", 1979, id=7, upc="4010232006516")], COLLECTZ))
    job = imported(alice, table([collectz("Alien", 1979, id=7, upc="4010232006516")], COLLECTZ))
    assert job["summary"] == summary(updated=1)
    assert only_item(alice)["title"] == "Alien"


def test_row_of_a_deleted_item_is_made_again(alice: Actor) -> None:
    content = table([{"title": "Alien", "year": 1979}])
    imported(alice, content)
    assert alice.delete(f"/media/{only_item(alice)['id']}").status_code == 204
    assert imported(alice, content)["summary"] == summary(created=1)


def test_bad_cells_cost_a_message_and_not_the_row(alice: Actor) -> None:
    row = {
        "title": "Alien", "year": "MCMLXXIX", "runtime": "long", "barcode": "12", "my rating": "eleven",
        "purchased on": "31.02.1979", "location": "x" * 2000, "price": "9" * 11,
    }  # fmt: skip
    job = imported(alice, table([row]))
    assert job["summary"] == summary(created=1)
    codes = {each["code"] for each in report_of(alice, job["id"])[0]["messages"]}
    assert codes >= {
        "year.invalid", "runtime.invalid", "barcode.invalid", "rating.invalid", "date.invalid",
        "location.too_long", "price.invalid",
    }  # fmt: skip


def test_bad_rows_do_not_stop_the_others(alice: Actor) -> None:
    rows = [{"title": "One", "year": 2001}, {"title": "", "year": 2002}, {"title": "Three", "year": 2003}]
    content = table(rows) + b"Nul\x00,2004\r\nLast,2005\r\n"
    job = imported(alice, content)
    assert job["summary"] == summary(created=3, failed=2)
    outcomes = [(each["row"], each["outcome"]) for each in report_of(alice, job["id"])]
    assert outcomes == [(1, "created"), (2, "failed"), (3, "created"), (4, "failed"), (5, "created")]


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_series_keep_their_seasons_and_episodes_find_their_series(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_ROWS", batch)
    rows = [
        {"title": "Pilot", "media type": "tv episode", "series": "Twin Peaks", "season": 1, "episode": 1},
        {"title": "Twin Peaks", "media type": "tv series", "year": 1990, "seasons": 2},
        {"title": "Pilot", "media type": "tv episode", "series": "Lost", "season": 1, "episode": 1},
    ]
    rows.append(rows[0] | {"title": "Traces to Nowhere", "episode": 2})
    job = imported(alice, table(rows))
    assert job["summary"] == summary(created=4)
    (series,) = everything(
        "select s.id, (select count(*) from seasons where media_id = s.id), "
        "(select count(*) from media e where e.series_id = s.id) from media s "
        "where s.space_id = %s and s.media_type = 'tv_series'",
        [alice.household.space_id],
    )
    assert series[1:] == (2, 2)


def test_items_of_another_library_are_not_matched(alice: Actor) -> None:
    from mediatheque.core.ids import show_id

    attic = show_id("library", alice.household.add_library())
    imported(alice, table([{"title": "Alien", "year": 1979}]))
    job = imported(alice, table([{"title": "Alien", "year": 1979}]), library=attic)
    assert job["summary"] == summary(created=1)
    assert job["scope"]["library"] == attic


def test_mapping_says_which_column_is_what(alice: Actor) -> None:
    mapping = {"columns": {"A": "title", "B": "year", "C": None}, "scales": {}, "dates": "DMY"}
    job = imported(alice, table([{"A": "Alien", "B": "1979", "C": "x"}]), mapping=mapping)
    assert job["summary"] == summary(created=1)
    item = only_item(alice)
    assert (item["title"], item["year"], item["metadata"]) == ("Alien", 1979, {"C": "x"})


def test_changes_of_a_job_are_traced_as_one_request(alice: Actor) -> None:
    job = imported(alice, table(films(2)))
    requests = everything(
        "select distinct request_id, actor_id from audit_changes where table_name = 'media' and space_id = %s",
        [alice.household.space_id],
    )
    assert requests == [(job["id"], alice.user_id)]
    assert read(alice, job["id"])["added_by"] == {"id": alice.id, "name": "Alice"}
