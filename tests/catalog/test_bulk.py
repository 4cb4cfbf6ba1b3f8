"""Many items at once: edit, move, delete, each refused with its reason (C2, P10)."""

from typing import Any

import pytest

from mediatheque.core.ids import new_id, read_id, show_id
from tests.catalog.making import make, titles
from tests.support import Actor, Household, everything


def bulk(actor: Actor, action: str, ids: Any = None, **body: Any) -> dict[str, Any]:
    """The outcome of a bulk call that is taken."""
    sent = {"action": action} | ({} if ids is None else {"ids": ids}) | body
    answer = actor.post("/media/bulk", sent)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_fields_are_set_on_all_items_at_once(alice: Actor) -> None:
    items = [make(alice, title, year=1970 + at) for at, title in enumerate(("Alien", "Brazil", "Casablanca"))]
    ids = [each["id"] for each in items]
    own = {"status": "completed", "rating": 9}
    given = {"location": "Cellar", "genres": ["Classic"], "format": "bluray", "own": own}
    assert bulk(alice, "edit", ids, set=given) == {"done": 3, "refused": []}
    for identity in ids:
        found = alice.get(f"/media/{identity}").json()
        assert (found["location"], found["genres"], found["format"]) == ("Cellar", ["Classic"], "Blu-ray")
        assert [each["format"] for each in found["variants"]] == ["Blu-ray"]
        assert found["own"] == {"status": "completed", "rating": 9, "on_watchlist": False}
    assert titles(alice, "?genre=classic") == ["Alien", "Brazil", "Casablanca"]
    assert (
        bulk(alice, "edit", ids[:2], set={"year": 2001, "format": "", "own": {"rating": None}})["done"] == 2
    )
    assert titles(alice, "?year_min=2001") == ["Alien", "Brazil"]
    assert titles(alice, "?sort=year&dir=desc")[-1] == "Casablanca"
    found = alice.get(f"/media/{ids[0]}").json()
    assert (found["format"], found["own"]["rating"]) == ("", None)
    assert alice.get(f"/works/{found['work']}").json()["year"] == 2001
    assert len(titles(alice, "?q=Alien")) == 1


def test_items_that_a_value_does_not_suit_are_refused_each_with_its_reason(alice: Actor) -> None:
    film, book = make(alice, "Alien"), make(alice, "Dune", "book")
    outcome = bulk(
        alice, "edit", [film["id"], book["id"]], set={"year": 1500, "details": {"publisher": "Ace"}}
    )
    assert outcome["done"] == 1
    assert [(each["id"], each["code"]) for each in outcome["refused"]] == [(film["id"], "year.invalid")]
    assert "1800" in outcome["refused"][0]["message"]
    assert alice.get(f"/media/{book['id']}").json()["year"] == 1500
    assert alice.get(f"/media/{film['id']}").json()["year"] is None


def test_members_change_their_own_and_are_told_of_the_others(alice: Actor, bob: Actor, mary: Actor) -> None:
    mine, hers = make(bob, "Mine"), make(alice, "Hers")
    missing = show_id("media", new_id())
    outcome = bulk(bob, "edit", [mine["id"], hers["id"], missing, "nonsense"], set={"location": "Mine"})
    assert outcome["done"] == 1
    told = {each["id"]: each["code"] for each in outcome["refused"]}
    assert told == {hers["id"]: "permission.role", missing: "not_found", "nonsense": "not_found"}
    assert alice.get(f"/media/{hers['id']}").json()["location"] == ""
    assert bulk(bob, "edit", [hers["id"]], set={"own": {"status": "watching"}})["done"] == 1
    assert bob.post("/media/bulk", {"ids": [mine["id"]], "action": "delete"}).status_code == 403
    assert bulk(mary, "delete", [mine["id"], hers["id"]]) == {"done": 2, "refused": []}
    assert titles(alice) == []


def test_what_is_foreign_reads_like_what_is_missing_and_stays(
    alice: Actor, bob: Actor, charlie: Actor, household: Household
) -> None:
    attic = show_id("library", household.add_library("Attic", limited=True))
    hidden = make(alice, "Hidden", library=attic)
    for outsider in (bob, charlie):
        for action, given in (("edit", {"location": "x"}), ("move", {"library": outsider.library})):
            outcome = bulk(outsider, action, [hidden["id"]], set=given)
            assert outcome["done"] == 0
            assert [each["code"] for each in outcome["refused"]] == ["not_found"]
    foreign = bulk(charlie, "delete", [hidden["id"]])
    assert (foreign["done"], foreign["refused"][0]["code"]) == (0, "not_found")
    assert bulk(charlie, "edit", filter={"library": "all"}, set={"location": "x"})["done"] == 0
    assert alice.get(f"/media/{hidden['id']}").json()["location"] == ""
    moved = bob.post("/media/bulk", {"ids": [], "action": "move", "set": {"library": attic}})
    assert (moved.status_code, moved.json()["errors"][0]["field"]) == (404, "set.library")


