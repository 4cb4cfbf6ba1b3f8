"""The catalogue's pages: lists, an item, forms, covers (C3, C5, C11, S3)."""

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from PIL import Image

from mediatheque.catalog import generated
from mediatheque.core.ids import show_id
from tests.catalog.making import make, titles
from tests.support import Actor


def address(actor: Actor, rest: str = "") -> str:
    return f"/s/{actor.household.slug}/{rest}"


def page(actor: Actor, rest: str = "", status: int = 200, **headers: str) -> str:
    response = actor.client.get(
        address(actor, rest), headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    assert response.status_code == status, response.content[:2000]
    return response.content.decode()


def shown_titles(html: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'class="poster-title">([^<]*)<', html)]


def post(actor: Actor, rest: str, data: dict[str, Any]) -> HttpResponse:
    response: HttpResponse = actor.client.post(address(actor, rest), data)
    return response


def test_home_offers_the_next_step_when_empty(alice: Actor) -> None:
    html = page(alice)
    assert "An empty shelf" in html
    assert f"library/{alice.library}/add" in html
    make(alice, "Alien")
    assert shown_titles(page(alice)) == ["Alien"]


def test_library_shows_covers_in_order_and_filters(alice: Actor) -> None:
    attic = show_id("library", alice.household.add_library())
    make(alice, "The Zebra", genres=["Drama"], people=[{"name": "Ann <b>", "role": "director"}])
    make(alice, "Alien", format="DVD")
    make(alice, "Dune", "book")
    make(alice, "Attic Film", library=attic)
    assert shown_titles(page(alice, f"library/{alice.library}")) == ["Alien", "Dune", "The Zebra"]
    assert shown_titles(page(alice, "library")) == ["Alien", "Attic Film", "Dune", "The Zebra"]
    assert shown_titles(page(alice, "library?sort=date_added")) == [
        "Attic Film",
        "Dune",
        "Alien",
        "The Zebra",
    ]
    assert shown_titles(page(alice, "library?media_type=book&media_type=comic&genre=&q=")) == ["Dune"]
    assert shown_titles(page(alice, "library?director=ann+%3Cb%3E")) == ["The Zebra"]
    table = page(alice, "library?view=table")
    assert "Ann &lt;b&gt;" in table
    assert "Ann <b>" not in table
    empty = page(alice, "library?genre=horror")
    assert "No title fits these filters." in empty
    bare = show_id("library", alice.household.add_library("Bare"))
    assert "Nothing stands here yet." in page(alice, f"library/{bare}?q=zzz")
    for wrong in ("year_min=x", "sort=colour", "cursor=x"):
        page(alice, f"library?{wrong}", 400)


def test_session_remembers_the_library_last_looked_at(alice: Actor) -> None:
    attic = show_id("library", alice.household.add_library())
    page(alice, f"library/{attic}")
    assert make(alice, "Alien")["library"] == attic
    page(alice, f"library/{alice.library}")
    assert make(alice, "Brazil")["library"] == alice.library


def test_show_more_answers_a_fragment_and_says_what_it_varies_by(alice: Actor) -> None:
    for n in range(53):
        make(alice, f"Film {n:02}")
    whole = page(alice, "library")
    more = re.search(r'href="([^"]+)"', whole.split('id="more"')[1])
    assert more is not None
    response = alice.client.get(unescape(more[1]), headers={"HX-Request": "true"})
    part = response.content.decode()
    assert shown_titles(part) == ["Film 50", "Film 51", "Film 52"]
    assert "<html" not in part
    assert {"HX-Request", "HX-History-Restore-Request"} <= set(response["Vary"].split(", "))
    restored = page(alice, "library", HX_Request="true", HX_History_Restore_Request="true")
    assert "<html" in restored


def test_detail_is_a_page_and_a_drawer(alice: Actor, bob: Actor) -> None:
    item = make(
        alice, "The Wire", "tv_series", year=2002, format="DVD", rating=9.3, runtime=60, genres=["Crime"],
        people=[{"name": "Dominic West", "role": "actor", "character": "McNulty"}], notes="<i>mine</i>",
        signed={"by": "West"}, value={"mid": 5, "currency": "EUR"}, trailer_url="https://example.org/t",
        release_date="2002-06-02", external_ids=[{"provider": "tmdb", "kind": "tv", "id": "1438"}],
    )  # fmt: skip
    alice.post(
        f"/media/{item['id']}/seasons", {"number": 1, "expected_episodes": 13, "available_episodes": 13}
    )
    alice.patch(f"/media/{item['id']}/metadata", {"shelf": "A"})
    html = page(alice, f"media/{item['id']}")
    for text in (
        "The Wire",
        "Dominic West",
        "9.3",
        "60 min",
        "Crime",
        "&lt;i&gt;mine&lt;/i&gt;",
        "Season 1",
        "shelf",
    ):
        assert text in html, text
    assert 'data-opens="delete"' in html
    drawer = page(alice, f"media/{item['id']}", HX_Request="true")
    assert "<html" not in drawer
    assert "drawer-body" in drawer
    assert 'data-opens="delete"' not in page(bob, f"media/{item['id']}")


