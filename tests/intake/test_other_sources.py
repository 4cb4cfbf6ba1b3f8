"""Files of other programs, as their users' files are (I2): what each row becomes."""

import datetime as dt
import io
import json
import zipfile
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from mediatheque.intake.preview import Preview, preview
from mediatheque.intake.reading import NotATable
from mediatheque.intake.records import ExternalId, Own, Person, Record
from mediatheque.intake.sources import SOURCES
from tests.intake.support import count_media, imported, report_of, work
from tests.support import Actor, everything

GOODREADS = (
    "Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,Publisher,Binding,"
    "Number of Pages,Year Published,Original Publication Year,Date Read,Date Added,Bookshelves,"
    "Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count,Owned Copies\n"
    '1,"The Lantern, Kept (Lanterns, #1)",Mara  Quist,"Quist, Mara",Jon Bell,"=""0756404738""","=""9780756404734""",'
    '4,4.10,Northlight,Hardcover,662,2008,2007,2023/11/05,2022/01/25,"read, favourites",,read,"Good<br/>Very &amp; so",'
    ",,1,2\n"
    '2,Night Trains,Ana Roy,"Roy, Ana",,"=""""","=""""",0,3.90,,Kindle Edition,,2016,,,2025/07/02,'
    "to-read,,to-read,,,,0,0\n"
    '3,Half a Book,Ana Roy,"Roy, Ana",,"=""""","=""""",2,3.90,,Paperback,,2011,2011,,2025/07/02,'
    '"dnf, borrowed",,dnf,,,,0,0\n'
)
IMDB = (
    "Position,Const,Created,Modified,Description,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,"
    "Genres,Num Votes,Release Date,Directors,Your Rating,Date Rated\n"
    "1,tt0000123,2023-07-09,2024-02-01,,The Lantern,Die Laterne,https://example.org/t,Movie,9,152,2008,Drama,3,"
    "2008-07-18,Mara Quist,8,2025-02-02\n"
    "2,124,2023-07-09,2024-02-01,Soon,Harbour,Harbour,https://example.org/t,TV Mini Series,9,52,2001,Drama,3,,,,\n"
    "1,tt0000123,2023-07-10,2024-02-01,,The Lantern,Die Laterne,https://example.org/t,Movie,9,152,2008,Drama,3,"
    "2008-07-18,Mara Quist,8,2025-02-02\n"
)
WATCHED = "Date,Name,Year,Letterboxd URI\n2020-01-02,Heat,1995,https://boxd.it/a\n2020-01-03,Ronin,1998,https://boxd.it/b\n"
DIARY = (
    "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n"
    "2020-01-05,Heat,1995,https://boxd.it/x1,3,,,2020-01-04\n2021-01-05,Heat,1995,https://boxd.it/x2,4.5,Yes,,2021-02-03\n"
)
RATINGS = "Date,Name,Year,Letterboxd URI,Rating\n2020-01-02,Heat,1995,https://boxd.it/a,4\n"
REVIEWS = (
    "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n"
    '2020-01-05,Heat,1995,https://boxd.it/x1,3,,"Long.<br>\nVery <i>long</i>.",,2020-01-04\n'
)
WISHED = "Date,Name,Year,Letterboxd URI\n2022-01-02,Solaris,1972,https://boxd.it/c\n"
CLZ = """<?xml version="1.0" encoding="UTF-8"?>
<movieinfo creationdate="7/25/2020"><movielist>
<movie><id>7</id><imdbnum>60438</imdbnum><format><displayname>DVD</displayname></format>
<collectionstatus listid="3">In Collection</collectionstatus><title>The Lantern</title>
<titlesort>Lantern</titlesort><myrating>0</myrating><myrating>7</myrating><seenit boolvalue="1">Yes</seenit>
<viewingdate><date>3/23/2012</date></viewingdate><purchasedate><date>3/23/2012</date></purchasedate>
<releasedate><year><displayname>1966</displayname></year><date>1966</date></releasedate><runtime>97</runtime>
<boxset><displayname>Lights</displayname></boxset><quantity>2</quantity><upc>7321900945837</upc>
<genres><genre><displayname>Comedy</displayname></genre><genre><displayname>Drama</displayname></genre></genres>
<cast><star><roleid>dfActor</roleid><person><displayname>Ana Roy</displayname></person>
<character>Mara (old)</character></star></cast>
<crew><crewmember><roleid>dfDirector</roleid><person><displayname>Lane, Ed J.</displayname>
<lastname>Lane</lastname><firstname>Ed J.</firstname></person></crewmember></crew></movie>
<movie><id>8</id><title>Wanted</title><collectionstatus listid="1">On Wish List</collectionstatus>
<seenit boolvalue="0">No</seenit><myrating/></movie>
</movielist></movieinfo>"""
DELICIOUS_1 = """<?xml version="1.0" encoding="utf-8"?>
<library uuid="X" version="1"><items>
<movie asin="B000X" aspect="DVD" director="Mara Quist" genre="Drama&#x0a;Crime" minutes="93" published="03-09-2002"
 purchaseDate="25-03-2006" price="$9.98" stars="Ana Roy&#x0a;Ed Lane" theatricalDate="09-06-1993" title="The Lantern"
 upc="0814456026428" uuid="U-1" rating="4.5">
<description>{\\rtf1\\ansi{\\fonttbl\\f0 Times;}\\f0 A \\b lamp\\b0  burns.}</description>
</movie>
</items><shelves><shelf name="Best"><linkto uuid="U-1"/></shelf></shelves></library>"""
DELICIOUS_2 = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><array><dict><key>uuidString</key><string>U-2</string><key>type</key><string>Book</string>
<key>title</key><string>Night Trains</string><key>creatorsCompositeString</key><string>Ana Roy</string>
<key>isbn</key><string>0756404738</string><key>rating</key><real>3.5</real><key>hasExperienced</key><true/>
<key>pages</key><integer>300</integer><key>genresCompositeString</key><string>Crime Rail Night</string>
<key>creationDate</key><date>2007-12-20T01:23:28Z</date></dict></array></plist>"""


def zipped(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(
                name.replace("__", "/").replace("_csv", ".csv").replace("_json", ".json"), content
            )
    return out.getvalue()


LETTERBOXD = zipped(
    export__watched_csv=WATCHED, export__diary_csv=DIARY, export__ratings_csv=RATINGS, export__reviews_csv=REVIEWS,
    export__watchlist_csv=WISHED, export__deleted__diary_csv=DIARY.replace("Heat", "Gone"),
    export__likes__films_csv=WATCHED, export__profile_csv="Email Address\nsomebody@example.org\n",
)  # fmt: skip
HEAT = {"title": "Heat", "year": 1995, "ids": {"trakt": 1, "imdb": "tt0113277", "tmdb": 949, "tvdb": None}}
LOST = {"title": "Lost", "year": 2004, "ids": {"trakt": 2, "imdb": "tt0411008", "tmdb": 4607}}
TRAKT_PLAYS = [
    {"id": 1, "watched_at": "2020-01-02T10:00:00.000Z", "action": "watch", "type": "movie", "movie": HEAT},
    {"id": 2, "watched_at": "2021-01-02T10:00:00.000Z", "action": "watch", "type": "movie", "movie": HEAT},
    {"id": 3, "watched_at": "2021-05-02T10:00:00.000Z", "type": "episode", "show": LOST,
     "episode": {"season": 0, "number": 1, "title": "Pilot", "ids": {"trakt": 9}}},
]  # fmt: skip
TRAKT_RATINGS = [
    {"rated_at": "2021-06-01T00:00:00Z", "rating": 9, "type": "show", "show": LOST},
    {
        "rated_at": "2021-06-01T00:00:00Z",
        "rating": 2,
        "type": "episode",
        "show": LOST,
        "episode": {"number": 1},
    },
]
TRAKT_WISHES = [
    {"type": "movie", "listed_at": "2022-01-01T00:00:00Z", "movie": {"title": "Solaris", "year": 1972}}
]
TRAKT = zipped(
    watched_history_json="", **{"watched-history_json": json.dumps(TRAKT_PLAYS),
    "ratings-shows_json": json.dumps(TRAKT_RATINGS), "lists-watchlist_json": json.dumps(TRAKT_WISHES),
    "user-profile_json": "{}"},
)  # fmt: skip


def read(content: str | bytes) -> Preview:
    return preview(io.BytesIO(content.encode() if isinstance(content, str) else content))


def records(content: str | bytes, source: str) -> tuple[Record, ...]:
    found = read(content)
    assert found.source == source
    assert found.rows == len(found.records)
    return found.records


def test_goodreads_owned_books_are_media_and_the_others_entries() -> None:
    owned, wished, left = records(GOODREADS, "goodreads")
    assert (owned.is_entry, owned.title, owned.year, owned.quantity) == (
        False, "The Lantern, Kept (Lanterns, #1)", 2007, 2,
    )  # fmt: skip
    assert owned.people == [Person("Mara Quist", "author"), Person("Jon Bell", "author")]
    assert (owned.own_rating, float(owned.rating or 0), owned.barcode) == (8, 8.2, "9780756404734")
    assert (owned.tags, owned.formats, owned.details["pages"]) == (["favourites"], ["Hardcover"], 662)
    assert owned.own == Own(status="completed", last_watched_at=dt.date(2023, 11, 5), notes="Good\nVery & so")
    assert (wished.is_entry, wished.own_rating, wished.year) == (True, None, 2016)
    assert wished.own == Own(status="not_watched", on_watchlist=True)
    assert (left.is_entry, left.own_rating) == (True, 4)
    assert left.own == Own(set_aside="dropped")
    assert [each.code for each in left.messages] == ["shelves.left_out"]


def test_imdb_rated_titles_are_seen_and_listed_ones_planned() -> None:
    rated, listed, again = records(IMDB, "imdb")
    assert all(each.is_entry for each in (rated, listed, again))
    assert (rated.own_rating, rated.media_type, rated.original_title) == (8, "movie", "Die Laterne")
    assert rated.external_ids == [ExternalId("imdb", "title", "tt0000123")] == again.external_ids
    assert rated.own == Own(status="completed")
    assert (listed.media_type, listed.external_ids) == (
        "tv_series",
        [ExternalId("imdb", "title", "tt0000124")],
    )
    assert listed.own == Own(on_watchlist=True, notes="Soon")


def test_letterboxd_says_each_film_once_with_all_its_files_say() -> None:
    heat, ronin, solaris = records(LETTERBOXD, "letterboxd")
    assert (heat.title, heat.year, heat.own_rating) == ("Heat", 1995, 8)
    assert heat.own == Own(
        status="completed",
        last_watched_at=dt.date(2021, 2, 3),
        notes="Long.\n\nVery long.",
        added_at=dt.date(2020, 1, 2),
    )
    assert ronin.own == Own(status="completed", added_at=dt.date(2020, 1, 3))
    assert solaris.own == Own(on_watchlist=True, added_at=dt.date(2022, 1, 2))


def test_a_single_letterboxd_file_is_taken_where_it_says_what_it_is() -> None:
    (heat,) = records(DIARY, "letterboxd")
    assert (heat.own_rating, heat.own and heat.own.status) == (6, "completed")
    with pytest.raises(NotATable) as refused:
        read(WATCHED)
    assert refused.value.code == "letterboxd.zip_needed"


def test_trakt_says_each_title_once() -> None:
    found = {each.title: each for each in records(TRAKT, "trakt")}
    heat, lost, solaris = found["Heat"], found["Lost"], found["Solaris"]
    assert (heat.media_type, heat.own and heat.own.status) == ("movie", "completed")
    assert heat.external_ids == [
        ExternalId("imdb", "title", "tt0113277"), ExternalId("tmdb", "movie", "949"), ExternalId("trakt", "movie", "1"),
    ]  # fmt: skip
    assert heat.own is not None
    assert heat.own.last_watched_at == dt.datetime(2021, 1, 2, 10, tzinfo=dt.UTC)
    assert (lost.media_type, lost.own_rating, lost.own and lost.own.status) == ("tv_series", 9, "watching")
    assert solaris.own is not None
    assert (solaris.own.on_watchlist, solaris.own.status) == (True, None)
    assert {each.title for each in records(json.dumps(TRAKT_PLAYS), "trakt")} == {"Heat", "Lost"}


def test_clz_films_with_people_copies_and_what_was_seen() -> None:
    film, wanted = records(CLZ, "clz")
    assert (film.title, film.sort_title, film.year, film.runtime) == ("The Lantern", "Lantern", 1966, 97)
    assert film.people == [Person("Ana Roy", "actor", "Mara (old)"), Person("Ed J. Lane", "director")]
    assert (film.own_rating, film.quantity, film.barcode, film.formats) == (7, 2, "7321900945837", ["DVD"])
    assert film.own == Own(status="completed", last_watched_at=dt.date(2012, 3, 23))
    assert (film.purchased_on, film.genres) == (dt.date(2012, 3, 23), ["Comedy", "Drama"])
    assert film.external_ids == [ExternalId("imdb", "title", "tt0060438")]
    assert film.metadata == {"boxset": "Lights"}
    assert (wanted.ownership, wanted.own, wanted.is_entry) == ("wanted", None, False)


def test_delicious_of_both_versions() -> None:
    (film,) = records(DELICIOUS_1, "delicious")
    assert (film.title, film.year, film.genres, film.own_rating) == (
        "The Lantern",
        1993,
        ["Drama", "Crime"],
        9,
    )
    assert [each.name for each in film.people] == ["Mara Quist", "Ana Roy", "Ed Lane"]
    assert (film.overview, film.purchased_on, film.barcode) == (
        "A lamp burns.",
        dt.date(2006, 3, 25),
        "0814456026428",
    )
    (book,) = records(DELICIOUS_2, "delicious")
    assert (book.media_type, book.own_rating, book.details["isbn"]) == ("book", 7, "9780756404734")
    assert book.people == [Person("Ana Roy", "author")]
    assert (book.genres, book.metadata["subjects"]) == ([], "Crime Rail Night")
    assert book.own == Own(status="completed")


def spoilt(archive: bytes) -> bytes:
    """The ZIP with bytes of its first member turned round."""
    return archive[:200] + bytes(byte ^ 0x5A for byte in archive[200:240]) + archive[240:]


SCATTERED = (
    '{"mediatheque":1,"media":[{"title":"'
    + "".join(map(chr, Random(1).choices(range(97, 123), k=2000)))
    + '"}]}'
)
MOVIE = "<movieinfo><movielist><movie><title>"
BOMB = f'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>{MOVIE}&c;</title>'
OUTSIDE = f'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>{MOVIE}&a;'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB, "file.xml"),
        (OUTSIDE, "file.xml"),
        (CLZ[:900], "file.xml"),
        ('<?xml version="1.0"?><movieinfo><movielist>' + "<a>" * 1000, "file.xml"),
        (f'<?xml version="1.0"?>{MOVIE}a</title>{"<a/>" * 30_000}', "file.xml"),
        ('<?xml version="1.0"?><movieinfo><movielist/></movieinfo>', "file.no_items"),
        ("<html><body>no</body></html>", "file.binary"),
        ('{"mediatheque":1,"media":[]}', "file.no_items"),
        ('{"mediatheque":1,"media":[{"ti', "file.broken"),
        (zipped(mediatheque_json='{"mediatheque":1,"media":[' + " " * 3_000_000), "file.archive"),
        (zipped(words="nothing"), "file.binary"),
        (LETTERBOXD[:300], "file.binary"),
        ('{"mediatheque":1,"media":[{"title":"' + "a" * 9_000_000 + '"}]}', "file.item"),
        ('[{"watched_at":"2020-01-01","movie":{"title":"a","x":[' + "1," * 5_000_000, "file.item"),
        (
            f"<?xml version='1.0'?>{MOVIE}{'a' * 9_000_000}</title></movie></movielist></movieinfo>",
            "file.xml",
        ),
        ('{"mediatheque":1,"media":[{"title":"a","details":' + "[" * 200_000, "file.broken"),
        ('[{"watched_at":"2020-01-01","movie":{"title":"a","x":' + '{"b":' * 200_000, "file.broken"),
        (spoilt(zipped(mediatheque_json=SCATTERED)), "file.archive"),
    ],
)
def test_what_is_broken_or_an_attack_is_refused_in_a_sentence(content: str | bytes, code: str) -> None:
    with pytest.raises(NotATable) as refused:
        read(content)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "title", "year", "media_type", "people", "genres", "variants", "seasons", "metadata", "external_ids", "source",
    "own", "entry", "origins", "details", "signed", "value", "rating", "added_at", "id", "work", "release_date",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), anything, max_size=12))
def test_no_edited_export_crashes_its_source(item: dict[str, Any]) -> None:
    source = SOURCES["mediatheque"]
    for cell in ("mediatheque item", "mediatheque entry"):
        record = source.parse(1, {cell: json.dumps(item)}, source.prepare([cell], []))
        assert bool(record.title) != (record.problem is not None) or len(record.title) > 500


@given(
    st.dictionaries(
        st.sampled_from(["name", "year", "rating", "seen", "title", "ids", "kind", "seen_at"]), anything
    )
)
def test_no_title_crashes_its_source(item: dict[str, Any]) -> None:
    for name, cell in (("letterboxd", "letterboxd film"), ("trakt", "trakt title")):
        SOURCES[name].parse(1, {cell: json.dumps(item)}, SOURCES[name].prepare([cell], []))


def test_brackets_in_texts_are_no_depth() -> None:
    title = "[{" * 5000 + r"\\" + r"\"[["
    written = json.dumps(
        {"mediatheque": 1, "media": [{"title": f"{n}", "overview": title} for n in range(15)]}
    )
    for shift in range(4):  # the pieces that are read end elsewhere
        assert len(records(" " * shift + written, "mediatheque")) == 15


def refusal_of(content: bytes) -> str:
    """What somebody is told who brings this; nothing where it is taken."""
    try:
        read(content)
    except NotATable as error:
        return error.message
    return ""


@given(st.binary(max_size=300))
def test_no_bytes_crash_a_source(noise: bytes) -> None:
    for start in (b"", CLZ.encode()[:400], b"PK\x03\x04", b'[{"movie":{"title":"a"},"watched_at":', LETTERBOXD[:200],
                  b'{"mediatheque":1,"media":[{"title":', DELICIOUS_2.encode()[:500]):  # fmt: skip
        assert refusal_of(start + noise)[-1:] in ("", ".")


def test_what_was_seen_becomes_entries_and_never_media(alice: Actor) -> None:
    job = imported(alice, LETTERBOXD, name="letterboxd.zip")
    assert job["summary"] == {"created": 3, "updated": 0, "skipped": 0, "failed": 0}
    assert (job["provider"], count_media(alice)) == ("letterboxd", 0)
    kept = everything(
        "select title, status, rating, on_watchlist from entries where user_id = %s order by title",
        [alice.user_id],
    )
    assert kept == [
        ("Heat", "completed", 8, False), ("Ronin", "completed", None, False), ("Solaris", "not_watched", None, True),
    ]  # fmt: skip
    assert imported(alice, LETTERBOXD)["summary"]["skipped"] == 3
    assert imported(alice, DIARY.encode())["summary"] == {
        "created": 0,
        "updated": 1,
        "skipped": 0,
        "failed": 0,
    }
    assert [each["messages"] for each in report_of(alice, job["id"])] == [[], [], []]


def test_an_entry_is_tied_to_the_household_s_items_of_its_title(alice: Actor) -> None:
    made = alice.post("/media", {"title": "HEAT", "media_type": "movie", "year": 1995}).json()
    imported(alice, LETTERBOXD)
    own = json.loads(alice.get(f"/media/{made['id']}").content)["own"]
    assert own == {"status": "completed", "rating": 8, "on_watchlist": False}


def test_what_the_person_said_stays_and_another_file_adds(alice: Actor) -> None:
    made = alice.post(
        "/media", {"title": "Heat", "media_type": "movie", "year": 1995, "own": {"rating": 3}}
    ).json()
    assert imported(alice, LETTERBOXD)["summary"] == {"created": 2, "updated": 1, "skipped": 0, "failed": 0}
    imported(alice, json.dumps(TRAKT_PLAYS).encode())
    own = json.loads(alice.get(f"/media/{made['id']}").content)["own"]
    assert (own["rating"], own["status"]) == (3, "completed")
    kept = everything("select count(*) from entries where user_id = %s and title = 'Heat'", [alice.user_id])
    assert kept == [(1,)]


def test_an_undone_import_leaves_nothing_of_the_person_s_behind_and_can_come_again(alice: Actor) -> None:
    """Not even works of the person's own, or the marks by which rows are known."""

    def traces() -> list[Any]:
        tables = ("entries", "entry_works", "entry_origins", "entry_fingerprints")
        counts = [
            everything(f"select count(*) from {each} where user_id = %s", [alice.user_id]) for each in tables
        ]
        return [*counts, everything("select count(*) from works where owner_user = %s", [alice.user_id])]

    alice.post("/media", {"title": "Heat", "media_type": "movie", "year": 1995, "own": {"rating": 3}})
    before = traces()
    job = imported(alice, TRAKT)
    assert traces() != before
    assert alice.post(f"/sync-jobs/{job['id']}/undo").status_code < 300
    work()
    assert traces() == before
    assert everything("select status from entries where user_id = %s", [alice.user_id]) == [("not_watched",)]
    assert imported(alice, TRAKT)["summary"] == job["summary"]