def test_items_move_with_everything_that_hangs_on_them(alice: Actor, household: Household) -> None:
    attic = show_id("library", household.add_library("Attic"))
    item = make(alice, "Alien", format="DVD", genres=["Horror"])
    path = f"/media/{item['id']}"
    copy = alice.get(f"{path}/variants").json()["items"][0]["id"]
    alice.post(f"{path}/variants/{copy}/loan", {"to": "Nora"})
    alice.patch(f"{path}/metadata", {"shop": "x"})
    before = alice.get(path).json()
    assert bulk(alice, "move", [item["id"]], set={"library": attic}) == {"done": 1, "refused": []}
    after = alice.get(path).json()
    assert after["library"] == attic
    changed = {"library", "updated_at"}
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }
    assert titles(alice, f"?library={attic}&genre=horror&q=alien") == ["Alien"]
    assert titles(alice, "?q=alien") == []
    places = everything(
        "select library_id from works where id = %s union select library_id from loans where media_id = %s",
        [read_id("work", item["work"]), read_id("media", item["id"])],
    )
    assert places == [(read_id("library", attic),)]


def test_a_filter_chooses_what_the_list_shows(alice: Actor) -> None:
    for title, year in (("Alien", 1979), ("Aliens", 1986), ("Brazil", 1985)):
        make(alice, title, year=year)
    outcome = bulk(alice, "edit", filter={"q": "alien", "year_min": 1980}, set={"location": "Shelf"})
    assert outcome == {"done": 1, "refused": []}
    assert [each["title"] for each in alice.get("/media").json()["items"] if each["location"]] == ["Aliens"]
    assert bulk(alice, "delete", filter={})["done"] == 3


def test_what_a_call_does_not_take_is_refused_by_name_and_changes_nothing(alice: Actor) -> None:
    item = make(alice)
    ids = [item["id"]]
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"ids": ids, "action": "burn"}, 400, "action"),
        ({"ids": ids, "action": "tag", "set": {}}, 422, "set.tags"),
        ({"action": "delete"}, 422, "ids"),
        ({"ids": ids, "filter": {}, "action": "delete"}, 422, "ids"),
        ({"ids": ids, "action": "edit"}, 422, "set"),
        ({"ids": ids, "action": "edit", "set": {"colour": "red"}}, 400, "set.colour"),
        ({"ids": ids, "action": "edit", "set": {"ownership": "stolen"}}, 422, "set.ownership"),
        ({"ids": ids, "action": "edit", "set": {"title": "  "}}, 422, "set.title"),
        ({"ids": ids, "action": "edit", "set": {"own": {"rating": 11}}}, 422, "set.own.rating"),
        ({"ids": ids, "action": "edit", "set": {"library": alice.library}}, 422, "set.library"),
        ({"ids": ids, "action": "move"}, 422, "set.library"),
        ({"ids": ids, "action": "move", "set": {"library": alice.library, "year": 1999}}, 422, "set.year"),
        ({"ids": ids, "action": "delete", "set": {"year": 1999}}, 422, "set.year"),
        ({"filter": {"colour": "red"}, "action": "delete"}, 400, "filter.colour"),
        ({"filter": {"limit": 1}, "action": "delete"}, 400, "filter.limit"),
        ({"ids": "x", "action": "delete"}, 400, "ids"),
    ]
    for body, status, field in cases:
        answer = alice.post("/media/bulk", body)
        assert answer.status_code == status, (body, answer.content)
        assert answer.json()["errors"][0]["field"] == field, (body, answer.content)
    assert alice.get(f"/media/{item['id']}").json() == item


@pytest.mark.parametrize("count", [1, 30])
def test_a_bulk_edit_asks_the_same_few_questions(alice: Actor, count: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ids = [make(alice, f"Film {number}")["id"] for number in range(count)]
    with CaptureQueriesContext(connection) as asked:
        sent = {
            "ids": ids,
            "action": "edit",
            "set": {"genres": ["New"], "format": "DVD", "own": {"rating": 3}},
        }
        assert alice.post("/media/bulk", sent).json()["done"] == count
    assert len(asked) == 15, [each["sql"][:90] for each in asked]


def test_bulk_changes_are_one_request_in_the_trail_and_can_be_undone(alice: Actor) -> None:
    ids = [make(alice, title)["id"] for title in ("Alien", "Brazil")]
    bulk(alice, "edit", ids, set={"location": "Cellar"})
    change = next(
        each for each in alice.get(f"/spaces/{alice.space}/audit").json()["items"]
        if each["table"] == "media" and each["action"] == "update"
    )  # fmt: skip
    undone = alice.post(f"/spaces/{alice.space}/audit/undo?request_id={change['request_id']}")
    assert (undone.status_code, undone.json()["undone"]) == (200, 2)
    assert {alice.get(f"/media/{each}").json()["location"] for each in ids} == {""}
