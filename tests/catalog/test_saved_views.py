"""Saved views: one's own lists, and those shared with the space (C3)."""

from typing import Any

import pytest

from mediatheque.core import db
from mediatheque.core.ids import new_id, show_id
from mediatheque.core.scope import of_person
from tests.support import Actor, everything, make_household


def save(actor: Actor, name: str = "Horror", **fields: Any) -> dict[str, Any]:
    response = actor.post("/saved-views", {"name": name, **fields})
    assert response.status_code == 201, response.content
    made: dict[str, Any] = response.json()
    return made


def names(actor: Actor) -> list[str]:
    return [each["name"] for each in actor.get("/saved-views").json()["items"]]


def test_view_keeps_the_lists_own_words(alice: Actor) -> None:
    query = {
        "genre": ["Horror"],
        "year_min": 1970,
        "added_by": alice.id,
        "sort": "year",
        "dir": "desc",
        "q": "al",
    }
    made = save(alice, "  Old   horror ", query=query, layout="table", library=alice.library)
    assert made["id"].startswith("viw_")
    assert {key: made[key] for key in ("name", "library", "query", "layout", "shared", "owner")} == {
        "name": "Old horror", "library": alice.library, "query": query, "layout": "table", "shared": False,
        "owner": {"id": alice.id, "name": alice.name},
    }  # fmt: skip
    assert set(made) == {
        "id", "name", "library", "query", "layout", "shared", "owner", "created_at", "updated_at"
    }  # fmt: skip
    assert alice.get(f"/saved-views/{made['id']}").json() == made
    changed = alice.patch(f"/saved-views/{made['id']}", {"library": None, "query": {}}).json()
    assert (changed["library"], changed["query"], changed["layout"]) == (None, {}, "table")
    assert alice.delete(f"/saved-views/{made['id']}").status_code == 204
    assert alice.get(f"/saved-views/{made['id']}").status_code == 404


def test_least_is_a_name(alice: Actor) -> None:
    made = save(alice)
    assert (made["library"], made["query"], made["layout"], made["shared"]) == (None, {}, "grid", False)


def test_view_is_ones_own_until_it_is_shared(alice: Actor, bob: Actor, mary: Actor, charlie: Actor) -> None:
    made = save(mary)
    path = f"/saved-views/{made['id']}"
    assert names(mary) == ["Horror"]  # there is something to leak
    for other in (alice, bob, charlie):
        assert names(other) == []
        assert other.get(path).status_code == 404
    assert mary.patch(path, {"shared": True}).status_code == 200
    assert (names(alice), names(bob), names(charlie)) == (["Horror"], ["Horror"], [])
    for other in (alice, bob):
        assert other.get(path).status_code == 200
        assert other.patch(path, {"name": "Mine"}).status_code == 404
        assert other.delete(path).status_code == 404
    assert mary.get(path).json()["name"] == "Horror"


def test_members_share_no_views(bob: Actor) -> None:
    refused = bob.post("/saved-views", {"name": "Ours", "shared": True})
    assert (refused.status_code, names(bob)) == (403, [])
    made = save(bob)
    assert bob.patch(f"/saved-views/{made['id']}", {"shared": True}).status_code == 403


def test_view_of_a_limited_library_hides_with_it(alice: Actor, bob: Actor, mary: Actor) -> None:
    vault = alice.household.add_library("Vault", limited=True, admits=(mary,))
    made = save(alice, "Vault", library=show_id("library", vault), shared=True)
    assert names(mary) == ["Vault"]
    assert names(bob) == []
    assert bob.get(f"/saved-views/{made['id']}").status_code == 404
    refused = bob.post("/saved-views", {"name": "x", "library": show_id("library", vault)})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "library")
    everything("delete from library_members where library_id = %s", [vault])
    assert names(mary) == []


def test_name_is_taken_once_per_person(alice: Actor, bob: Actor) -> None:
    save(alice, "Übersicht")
    second = save(alice, "Other")
    save(bob, "Übersicht")
    for refused in (
        alice.post("/saved-views", {"name": "ubersicht"}),
        alice.patch(f"/saved-views/{second['id']}", {"name": "UBERSICHT"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "view.taken")
        assert refused.json()["errors"][0]["field"] == "name"
    assert names(alice) == ["Other", "Übersicht"]


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": "x" * 101}, 422, "name"),
        ({"layout": "list"}, 400, "layout"),
        ({"layout": None}, 422, "layout"),
        ({"query": {"colour": "red"}}, 400, "query.colour"),
        ({"query": {"year_min": "soon"}}, 400, "query.year_min"),
        ({"query": {"cursor": "x"}}, 400, "query.cursor"),
        ({"query": {"media_type": ["film"]}}, 400, "query.media_type.0"),
        ({"library": "lib_00000000000000000000000000"}, 404, "library"),
        ({"shared": "yes"}, 400, "shared"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
def test_nonsense_is_refused_by_field(alice: Actor, fields: dict[str, Any], status: int, field: str) -> None:
    refused = alice.post("/saved-views", {"name": "View"} | fields)
    assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (status, [field])
    assert names(alice) == []


def test_views_come_part_by_part(alice: Actor) -> None:
    for name in ("C", "a", "B"):
        save(alice, name)
    first = alice.get("/saved-views?limit=2").json()
    assert [each["name"] for each in first["items"]] == ["a", "B"]
    rest = alice.get(f"/saved-views?limit=2&cursor={first['pagination']['next_cursor']}").json()
    assert ([each["name"] for each in rest["items"]], rest["pagination"]["next_cursor"]) == (["C"], None)


def test_application_cannot_write_anothers_view(alice: Actor, bob: Actor) -> None:
    save(alice, shared=True)
    with of_person(bob.user_id, space=bob.household.space_id, request_id="test"):
        assert db.execute("update saved_views set name = 'Mine'") == 0
        assert db.execute("delete from saved_views") == 0
    with (
        pytest.raises(Exception, match="row-level security"),
        of_person(bob.user_id, space=bob.household.space_id, request_id="test"),
    ):
        db.execute(
            "insert into saved_views (id, space_id, user_id, name, name_key, query, layout, shared) "
            "values (%s, %s, %s, 'x', 'x', '{}', 'grid', false)",
            [new_id(), bob.household.space_id, alice.user_id],
        )
    assert names(alice) == ["Horror"]


def test_view_goes_when_its_library_goes_to_another_space(alice: Actor) -> None:
    attic = alice.household.add_library("Attic")
    save(alice, "Of the attic", library=show_id("library", attic))
    save(alice, "Of the house")
    second = make_household("Second")
    everything(
        "insert into memberships (id, space_id, user_id, kind, role, joined_at, metadata) "
        "values (%s, %s, %s, 'household', 'admin', now(), '{}')",
        [new_id(), second.space_id, alice.user_id],
    )
    to = show_id("space", second.space_id)
    moved = alice.post(f"/libraries/{show_id('library', attic)}/transfer", {"to": to}, X_Space=alice.space)
    assert moved.status_code == 200, moved.content
    for space, left in ((alice.space, ["Of the house"]), (to, [])):
        items = alice.get("/saved-views", X_Space=space).json()["items"]
        assert [each["name"] for each in items] == left