def test_two_titles_under_one_wrong_id_stay_apart(alice: Actor) -> None:
    content = IMDB.replace("2,124,", "2,tt0000123,")
    assert imported(alice, content.encode())["summary"] == {
        "created": 2,
        "updated": 0,
        "skipped": 1,
        "failed": 0,
    }


def test_goodreads_comes_in_as_books_owned_and_books_read(alice: Actor) -> None:
    job = imported(alice, GOODREADS.encode())
    assert (job["summary"]["created"], job["provider"], count_media(alice)) == (3, "goodreads", 1)
    kept = everything("select count(*), count(*) filter (where on_watchlist) from entries where user_id = %s",
                      [alice.user_id])  # fmt: skip
    assert kept == [(3, 1)]
    assert imported(alice, GOODREADS.encode())["summary"]["skipped"] == 3


@pytest.mark.parametrize("content", [CLZ.encode(), DELICIOUS_1.encode(), DELICIOUS_2.encode()])
def test_owned_things_become_media_once(alice: Actor, content: bytes) -> None:
    first = imported(alice, content)["summary"]
    assert first["created"] == count_media(alice) > 0
    assert imported(alice, content)["summary"]["skipped"] == first["created"]


def test_a_time_that_cannot_be_read_again_is_left_out(alice: Actor) -> None:
    times = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01")
    media = [
        {
            "title": f"Film {n}",
            "media_type": "movie",
            "added_at": each,
            "entry": {"status": "completed", "last_watched_at": each},
        }
        for n, each in enumerate(times)
    ]
    imported(alice, json.dumps({"mediatheque": 1, "media": media}).encode())
    assert len(alice.get("/media").json()["items"]) == len(times)
    assert len(alice.get("/watchlist").json()["items"]) == len(times)


