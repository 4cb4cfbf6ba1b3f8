"""Tags: borne by items, one below another, of a space or of the whole install (T2, C3)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediatheque.core.ids import new_id, read_id, show_id
from tests.catalog.making import make, titles
from tests.catalog.test_facets import facets
from tests.support import Actor, Household, everything


def make_tag(actor: Actor, name: str, **fields: Any) -> dict[str, Any]:
    answer = actor.post("/tags", {"name": name, **fields})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def names(actor: Actor, query: str = "") -> list[str]:
    answer = actor.get(f"/tags{query}")
    assert answer.status_code == 200, answer.content
    return [each["name"] for each in answer.json()["items"]]


def tags_of(actor: Actor, item: dict[str, Any]) -> list[str]:
    found = actor.get(f"/media/{item['id']}").json()["tags"]
    shown = actor.get("/media?library=all&limit=200").json()["items"]
    assert [each["tags"] for each in shown if each["id"] == item["id"]] == [found]
    return list(found)


def test_an_item_bears_tags_and_unknown_ones_are_made(alice: Actor, bob: Actor) -> None:
    item = make(bob, "Alien", tags=["Halloween", " scary  stuff ", "halloween"])
    assert item["tags"] == ["Halloween", "scary stuff"]
    assert tags_of(alice, item) == ["Halloween", "scary stuff"]
    found = alice.get("/tags").json()["items"]
    assert [(each["name"], each["media"], each["parent"], each["global"], each["metadata"]) for each in found] == [
        ("Halloween", 1, None, False, {}), ("scary stuff", 1, None, False, {}),
    ]  # fmt: skip
    second = make(alice, "Aliens", tags=["HALLOWEEN"])
    assert second["tags"] == ["Halloween"]
    changed = alice.patch(f"/media/{item['id']}", {"tags": ["Scary Stuff", "Space"]}).json()
    assert changed["tags"] == ["scary stuff", "Space"]
    assert alice.patch(f"/media/{item['id']}", {"tags": None}).json()["tags"] == []
    assert make(alice, "Plain")["tags"] == []


@pytest.mark.parametrize("wrong", [["x" * 101], [""], ["\u200b"], ["a"] * 51])
def test_what_is_no_name_is_refused_by_its_field(alice: Actor, wrong: list[str]) -> None:
    answer = alice.post("/media", {"title": "Alien", "media_type": "movie", "tags": wrong})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "tags")
    assert titles(alice) == []


def test_a_list_is_narrowed_by_tags_and_a_parent_stands_for_its_children(alice: Actor) -> None:
    make(alice, "Alien", tags=["Horror night"])
    make(alice, "Brazil", tags=["Dystopia", "Classics"])
    make(alice, "Casablanca", tags=["Classics"])
    make(alice, "Dune")
    parent = make_tag(alice, "Evenings")
    child = {each["name"]: each["id"] for each in alice.get("/tags").json()["items"]}
    for name in ("Horror night", "Classics"):
        assert alice.patch(f"/tags/{child[name]}", {"parent": parent["id"]}).json()["parent"] == parent["id"]
    shown = {each["name"]: each["media"] for each in alice.get("/tags").json()["items"]}
    assert shown == {"Evenings": 3, "Classics": 2, "Dystopia": 1, "Horror night": 1}
    assert titles(alice, "?tag=classics") == ["Brazil", "Casablanca"]
    assert titles(alice, "?tag=Dystopia&tag=horror%20night") == ["Alien", "Brazil"]
    assert titles(alice, "?tag=evenings") == ["Alien", "Brazil", "Casablanca"]
    assert titles(alice, "?tag=evenings&tag=unknown&q=brazil") == ["Brazil"]
    assert titles(alice, "?tag=unknown") == []
    assert titles(alice, "?tag=evenings&sort=year&page=1&limit=2") == ["Alien", "Brazil"]
    assert facets(alice)["tag"] == {"Evenings": 3, "Classics": 2, "Dystopia": 1, "Horror night": 1}
    assert facets(alice, "?tag=classics&q=brazil")["tag"] == {"Evenings": 1, "Classics": 1, "Dystopia": 1}


def test_a_new_name_reaches_the_items_and_is_told_once(alice: Actor, mary: Actor, bob: Actor) -> None:
    item = make(bob, "Alien", tags=["Scarry", "Space"])
    before = alice.get(f"/media/{item['id']}").json()
    (scary, _) = alice.get("/tags").json()["items"]
    assert bob.patch(f"/tags/{scary['id']}", {"name": "Scary"}).status_code == 403
    assert mary.patch(f"/tags/{scary['id']}", {"name": "Scary"}).json()["name"] == "Scary"
    assert tags_of(alice, item) == ["Scary", "Space"]
    assert titles(alice, "?tag=scary") == ["Alien"]
    assert titles(alice, "?tag=scarry") == []
    assert alice.get(f"/media/{item['id']}").json()["updated_at"] == before["updated_at"]
    taken = mary.patch(f"/tags/{scary['id']}", {"name": "space"})
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (409, "name")
    trail = everything(
        "select table_name from audit_changes where space_id = %s and action = 'update' and actor_id = %s",
        [alice.household.space_id, mary.user_id],
    )
    assert trail == [("tags",)]


def test_a_deleted_tag_comes_back_with_its_items(alice: Actor) -> None:
    item, other = make(alice, "Alien", tags=["Scary", "Space"]), make(alice, "Brazil", tags=["Space"])
    tag = next(each for each in alice.get("/tags").json()["items"] if each["name"] == "Space")
    assert alice.delete(f"/tags/{tag['id']}").status_code == 204
    assert (tags_of(alice, item), tags_of(alice, other)) == (["Scary"], [])
    assert titles(alice, "?tag=space") == []
    assert names(alice) == ["Scary"]
    assert alice.get(f"/tags/{tag['id']}").status_code == 404
    alice.patch(f"/media/{item['id']}", {"tags": ["Scary", "Night"]})
    assert alice.post(f"/tags/{tag['id']}/restore").json()["media"] == 2
    assert (tags_of(alice, item), tags_of(alice, other)) == (["Scary", "Night", "Space"], ["Space"])
    assert titles(alice, "?tag=space") == ["Alien", "Brazil"]
    alice.delete(f"/tags/{tag['id']}")
    make(alice, "Contact", tags=["space"])
    assert alice.post(f"/tags/{tag['id']}/restore").status_code == 409


def test_no_tag_stands_below_itself(alice: Actor) -> None:
    first, second, third = (make_tag(alice, name) for name in ("One", "Two", "Three"))
    for below, above in ((second, first), (third, second)):
        assert alice.patch(f"/tags/{below['id']}", {"parent": above["id"]}).status_code == 200
    for above in (first, second, third):
        refused = alice.patch(f"/tags/{first['id']}", {"parent": above["id"]})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "tag.cycle")
    assert alice.patch(f"/tags/{second['id']}", {"parent": None}).json()["parent"] is None
    missing = alice.patch(f"/tags/{second['id']}", {"parent": show_id("tag", new_id())})
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (404, "parent")


def test_a_tag_keeps_metadata(alice: Actor) -> None:
    tag = make_tag(alice, "Shelf", metadata={"colour": "red"})
    assert tag["metadata"] == {"colour": "red"}
    assert alice.patch(f"/tags/{tag['id']}", {"metadata": {"colour": "blue", "icon": "box"}}).json()["metadata"] == {
        "colour": "blue", "icon": "box",
    }  # fmt: skip
    assert alice.patch(f"/tags/{tag['id']}", {"metadata": {" ": "x"}}).status_code == 422
    assert alice.patch(f"/tags/{tag['id']}", {"name": None}).status_code == 422
    assert alice.patch(f"/tags/{tag['id']}", {"colour": "x"}).status_code == 400


def test_tags_of_closed_libraries_are_told_to_nobody_else(
    alice: Actor, bob: Actor, household: Household
) -> None:
    attic = show_id("library", household.add_library("Attic", limited=True))
    make(alice, "Hidden", library=attic, tags=["Surprise", "Both"])
    make(alice, "Open", tags=["Both"])
    assert names(alice) == ["Both", "Surprise"]
    assert names(bob) == ["Both"]
    assert [each["media"] for each in bob.get("/tags").json()["items"]] == [1]
    hidden = next(each for each in alice.get("/tags").json()["items"] if each["name"] == "Surprise")
    assert bob.get(f"/tags/{hidden['id']}").status_code == 404
    assert facets(bob, "?library=all")["tag"] == {"Both": 1}
    assert titles(bob, "?library=all&tag=surprise") == []
    made = bob.post("/tags", {"name": "surprise"})
    assert (made.status_code, made.json()["name"], made.json()["media"]) == (201, "surprise", 0)
    assert bob.post("/tags", {"name": "Surprise"}).status_code == 409
    own = make(bob, "Mine", tags=["Both"])
    assert own["tags"] == ["Both"]


def test_a_name_that_stands_in_a_closed_library_alone_can_be_given_by_others(
    alice: Actor, bob: Actor, household: Household
) -> None:
    attic = show_id("library", household.add_library("Attic", limited=True))
    make(alice, "Hidden", library=attic, tags=["Surprise"])
    item = make(bob, "Mine", tags=["SURPRISE"])
    assert item["tags"] == ["SURPRISE"]
    assert [each["media"] for each in bob.get("/tags").json()["items"]] == [1]
    assert titles(bob, "?library=all&tag=surprise") == ["Mine"]


@pytest.mark.parametrize("how", ["made", "renamed", "restored"])
def test_a_name_that_is_taken_tells_nothing_of_closed_libraries(
    how: str, alice: Actor, mary: Actor, household: Household
) -> None:
    attic = show_id("library", household.add_library("Attic", limited=True))
    taken = make_tag(mary, "surprise" if how == "restored" else "plain")
    item = make(mary, "Open", tags=[taken["name"]])
    if how == "restored":
        assert mary.delete(f"/tags/{taken['id']}").status_code == 204
    hidden = make(alice, "Hidden", library=attic, tags=["Surprise", "Below"])
    old, below = (
        each
        for name in ("Surprise", "Below")
        for each in alice.get("/tags").json()["items"]
        if each["name"] == name
    )
    everything(
        "update tags set parent_id = %s where id = %s",
        [read_id("tag", old["id"]), read_id("tag", below["id"])],
    )
    answer = {
        "made": lambda: mary.post("/tags", {"name": "surprise"}),
        "renamed": lambda: mary.patch(f"/tags/{taken['id']}", {"name": "surprise"}),
        "restored": lambda: mary.post(f"/tags/{taken['id']}/restore"),
    }[how]()
    assert answer.status_code == (201 if how == "made" else 200), answer.content
    shown = answer.json()
    assert shown["id"] != old["id"]
    assert shown["created_at"] > old["created_at"] or shown["id"] == taken["id"]
    assert (shown["name"], shown["media"]) == ("surprise", 0 if how == "made" else 1)
    assert tags_of(mary, item) == (["plain"] if how == "made" else ["surprise"])
    # Whoever sees both finds one tag, on all that bore either.
    assert tags_of(alice, hidden) == ["surprise", "Below"]
    found = {each["name"]: each for each in alice.get("/tags").json()["items"]}
    assert found["surprise"]["media"] == (1 if how == "made" else 2)
    assert found["Below"]["parent"] == shown["id"]
    assert old["id"] not in [each["id"] for each in found.values()]


def test_tags_of_the_install_are_its_administrators(alice: Actor, charlie: Actor, bob: Actor) -> None:
    assert alice.post("/tags", {"name": "Everywhere", "global": True}).status_code == 403
    everything("update users set role = 'admin' where id = %s", [alice.user_id])
    name = f"Everywhere {new_id().hex[-8:]}"
    tag = make_tag(alice, name, **{"global": True})
    assert tag["global"] is True
    item, foreign = make(alice, "Alien", tags=[name.upper()]), make(charlie, "Brazil", tags=[name.lower()])
    assert (item["tags"], foreign["tags"]) == ([name], [name])
    assert [(each["name"], each["media"]) for each in charlie.get(f"/tags?q={name}").json()["items"]] == [
        (name, 1)
    ]
    assert charlie.patch(f"/tags/{tag['id']}", {"name": "Mine"}).status_code == 403
    assert charlie.delete(f"/tags/{tag['id']}").status_code == 403
    below = make_tag(charlie, f"Own {name}")
    assert charlie.patch(f"/tags/{below['id']}", {"parent": tag["id"]}).status_code == 422
    assert alice.patch(f"/tags/{tag['id']}", {"name": f"All {name}", "metadata": {"a": "b"}}).json()[
        "metadata"
    ] == {"a": "b"}
    assert (tags_of(alice, item), tags_of(charlie, foreign)) == ([f"All {name}"], [f"All {name}"])
    assert alice.delete(f"/tags/{tag['id']}").status_code == 204
    assert tags_of(charlie, foreign) == []
    assert alice.post(f"/tags/{tag['id']}/restore").status_code == 200
    assert tags_of(charlie, foreign) == [f"All {name}"]
    alice.delete(f"/tags/{tag['id']}")


def test_foreign_tags_read_like_missing_ones(alice: Actor, charlie: Actor) -> None:
    make(charlie, "His", tags=["Private joke"])
    (tag,) = charlie.get("/tags").json()["items"]
    assert names(alice) == []
    mine = make_tag(alice, "Mine")
    for answer in (
        alice.get(f"/tags/{tag['id']}"), alice.patch(f"/tags/{tag['id']}", {"name": "x"}),
        alice.delete(f"/tags/{tag['id']}"), alice.post(f"/tags/{tag['id']}/restore"),
        alice.patch(f"/tags/{mine['id']}", {"parent": tag["id"]}),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert names(charlie) == ["Private joke"]


def test_many_items_are_tagged_and_untagged_at_once(alice: Actor, bob: Actor) -> None:
    items = [
        make(bob, "Alien", tags=["Old"]),
        make(alice, "Brazil", tags=["old", "Kept"]),
        make(alice, "Contact"),
    ]
    ids = [each["id"] for each in items]
    given = {"ids": ids, "action": "tag", "set": {"tags": ["New", "kept"], "remove_tags": ["OLD"]}}
    assert alice.post("/media/bulk", given).json() == {"done": 3, "refused": []}
    assert [tags_of(alice, each) for each in items] == [["New", "Kept"], ["Kept", "New"], ["New", "Kept"]]
    assert titles(alice, "?tag=new") == ["Alien", "Brazil", "Contact"]
    assert titles(alice, "?tag=old") == []
    told = bob.post("/media/bulk", {"ids": ids, "action": "tag", "set": {"tags": ["Bob"]}}).json()
    assert (told["done"], {each["code"] for each in told["refused"]}) == (1, {"permission.role"})
    by_filter = {"filter": {"tag": "bob"}, "action": "tag", "set": {"remove_tags": ["Bob"]}}
    assert alice.post("/media/bulk", by_filter).json()["done"] == 1
    edited = {"ids": ids, "action": "edit", "set": {"tags": ["Only"]}}
    assert alice.post("/media/bulk", edited).json()["done"] == 3
    assert tags_of(alice, items[2]) == ["Only"]
    for wrong, field in (
        ({"action": "tag", "set": {}}, "set.tags"), ({"action": "tag", "set": {"tags": [""]}}, "set.tags"),
        ({"action": "tag", "set": {"remove_tags": [""]}}, "set.remove_tags"),
        ({"action": "tag", "set": {"tags": ["x"], "year": 1999}}, "set.year"),
        ({"action": "edit", "set": {"remove_tags": ["x"]}}, "set.remove_tags"),
        ({"action": "delete", "set": {"tags": ["x"]}}, "set.tags"),
    ):  # fmt: skip
        answer = alice.post("/media/bulk", {"ids": ids, **wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_tags_come_back_with_a_deleted_item_and_an_undone_change(alice: Actor) -> None:
    item = make(alice, "Alien", tags=["Scary"])
    alice.delete(f"/media/{item['id']}")
    assert everything(
        "select count(*) from media_tags where media_id = %s", [read_id("media", item["id"])]
    ) == [(0,)]
    assert alice.post(f"/media/{item['id']}/undo-delete").json()["tags"] == ["Scary"]
    assert titles(alice, "?tag=scary") == ["Alien"]
    alice.patch(f"/media/{item['id']}", {"tags": []})
    change = alice.get(f"/media/{item['id']}/history").json()["items"][0]
    assert change["changes"] == [{"field": "tags", "old": ["Scary"], "new": []}]
    assert alice.post(f"/spaces/{alice.space}/audit/{change['id']}/undo").status_code == 200
    assert tags_of(alice, item) == ["Scary"]
    assert titles(alice, "?tag=scary") == ["Alien"]


def test_a_renaming_is_undone_on_the_items_as_well(alice: Actor) -> None:
    item = make(alice, "Alien", tags=["Scary"])
    (tag,) = alice.get("/tags").json()["items"]
    alice.patch(f"/tags/{tag['id']}", {"name": "Frightening"})
    trail = alice.get(f"/spaces/{alice.space}/audit").json()["items"]
    assert alice.post(f"/spaces/{alice.space}/audit/{trail[0]['id']}/undo").status_code == 200
    assert tags_of(alice, item) == ["Scary"]
    assert titles(alice, "?tag=scary") == ["Alien"]


def test_what_made_a_tag_is_undone_and_the_tag_stays_where_others_use_it(alice: Actor) -> None:
    item = make(alice, "Alien", tags=["Scary"])
    made = everything(
        "select request_id from audit_changes where row_id = %s", [read_id("media", item["id"])]
    )
    other = make(alice, "Brazil", tags=["Scary"])
    assert alice.post(f"/spaces/{alice.space}/audit/undo?request_id={made[0][0]}").status_code == 200
    assert titles(alice) == ["Brazil"]
    assert tags_of(alice, other) == ["Scary"]
    assert titles(alice, "?tag=scary") == ["Brazil"]


def test_moved_items_keep_their_tags(alice: Actor, household: Household) -> None:
    attic = show_id("library", household.add_library("Attic"))
    item = make(alice, "Alien", tags=["Scary"])
    body = {"ids": [item["id"]], "action": "move", "set": {"library": attic}}
    assert alice.post("/media/bulk", body).json()["done"] == 1
    assert titles(alice, f"?library={attic}&tag=scary") == ["Alien"]
    assert titles(alice, "?tag=scary") == []
    links = everything(
        "select library_id from media_tags where media_id = %s", [read_id("media", item["id"])]
    )
    assert links == [(read_id("library", attic),)]


def test_a_list_of_tags_asks_the_same_number_of_questions_however_long_it_is(alice: Actor) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert alice.get("/tags?limit=100").status_code == 200
        return len(found)

    make(alice, "Alien", tags=["Scary"])
    asked()
    few = asked()
    for number in range(30):
        make_tag(alice, f"Tag {number:02}")
    assert asked() == few
    first = alice.get("/tags?limit=20").json()
    assert len(first["items"]) == 20
    rest = alice.get(f"/tags?limit=20&cursor={first['pagination']['next_cursor']}").json()
    assert [each["name"] for each in (*first["items"], *rest["items"])] == [
        "Scary",
        *(f"Tag {n:02}" for n in range(30)),
    ]
    assert names(alice, "?q=TAG%200") == [f"Tag 0{n}" for n in range(10)]
