"""Search: any script, ranked, one wrong letter, nothing of a closed library (C4, S2)."""

from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediatheque.catalog import jobs
from mediatheque.catalog.typed import spellings
from mediatheque.core.ids import show_id
from tests.catalog.making import make, titles
from tests.support import Actor, everything


def hits(actor: Actor, q: str, more: str = "") -> list[str]:
    return titles(actor, f"?q={quote(q)}{more}")


def actor_named(name: str) -> dict[str, str]:
    return {"name": name, "role": "actor"}


@pytest.mark.parametrize(
    ("title", "found", "missed"),
    [
        ("Amélie", ["amelie", "AMÉLIE", "amél", "Amelie"], ["elie", "xamelie zz"]),
        ("Größe & Stärke", ["grosse", "GRÖSSE", "starke", "größe stä"], ["osse"]),
        ("Матрица", ["матрица", "МАТР", "Матрицы"], ["трица"]),
        ("Йога и ёлка", ["йога", "елка", "ЁЛКА"], ["лка"]),
        ("Ο Θίασος", ["θίασος", "ΘΙΑΣΟΣ", "θιασ"], ["ασος"]),
        ("المصير", ["المصير", "المص"], ["مصير"]),
        ("ليلى", ["ليلى"], ["يلى"]),
        ("千と千尋の神隠し", ["千尋", "神隠し", "千と", "神", "し", "千尋 神隠"], ["尋神", "神千"]),
        ("寄生虫", ["寄生", "生虫", "虫", "寄生虫"], ["虫生"]),
        ("となりのトトロ", ["トトロ", "となり", "トト"], ["ロトト"]),
        ("기생충", ["기생충", "기생", "생충", "충"], ["충생"]),
        ("살인의 추억", ["살인", "추억", "살인의 추억"], ["억추"]),
        ("शोले", ["शोले", "शो"], ["ोले"]),
        ("लगान: वन्स अपॉन", ["लगान", "लगान वन्स"], ["गान"]),
        ("S.H.I.E.L.D.", ["shield", "s.h.i.e.l.d."], ["hield d"]),
        ("L'avventura", ["avventura", "l'avventura"], ["ventura"]),
    ],
)
def test_words_are_found_in_any_script(alice: Actor, title: str, found: list[str], missed: list[str]) -> None:
    make(alice, title)
    make(alice, "Another")
    for q in found:
        assert hits(alice, q) == [title], q
        assert hits(alice, q, "&sort=title") == [title], q
    for q in missed:
        assert hits(alice, q) == [], q


def test_only_the_last_word_may_be_unfinished(alice: Actor) -> None:
    make(alice, "Le Fabuleux Destin d'Amélie Poulain")
    assert hits(alice, "destin fabul") == ["Le Fabuleux Destin d'Amélie Poulain"]
    assert hits(alice, "fabul destin") == []
    assert hits(alice, "fabuleux zzz") == []
    assert hits(alice, "%") == []
    assert hits(alice, "  ") == ["Le Fabuleux Destin d'Amélie Poulain"]


def test_hits_are_ranked_by_field_then_by_match(alice: Actor) -> None:
    made = [
        ("Overview whole", {"overview": "They meet a phantom at night."}),
        ("Overview begun", {"overview": "Many phantoms meet."}),
        ("People whole", {"people": [actor_named("Max Phantom")]}),
        ("People begun", {"people": [actor_named("Max Phantomas")]}),
        ("People misspelt", {"people": [actor_named("Max Fhantom")]}),
        ("Original whole", {"original_title": "Il Phantom"}),
        ("The Phantoms", {}),
        ("The Phantam", {}),
        ("The Phantom Carriage", {}),
        ("Phantom", {}),
    ]
    for title, fields in made:
        make(alice, title, **fields)
    expected = [
        "Phantom", "The Phantom Carriage", "The Phantoms", "The Phantam", "Original whole", "People whole",
        "People begun", "People misspelt", "Overview whole", "Overview begun",
    ]  # fmt: skip
    for more in (
        "",
        "&library=all",
        "&media_type=movie",
        "&sort=relevance&dir=desc",
        "&ownership=owned&library=all",
    ):
        assert hits(alice, "phantom", more) == expected, more
    assert sorted(expected) == sorted(hits(alice, "phantom", "&sort=title"))
    seen, cursor = [], ""
    for _ in range(4):
        answer = alice.get(f"/media?q=phantom&limit=3{cursor}").json()
        seen += [each["title"] for each in answer["items"]]
        cursor = f"&cursor={answer['pagination']['next_cursor']}"
    assert (seen, cursor) == (expected, "&cursor=None")
    pages = [alice.get(f"/media?q=phantom&limit=6&page={number}").json() for number in (1, 2)]
    assert [each["title"] for page in pages for each in page["items"]] == expected
    assert pages[0]["pagination"]["total"] == len(expected)


