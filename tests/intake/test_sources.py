"""Rows of other programs as records (I1, I2)."""

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediatheque.core.text import has_visible
from mediatheque.intake.reading import NotATable, Table
from mediatheque.intake.records import Copy, ExternalId, Origin, Person, Record, Season, fingerprint
from mediatheque.intake.sources import SOURCES, cells, choose, generic, template_csv

FIXTURES = Path(__file__).parent / "fixtures"


def read(content: bytes, **how: object) -> list[Record]:
    """Every row of a file, as an import would take it."""
    table = Table(io.BytesIO(content))
    source = choose(table.header, [row.cells for row in table.sample(50)])
    options = source.prepare(table.header, (row.cells for row in table.rows()), **how)  # type: ignore[arg-type]
    return [source.parse(row.number, row.cells, options) for row in Table(io.BytesIO(content)).rows()]


def one(header: str, row: str, **how: object) -> Record:
    return read(f"{header}\n{row}\n".encode(), **how)[0]


@pytest.fixture(scope="module")
def collectz() -> list[Record]:
    return read((FIXTURES / "collectz.csv").read_bytes())


def test_collectz_is_recognised_before_the_generic_table() -> None:
    table = Table(io.BytesIO((FIXTURES / "collectz.csv").read_bytes()))
    assert choose(table.header, []).name == "collectz"
    assert choose(["Title", "Year"], []).name == "generic"


def test_collectz_reads_a_film(collectz: list[Record]) -> None:
    film = collectz[0]
    assert (film.title, film.media_type, film.year, film.runtime) == (
        "The Lantern Keeper",
        "movie",
        2009,
        104,
    )
    assert film.release_date == dt.date(2008, 11, 5)
    assert film.added_at == dt.datetime(2026, 3, 8, 4, 38, 12, 533000, tzinfo=dt.UTC)
    assert film.rating == Decimal("6.6")
    assert film.genres == ["Drama", "Mystery"]
    assert film.external_ids == [ExternalId("tmdb", "movie", "910001")]
    assert film.origin == Origin("collectz", "media", "1")
    assert (film.import_source, film.poster_hint) == ("csv_delicious", "/p1.jpg")
    assert film.problem is None


def test_collectz_makes_a_copy_of_each_owned_format_and_the_edition_is_the_first_ones(
    collectz: list[Record],
) -> None:
    assert collectz[0].copies() == [Copy("Blu-ray", "Steelbook", "0814456026428"), Copy("DVD")]


def test_collectz_suffixes_and_surnames_do_not_become_people(collectz: list[Record]) -> None:
    assert collectz[0].people == [
        Person("Mara Quist", "director"),
        Person("Jon Bell Jr.", "director"),
        Person("Ana Roy", "actor"),
        Person("Ed Lane Jr.", "actor"),
        Person('Bo "Ace" Finn', "actor"),
    ]
    assert [person.name for person in collectz[1].people] == ["John Fortenby", "Troy Millar"]
    assert [person.name for person in collectz[2].people] == ["Sam Newfeld"]


def test_collectz_own_ratings_are_out_of_five_though_the_column_allows_ten(collectz: list[Record]) -> None:
    assert [record.own_rating for record in collectz[:3]] == [7, 10, None]


def test_collectz_network_of_a_film_is_its_production_company(collectz: list[Record]) -> None:
    assert collectz[0].network is None
    assert collectz[0].metadata["production_companies"] == "Northlight Pictures"
    assert collectz[6].network == "BBC"


def test_collectz_seasons_are_owned_and_nothing_is_said_of_watching(collectz: list[Record]) -> None:
    assert collectz[6].seasons == [Season(1), Season(2), Season(3)]
    assert collectz[6].external_ids == [ExternalId("tmdb", "tv", "910001")]
    assert collectz[6].metadata["tv_all_seasons_completed"] == "true"
    assert "tv_all_seasons_completed" not in collectz[0].metadata


def test_collectz_details_of_another_type_and_columns_without_a_field_become_metadata(
    collectz: list[Record],
) -> None:
    assert collectz[5].details == {}
    assert collectz[5].metadata["platform"] == "PlayStation 2"
    assert collectz[5].metadata["library_id"] == "7"
    assert collectz[5].external_ids == [ExternalId("tmdb", "movie", "910005")]


