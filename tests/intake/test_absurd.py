"""One absurd value costs its field, never the row; a row without a title is refused (I1, I3)."""

import json
from typing import Any

import pytest

from tests.intake.support import imported, report_of, table
from tests.support import Actor

WHOLE: dict[str, Any] = {
    "id": "med_1", "media_type": "movie", "title": "Film", "original_title": "Movie", "sort_title": "Film",
    "year": 1999, "release_date": "1999-03-31", "overview": "Text", "runtime": 100, "genres": ["Drama"],
    "people": [{"name": "Somebody", "role": "director", "character": None}], "certification": "16", "rating": 7.5,
    "network": "N", "trailer_url": "https://example.org", "format": "DVD", "ownership": "owned", "location": "L",
    "notes": "N", "details": {"cut": "d"}, "signed": {"by": "S", "on": "2001-01-02"},
    "value": {"mid": 2, "currency": "EUR", "date": "2024-01-31"},
    "external_ids": [{"provider": "tmdb", "kind": "movie", "id": "603"}],
    "source": {"provider": "shop", "external_id": "7", "import": "csv"}, "added_at": "2020-01-01T00:00:00Z",
    "variants": [{"format": "DVD", "edition": "E", "barcode": "7321900945837", "resolution": "1080p", "path": "/p",
                  "location": "L", "condition": "good", "purchased_on": "2001-01-02", "price": 1.5, "currency": "EUR"}],
    "seasons": [{"number": 1, "expected_episodes": 1, "available_episodes": 1, "is_complete": True, "title": "T"}],
    "metadata": {"colour": "red"}, "series_title": "S", "library_name": "Library",
    "own": {"rating": 9, "status": "completed", "on_watchlist": True},
    "entry": {"rating": 9, "status": "completed", "notes": "N", "visibility": "shared", "notes_visibility": "private",
              "on_watchlist": True, "set_aside": "paused", "set_aside_reason": "R",
              "last_watched_at": "2020-01-01T00:00:00Z", "added_at": "2020-01-01T00:00:00Z"},
    "origins": [{"source": "s", "kind": "k", "id": "1"}],
}  # fmt: skip
KINDS = {"season": "tv_episode", "seasons": "tv_series", "pages": "book"}
ABSURD = [
    "a\x00b", "", None, [], {}, ["a\x00b"], "x" * 120_000, -1, 10**15, 10**40, 1.5, True, "2999-99-99",
    "0001-01-01T00:00:00+14:00", {"a": {"b": ["\x00"]}}, ["x", 7, None, {}], "\u202e\u2800",
]  # fmt: skip


def spoilt(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in the item."""
    if isinstance(value, dict):
        return [(*at, key) for key in value] + [
            place for key in value for place in spoilt(value[key], (*at, key))
        ]
    if isinstance(value, list):
        return [*spoilt(value[0], (*at, 0)), (*at, 0)] if value else []
    return []


def changed(place: tuple[Any, ...], absurd: Any, title: str) -> dict[str, Any]:
    item: Any = json.loads(json.dumps(WHOLE | {"title": title, "id": title, "origins": []}))
    item["origins"] = [{"source": "s", "kind": "k", "id": title}]
    item["variants"][0]["barcode"] = None
    item["external_ids"] = [{"provider": "shop", "kind": "movie", "id": title}]
    inside = item
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = absurd
    return dict(item)


@pytest.mark.parametrize("kind", ["movie", "tv_series"])
def test_an_absurd_value_of_our_own_export_costs_its_field_alone(alice: Actor, kind: str) -> None:
    places = [place for place in spoilt(WHOLE) if place not in (("title",), ("media_type",))]
    cases = [(place, absurd) for place in places for absurd in ABSURD]
    items = [changed(place, absurd, f"Film {number}") | {"media_type": kind}
             for number, (place, absurd) in enumerate(cases)]  # fmt: skip
    content = json.dumps({"mediatheque": 1, "of": "media", "media": items}).encode()
    job = imported(alice, content)
    assert job["summary"]["created"] == len(items), [
        (cases[row["row"] - 1], row["outcome"], row["messages"]) for row in failed_rows(alice, job["id"])
    ][:20]


def failed_rows(actor: Actor, job_id: str) -> list[dict[str, Any]]:
    return [each for outcome in ("failed", "skipped", "updated")
            for each in report_of(actor, job_id, f"?limit=200&outcome={outcome}")]  # fmt: skip


def told_of(alice: Actor, place: tuple[Any, ...], absurd: Any) -> tuple[str, list[tuple[str, str | None]]]:
    content = json.dumps(
        {"mediatheque": 1, "of": "media", "media": [changed(place, absurd, "Alone")]}
    ).encode()
    (row,) = report_of(alice, imported(alice, content)["id"])
    return row["outcome"], [(each["code"], each["field"]) for each in row["messages"]]


@pytest.mark.parametrize(
    ("place", "absurd", "field"),
    [
        (("genres",), ["Drama", "a\x00b"], "genres"),
        (("variants", 0, "price"), -3, "price"),
        (("variants", 0, "purchased_on"), "2001-02-30", "purchased_on"),
        (("seasons", 0, "number"), 99_999, "seasons"),
        (("year",), 10**30, "year"),
        (("runtime",), "soon", "runtime"),
        (("entry", "rating"), 11, "own_rating"),
        (("release_date",), "1999-13-01", "release_date"),
    ],
)
def test_what_is_left_out_is_told_by_its_field(
    alice: Actor, place: tuple[Any, ...], absurd: Any, field: str
) -> None:
    outcome, told = told_of(alice, place, absurd)
    assert outcome == "created"
    assert [each for _, each in told] == [field]


def test_an_absurd_cell_of_a_table_costs_its_field_alone(alice: Actor) -> None:
    wrong = {"year": "12345678", "price": "-7", "season": "999999999999", "release_date": "31.02.1999",
             "rating": "900", "my rating": "lots", "runtime": "a while", "pages": "1e99", "quantity": "0",
             "purchased on": "2001-02-30", "signed on": "soon", "value": "much", "seasons": "9999"}  # fmt: skip
    rows = [
        {"title": f"Film {number}", "type": KINDS.get(name, "movie"), name: text}
        for number, (name, text) in enumerate(wrong.items())
    ]
    job = imported(alice, table([*rows, {"title": "\u2800 "}], ["title", "type", *wrong]))
    assert job["summary"] == {"created": len(rows), "updated": 0, "skipped": 0, "failed": 1}
    assert [each["title"] for each in report_of(alice, job["id"]) if not each["messages"]] == []


def test_a_number_beyond_all_measure_costs_its_field_and_not_the_rest_of_the_file(alice: Actor) -> None:
    content = (
        '{"mediatheque":1,"media":[{"id":"1","title":"One","year":' + "9" * 5000 + "},"
        '{"id":"2","title":"Two","rating":1e999},{"id":"3","title":"Three","year":1999}]}'
    )
    job = imported(alice, content.encode())
    assert job["summary"] == {"created": 3, "updated": 0, "skipped": 0, "failed": 0}
    told = [[each["field"] for each in row["messages"]] for row in report_of(alice, job["id"])]
    assert told == [["year"], ["rating"], []]
