"""Whether a row is something the library has already (I3), the table of cases read as the rule."""

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediatheque.intake.matching import BUCKET, SHOWN, Known, Match, match, wanted
from mediatheque.intake.reading import Table
from mediatheque.intake.records import Copy, ExternalId, Origin, Person, Record, fingerprint
from mediatheque.intake.sources import choose

FIXTURES = Path(__file__).parent / "fixtures"
BARCODE, OTHER_BARCODE = "0814456026428", "0013138300683"


def row(title: str, year: int | None = 1999, **fields: object) -> Record:
    """A row whose fingerprint follows from what it says."""
    said = {"title": title, "year": str(year), **{name: repr(value) for name, value in fields.items()}}
    record = Record(1, title=title, year=year, fingerprint=fingerprint(said))
    if "tmdb" in fields:
        record.external_ids.append(
            ExternalId("tmdb", str(fields.pop("kind", "movie")), str(fields.pop("tmdb")))
        )
    if "imdb" in fields:
        record.external_ids.append(ExternalId("imdb", "title", str(fields.pop("imdb"))))
    if "old_id" in fields:
        record.origin = Origin("collectz", "media", str(fields.pop("old_id")))
    return replace(record, **fields)  # type: ignore[arg-type]


def library(*records: Record) -> Known:
    known = Known()
    for number, record in enumerate(records, 1):
        found = match(record, known)
        known.take_in(record, found, found.target or f"item {number}")
    return known


def verdict(first: Record, second: Record) -> tuple[str, str]:
    found = match(second, library(first))
    return found.kind, found.reason


