"""Many titles at once in the browser, in plain forms (C2)."""

from html import unescape

from tests.catalog.making import make, titles
from tests.support import Actor


def test_ticked_titles_are_changed_after_a_question(alice: Actor) -> None:
    ids = [make(alice, title)["id"] for title in ("Alien", "Brazil", "Casablanca")]
    shelf = f"/s/{alice.household.slug}/library/{alice.library}"
    page = alice.client.get(f"{shelf}?pick=yes").content.decode()
    assert page.count('name="id"') == 3
    assert ('value="move"' in page) is (len(alice.get("/libraries").json()["items"]) > 1)
    assert 'form="bulk"' in alice.client.get(f"{shelf}?pick=yes&view=table").content.decode()
    assert 'name="id"' not in alice.client.get(shelf).content.decode()
    many = f"/s/{alice.household.slug}/bulk"
    asked = alice.client.post(many, {"id": ids[:2], "step": "edit", "back": shelf})
    assert asked.status_code == 200
    assert "2 titles" in asked.content.decode()
    sent = {"id": ids[:2], "step": "edit", "back": shelf, "yes": "yes", "set": ["location", "own.rating"]}
    wrong = alice.client.post(many, sent | {"own.rating": "11"})
    assert wrong.status_code == 422
    assert 'id="e-own.rating"' in wrong.content.decode()
    done = alice.client.post(many, sent | {"location": "Cellar", "own.rating": "9", "format": "not ticked"})
    assert (done.status_code, done["Location"]) == (303, shelf)
    found = [alice.get(f"/media/{each}").json() for each in ids]
    assert [(each["location"], each["format"], each["own"] and each["own"]["rating"]) for each in found] == [
        ("Cellar", "", 9), ("Cellar", "", 9), ("", "", None),
    ]  # fmt: skip
    told = alice.client.get(shelf).content.decode()
    undo = unescape(told.split(f'action="/s/{alice.household.slug}/bulk/')[1].split('"')[0])
    undone = alice.client.post(f"{many}/{undo}")
    assert (undone.status_code, undone["Location"]) == (303, shelf)
    assert [alice.get(f"/media/{each}").json()["location"] for each in ids] == ["", "", ""]
    assert alice.client.post(f"{many}/{undo}").status_code == 409
    nothing = alice.client.post(many, {"step": "edit", "back": shelf}, follow=True)
    assert "Tick some titles first." in nothing.content.decode()


def test_all_that_is_found_is_deleted_by_its_number_and_brought_back(alice: Actor) -> None:
    for title, year in (("Alien", 1979), ("Aliens", 1986), ("Brazil", 1985)):
        make(alice, title, year=year)
    many = f"/s/{alice.household.slug}/bulk"
    sent = {"all": "yes", "found": "q=alien", "place": alice.library, "step": "delete"}
    asked = alice.client.post(many, sent).content.decode()
    assert "Alien, Aliens" in asked
    wrong = alice.client.post(many, sent | {"yes": "yes", "count": "3"})
    assert wrong.status_code == 422
    assert titles(alice) == ["Alien", "Aliens", "Brazil"]
    done = alice.client.post(many, sent | {"yes": "yes", "count": "2"}, follow=True).content.decode()
    assert "2 titles were deleted." in done
    assert titles(alice) == ["Brazil"]
    undo = unescape(done.split(f'action="/s/{alice.household.slug}/bulk/')[1].split('"')[0])
    assert alice.client.post(f"{many}/{undo}").status_code == 303
    assert titles(alice) == ["Alien", "Aliens", "Brazil"]


def test_a_member_is_told_what_stayed_and_does_not_delete(alice: Actor, bob: Actor) -> None:
    mine, hers = make(bob, "Mine")["id"], make(alice, "Hers")["id"]
    many = f"/s/{alice.household.slug}/bulk"
    sent = {"id": [mine, hers], "step": "edit", "yes": "yes", "set": "location", "location": "Here"}
    told = bob.client.post(many, sent)
    assert told.status_code == 200
    assert "1 title was changed." in told.content.decode()
    assert "Hers" in told.content.decode()
    shelf = f"/s/{alice.household.slug}/library/{alice.library}?pick=yes"
    assert 'value="delete"' not in bob.client.get(shelf).content.decode()
    assert (
        bob.client.post(many, {"id": [mine], "step": "delete", "yes": "yes", "count": "1"}).status_code == 403
    )
    attic = alice.post("/libraries", {"name": "Attic"}).json()["id"]
    moved = bob.client.post(many, {"id": [mine], "step": "move", "yes": "yes", "library": attic})
    assert moved.status_code == 303
    assert alice.get(f"/media/{mine}").json()["library"] == attic