def test_strangers_and_nobody_see_nothing(alice: Actor, charlie: Actor) -> None:
    item = make(alice)
    slug = alice.household.slug
    paths = ["", "library", f"library/{alice.library}", f"library/{alice.library}/add", f"media/{item['id']}",
             f"media/{item['id']}/edit", f"media/{item['id']}/cover"]  # fmt: skip
    for path in paths:
        assert charlie.client.get(f"/s/{slug}/{path}").status_code == 404, path
    own = charlie.household.slug
    for path in paths[2:]:
        assert charlie.client.get(f"/s/{own}/{path}").status_code == 404, path
    for verb in ("delete", "undo-delete", "edit", "cover"):
        assert charlie.client.post(f"/s/{own}/media/{item['id']}/{verb}").status_code == 404, verb
    alice.client.cookies.clear()
    for path in paths:
        response = alice.client.get(f"/s/{slug}/{path}")
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/sign-in"), path


def test_add_form_makes_an_item_or_says_what_is_wrong(alice: Actor) -> None:
    path = f"library/{alice.library}/add"
    assert 'name="title"' in page(alice, path)
    wrong = post(alice, path, {"title": "", "media_type": "movie", "year": "soon", "ownership": "owned"})
    assert wrong.status_code == 422
    assert "It must be a number." in wrong.content.decode()
    wrong = post(
        alice, path, {"title": "", "media_type": "movie", "people": "nobody | King of", "year": "5000"}
    )
    assert wrong.status_code == 422
    assert "The year must be" in wrong.content.decode()
    assert titles(alice) == []
    made = post(
        alice, path,
        {"title": "Amélie", "media_type": "movie", "year": "2001", "rating": "8,3", "genres": "Comedy, Romance",
         "people": "Jean-Pierre Jeunet | director\r\nAudrey Tautou | actor | Amélie", "ownership": "wanted",
         "format": "dvd", "release_date": "2001-04-25"},
    )  # fmt: skip
    assert made.status_code == 303
    [item] = alice.get("/media").json()["items"]
    assert made["Location"].endswith(item["id"])
    assert (item["year"], item["rating"], item["genres"], item["format"], item["ownership"]) == (
        2001, 8.3, ["Comedy", "Romance"], "DVD", "wanted",
    )  # fmt: skip
    assert item["people"][1] == {"name": "Audrey Tautou", "role": "actor", "character": "Amélie"}


