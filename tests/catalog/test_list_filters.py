"""Each filter and each order of the list, and what they refuse (C3)."""

from urllib.parse import quote

import pytest

from mediatheque.core.ids import show_id
from tests.catalog.making import make, titles
from tests.support import Actor


def found(actor: Actor, query: str) -> list[str]:
    """The titles a filter leaves, by title, in the active library and over all of them; the total agrees."""
    query = quote(query, safe="=&")
    answers = [
        actor.get(f"/media?total=true&{query}{more}").json() for more in ("", "&library=all", "&page=1")
    ]
    shown = [[each["title"] for each in answer["items"]] for answer in answers]
    assert shown[0] == shown[1] == shown[2]
    assert {answer["pagination"]["total"] for answer in answers} == {len(shown[0])}
    return shown[0]


def test_resolution_is_that_of_any_copy_and_follows_it(alice: Actor) -> None:
    item = make(alice, "Both")
    make(alice, "Neither")
    copies = f"/media/{item['id']}/variants"
    first = alice.post(copies, {"format": "DVD", "resolution": "480p"}).json()
    alice.post(copies, {"format": "4K UHD", "resolution": "2160p"})
    for wanted, expected in (
        ("SD", ["Both"]),
        ("4K", ["Both"]),
        ("720p", []),
        ("720p&resolution=SD", ["Both"]),
    ):
        assert found(alice, f"resolution={wanted}") == expected
    alice.patch(f"{copies}/{first['id']}", {"resolution": "720p"})
    assert (found(alice, "resolution=SD"), found(alice, "resolution=720p")) == ([], ["Both"])
    alice.patch(f"/media/{item['id']}", {"title": "Both of them", "genres": ["Drama"]})
    assert found(alice, "resolution=4K") == ["Both of them"]
    alice.delete(f"{copies}/{first['id']}")
    assert (found(alice, "resolution=720p"), found(alice, "resolution=4K")) == ([], ["Both of them"])
    alice.delete(f"/media/{item['id']}")
    assert found(alice, "resolution=4K") == []


def test_what_is_lent_is_not_on_the_shelf(alice: Actor) -> None:
    lent = make(alice, "Lent", format="DVD")
    make(alice, "At home")
    make(alice, "Wished for", ownership="wanted")
    [copy] = alice.get(f"/media/{lent['id']}/variants").json()["items"]
    base = f"/media/{lent['id']}/variants/{copy['id']}"
    assert alice.post(f"{base}/loan", {"to": "Dana"}).status_code == 201
    assert found(alice, "availability=lent") == ["Lent"]
    assert found(alice, "availability=on_shelf") == ["At home"]
    assert found(alice, "availability=on_shelf&availability=lent") == ["At home", "Lent"]
    assert found(alice, "availability=lent&media_type=book") == []
    assert alice.post(f"{base}/return", {}).status_code < 300
    assert (found(alice, "availability=lent"), found(alice, "availability=on_shelf")) == (
        [],
        ["At home", "Lent"],
    )


def test_rating_lies_in_its_range_and_the_unrated_in_none(alice: Actor) -> None:
    for title, rating in (("Low", 2.5), ("Middle", 5.0), ("High", 7.3), ("Unrated", None)):
        make(alice, title, rating=rating)
    assert found(alice, "rating_min=5") == ["High", "Middle"]
    assert found(alice, "rating_max=5") == ["Low", "Middle"]
    assert found(alice, "rating_min=2.5&rating_max=2.5") == ["Low"]
    assert found(alice, "rating_min=7.3") == ["High"]
    assert found(alice, "rating_min=0") == ["High", "Low", "Middle"]


def test_own_rating_is_the_readers_alone(alice: Actor, bob: Actor) -> None:
    loved = make(alice, "Loved", own={"rating": 9})
    make(alice, "Disliked", own={"rating": 2})
    make(alice, "Unrated", own={"status": "watching"})
    bob.patch(f"/media/{loved['id']}", {"own": {"rating": 1}})
    assert found(alice, "user_rating_min=5") == ["Loved"]
    assert found(alice, "user_rating_max=5") == ["Disliked"]
    assert found(alice, "user_rating_min=1") == ["Disliked", "Loved"]
    assert (found(bob, "user_rating_max=1"), found(bob, "user_rating_min=2")) == (["Loved"], [])


