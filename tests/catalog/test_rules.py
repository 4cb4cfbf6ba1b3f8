"""What a catalogue record may say (C1), identifiers in their one form (I3)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediatheque.catalog import rules


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("814456026428", "0814456026428"),
        ("0814456026428", "0814456026428"),
        ("00814456026428", "0814456026428"),
        ("8 14456-02642 8", "0814456026428"),
        ('="0814456026428"', "0814456026428"),
        ("814456026428.0", "0814456026428"),
        ("13138300683", "0013138300683"),
        ("96385074", "0000096385074"),
        ("0306406152", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("0814456026429", "0814456026429"),
        ("8.14456E+11", None),
        ("12345678", None),
        ("0000000000000", None),
        ("Steelbook", None),
        ("", None),
        ("٠٨١٤٤٥٦٠٢٦٤٢٨", None),
    ],
)
def test_barcode_has_one_written_form(raw: str, code: str | None) -> None:
    assert rules.normal_barcode(raw) == code


def test_barcode_with_a_wrong_check_digit_is_kept_and_told() -> None:
    assert rules.barcode_checks("0814456026428")
    assert not rules.barcode_checks("0814456026429")


@pytest.mark.parametrize(
    ("raw", "isbn"),
    [
        ('="0756404738"', "9780756404734"),
        ("978-0-7564-0473-4", "9780756404734"),
        ("ISBN: 9780756404734", "9780756404734"),
        ("756404738", "9780756404734"),
        ("9780756404735", None),
        ("0756404739", None),
        ('=""', None),
    ],
)
def test_isbn_is_13_digits_with_its_checksum(raw: str, isbn: str | None) -> None:
    assert rules.normal_isbn(raw) == isbn


@pytest.mark.parametrize(
    ("raw", "imdb"),
    [
        ("tt0111161", "tt0111161"),
        ("111161", "tt0111161"),
        ("tt10872600", "tt10872600"),
        ("https://www.imdb.com/title/tt0185906/", "tt0185906"),
        ("nm0000151", None),
        ("tt0", None),
    ],
)
def test_imdb_id_has_tt_and_seven_digits(raw: str, imdb: str | None) -> None:
    assert rules.normal_imdb(raw) == imdb


@pytest.mark.parametrize(
    ("raw", "tmdb"),
    [
        ("603", "603"),
        ("00603", "603"),
        ("https://www.themoviedb.org/tv/1399-game", "1399"),
        ("0", None),
        ("x", None),
    ],
)
def test_tmdb_id_is_a_number(raw: str, tmdb: str | None) -> None:
    assert rules.normal_tmdb(raw) == tmdb


@given(st.text(max_size=40))
def test_identifiers_are_stable_and_never_raise(raw: str) -> None:
    for normal in (rules.normal_barcode, rules.normal_isbn, rules.normal_imdb, rules.normal_tmdb):
        once = normal(raw)
        assert once is None or normal(once) == once


def test_format_and_resolution_are_spelled_alike() -> None:
    assert [rules.normal_format(each) for each in ("bluray", "Blu-Ray", "uhd", "dvd", "Betamax")] == [
        "Blu-ray", "Blu-ray", "4K UHD", "DVD", "Betamax",
    ]  # fmt: skip
    assert [rules.normal_resolution(each) for each in ("1080P", "2160p", "480i", "?")] == [
        "1080p",
        "4K",
        "SD",
        None,
    ]


GOOD: dict[str, Any] = {"title": "Heat", "media_type": "movie", "year": 1995}


def test_a_title_and_a_type_are_enough() -> None:
    assert rules.check_media({"title": "Heat", "media_type": "movie"}) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "), ("title", "x" * 501), ("title", 7), ("media_type", "film"), ("year", 1799),
        ("year", 2201), ("year", 0), ("year", True), ("year", 1999.5), ("runtime", -1), ("runtime", 100_001),
        ("rating", 10.1),
        ("rating", float("nan")), ("rating", "8"), ("trailer_url", "javascript:alert(1)"),
        ("trailer_url", "http://"), ("trailer_url", "https://a b"), ("trailer_url", "http://[x"),
        ("ownership", "maybe"), ("release_date", "1999-02-30"), ("release_date", "20000101"),
        ("genres", ["x", ""]),
        ("people", [{"name": "", "role": "actor"}]), ("people", [{"name": "A", "role": "Actor!"}]),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    assert rules.check_media(GOOD) == []
    errors = rules.check_media(GOOD | {field: value})
    assert [error.field for error in errors] == [field]


def test_missing_title_and_type_are_named_unless_editing() -> None:
    assert [error.code for error in rules.check_media({})] == ["title.required", "media_type.required"]
    assert rules.check_media({"notes": "x"}, partial=True) == []
    assert [error.code for error in rules.check_media({"title": None}, partial=True)] == ["title.required"]


def test_books_may_be_older_than_film() -> None:
    assert rules.check_media({"title": "Gilgamesh", "media_type": "book", "year": -1800}) == []
    assert [e.field for e in rules.check_media({"title": "x", "media_type": "book", "year": -3001})] == [
        "year"
    ]


@pytest.mark.parametrize(
    ("media_type", "details"),
    [
        (
            "music",
            {"tracks": ["One", {"title": "Two", "seconds": 90}], "label": "ECM", "catalogue_number": "1064"},
        ),
        ("book", {"isbn": "978-0-7564-0473-4", "publisher": "DAW", "pages": 994, "edition": "First"}),
        ("comic", {"series": "Saga", "issue": "12½", "cover_date": "2013-04"}),
        ("game", {"platform": "PlayStation 2", "developer": "Ubisoft"}),
        ("tv_episode", {"season": 0, "number": 3, "episode_title": "Pilot"}),
    ],
)
def test_details_of_the_type_pass(media_type: str, details: dict[str, Any]) -> None:
    assert rules.check_details(media_type, details) == []


@pytest.mark.parametrize(
    ("media_type", "details", "field", "code"),
    [
        ("movie", {"pages": 3}, "details.pages", "details.unknown"),
        ("book", {"isbn": "9780756404735"}, "details.isbn", "details.invalid"),
        ("book", {"pages": "994"}, "details.pages", "details.invalid"),
        ("comic", {"cover_date": "2013-13"}, "details.cover_date", "details.invalid"),
        ("music", {"tracks": [{"seconds": 3}]}, "details.tracks", "details.invalid"),
        ("tv_episode", {"season": -1}, "details.season", "details.invalid"),
        ("book", ["x"], "details", "details.invalid"),
    ],
)
def test_details_of_another_type_or_shape_are_refused(
    media_type: str, details: Any, field: str, code: str
) -> None:
    assert [(error.field, error.code) for error in rules.check_details(media_type, details)] == [
        (field, code)
    ]


def test_unknown_years_come_last_in_a_descending_list() -> None:
    assert sorted([None, 1999, -800], key=rules.year_key, reverse=True) == [1999, -800, None]