@pytest.mark.parametrize("title", ["NUL\x00here", "half \ud800"])
def test_forms_refuse_what_cannot_be_stored(alice: Actor, title: str) -> None:
    path = address(alice, f"library/{alice.library}/add")
    body = b"media_type=movie&title=" + title.encode("utf-8", "surrogatepass")
    response = alice.client.generic("POST", path, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (422, 303)
    assert all("\x00" not in each for each in titles(alice))


def test_edit_form_writes_only_what_was_changed(alice: Actor, bob: Actor) -> None:
    item = make(
        alice, "Alien", genres=["Action, Adventure"], people=[{"name": "Ripley", "role": "actor"}], year=1979
    )
    path = f"media/{item['id']}/edit"
    html = page(alice, path)
    assert "Ripley | actor" in html
    data = {"title": "Aliens", "genres": "Action, Adventure", "people": "Ripley | actor", "year": "1979"}
    assert post(alice, path, data).status_code == 303
    after = alice.get(f"/media/{item['id']}").json()
    assert (after["title"], after["genres"], after["sort_title"]) == (
        "Aliens",
        ["Action, Adventure"],
        "Aliens",
    )
    assert post(alice, path, {"title": ""}).status_code == 422
    page(bob, path, 403)
    assert post(bob, path, {"title": "x"}).status_code == 403


def test_delete_offers_undo_and_undo_brings_it_back(alice: Actor) -> None:
    item = make(alice, "Alien")
    gone = post(alice, f"media/{item['id']}/delete", {})
    assert gone.status_code == 303
    html = alice.client.get(gone["Location"]).content.decode()
    undo = re.search(r'action="([^"]+/undo-delete)"', html)
    assert undo is not None
    back = alice.client.post(undo[1])
    assert back.status_code == 303
    assert titles(alice) == ["Alien"]


def test_cover_page_takes_and_serves_a_picture(alice: Actor) -> None:
    item = make(alice, "Alien")
    target = BytesIO()
    Image.new("RGB", (600, 900), (10, 20, 30)).save(target, "PNG")
    file = SimpleUploadedFile("a.png", target.getvalue(), "image/png")
    assert post(alice, f"media/{item['id']}/cover", {"file": file}).status_code == 303
    source = re.search(r'class="cover" src="([^"]+)"', page(alice, "library"))
    assert source is not None
    served = alice.client.get(unescape(source[1]))
    assert (served.status_code, served["Content-Type"]) == (200, "image/webp")
    assert served["Cache-Control"] == "private, max-age=31536000, immutable"
    broken = SimpleUploadedFile("a.svg", b"<svg/>", "image/png")
    assert post(alice, f"media/{item['id']}/cover", {"file": broken}).status_code == 415


def test_generated_cover_is_served_by_its_own_address_only(alice: Actor) -> None:
    make(alice, "Alien & <Predator>", people=[{"name": "Ridley Scott", "role": "director"}])
    source = re.search(r'class="cover" src="([^"]+)"', page(alice, "library"))
    assert source is not None
    served = alice.client.get(source[1])
    assert (served.status_code, served["Content-Type"]) == (200, "image/svg+xml")
    assert served["Content-Security-Policy"] == generated.POLICY
    assert "immutable" in served["Cache-Control"]
    assert b"<Predator>" not in served.content
    signature, words = source[1].removeprefix("/covers/").split("/")
    for wrong in (
        f"/covers/{'0' * 24}/{words}",
        f"/covers/{signature}/AAAA.svg",
        f"/covers/{signature}/%FF.svg",
    ):
        assert alice.client.get(wrong).status_code == 404, wrong


def test_longest_title_has_a_cover(alice: Actor) -> None:
    for title in ("漢" * 500, "x" * 500, "\x1f".join("ab"), "👩‍👩‍👧" * 30):
        place = generated.address("movie", title, title)
        assert len(place) < 1200
        assert alice.client.get(place).status_code in (200, 404)


def test_copies_and_seasons_have_forms(alice: Actor, bob: Actor) -> None:
    item = make(alice, "The Wire", "tv_series")
    path = f"media/{item['id']}"
    assert "Add a season" in page(alice, path)
    made = post(
        alice, f"{path}/variants/new", {"format": "dvd", "price": "9,50", "currency": "EUR", "barcode": ""}
    )
    assert made.status_code == 303, made.content
    [variant] = alice.get(f"/{path}/variants").json()["items"]
    assert (variant["format"], variant["price"]) == ("DVD", 9.5)
    edit = f"{path}/variants/{variant['id']}"
    assert "9.50" in page(alice, edit)
    wrong = post(alice, edit, {"format": "DVD", "price": "much", "barcode": "hello"})
    assert (wrong.status_code, b"This cannot be read." in wrong.content) == (422, True)
    assert post(alice, edit, {"format": "VHS"}).status_code == 303
    [variant] = alice.get(f"/{path}/variants").json()["items"]
    assert (variant["format"], variant["price"]) == ("VHS", None)
    assert post(alice, f"{path}/seasons/new", {"title": "One"}).status_code == 422
    assert post(alice, f"{path}/seasons/new", {"number": "0", "is_complete": "yes"}).status_code == 303
    again = post(alice, f"{path}/seasons/new", {"number": "0"})
    assert (again.status_code, b"Season 0 is there already." in again.content) == (422, True)
    [season] = alice.get(f"/{path}/seasons").json()["items"]
    assert (season["number"], season["is_complete"]) == (0, True)
    assert post(alice, f"{path}/seasons/{season['id']}", {"number": "0"}).status_code == 303
    assert alice.get(f"/{path}/seasons").json()["items"][0]["is_complete"] is False
    for form in (f"{path}/variants/new", edit, f"{path}/seasons/{season['id']}", f"{path}/metadata"):
        page(bob, form, 403)
        assert post(bob, form, {}).status_code == 403, form
    page(alice, f"{path}/variants/{season['id']}", 404)
    assert post(alice, f"{edit}/delete", {}).status_code == 303
    assert alice.get(f"/{path}/variants").json()["items"] == []


def test_metadata_and_own_entry_have_forms(alice: Actor, bob: Actor) -> None:
    item = make(alice, "Alien")
    path = f"media/{item['id']}"
    rows = {"key": ["shelf", " colour ", "", "gone"], "value": ["A\r\nB", "", "", "x"], "drop": "3"}
    assert post(alice, f"{path}/metadata", rows).status_code == 303
    assert alice.get(f"/{path}/metadata").json() == {"shelf": "A\nB", "colour": ""}
    assert 'value="shelf"' in page(alice, f"{path}/metadata")
    more = post(alice, f"{path}/metadata", rows | {"more": "yes"})
    assert (more.status_code, more.content.count(b'name="key"')) == (200, 5)
    for wrong in ({"key": "", "value": "x"}, {"key": ["a", "a"], "value": ["1", "2"]}):
        assert post(alice, f"{path}/metadata", wrong).status_code == 422
    assert post(alice, f"{path}/metadata", {}).status_code == 303
    assert alice.get(f"/{path}/metadata").json() == {"shelf": "A\nB", "colour": ""}
    assert (
        post(bob, f"{path}/own", {"status": "completed", "rating": "8", "on_watchlist": "yes"}).status_code
        == 303
    )
    assert bob.get(f"/{path}").json()["own"] == {"status": "completed", "rating": 8, "on_watchlist": True}
    assert alice.get(f"/{path}").json()["own"] is None
    assert post(bob, f"{path}/own", {"status": "seen"}).status_code == 422
    assert post(bob, f"{path}/own", {"status": "watching", "rating": "99"}).status_code == 422
    assert 'value="8" selected' in page(bob, path)


def test_page_tells_the_item_s_history(alice: Actor, mary: Actor) -> None:
    item = make(alice, "Alien")
    mary.patch(f"/media/{item['id']}", {"notes": "rewatch"})
    html = page(alice, f"media/{item['id']}")
    assert "Mary changed the title · Notes" in html
    assert "Alice added the title" in html


def test_the_form_has_the_fields_of_its_kind_without_scripts(alice: Actor) -> None:
    library = f"/s/{alice.household.slug}/library/{alice.library}"
    redrawn = alice.client.post(f"{library}/add", {"title": "Dune", "media_type": "book", "redraw": "yes"})
    assert redrawn.status_code == 200
    assert 'name="details.isbn"' in redrawn.content.decode()
    assert 'value="Dune"' in redrawn.content.decode()
    assert titles(alice) == []
    sent = {
        "title": "Dune", "media_type": "book", "details.isbn": "0-441-17271-7", "details.pages": "412",
        "signed.by": "Frank", "value.mid": "12,5", "value.currency": "EUR",
    }  # fmt: skip
    wrong = alice.client.post(f"{library}/add", sent | {"details.isbn": "12", "value.currency": "euro"})
    assert wrong.status_code == 422
    assert 'id="e-details.isbn"' in wrong.content.decode()
    assert 'id="e-value.currency"' in wrong.content.decode()
    made = alice.client.post(f"{library}/add", sent)
    assert made.status_code == 303, made.content
    item = alice.get(f"/media/{made['Location'].rsplit('/', 1)[1]}").json()
    assert item["details"] == {"isbn": "0-441-17271-7", "pages": 412}
    assert (item["signed"]["by"], item["value"]["mid"], item["value"]["currency"]) == ("Frank", 12.5, "EUR")


def test_the_form_says_what_a_change_of_kind_loses_and_asks(alice: Actor) -> None:
    item = make(alice, "Dune", "book", details={"publisher": "Ace"})
    form = f"/s/{alice.household.slug}/media/{item['id']}/edit"
    asked = alice.client.post(form, {"title": "Dune", "media_type": "comic"})
    assert asked.status_code == 422
    assert "Publisher: Ace" in asked.content.decode()
    assert 'name="agree"' in asked.content.decode()
    assert alice.get(f"/media/{item['id']}").json()["media_type"] == "book"
    agreed = {"title": "Dune", "media_type": "comic", "details.issue": "1", "agree": "yes"}
    assert alice.client.post(form, agreed).status_code == 303
    after = alice.get(f"/media/{item['id']}").json()
    assert (after["media_type"], after["details"]) == ("comic", {"issue": "1"})


def test_tracks_and_episodes_go_through_the_form(alice: Actor) -> None:
    library = f"/s/{alice.household.slug}/library/{alice.library}"
    sent = {"title": "Autobahn", "media_type": "music", "details.tracks": "Autobahn | 22:43\r\nMitternacht"}
    album = alice.client.post(f"{library}/add", sent)["Location"].rsplit("/", 1)[1]
    tracks = [{"title": "Autobahn", "seconds": 1363}, {"title": "Mitternacht", "seconds": None}]
    assert alice.get(f"/media/{album}").json()["details"]["tracks"] == tracks
    page = alice.client.get(f"/s/{alice.household.slug}/media/{album}/edit").content.decode()
    assert "Autobahn | 22:43\nMitternacht" in page
    series = make(alice, "Lost", "tv_series")["id"]
    sent = {"title": "Pilot", "media_type": "tv_episode", "series": series, "details.season": "1",
            "details.number": "1"}  # fmt: skip
    made = alice.client.post(f"{library}/add", sent)
    assert made.status_code == 303, made.content
    episode = alice.get(f"/media/{made['Location'].rsplit('/', 1)[1]}").json()
    assert (episode["series"], episode["details"]) == (series, {"season": 1, "number": 1})
    shown = alice.client.get(f"/s/{alice.household.slug}/media/{series}").content.decode()
    assert "Pilot" in shown
    assert "1 episode stays" in shown