def test_a_row_without_a_title_fails_alone(collectz: list[Record]) -> None:
    assert [record.problem.code for record in collectz if record.problem] == ["title.required"]


def test_a_german_table_is_understood() -> None:
    film, book = read((FIXTURES / "german.csv").read_bytes())
    assert (film.title, film.media_type, film.year, film.location) == ("Die Laterne", "movie", 2009, "B2")
    assert film.people == [
        Person("Mara Quist", "director"),
        Person("Ana Roy", "actor"),
        Person("Ed Lane Jr.", "actor"),
    ]
    assert (film.barcode, film.own_rating, film.added_at) == ("0814456026428", 9, dt.date(2023, 12, 31))
    assert film.metadata == {"Farbe": "rot"}
    assert (book.title, book.media_type, book.own_rating) == ("Nachtzüge", "book", 6)
    assert [(m.code, m.field) for m in book.messages] == [("date.invalid", "added_at")]
    assert book.problem is None


def test_the_template_reads_back_without_a_message() -> None:
    [row] = read(template_csv().encode())
    assert (row.title, row.year, row.own_rating, row.rating) == ("The Matrix", 1999, 9, Decimal("8.2"))
    assert row.external_ids == [ExternalId("tmdb", "movie", "603"), ExternalId("imdb", "title", "tt0133093")]
    assert (row.messages, row.metadata, row.problem) == ([], {}, None)


def test_a_table_without_titles_is_refused() -> None:
    with pytest.raises(NotATable) as refused:
        choose(["Colour", "Year"], [])
    assert refused.value.code == "file.no_title"


def test_a_mapping_goes_before_the_guess() -> None:
    how = {"columns": {"What": "title", "Year": None, "Stars": "own_rating"}, "scales": {"own_rating": 100}}
    table = Table(io.BytesIO(b"What,Year,Stars\nHeat,1995,85\n"))
    source = choose(table.header, [], how)
    options = source.prepare(table.header, (row.cells for row in table.rows()), how)
    record = source.parse(1, {"What": "Heat", "Year": "1995", "Stars": "85"}, options)
    assert (record.title, record.year, record.own_rating, record.metadata) == (
        "Heat",
        None,
        9,
        {"Year": "1995"},
    )
    assert options.without_field == ["Year"]


@pytest.mark.parametrize(
    ("values", "own"),
    [
        (["3.5", "5", "0"], [7, 10, None]),
        (["3.5", "9"], [4, 9]),
        (["85", "40"], [9, 4]),
        (["4", "5"], [4, 5]),
        (["★★★½", "9"], [7, 9]),
        (["4/5", "9"], [8, 9]),
        (["11", "nan", "-1"], [None, None, None]),
        (["8", "99", "7"], [8, None, 7]),  # one slip of the pen does not rescale the others
    ],
)
def test_the_scale_of_ratings_is_recognised_over_the_whole_file(
    values: list[str], own: list[int | None]
) -> None:
    content = "title,My Rating\n" + "".join(f"Film,{value}\n" for value in values)
    assert [record.own_rating for record in read(content.encode())] == own


def test_a_bare_rating_is_ones_own_unless_another_column_is() -> None:
    assert one("title,Rating", "Heat,8").own_rating == 8
    both = one("title,Rating,My Rating", "Heat,8,9")
    assert (both.rating, both.own_rating) == (Decimal(8), 9)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("1999-03-31", "DMY", dt.date(1999, 3, 31)),
        ("1999-03-31T00:00:00.000Z", "DMY", dt.date(1999, 3, 31)),
        ("1999/3/31", "DMY", dt.date(1999, 3, 31)),
        ("31.03.1999", "DMY", dt.date(1999, 3, 31)),
        ("03/31/1999", "MDY", dt.date(1999, 3, 31)),
        ("10-09-20", "DMY", dt.date(2020, 9, 10)),
        ("31 March 1999", "DMY", dt.date(1999, 3, 31)),
        ("Mar 31, 1999", "DMY", dt.date(1999, 3, 31)),
        ("31. März 1999", "DMY", dt.date(1999, 3, 31)),
        ("30.02.2024", "DMY", None),
        ("03/31/1999", "DMY", None),
        ("soon", "DMY", None),
        ("1999", "DMY", None),
    ],
)
def test_dates_are_read_as_people_type_them(text: str, order: str, day: dt.date | None) -> None:
    assert cells.day(text, order) == day