def test_several_words_are_ranked_together(alice: Actor) -> None:
    make(alice, "Rings", people=[actor_named("Lord Byron")])
    make(alice, "The Lord of the Rings: Extended")
    make(alice, "The Lord of the Rings")
    make(alice, "Lord")
    expected = ["The Lord of the Rings", "The Lord of the Rings: Extended", "Rings"]
    assert hits(alice, "lord rings") == [expected[1], expected[0], expected[2]]
    assert hits(alice, "the lord of the rings") == expected[:2]
    assert hits(alice, "lord rings", "&media_type=movie") == [expected[1], expected[0], expected[2]]
    assert hits(alice, "rings lord", "&media_type=book") == []


@pytest.mark.parametrize(
    "typed", ["shawshak", "shawshankk", "shawshang", "hsawshank", "shwashank", "shawsank", "hawshank"]
)
def test_one_wrong_letter_is_forgiven(alice: Actor, typed: str) -> None:
    make(alice, "The Shawshank Redemption", people=[actor_named("Tim Robbins")])
    make(alice, "Cast", people=[actor_named("Andy Shawshank")])
    expected = ["The Shawshank Redemption", "Cast"]
    assert hits(alice, typed) == expected
    assert hits(alice, f"{typed} redemption") == expected[:1]
    assert sorted(hits(alice, typed, "&sort=title&library=all")) == sorted(expected)


def test_two_wrong_letters_short_words_numbers_and_overviews_are_not(alice: Actor) -> None:
    make(alice, "Shawshank", overview="Nobody escapes from Alcatraz.")
    make(alice, "Jaws")
    make(alice, "Blade Runner 20490")
    for typed in ("shawhsnak", "sahwshakn", "jams", "jwas", "20491", "alcatras"):
        assert hits(alice, typed) == [], typed
    assert hits(alice, "blde") == ["Blade Runner 20490"]  # five letters, one of them missing
    assert hits(alice, "alcatraz") == ["Shawshank"]


def test_spellings_are_those_of_one_wrong_letter_and_no_others() -> None:
    def kept(word: str) -> set[str]:
        return {word, *(f"{at + 1}-{word[:at] + word[at + 1 :]}" for at in range(len(word)))}

    near = ["alien", "alienn", "alie", "aliex", "laien", "xalien", "lien", "allien", "aien"]
    far = ["aline x", "alixx", "neila", "alienxx", "ali", "laine"]
    for typed in near:
        assert set(spellings(typed)) & kept("alien") or typed == "alien", typed
    for typed in far:
        assert not set(spellings(typed)) & kept("alien"), typed


def test_one_letter_begins_titles_alone(alice: Actor) -> None:
    make(alice, "Quest", people=[actor_named("Anna")])
    make(alice, "Other", people=[actor_named("Quentin")], overview="A quantum of quiet.")
    assert hits(alice, "q") == ["Quest"]
    assert hits(alice, "qu") == ["Quest", "Other"]
    assert hits(alice, "qui") == ["Other"]


