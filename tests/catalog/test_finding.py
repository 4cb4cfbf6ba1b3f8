"""The search field's finds, and what home offers to go on with (C4, W1)."""

from tests.catalog.making import make
from tests.support import Actor

from .test_pages import page, shown_titles


def test_finds_are_options_and_end_with_the_whole_list(alice: Actor) -> None:
    make(alice, "Alien", people=[{"name": "Ridley Scott", "role": "director"}], year=1979)
    make(alice, "Brazil")
    part = page(alice, "find?q=ali")
    assert part.count('role="option"') == 2
    assert "Alien" in part
    assert "Ridley Scott" in part
    assert "library?q=ali" in part
    assert "Brazil" not in part


def test_finds_are_few_and_say_when_there_are_none(alice: Actor) -> None:
    for n in range(10):
        make(alice, f"Alien {n}")
    assert page(alice, "find?q=alien").count('id="find-') == 9
    assert "fits “zzz”" in page(alice, "find?q=zzz")
    assert 'role="option"' not in page(alice, "find?q=")


def test_finds_of_another_space_stay_there(alice: Actor, charlie: Actor) -> None:
    make(alice, "Alien")
    assert "Alien" in page(alice, "find?q=alien")
    assert "Alien" not in page(charlie, "find?q=alien")


def test_home_goes_on_with_what_is_begun_and_keeps_mere_wishes_apart(alice: Actor, bob: Actor) -> None:
    listed, begun, seen = (make(alice, title)["id"] for title in ("Alien", "Brazil", "Charade"))
    for media, own in ((listed, {"on_watchlist": True}), (begun, {"status": "watching"}),
                       (seen, {"status": "completed", "on_watchlist": True})):  # fmt: skip
        assert alice.patch(f"/media/{media}", {"own": own}).status_code == 200
    before, _, after = page(alice).partition('id="h-meant"')
    assert shown_titles(before.partition('id="h-begun"')[2]) == ["Brazil"]
    assert shown_titles(after.partition('id="h-recent"')[0]) == ["Alien"]
    assert "To go on with" not in page(bob)


def test_home_shows_the_series_that_is_begun_and_not_one_of_its_episodes(alice: Actor) -> None:
    for title in ("The Keepers", "Second Watch"):
        series = make(alice, title, media_type="tv_series")["id"]
        details = {"season": 1, "number": 1, "episode_title": "Low Water"}
        make(alice, f"{title}: Low Water", media_type="tv_episode", series=series, details=details)
        assert alice.patch(f"/media/{series}", {"own": {"status": "watching"}}).status_code == 200
    begun = page(alice).partition('id="h-begun"')[2].partition('id="h-recent"')[0]
    assert sorted(shown_titles(begun)) == ["Second Watch", "The Keepers"]
