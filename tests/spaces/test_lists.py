"""Every list of spaces and people pages alike: `limit`, `cursor`, `page`, `total`; anything else is refused by name."""

import pytest

from tests.support import Actor, make_household


def fill(alice: Actor) -> None:
    """A few of everything that is listed."""
    for number in range(4):
        assert alice.post("/libraries", {"name": f"Room {number}"}).status_code == 201
        assert alice.post("/spaces", {"name": f"Space {number}"}).status_code == 201
        assert alice.post("/auth/api-tokens", {"name": f"Token {number}"}).status_code == 201
        path = f"/spaces/{alice.space}/invitations"
        assert alice.post(path, {"email": f"guest{number}-{alice.email}"}).status_code == 201
        alice.household.add_person(f"Guest{number}")
    from django.test import Client

    from tests.support import PASSWORD

    for number in range(3):
        body = {"email": alice.email, "password": PASSWORD}
        client = Client(REMOTE_ADDR=f"10.77.0.{number}")
        assert client.post("/api/auth/login", body, content_type="application/json").status_code == 200


def paths(alice: Actor) -> list[str]:
    place = f"/spaces/{alice.space}"
    return [
        "/spaces",
        "/libraries",
        f"{place}/members",
        f"{place}/invitations",
        "/auth/sessions",
        "/auth/api-tokens",
    ]


def test_lists_come_whole_in_pages_by_cursor_and_by_number(alice):
    fill(alice)
    for path in paths(alice):
        whole = alice.get(f"{path}?limit=200&total=true").json()
        ids = [each["id"] for each in whole["items"]]
        assert whole["pagination"] == {"limit": 200, "next_cursor": None, "page": None, "total": len(ids)}, (
            path
        )
        assert len(ids) >= 4, path
        walked, cursor = [], ""
        while cursor is not None:
            part = alice.get(f"{path}?limit=3{cursor and f'&cursor={cursor}'}").json()
            assert part["pagination"]["total"] == len(ids)
            walked += [each["id"] for each in part["items"]]
            cursor = part["pagination"]["next_cursor"]
        assert walked == ids, path
        second = alice.get(f"{path}?limit=3&page=2").json()
        assert [each["id"] for each in second["items"]] == ids[3:6]
        assert second["pagination"] == {"limit": 3, "next_cursor": None, "page": 2, "total": len(ids)}


def test_a_list_that_changes_underneath_shows_nothing_twice(alice):
    fill(alice)
    first = alice.get("/libraries?limit=2").json()
    gone = first["items"][-1]["id"]
    assert alice.post(f"/libraries/{gone}/archive").status_code == 200
    assert (
        alice.delete(f"/libraries/{gone}", {"confirm_name": "Room 0", "media": "delete"}).status_code == 204
    )
    alice.post("/libraries", {"name": "A first one"})
    rest = alice.get(f"/libraries?cursor={first['pagination']['next_cursor']}").json()["items"]
    assert [each["name"] for each in rest] == ["Room 1", "Room 2", "Room 3"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "page=0", "cursor=x", "total=perhaps", "sort=name"]
)
def test_what_a_list_does_not_take_is_named(query):
    alice = make_household().admin
    for path in paths(alice):
        answer = alice.get(f"{path}?{query}")
        assert answer.status_code == 400, path
        assert [each["field"] for each in answer.json()["errors"]] == [query.split("=")[0]], path


def test_a_contact_needs_an_address_that_can_be_written_to(alice):
    path = f"/spaces/{alice.space}"
    refused = alice.patch(path, {"contact": {"email": "nobody"}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "contact.email")
    assert alice.get(path).json()["contact"]["email"] == ""
    assert (
        alice.patch(path, {"contact": {"email": "house@example.org"}}).json()["contact"]["email"]
        == "house@example.org"
    )
    assert alice.patch(path, {"contact": {"email": ""}}).json()["contact"]["email"] == ""
    page = alice.client.post(
        f"/s/{alice.household.slug}/settings",
        {"name": "Home", "language": "en", "time_zone": "UTC", "contact_email": "nobody"},
    )
    assert page.status_code == 422
    assert "e-contact_email" in page.content.decode()