def test_formats_are_found_however_they_are_written(alice: Actor) -> None:
    make(alice, "Shiny", format="Blu-ray")
    make(alice, "Reel", format="Super 8")
    assert found(alice, "format=bluray") == ["Shiny"]
    assert found(alice, "format=Super 8&format=Blu-ray") == ["Reel", "Shiny"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("rating", ["None", "Low", "High"]),
        ("user_rating", ["None", "High", "Low"]),
        ("format", ["None", "Low", "High"]),
    ],
)
@pytest.mark.parametrize(
    "more", ["", "&library=all", "&genre=drama", "&media_type=movie&library=all&genre=drama"]
)
def test_unknown_is_the_lowest_of_an_order(alice: Actor, sort: str, expected: list[str], more: str) -> None:
    make(alice, "Low", rating=1.5, format="Blu-ray", own={"rating": 10}, genres=["Drama"])
    make(alice, "None", genres=["Drama"])
    make(alice, "High", rating=9.1, format="DVD", own={"rating": 3}, genres=["Drama"])
    for direction, wanted in (("asc", expected), ("desc", expected[::-1])):
        assert titles(alice, f"?sort={sort}&dir={direction}{more}") == wanted
        seen, cursor = [], ""
        for _ in wanted:
            answer = alice.get(f"/media?sort={sort}&dir={direction}{more}&limit=1{cursor}").json()
            seen += [each["title"] for each in answer["items"]]
            cursor = f"&cursor={answer['pagination']['next_cursor']}"
        assert (seen, cursor) == (wanted, "&cursor=None")
        pages = [titles(alice, f"?sort={sort}&dir={direction}{more}&limit=2&page={n}") for n in (1, 2, 3)]
        assert pages == [wanted[:2], wanted[2:], []]


def test_articles_of_four_languages_are_passed_over(alice: Actor) -> None:
    given = {
        "en": ["The Apartment", "A Fish Called Wanda", "Die Hard"],
        "de": ["Das Boot", "Die Brücke", "Eine Welt"],
        "fr": ["Les Choristes", "L'Enfance nue", "Le Grand Bleu"],
        "es": ["El Hoyo", "La Isla mínima", "Los Olvidados"],
    }
    for language, made in given.items():
        alice.patch("/auth/me", {"preferences": {"language": language}})
        for title in made:
            make(alice, title)
    expected = [
        "The Apartment", "Das Boot", "Die Brücke", "Les Choristes", "Die Hard", "L'Enfance nue",
        "A Fish Called Wanda", "Le Grand Bleu", "El Hoyo", "La Isla mínima", "Los Olvidados", "Eine Welt",
    ]  # fmt: skip
    assert titles(alice) == expected
    assert titles(alice, "?dir=desc") == expected[::-1]


def test_several_libraries_are_one_list(alice: Actor, charlie: Actor) -> None:
    attic, cellar = (show_id("library", alice.household.add_library(name)) for name in ("Attic", "Cellar"))
    make(alice, "B")
    make(alice, "A", library=attic)
    make(alice, "C", library=cellar)
    assert titles(alice, f"?library={attic}&library={cellar}") == ["A", "C"]
    assert titles(alice, f"?library={attic}&library={attic}") == ["A"]
    assert titles(alice, f"?library={attic}&library=all") == ["A", "B", "C"]
    refused = alice.get(f"/media?library={attic}&library={charlie.library}")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "library")


def test_a_person_from_elsewhere_is_not_there(alice: Actor, bob: Actor, charlie: Actor) -> None:
    make(bob, "Bob's")
    assert titles(alice, f"?added_by={bob.id}") == ["Bob's"]
    assert titles(bob, f"?added_by={alice.id}") == []
    unknown = show_id("user", alice.household.space_id)
    answers = [alice.get(f"/media?added_by={each}") for each in (charlie.id, unknown)]
    assert [each.status_code for each in answers] == [404, 404]
    bodies = [{**each.json(), "request_id": ""} for each in answers]
    assert bodies[0] == bodies[1]
    assert bodies[0]["errors"][0]["field"] == "added_by"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("media_type=film", "movie"), ("ownership=stolen", "formerly_owned"), ("resolution=8K", "1080p"),
        ("sort=colour", "user_rating"), ("dir=up", "desc"), ("availability=streaming", "on_shelf"),
        ("rating_min=11", "10"), ("rating_max=x", "number"),
        ("user_rating_min=0", "1"), ("user_rating_max=2.5", "integer"), ("year_min=soon", "integer"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_naming_what_is_allowed(alice: Actor, query: str, named: str) -> None:
    answer = alice.get(f"/media?{query}")
    assert answer.status_code == 400
    [fault] = answer.json()["errors"]
    assert fault["field"].split(".")[0] == query.split("=")[0]
    assert named in fault["message"]
