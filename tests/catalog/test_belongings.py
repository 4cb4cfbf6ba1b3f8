"""P6: the download of one's data holds one's entries and what one added, from every space, and nothing else."""

from tests.catalog.making import make
from tests.support import everything, make_household


def data(actor) -> dict:
    answer = actor.get("/auth/me/data")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_entries_and_additions_of_every_space_come_along(alice, bob):
    second = make_household("Second")
    everything(
        "insert into memberships (id, space_id, user_id, kind, role, joined_at, metadata) "
        "values (uuid7(), %s, %s, 'household', 'member', now(), '{}')",
        [second.space_id, bob.user_id],
    )
    mine = make(bob, title="Stalker", own={"status": "completed", "rating": 9})
    there = second.admin.post("/media", {"title": "Mirror", "media_type": "movie"}).json()
    everything(
        "update media set added_by = %s where title = 'Mirror' and space_id = %s",
        [bob.user_id, second.space_id],
    )
    make(alice, title="Solaris", own={"status": "watching"})
    found = data(bob)
    assert [(each["title"], each["space"]) for each in found["media_added"]] == [
        ("Stalker", bob.space),
        ("Mirror", second.admin.space),
    ]
    assert [each["id"] for each in found["media_added"]] == [mine["id"], there["id"]]
    (entry,) = found["entries"]
    assert (entry["title"], entry["status"], entry["rating"]) == ("Stalker", "completed", 9)


def test_a_library_that_no_longer_admits_one_stays_out(alice, bob, household):
    attic = household.add_library("Attic", limited=True, admits=(bob,))
    make(bob, title="Hidden")
    everything(
        "update media set library_id = %s where title = 'Hidden' and space_id = %s",
        [attic, household.space_id],
    )
    assert [each["title"] for each in data(bob)["media_added"]] == ["Hidden"]
    everything("delete from library_members where library_id = %s", [attic])
    assert data(bob)["media_added"] == []