def test_search_narrows_with_every_filter(alice: Actor) -> None:
    make(alice, "Solaris", year=1972, genres=["SF"], own={"rating": 9})
    make(alice, "Solaris", "book", year=1961, genres=["SF"])
    for more, count in (("&genre=sf", 2), ("&year_min=1970", 1), ("&media_type=book&genre=sf", 1),
                        ("&user_rating_min=9", 1), ("&genre=horror", 0)):  # fmt: skip
        answer = alice.get(f"/media?q=solaris&total=true{more}").json()
        assert (len(answer["items"]), answer["pagination"]["total"]) == (count, count), more


def test_search_forgets_what_was_changed(alice: Actor) -> None:
    item = make(alice, "Solaris", overview="A planet that dreams")
    alice.patch(f"/media/{item['id']}", {"title": "Stalker"})
    assert (hits(alice, "solaris"), hits(alice, "solariz"), hits(alice, "stalkr")) == ([], [], ["Stalker"])
    alice.patch(f"/media/{item['id']}", {"overview": "A zone"})
    assert (hits(alice, "planet"), hits(alice, "zone")) == ([], ["Stalker"])


def test_a_closed_librarys_words_are_not_there(alice: Actor, bob: Actor, mary: Actor) -> None:
    vault = alice.household.add_library("Vault", limited=True, admits=(mary,))
    make(alice, "Wunderkammer", library=show_id("library", vault), overview="Marvellous")
    for q in ("wunderkammer", "wunderkamer", "wunder", "marvellous"):
        for actor in (alice, mary):  # there is something to leak
            assert hits(actor, q, "&library=all") == ["Wunderkammer"], q
        for more in ("&library=all", "&library=all&sort=title", "&library=all&total=true&page=1", ""):
            assert hits(bob, q, more) == [], q


def test_cursor_by_relevance_is_of_that_order(alice: Actor) -> None:
    for n in range(3):
        make(alice, f"Film {n}")
    cursor = alice.get("/media?q=film&limit=1").json()["pagination"]["next_cursor"]
    assert alice.get(f"/media?q=film&sort=title&limit=1&cursor={cursor}").status_code == 400
    assert titles(alice, "?sort=relevance") == ["Film 0", "Film 1", "Film 2"]


def test_overviews_can_be_left_out(alice: Actor, settings_with) -> None:
    with settings_with(SEARCH_OVERVIEWS=False):
        make(alice, "Solaris", overview="An ocean that dreams")
        assert (hits(alice, "ocean"), hits(alice, "solaris")) == ([], ["Solaris"])
    words = everything(
        "select count(*) from media_words where space_id = %s and weight = 0", [alice.household.space_id]
    )
    assert words == [(0,)]


def test_rows_of_another_derivation_are_derived_anew(alice: Actor, settings_with) -> None:
    vault = alice.household.add_library("Vault", limited=True)
    with settings_with(SEARCH_OVERVIEWS=False):
        item = make(alice, "Solaris", overview="An ocean that dreams")
        hidden = make(alice, "Stalker", overview="A room in a zone", library=show_id("library", vault))
    history = alice.get(f"/media/{item['id']}/history").json()
    jobs.derive_anew(0)
    assert hits(alice, "ocean") == ["Solaris"]
    assert hits(alice, "zone", "&library=all") == ["Stalker"]
    assert alice.get(f"/media/{item['id']}").json() == item
    assert alice.get(f"/media/{hidden['id']}").json() == hidden
    assert alice.get(f"/media/{item['id']}/history").json() == history
    with settings_with(SEARCH_OVERVIEWS=False):
        jobs.derive_anew(0)
        assert hits(alice, "ocean") == []
    jobs.derive_anew(0)


def test_search_asks_as_often_for_one_as_for_thirty(alice: Actor) -> None:
    for query in (
        "/media?q=film",
        "/media?q=films&genre=drama&page=1",
        "/media?q=film&media_type=movie&total=true",
    ):
        counts = []
        for made in (1, 29):
            for n in range(made):
                make(alice, f"Film {n}", genres=["Drama"])
            with CaptureQueriesContext(connection) as captured:
                assert alice.get(query).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1], query