CASES = {
    # what the library has, what the row says, what becomes of it, and why
    "the very same row came before": (
        row("Heat"), row("Heat"), "same", "fingerprint"),
    "the same record over there, edited since": (
        row("Heat", old_id=7, notes="a"), row("Heat", 1995, old_id=7, notes="b"), "update", "origin"),
    "its title was corrected over there": (
        row("The Road Home", old_id=7), row("The Road Home!!", 1995, old_id=7), "update", "origin"),
    "another install counts from 1 as well": (
        row("Heat", 1995, old_id=7), row("Ronin", 1998, old_id=7), "review", "origin_without_title"),

    "an id and the title agree": (
        row("Heat", tmdb=949), row("HEAT!", 2021, tmdb=949), "update", "id"),
    "an id, and the title of one is the original title of the other": (
        row("Der Pate", 1972, original_title="The Godfather", tmdb=238),
        row("The Godfather", 1972, tmdb=238), "update", "id"),
    "the same the other way round, a year apart": (
        row("The Godfather", 1972, tmdb=238),
        row("Der Pate", 1973, original_title="The Godfather", tmdb=238), "update", "id"),
    "an id brought the original title of another film along": (
        row("The Dark Knight", 2008, tmdb=155),
        row("The Dark", 2023, original_title="The Dark Knight", tmdb=155), "review", "id_without_title"),
    "two discs share a wrong id and with it the original title": (
        row("Riffs, Vol. XIV", 2015, original_title="Riffs", tmdb=75907),
        row("Riffs, Vol. XV", 2015, original_title="Riffs", tmdb=75907), "review", "id_without_title"),
    "an id on a near year alone is nothing": (
        row("Star Wars IV", 1977, tmdb=11), row("Star Wars VI", 1977, tmdb=11), "review", "id_without_title"),
    "TMDB numbers films and series separately": (
        row("Heat", tmdb=949), row("Cold", tmdb=949, kind="tv", media_type="tv_series"), "none", "new"),
    "ids of one provider that disagree forbid a match": (
        row("Heat", tmdb=949), row("Heat", tmdb=950), "none", "new"),
    "even where an id of another provider agrees": (
        row("Heat", tmdb=949, imdb="tt0113277"), row("Heat", tmdb=950, imdb="tt0113277"),
        "review", "id_without_title"),
    "ids of two providers say nothing of each other": (
        row("Heat", tmdb=949), row("Heat", imdb="tt0113277"), "update", "title"),

    "a barcode finds its copy": (
        row("Heat", barcode=BARCODE), row("Heat", 2021, barcode=BARCODE), "update", "barcode"),
    "whatever the shop adds to the title": (
        row("Heat", barcode=BARCODE), row("Heat [Blu-ray] Special Edition", 2021, barcode=BARCODE),
        "update", "barcode"),
    "a box's barcode stands on each of its films": (
        row("Alien", 1979, barcode=BARCODE), row("Aliens", 1986, barcode=BARCODE),
        "review", "barcode_without_title"),
    "barcodes that differ do not forbid a match: it is a second copy": (
        row("Heat", barcode=BARCODE), row("Heat", barcode=OTHER_BARCODE), "variant", "title"),

    "title, year and type": (
        row("Fast & Furious", 2009), row("fast and furious", 2009, notes="x"), "update", "title"),
    "the same title in any script": (
        row("Матрица", 1999), row("МАТРИЦА", 1999, notes="x"), "update", "title"),
    "another title in the same script": (
        row("Матрица", 1999), row("Солярис", 1999), "none", "new"),
    "another year": (
        row("King Kong", 1933), row("King Kong", 1976), "none", "new"),
    "another type": (
        row("Dune", 1984), row("Dune", 1984, media_type="book"), "none", "new"),
    "the article counts": (
        row("The Thing", 1982), row("Thing", 1982), "none", "new"),
    "a missing year never matches any year": (
        row("King Kong", 1933), row("King Kong", None), "review", "year_missing"),
    "nor is it matched by one": (
        row("King Kong", None), row("King Kong", 1933), "review", "year_missing"),
    "an id settles where one of the two has no year": (
        row("King Kong", 1933, tmdb=244), row("King Kong", None, tmdb=244), "update", "id"),
    "but not where the title is a translated one": (
        row("Der Pate", None, original_title="The Godfather", tmdb=238), row("The Godfather", 1972, tmdb=238),
        "review", "id_without_title"),
    "a translated title alone is another title": (
        row("Der Pate", 1972, original_title="The Godfather"), row("The Godfather", 1972), "none", "new"),
    "a wrong id on titles of two scripts": (
        row("Солярис", 1972, tmdb=593), row("惑星ソラリス", 1977, tmdb=593), "review", "id_without_title"),
    "a title in signs without case, its width and spaces aside": (
        row("千と千尋の神隠し", 2001), row(" 千と千尋の神隠し　", 2001, notes="x"), "update", "title"),
    "a title with points that readers may leave out": (
        row("شَمْس", 2010), row("شمس", 2010, notes="x"), "update", "title"),
    "a title of signs alone": (
        row("???", 2010), row("!!!", 2010), "none", "new"),
    "two missing years are not the same year": (
        row("King Kong", None), row("King Kong", None, notes="x"), "review", "year_missing"),

    "another format is a second copy": (
        row("Heat", formats=["DVD"]), row("Heat", formats=["Blu-ray"]), "variant", "title"),
    "another edition is a second copy": (
        row("Heat", formats=["DVD"], edition="Steelbook"), row("Heat", formats=["DVD"], edition="Mondo"),
        "variant", "title"),
    "what is not told does not differ": (
        row("Heat", formats=["DVD"], edition="Steelbook"), row("Heat", formats=["dvd"], barcode=BARCODE),
        "update", "title"),

    "an album of another artist": (
        row("Greatest Hits", media_type="music", people=[Person("Queen", "artist")]),
        row("Greatest Hits", media_type="music", people=[Person("ABBA", "artist")]), "none", "new"),
    "a book, its author spelled in another way": (
        row("The Hobbit", 1937, media_type="book", people=[Person("J. R. R. Tolkien", "author")]),
        row("The Hobbit", 1937, media_type="book", people=[Person("Tolkien, J.R.R.", "author")]), "update", "title"),
    "another issue of a comic": (
        row("Saga", media_type="comic", details={"issue": "1"}),
        row("Saga", media_type="comic", details={"issue": "2"}), "none", "new"),
    "a game on another platform": (
        row("Doom", media_type="game", details={"platform": "PC"}),
        row("Doom", media_type="game", details={"platform": "Switch"}), "none", "new"),
    "the pilot of another series": (
        row("Pilot", media_type="tv_episode", series_title="Lost"),
        row("Pilot", media_type="tv_episode", series_title="Fringe"), "none", "new"),
}  # fmt: skip


@pytest.mark.parametrize(("has", "says", "kind", "reason"), CASES.values(), ids=CASES)
def test_a_row_meets_what_the_library_has(has: Record, says: Record, kind: str, reason: str) -> None:
    assert match(says, Known()).kind == "none"  # there is something to be found only in the library
    assert verdict(has, says) == (kind, reason)


@pytest.mark.parametrize(
    ("header", "has", "says"),
    [
        ("title,isbn", "Night Trains,0756404738", "Night Trains,978-0-7564-0473-4"),
        ("title,isbn", 'Night Trains,"=""0756404738"""', "Night Trains,9780756404734"),
        ("title,upc", "Heat,814456026428", "Heat,0814456026428"),
        ("title,upc", "Heat,8.14456026428E+11", "Heat,814456026428.0"),
        ("title,imdb", "Heat,113277", "Heat,https://www.imdb.com/title/tt0113277/"),
        ("title,tmdb", "Heat,949", "Heat,https://www.themoviedb.org/movie/949-heat"),
    ],
)
def test_identifiers_meet_in_their_one_written_form(header: str, has: str, says: str) -> None:
    table = Table(io.BytesIO(f"{header}\n{has}\n{says}\n".encode()))
    source = choose(table.header, [])
    options = source.prepare(table.header, [each.cells for each in table.sample(5)])
    first, second = (source.parse(each.number, each.cells, options) for each in table.rows())
    if "E+" in has:  # what a spreadsheet has rounded is told, and matches nothing
        assert [each.code for each in first.messages] == ["barcode.invalid"]
        return
    found = match(second, library(first))
    assert (found.kind, found.reason) == ("update", "barcode" if first.barcode else "id")