def test_the_order_of_dates_is_recognised_over_the_whole_file() -> None:
    records = read(b"title,added\nA,03/04/2024\nB,03/31/2024\n")
    assert [record.added_at for record in records] == [dt.date(2024, 3, 4), dt.date(2024, 3, 31)]


@pytest.mark.parametrize(
    ("text", "surname_first", "names"),
    [
        ("Robert Downey, Jr., Harry Carey, Jr", False, ["Robert Downey Jr.", "Harry Carey Jr"]),
        ("Haskell V. Anderson, III, A. Watson, M.D.", False, ["Haskell V. Anderson III", "A. Watson M.D."]),
        ("Joe Russo, Anthony Russo", True, ["Joe Russo", "Anthony Russo"]),
        ("Brooks, Jackson, Black", True, ["Brooks", "Jackson", "Black"]),
        ("Slatzer, Robert F.", True, ["Robert F. Slatzer"]),
        ("Cher, Madonna", False, ["Cher", "Madonna"]),
        ("Pratchett, Terry; Gaiman, Neil", False, ["Terry Pratchett", "Neil Gaiman"]),
        ("James Bryan;Leo Fong", False, ["James Bryan", "Leo Fong"]),
        ('["Ana, the Great", {"name": "Ed"}]', False, ["Ana, the Great", "Ed"]),
        ("A, , A,", False, ["A"]),
    ],
)
def test_people_are_parted_without_breaking_names(text: str, surname_first: bool, names: list[str]) -> None:
    assert [name for name, _ in cells.people(text, surname_first=surname_first)] == names


def test_a_character_stands_in_brackets() -> None:
    assert cells.people("Mark Hamill (Luke)|Carrie Fisher (as Leia)") == [
        ("Mark Hamill", "Luke"),
        ("Carrie Fisher", "Leia"),
    ]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("136", 136),
        ("136 min", 136),
        ("2h 16m", 136),
        ("2:16:00", 136),
        ("1 Std. 30 Min.", 90),
        ("0", None),
        ("x", None),
    ],
)
def test_running_times_are_minutes(text: str, minutes: int | None) -> None:
    assert cells.minutes(text) == minutes


def test_identifiers_take_their_one_form_and_bad_ones_are_told() -> None:
    record = one("title,isbn,imdb,upc", '"X","=""0756404738""",111161,not a code')
    assert record.external_ids == [ExternalId("imdb", "title", "tt0111161")]
    assert record.barcode == "9780756404734"
    assert record.details == {"isbn": "9780756404734"}
    assert [m.code for m in record.messages] == ["barcode.invalid"]
    assert record.metadata == {"barcode": "not a code"}


def test_quantity_makes_that_many_copies() -> None:
    assert one("title,format,quantity", "Heat,dvd,2").copies() == [Copy("DVD"), Copy("DVD")]


def test_an_episode_is_named_by_its_series_and_place() -> None:
    row = {"series": "Harbour", "season": "2", "episode": "5"}
    record = generic.parse(1, row, generic.prepare(list(row), [row]))
    assert (record.media_type, record.title, record.series_title) == ("tv_episode", "Harbour 2x05", "Harbour")
    assert record.details == {"season": 2, "number": 5}


def test_fingerprints_ignore_order_and_empty_cells_only() -> None:
    row = {"title": "Heat", "year": "1995"}
    assert fingerprint(row) == fingerprint({"year": "1995 ", "title": "Heat", "notes": ""})
    assert (
        len({fingerprint(each) for each in (row, {"title": "Heat"}, {"title": "Heat", "y": "ear1995"})}) == 3
    )


@given(
    st.dictionaries(st.sampled_from(sorted(generic.SYNONYMS)), st.text(max_size=40), min_size=1, max_size=12)
)
def test_no_row_crashes_a_source(row: dict[str, str]) -> None:
    for source in SOURCES.values():
        options = source.prepare(list(row), [row])
        record = source.parse(1, row, options)
        assert has_visible(record.title) != (record.problem is not None) or len(record.title) > 500


def test_every_cell_of_the_template_is_a_field() -> None:
    header = next(csv.reader(io.StringIO(template_csv())))
    assert [column for column, field in generic.propose(header).items() if field is None] == []
