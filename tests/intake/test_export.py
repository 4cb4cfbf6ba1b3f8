"""What leaves the house, and that it comes back as it was (I10)."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from mediatheque.core.ids import show_id
from mediatheque.intake import exporting, spreadsheet
from mediatheque.intake.command import NobodyImports, export_file
from tests.intake.support import films, imported, read, report_of, table, upload, work
from tests.proofs.world import picture, send
from tests.support import Actor, Household, everything, make_household

MATRIX = {
    "title": "The Matrix", "media_type": "movie", "original_title": "Matrix", "year": 1999,
    "release_date": "1999-03-31", "overview": "=HYPERLINK(\"x\")", "runtime": 136, "genres": ["Action", "A | B"],
    "people": [{"name": "Lana Wachowski", "role": "director"},
               {"name": "Reeves, Keanu", "role": "actor", "character": "Neo"},
               {"name": "Joel Silver", "role": "producer"}],
    "certification": "16", "rating": 8.7, "network": "", "trailer_url": "https://example.org/t",
    "ownership": "formerly_owned", "location": "@Shelf", "notes": "\tA gift",
    "signed": {"by": "Keanu", "role": "actor", "on": "2001-01-02", "at": "Berlin", "proof": "photo"},
    "value": {"low": 1.5, "mid": 2, "high": 3.25, "currency": "EUR", "source": "shop", "date": "2024-01-31"},
    "external_ids": [{"provider": "tmdb", "kind": "movie", "id": "603"},
                     {"provider": "imdb", "kind": "title", "id": "tt0133093"}],
    "source": {"provider": "shop", "external_id": "77", "import": "csv_shop"},
    "own": {"status": "completed", "rating": 9, "on_watchlist": True},
}  # fmt: skip
SERIES = {"title": "Harbour", "media_type": "tv_series", "year": 2001}
EPISODE = {"title": "Pilot", "media_type": "tv_episode", "details": {"season": 1, "number": 1}}
BOOK = {
    "title": "'=Quoted", "media_type": "book", "details": {"isbn": "9780756404734", "publisher": "DAW", "pages": 662},
    "people": [{"name": "Patrick Rothfuss", "role": "author"}],
}  # fmt: skip
# What only says when something was written down, by whom, and under which id.
UNEQUAL = {
    "id", "created_at", "updated_at", "media_id", "work_id", "library_id", "space_id", "added_by", "user_id",
    "entry_id", "work_owner", "owner_space", "owner_user", "owner_key", "series_id", "person_fields",
    "import_fields", "poster", "variant_id",
}  # fmt: skip


def made(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    answer = actor.post("/media", body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def fill(actor: Actor) -> None:
    """One of everything that can be written down."""
    matrix = made(actor, MATRIX)
    copy = {
        "format": "Blu-ray", "edition": "Steelbook", "resolution": "1080p", "barcode": "7321900945837",
        "path": "/films/matrix.mkv", "location": "Shelf 2", "condition": "=good", "purchased_on": "2001-12-24",
        "price": 14.99, "currency": "EUR",
    }  # fmt: skip
    for each in (copy, {"format": "DVD"}, {"format": "DVD"}):
        made_copy = actor.post(f"/media/{matrix['id']}/variants", each)
        assert made_copy.status_code == 201
    loan = {"to": "=Piotr", "since": "2024-02-29", "due": "2030-01-01"}
    lent = actor.post(f"/media/{matrix['id']}/variants/{made_copy.json()['id']}/loan", loan)
    assert lent.status_code == 201, lent.content
    pairs = {"colour": "red", "-live": "=1+1", "empty-ish": " "}
    assert actor.patch(f"/media/{matrix['id']}/metadata", pairs).status_code == 200
    series = made(actor, SERIES)
    for number in (0, 1):
        season = {"number": number, "title": f"Part {number}", "expected_episodes": 10,
                  "available_episodes": number, "is_complete": number == 1}  # fmt: skip
        assert actor.post(f"/media/{series['id']}/seasons", season).status_code == 201
    made(actor, EPISODE)
    made(actor, BOOK)
    everything(
        "update entries set notes = 'Mine alone', notes_visibility = 'shared', set_aside = 'paused', "
        "set_aside_reason = 'too long', last_watched_at = '2020-02-03 20:15+00' where user_id = %s",
        [actor.user_id],
    )
    imported(
        actor, table([*films(3), {"title": "Film number 1", "year": 1951, "format": "VHS", "tags": "a | b"}])
    )


def downloaded(actor: Actor, query: str = "") -> bytes:
    answer = actor.get(f"/media/export{query}")
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def business(household: Household) -> dict[str, list[str]]:
    """Every row of the household's catalogue and its admin's entries, without ids and times of writing down."""
    of_space, of_person = [household.space_id], [household.admin.user_id]
    wanted = {
        "media": ("select * from media where space_id = %s", of_space),
        "variants": ("select v.*, m.title as of from variants v join media m on m.id = v.media_id "
                     "where v.space_id = %s", of_space),
        "loans": ("select v.*, m.title as of from loans v join media m on m.id = v.media_id "
                  "where v.space_id = %s", of_space),
        "seasons": ("select v.*, m.title as of from seasons v join media m on m.id = v.media_id "
                    "where v.space_id = %s", of_space),
        "media_metadata": ("select v.*, m.title as of from media_metadata v join media m on m.id = v.media_id "
                           "where v.space_id = %s", of_space),
        "works": ("select * from works where owner_space = %s", of_space),
        "words": ("select w.word, w.weight, m.title as of from media_words w join media m on m.id = w.media_id "
                  "where w.space_id = %s", of_space),
        "terms": ("select w.kind, w.key, w.term, m.title as of from media_terms w "
                  "join media m on m.id = w.media_id where w.space_id = %s", of_space),
        "entries": ("select * from entries where user_id = %s", of_person),
        "ties": ("select e.title as entry, w.title as work from entry_works t join entries e on e.id = t.entry_id "
                 "join works w on w.id = t.work_id where t.user_id = %s", of_person),
    }  # fmt: skip
    found = {}
    for table_name, (sql, params) in wanted.items():
        rows = everything(f"select to_jsonb(x) from ({sql}) x", params)
        found[table_name] = sorted(
            json.dumps({key: value for key, value in row[0].items() if key not in UNEQUAL}, sort_keys=True)
            for row in rows
        )
    return found


def differences(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[Any]:
    """What is not the same, field by field."""
    found: list[Any] = []
    for name, rows in before.items():
        if len(rows) != len(after[name]):
            found.append((name, rows, after[name]))
        for old, new in zip(map(json.loads, rows), map(json.loads, after[name]), strict=False):
            found += [(name, key, old[key], new[key]) for key in old if old[key] != new[key]]
    return found


@pytest.mark.parametrize("query", ["?format=json", "?format=csv", "?format=json&images=true", "?library=all"])
def test_what_went_out_comes_in_as_it_was(alice: Actor, query: str) -> None:
    fill(alice)
    before = business(alice.household)
    assert len(before["media"]) == 7
    assert len(before["entries"]) == 1
    elsewhere = make_household("Elsewhere")
    job = imported(elsewhere.admin, downloaded(alice, query))
    told = report_of(elsewhere.admin, job["id"])
    assert job["summary"] == {"created": 7, "updated": 0, "skipped": 0, "failed": 0}, told
    assert [each["messages"] for each in told] == [[]] * 7
    assert (job["provider"], job["notices"]) == ("mediatheque", [])
    assert differences(before, business(elsewhere)) == []


def test_an_empty_install_becomes_the_same(alice: Actor, request: pytest.FixtureRequest) -> None:
    fill(alice)
    before, exported = business(alice.household), downloaded(alice, "?format=json&images=true&library=all")
    assert [len(before[name]) for name in ("loans", "seasons", "entries")] == [1, 2, 1]
    request.getfixturevalue("empty_install")
    assert everything("select count(*) from media") == [(0,)]
    elsewhere = make_household("Elsewhere")
    job = imported(elsewhere.admin, exported)
    assert job["summary"] == {"created": 7, "updated": 0, "skipped": 0, "failed": 0}
    assert differences(before, business(elsewhere)) == []


def shelves(household: Household) -> list[Any]:
    """The libraries as their people set them up, each with its titles."""
    return everything(
        "select l.name, l.description, l.template, l.default_type, l.columns, l.is_default, "
        "(select array_agg(m.title order by m.title, m.id) from media m where m.library_id = l.id) "
        "from libraries l where l.space_id = %s order by l.name, l.id",
        [household.space_id],
    )


def fill_several(actor: Actor) -> None:
    fill(actor)
    facts = {
        "name": "Comics",
        "description": "Behind the door",
        "template": "comics",
        "columns": ["year", "people"],
    }
    comics = actor.post("/libraries", facts).json()["id"]
    games = actor.post("/libraries", {"name": "Games & more", "default_type": "game"}).json()["id"]
    for library, title in ((comics, "Valerian"), (comics, "The Matrix"), (games, "Myst")):
        made(actor, {"title": title, "year": 1999, "media_type": "comic", "library": library})


def test_an_empty_install_becomes_the_same_with_several_libraries(
    alice: Actor, request: pytest.FixtureRequest
) -> None:
    fill_several(alice)
    before, there = business(alice.household), shelves(alice.household)
    exported = downloaded(alice, "?format=json&images=true&library=all")
    assert [(each[0], len(each[-1])) for each in there] == [
        ("Comics", 2),
        ("Games & more", 1),
        ("Library", 7),
    ]
    request.getfixturevalue("empty_install")
    elsewhere = make_household("Elsewhere")
    job = imported(elsewhere.admin, exported)
    assert job["summary"] == {"created": 10, "updated": 0, "skipped": 0, "failed": 0}
    assert [(each["code"], each["libraries"]) for each in job["notices"]] == [
        ("library.made", ["Comics", "Games & more"])
    ]
    assert differences(before, business(elsewhere)) == []
    assert shelves(elsewhere) == there
    assert imported(elsewhere.admin, exported)["summary"]["skipped"] == 10
    assert shelves(elsewhere) == there


@pytest.mark.parametrize("query", ["?library=all", "?library=all&format=csv"])
@pytest.mark.parametrize("small", [True, False])
def test_a_plan_names_the_libraries_it_makes_and_undo_takes_them_back(
    alice: Actor, query: str, small: bool
) -> None:
    fill_several(alice)
    elsewhere = make_household("Elsewhere")
    plain = shelves(elsewhere)
    answer = upload(
        elsewhere.admin, downloaded(alice, query), query=f"?dry_run=true&async={str(not small).lower()}"
    )
    work()
    job = read(elsewhere.admin, answer.json().get("job_id") or answer.json()["id"])
    assert (job["stage"], job["plan"]["created"]) == ("planned", 10)
    assert [each["code"] for each in job["notices"]] == ["library.missing"]
    assert "Comics, Games & more" in job["notices"][0]["message"]
    assert shelves(elsewhere) == plain
    applied = elsewhere.admin.post(f"/sync-jobs/{job['id']}/apply?async={str(not small).lower()}")
    assert applied.status_code == (200 if small else 202)
    work()
    told = report_of(elsewhere.admin, job["id"])
    assert [(each["outcome"], each["messages"]) for each in told] == [("created", [])] * 10
    assert [(each[0], len(each[-1])) for each in shelves(elsewhere)] == [
        ("Comics", 2),
        ("Games & more", 1),
        ("Library", 7),
    ]
    (comics,) = [
        each for each in elsewhere.admin.get("/libraries").json()["items"] if each["name"] == "Comics"
    ]
    made(elsewhere.admin, {"title": "Mine", "media_type": "comic", "library": comics["id"]})
    assert elsewhere.admin.post(f"/sync-jobs/{job['id']}/undo").status_code == 200
    assert [(each[0], each[-1]) for each in shelves(elsewhere)] == [("Comics", ["Mine"]), ("Library", None)]
    kept = [
        each for each in read(elsewhere.admin, job["id"])["notices"] if each["code"] == "undo.library_kept"
    ]
    assert [each["libraries"] for each in kept] == [["Comics"]]


def test_a_chosen_library_takes_everything_and_a_member_makes_none(alice: Actor) -> None:
    fill_several(alice)
    exported = downloaded(alice, "?library=all")
    elsewhere = make_household("Elsewhere")
    job = imported(elsewhere.admin, exported, library=elsewhere.admin.library)
    assert (job["summary"]["created"], job["notices"], len(shelves(elsewhere))) == (10, [], 1)
    third = make_household("Third")
    third.add_library("Comics")
    job = imported(third.add_person("Marta"), exported)
    assert [(each["code"], each["libraries"]) for each in job["notices"]] == [
        ("library.not_made", ["Games & more"])
    ]
    assert [(each[0], len(each[-1])) for each in shelves(third)] == [("Comics", 2), ("Library", 8)]


def test_absurd_libraries_in_a_head_cost_no_row(alice: Actor) -> None:
    heads: list[Any] = [
        7, {}, [{"name": 7}, 7], [{"name": " "}], [{"name": "x" * 500, "template": 7, "columns": [[], "year", "moon"]}],
        [{"name": "Comics", "default_type": "song", "description": "\u0000", "columns": {}}],
    ]  # fmt: skip
    for number, libraries in enumerate(heads):
        items = [
            {"title": f"{number} {name!r:.20}", "media_type": "comic", "library_name": name}
            for name in ("Comics", "x" * 500, " ", 7, None, "\u0000")
        ]
        document = {"mediatheque": 1, "of": "media", "libraries": libraries, "media": items}
        assert imported(alice, json.dumps(document).encode())["summary"]["created"] == 6
    assert shelves(alice.household)[0][:5] == ("Comics", "", "", "movie", [])
    assert len(shelves(alice.household)) == 3


def test_covers_come_back_with_the_zip_and_go_with_its_undo(alice: Actor) -> None:
    for title in ("Heat", "Ronin", "Solaris"):
        item = made(alice, {"title": title, "media_type": "movie"})
        if title != "Solaris":
            assert send(alice.client, "PUT", f"/api/media/{item['id']}/cover", picture()).status_code < 300
    exported = downloaded(alice, "?format=json&images=true")
    spoilt = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(exported)) as whole, zipfile.ZipFile(spoilt, "w") as copy:
        pictures = [each for each in whole.namelist() if each.endswith(".webp")]
        for name in whole.namelist():
            copy.writestr(name, b"no picture" if name == pictures[0] else whole.read(name))
    elsewhere = make_household("Elsewhere")
    job = imported(elsewhere.admin, exported)
    posters = "select count(*) filter (where poster is not null), count(*) from media where space_id = %s"
    files = "select count(*) from file_references where space_id = %s and role like 'poster-%%'"
    space = [elsewhere.space_id]
    assert (everything(posters, space), everything(files, space)) == ([(2, 3)], [(6,)])
    assert elsewhere.admin.post(f"/sync-jobs/{job['id']}/undo").status_code == 200
    assert (everything(posters, space), everything(files, space)) == ([(0, 0)], [(0,)])
    job = imported(elsewhere.admin, spoilt.getvalue())
    told = [each["code"] for row in report_of(elsewhere.admin, job["id"]) for each in row["messages"]]
    assert (job["summary"]["created"], told, everything(posters, space)) == (
        3,
        ["picture.left_out"],
        [(1, 3)],
    )


def test_the_second_time_it_changes_nothing(alice: Actor) -> None:
    fill(alice)
    before, exported = business(alice.household), downloaded(alice)
    assert imported(alice, exported)["summary"] == {"created": 0, "updated": 0, "skipped": 7, "failed": 0}
    assert imported(alice, exported)["summary"] == {"created": 0, "updated": 0, "skipped": 7, "failed": 0}
    assert business(alice.household) == before


def test_an_episode_tied_by_hand_comes_back_unchanged(alice: Actor) -> None:
    series = alice.post("/media", {"title": "Low Water", "media_type": "tv_series"}).json()["id"]
    details = {"season": 1, "number": 2, "episode_title": "Ebb"}
    episode = {"title": "Low Water: Ebb", "media_type": "tv_episode", "series": series, "details": details}
    assert alice.post("/media", episode).status_code == 201
    assert imported(alice, downloaded(alice))["summary"] == {
        "created": 0,
        "updated": 0,
        "skipped": 2,
        "failed": 0,
    }


def test_ones_own_entries_go_out_and_come_in_without_media(alice: Actor) -> None:
    fill(alice)
    mine = business(alice.household)["entries"]
    for query in ("?of=entries", "?of=entries&format=csv"):
        elsewhere = make_household("Elsewhere")
        job = imported(elsewhere.admin, downloaded(alice, query))
        assert job["summary"] == {"created": 1, "updated": 0, "skipped": 0, "failed": 0}
        found = business(elsewhere)
        assert (found["entries"], found["media"]) == (mine, [])


def test_a_library_goes_out_alone_and_a_limited_one_only_to_those_it_admits(alice: Actor, bob: Actor) -> None:
    household = alice.household
    attic = household.add_library("Attic", limited=True)
    everything("update libraries set is_default = is_default where id = %s", [attic])
    made(alice, {"title": "Open", "media_type": "movie"})
    hidden = show_id("library", attic)
    made(alice, {"title": "Hidden", "media_type": "movie", "library": hidden})

    def titles(actor: Actor, query: str) -> list[str]:
        return [each["title"] for each in json.loads(downloaded(actor, query))["media"]]

    assert titles(alice, "") == ["Open"]
    assert titles(alice, f"?library={hidden}") == ["Hidden"]
    assert sorted(titles(alice, "?library=all")) == ["Hidden", "Open"]
    assert titles(bob, "?library=all") == ["Open"]
    assert bob.get(f"/media/export?library={hidden}").status_code == 404
    head = json.loads(downloaded(alice, "?library=all"))
    assert [each["name"] for each in head["libraries"]] == ["Library", "Attic"]


def test_a_household_mate_gets_the_titles_and_none_of_ones_own(alice: Actor, bob: Actor) -> None:
    fill(alice)
    (matrix,) = [each for each in json.loads(downloaded(bob))["media"] if each["title"] == "The Matrix"]
    assert (matrix["own"], matrix["entry"]) == (None, None)
    assert b"Mine alone" in downloaded(alice)
    assert b"Mine alone" not in downloaded(bob) + downloaded(bob, "?of=entries") + downloaded(
        bob, "?format=csv"
    )


def test_a_token_of_the_space_alone_takes_nothing_personal_along(alice: Actor) -> None:
    fill(alice)
    made_token = alice.post("/auth/api-tokens", {"name": "t", "space": alice.space}).json()["token"]
    alice.client.cookies.clear()
    bearer = {"headers": {"Authorization": f"Bearer {made_token}"}}
    answer = alice.client.get("/api/media/export", **bearer)
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert b"The Matrix" in content
    assert b"Mine alone" not in content
    assert {each["own"] and each["own"]["rating"] for each in json.loads(content)["media"]} == {None}
    assert alice.client.get("/api/media/export?of=entries", **bearer).status_code == 403


def test_pictures_go_along_on_request(alice: Actor) -> None:
    item = made(alice, {"title": "Heat", "media_type": "movie"})
    assert send(alice.client, "PUT", f"/api/media/{item['id']}/cover", picture()).status_code < 300
    with zipfile.ZipFile(io.BytesIO(downloaded(alice, "?images=true"))) as archive:
        (told,) = json.loads(archive.read("mediatheque.json"))["media"]
        assert archive.read(told["image"])[:4] == b"RIFF"
        assert sorted(archive.namelist()) == sorted(["mediatheque.json", told["image"]])
    assert alice.get("/media/export?images=true&format=csv").status_code == 422


def test_letterboxd_takes_films_with_day_and_rating(alice: Actor) -> None:
    fill(alice)
    rows = list(csv.reader(io.StringIO(downloaded(alice, "?format=letterboxd").decode())))
    assert rows[0] == ["WatchedDate", "Title", "Year", "tmdbID", "imdbID", "Rating10"]
    assert rows[1] == ["2020-02-03", "The Matrix", "1999", "603", "tt0133093", "9"]
    assert len(rows) == 5  # neither the series, the episode nor the book
    (own,) = list(csv.reader(io.StringIO(downloaded(alice, "?format=letterboxd&of=entries").decode())))[1:]
    assert own[:3] == ["2020-02-03", "The Matrix", "1999"]


def test_a_large_library_goes_out_in_pieces(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(alice, table(films(7)))
    monkeypatch.setattr(exporting, "PIECE", 3)
    assert len(json.loads(downloaded(alice))["media"]) == 7
    answer = alice.get("/media/export?format=csv")
    pieces = list(answer.streaming_content)  # type: ignore[attr-defined]
    assert [piece.count(b"\r\n") for piece in pieces] == [1, 3, 3, 1]


def test_an_export_of_something_unknown_is_refused_by_name(alice: Actor) -> None:
    for query, field in (("format=xml", "format"), ("of=people", "of"), ("colour=red", "colour")):
        answer = alice.get(f"/media/export?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert alice.get("/media/export?library=lib_no").status_code == 404


def test_the_page_offers_what_may_go_along_and_gives_the_file(alice: Actor, bob: Actor) -> None:
    fill(alice)
    attic = show_id("library", alice.household.add_library("Attic", limited=True))
    page = alice.client.get(f"/s/{alice.household.slug}/export?what=entries").content.decode()
    assert attic in page
    assert '<option value="entries" selected>' in page
    assert attic not in bob.client.get(f"/s/{alice.household.slug}/export").content.decode()
    base = f"/s/{alice.household.slug}/export/file"
    for what, form, begins in (
        ("all", "json", b"{"),
        (alice.library, "zip", b"PK"),
        ("entries", "csv", b"\xef\xbb\xbf"),
    ):
        answer = alice.client.get(f"{base}?what={what}&form={form}")
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content).startswith(begins)  # type: ignore[attr-defined]
        assert answer["Content-Disposition"].startswith('attachment; filename="mediatheque-')
    assert alice.client.get(f"{base}?form=xml").status_code == 400
    assert bob.client.get(f"{base}?what={attic}").status_code == 404


def test_the_operator_writes_a_library_into_a_file(alice: Actor, tmp_path: Path) -> None:
    fill(alice)
    connection.close()
    size = export_file(tmp_path / "all.json", alice.library, None, "media", "json", whole=True)
    written = (tmp_path / "all.json").read_bytes()
    assert (len(written), len(json.loads(written)["media"])) == (size, 7)
    assert [each.name for each in tmp_path.iterdir()] == ["all.json"]
    with pytest.raises(NobodyImports):
        export_file(tmp_path / "no.json", alice.library, "nobody@example.org", "media", "csv", whole=False)


SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫"
BEFORE = ["", " ", "\t", "\r", "\n", "\u00a0", "\u3000", "\u200b", "\ufeff", "'", "\v", "\x1f", "\u2028"]
cell = st.text(
    st.one_of(
        st.sampled_from([*SIGNS, *BEFORE[1:], '"', ",", "a"]), st.characters(exclude_categories=["Cs"])
    ),
    max_size=8,
)


@given(cell)
def test_no_cell_is_a_live_formula_and_each_comes_back_as_it_was(text: str) -> None:
    out = spreadsheet.neutral(text)
    seen = out.strip("".join(BEFORE)).lstrip("'") if out.startswith("'") else out
    assert spreadsheet.restored(out) == text
    if not out.startswith("'"):
        assert not seen.lstrip("".join(BEFORE)).startswith(tuple(SIGNS))
        assert not out.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("sign", SIGNS)
def test_a_formula_is_told_by_its_sign_whatever_stands_before_it(before: str, sign: str) -> None:
    live = f"{before}{sign}cmd|' /C calc'!A0"
    assert spreadsheet.neutral(live) == "'" + live
    assert spreadsheet.restored("'" + live) == live
    assert spreadsheet.neutral(f"{before}plain {sign}") in (f"{before}plain {sign}", f"'{before}plain {sign}")