def test_a_list_may_be_as_long_as_it_is() -> None:
    """Each of its records is bounded, not all of them together."""
    movies = "".join(f"<movie><title>Film {n}</title>{'<plot>x</plot>' * 4}</movie>" for n in range(6000))
    found = read(f"<?xml version='1.0'?><movieinfo><movielist>{movies}</movielist></movieinfo>")
    assert found.rows == 6000


def sent(alice: Actor, path: str, content: str | bytes) -> Any:
    raw = content if isinstance(content, bytes) else content.encode()
    return alice.client.post(
        f"/api/media/{path}", {"file": SimpleUploadedFile("file", raw), "async": "false"}
    )


def test_a_source_that_is_named_is_not_recognised_but_followed(alice: Actor) -> None:
    goodreads = (
        "Book Id,Title,Author,My Rating,Exclusive Shelf,Owned Copies,Bookshelves,Date Read,Date Added\n"
        "7,Piranesi,Susanna Clarke,4,read,0,,2021/02/03,2021/01/01\n"
    )
    assert sent(alice, "import/goodreads", goodreads).json()["summary"]["created"] == 1
    assert count_media(alice) == 0
    as_table = sent(alice, "import/generic", goodreads).json()
    assert (as_table["provider"], as_table["summary"]["created"]) == ("generic", 1)
    assert count_media(alice) == 1
    for path in ("import/imdb", "import/trakt", "import-csv/delicious"):
        refused = sent(alice, path, goodreads)
        assert (refused.status_code, refused.json()["code"]) == (422, "file.other_source")
    assert sent(alice, "import/shelfari", goodreads).status_code == 404


