"""Tags in the browser: on titles, in lists, in bulk, and on their own page (T2, C2, C3)."""

from django.http import HttpResponse

from mediatheque.core.ids import show_id
from tests.catalog.making import make, titles
from tests.catalog.test_tags import make_tag, names
from tests.support import Actor, Household


def page(actor: Actor, path: str, **headers: str) -> str:
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = actor.client.get(f"/s/{actor.household.slug}/{path}", headers=extra)
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def post(actor: Actor, path: str, **fields: object) -> HttpResponse:
    return actor.client.post(f"/s/{actor.household.slug}/{path}", fields)  # type: ignore[return-value]


def test_a_title_is_tagged_in_its_form_and_shows_what_leads_to_its_like(alice: Actor) -> None:
    item = make(alice, "Alien", tags=["Scary"])
    form = page(alice, f"media/{item['id']}/edit")
    assert 'name="tags" type="text" value="Scary"' in form
    assert '<option value="Scary"></option>' in form
    form = {"title": "Alien", "media_type": "movie", "tags": "Scary, Space opera"}
    assert post(alice, f"media/{item['id']}/edit", **form).status_code == 303
    assert alice.get(f"/media/{item['id']}").json()["tags"] == ["Scary", "Space opera"]
    shown = page(alice, f"media/{item['id']}")
    assert f'href="/s/{alice.household.slug}/library?tag=Space+opera">Space opera</a>' in shown
    refused = post(alice, f"media/{item['id']}/edit", **(form | {"tags": "x" * 101}))
    assert refused.status_code == 422
    assert "A tag is a name of at most 100 characters." in refused.content.decode()


def test_lists_offer_tags_places_and_what_is_at_hand(alice: Actor, household: Household) -> None:
    attic = show_id("library", household.add_library("Attic"))
    make(alice, "Alien", tags=["Scary"])
    make(alice, "Brazil", library=attic)
    counted = page(alice, "library/facets")
    assert 'name="tag" value="Scary"' in counted
    everything = page(alice, "library?tag=Scary&availability=on_shelf")
    assert ("Alien" in everything, "Brazil" in everything) == (True, False)
    assert f'name="library" value="{attic}"' in everything
    assert 'name="availability" value="lent"' in everything
    there = page(alice, f"library?library={attic}")
    assert ('alt=""' in there, "Brazil" in there, ">Alien<" in there) == (True, True, False)
    assert "Attic" in page(alice, f"library?library={attic}", HX_Request="true")
    assert 'name="library"' not in page(alice, f"library/{attic}").split('id="narrow"')[1].split("</form>")[0]
    kept = post(alice, "views/keep", name="Up there", state=f"library={attic}&tag=Scary")
    assert kept["Location"].endswith(f"library?tag=Scary&library={attic}")


def test_ticked_titles_are_tagged_on_one_page(alice: Actor) -> None:
    items = [make(alice, "Alien", tags=["Old"]), make(alice, "Brazil")]
    ids = [each["id"] for each in items]
    asked = post(alice, "bulk", step="tag", id=ids)
    assert "Tags to add" in asked.content.decode()
    done = post(alice, "bulk", step="tag", id=ids, yes="yes", tags="New, Newer", remove_tags="old")
    assert done.status_code == 303
    assert titles(alice, "?tag=newer") == ["Alien", "Brazil"]
    assert titles(alice, "?tag=old") == []
    nothing = post(alice, "bulk", step="tag", id=ids, yes="yes", tags="", remove_tags="")
    assert nothing.status_code == 422
    assert "Say which tags to add or to remove." in nothing.content.decode()


def test_what_is_chosen_by_library_is_meant_by_everything_that_is_found(
    alice: Actor, household: Household
) -> None:
    attic = show_id("library", household.add_library("Attic"))
    make(alice, "Alien")
    make(alice, "Brazil", library=attic)
    found = {"all": "yes", "found": f"library={attic}", "place": "all"}
    assert post(alice, "bulk", step="tag", yes="yes", tags="Up there", **found).status_code == 303
    assert titles(alice, "?library=all&tag=up%20there") == ["Brazil"]


def test_the_page_of_tags_makes_changes_deletes_and_brings_back(alice: Actor) -> None:
    assert "No tag is there yet." in page(alice, "tags")
    assert post(alice, "tags", name="Evenings", parent="", metadata="colour: plum").status_code == 303
    item = make(alice, "Alien", tags=["Scary"])
    evenings, scary = alice.get("/tags").json()["items"]
    assert evenings["metadata"] == {"colour": "plum"}
    changed = post(alice, f"tags/{scary['id']}", name="Frightening", parent=evenings["id"], metadata="")
    assert changed.status_code == 303
    shown = page(alice, "tags")
    assert shown.index("Evenings</b>") < shown.index("Frightening</b>")
    assert 'data-depth="1"' in shown
    assert alice.get(f"/media/{item['id']}").json()["tags"] == ["Frightening"]
    assert post(alice, f"tags/{scary['id']}/delete").status_code == 303
    undo = f"/s/{alice.household.slug}/tags/{scary['id']}/restore"
    assert undo in page(alice, "tags")
    assert names(alice) == ["Evenings"]
    assert alice.client.post(undo).status_code == 303
    assert names(alice) == ["Evenings", "Frightening"]


def test_what_the_page_cannot_take_is_told_beside_its_field(alice: Actor) -> None:
    first, second = make_tag(alice, "One"), make_tag(alice, "Two")
    for path, fields, told in (
        ("tags", {"name": "one"}, "There is a tag of this name"),
        ("tags", {"name": " "}, "A name has 1 to 100 characters."),
        ("tags", {"name": "x", "metadata": "no colon"}, "Write key: value"),
        ("tags", {"name": "x", "parent": "nonsense"}, "Choose something that is offered."),
        (f"tags/{second['id']}", {"name": "ONE"}, "There is a tag of this name"),
        (f"tags/{first['id']}", {"name": "One", "parent": first["id"]}, "A tag cannot stand below itself"),
    ):
        answer = post(alice, path, **fields)
        assert (answer.status_code, told in answer.content.decode()) == (422, True), (fields, answer.content)
    assert names(alice) == ["One", "Two"]


def test_members_make_tags_and_leave_the_others_alone(alice: Actor, bob: Actor) -> None:
    tag = make_tag(alice, "One")
    shown = page(bob, "tags")
    assert "Make this tag" in shown
    assert "Delete this tag" not in shown
    assert "For the whole install" not in shown
    assert post(bob, "tags", name="Two").status_code == 303
    assert post(bob, f"tags/{tag['id']}/delete").status_code == 403
