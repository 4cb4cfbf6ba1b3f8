"""The page of one's own entries, in plain forms (W1)."""

from tests.catalog.making import make
from tests.support import Actor


def test_titles_go_on_the_list_and_off_it(alice: Actor, bob: Actor) -> None:
    page = f"/s/{alice.household.slug}/watchlist"
    assert "Nothing stands here yet." in alice.client.get(page).content.decode()
    wrong = alice.client.post(page, {"title": "Solaris", "media_type": "movie", "year": "soon"})
    assert wrong.status_code == 422
    assert (
        alice.client.post(page, {"title": "Solaris", "media_type": "movie", "year": "1972"}).status_code
        == 303
    )
    again = alice.client.post(page, {"title": "Solaris", "media_type": "movie", "year": "1972"})
    assert again.status_code == 422
    item = make(alice, "Stalker", own={"on_watchlist": True, "rating": 9})
    shown = alice.client.get(page).content.decode()
    assert "Solaris" in shown
    assert f'/media/{item["id"]}"' in shown
    assert "★★★★½" in shown
    entry = shown.split(f'action="{page}/')[1].split('"')[0]
    assert alice.client.post(f"{page}/{entry}", {"press": "seen"})["Location"] == page
    assert "“Stalker” was changed." in alice.client.get(page).content.decode()
    assert "Stalker" not in alice.client.get(page).content.decode()
    assert "Stalker" in alice.client.get(f"{page}?tab=completed").content.decode()
    assert "Solaris" not in bob.client.get(page).content.decode()
    assert bob.client.post(f"{page}/{entry}", {"press": "off"}).status_code == 404