def test_delicious_librarys_table_is_read_as_its_xml(alice: Actor) -> None:
    content = (
        "title,item type,platform,amazon link,ean,isbn,creator,edition,format,release date,creation date,rating,notes\n"
        "Heat,Movie,,https://amazon.example/heat,7321900945837,,Michael Mann,,DVD,1999-01-01,2010-05-06,4.5,Lent\n"
        "Piranesi,Book,,,,9781526622426,Susanna Clarke,,Hardcover,,,0,\n"
    )
    job = sent(alice, "import-csv/delicious", content).json()
    assert (job["provider"], job["summary"]["created"]) == ("delicious", 2)
    heat, piranesi = records(content, "delicious")
    assert (heat.media_type, heat.own_rating, heat.barcode, heat.people[0].role) == (
        "movie", 9, "7321900945837", "director",
    )  # fmt: skip
    assert (piranesi.media_type, piranesi.own_rating, piranesi.people[0].role) == ("book", None, "author")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (zipped(words="nothing"), "ZIP"),
        (zipped(**{"[Content_Types].xml": "x", "xl/workbook.xml": "x"}), "Office"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "PNG picture"),
        (b"\xff\xd8\xff\xe0" + bytes(300), "JPEG picture"),
        (b"\x7fELF\x02\x01\x01" + bytes(300), "program"),
        (b"MZ\x90\x00" + bytes(300), "program"),
        (b"%PDF-1.7\n", "PDF document"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(300), "video"),
        (b'{"name": "package"}', "JSON"),
        (b"<?xml version='1.0'?><rss/>", "XML"),
        (b"<!DOCTYPE html><p>", "web page"),
    ],
)
def test_what_is_no_import_is_refused_by_its_name(alice: Actor, content: bytes, named: str) -> None:
    refused = sent(alice, "import-csv", content)
    assert refused.status_code == 415
    assert named in refused.json()["detail"]