few = st.sampled_from(["", "Heat", "HEAT!", "Ronin", "千", "???"])
rows_of_any_kind = st.builds(
    lambda title, year, tmdb, barcode, original, kind, number: row(
        title or "x", year, media_type=kind, original_title=original or None, barcode=barcode, old_id=number,
        **({"tmdb": tmdb} if tmdb else {}),
    ),
    few, st.sampled_from([None, 1995, 1996]), st.sampled_from([0, 1, 2]),
    st.sampled_from([None, BARCODE, OTHER_BARCODE]),
    few, st.sampled_from(["movie", "book"]), st.integers(1, 6),
)  # fmt: skip


@given(st.lists(rows_of_any_kind, max_size=12))
def test_whatever_the_rows_a_second_run_knows_them_all_and_answers_are_the_same_every_time(
    rows: list[Record],
) -> None:
    known, again = library(*rows), library(*rows)
    assert [match(each, known).kind for each in rows] == ["same"] * len(rows)
    assert [match(each, known) for each in rows] == [match(each, again) for each in rows]


def test_an_id_goes_before_a_title_and_a_barcode_settles_between_several() -> None:
    known = library(row("Heat", tmdb=1, barcode=BARCODE), row("Heat", 1995, tmdb=2))
    assert match(row("Heat", tmdb=2), known).target == "item 2"
    assert match(row("Heat", 1995, barcode=BARCODE), known).target == "item 1"


def test_several_equal_candidates_wait_for_a_person() -> None:
    known = library(row("Heat", tmdb=1), row("Heat", tmdb=2))
    assert match(row("Heat", notes="x"), known) == Match("review", "several", candidates=("item 1", "item 2"))


def test_a_second_copy_names_what_is_new_and_what_is_held() -> None:
    known = library(row("Heat", formats=["DVD"], barcode=BARCODE))
    found = match(row("Heat", formats=["DVD", "VHS"], barcode=BARCODE), known)
    assert (found.kind, found.target) == ("variant", "item 1")
    assert found.new_copies == (Copy("VHS"),)
    assert found.held_copies == ((Copy("DVD", "", BARCODE), None),)


def test_two_copies_in_one_row_are_two_variants_once() -> None:
    known = library(row("Heat", formats=["DVD"], quantity=2))
    assert match(row("Heat", formats=["DVD"], quantity=2, notes="x"), known).kind == "update"
    assert match(row("Heat", formats=["DVD"], quantity=3), known).new_copies == (Copy("DVD"),)


def test_a_copy_learns_its_barcode_and_is_found_by_it() -> None:
    known = library(row("Heat", formats=["DVD"]), row("Heat", formats=["DVD"], barcode=BARCODE))
    assert match(row("Heat", 2021, barcode=BARCODE), known)[:3] == ("update", "barcode", "item 1")


def test_rows_of_one_file_find_each_other_and_a_second_run_finds_them_all() -> None:
    first = Counter[str]()
    again = Counter[str]()
    known = Known()
    for seen in (first, again):
        table = Table((FIXTURES / "collectz.csv").open("rb"))
        source = choose(table.header, [])
        options = source.prepare(table.header, [each.cells for each in table.sample(50)])
        for each in table.rows():
            record = source.parse(each.number, each.cells, options)
            if record.problem is None:
                found = match(record, known)
                known.take_in(record, found, found.target or each.number)
                seen[found.kind] += 1
    assert first == {"none": 5, "review": 1, "same": 1}
    assert again == {"same": 7}


def test_wanted_asks_for_every_key_of_a_batch() -> None:
    asked = wanted([row("Heat", tmdb=949, barcode=BARCODE, old_id=7), row("Ronin", None)])
    assert asked.ids == {ExternalId("tmdb", "movie", "949")}
    assert asked.barcodes == {BARCODE}
    assert asked.origins == {Origin("collectz", "media", "7")}
    assert asked.titles == {("heat", "movie"), ("ronin", "movie")}
    assert len(asked.fingerprints) == 2


def test_one_id_on_every_row_costs_no_more_than_a_bucket() -> None:
    known = library(*[row(f"Disc {number}", tmdb=1) for number in range(BUCKET + 50)])
    assert len(match(row("Another", tmdb=1), known).candidates) == SHOWN
