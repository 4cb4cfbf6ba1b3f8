"""Episodes owned singly, tied to their series; seasons that add up; kinds that change (C7, C1)."""

from typing import Any

from mediatheque.core.ids import new_id, read_id, show_id
from tests.catalog.making import make
from tests.support import Actor, Household, everything


def episode(actor: Actor, series: str | None, season: int, number: int, **fields: Any) -> dict[str, Any]:
    details = {"season": season, "number": number, "episode_title": f"Part {number}"}
    return make(actor, f"S{season}E{number}", "tv_episode", series=series, details=details, **fields)


def test_an_episode_shares_its_series_work_and_says_which_episode_it_is(alice: Actor) -> None:
    series = make(alice, "Lost", "tv_series")
    late, first = episode(alice, series["id"], 2, 3), episode(alice, series["id"], 1, 1)
    assert (late["series"], late["work"]) == (series["id"], series["work"])
    assert series["series"] is None
    listed = alice.get(f"/media/{series['id']}/episodes").json()["items"]
    assert [each["id"] for each in listed] == [first["id"], late["id"]]
    published = everything(
        "select season, number, title from work_episodes where work_id = %s order by season",
        [read_id("work", series["work"])],
    )
    assert published == [(1, 1, "Part 1"), (2, 3, "Part 3")]
    moved = {"season": 2, "number": 4}
    assert alice.patch(f"/media/{late['id']}", {"details": moved}).json()["details"] == moved
    assert alice.get(f"/works/{series['work']}").json()["title"] == "Lost"


def test_an_episode_is_tied_later_and_untied_again(alice: Actor) -> None:
    series = make(alice, "Lost", "tv_series")
    alone = episode(alice, None, 1, 2)
    path = f"/media/{alone['id']}"
    assert alone["work"] != series["work"]
    tied = alice.patch(path, {"series": series["id"]})
    assert (tied.status_code, tied.json()["series"], tied.json()["work"]) == (
        200,
        series["id"],
        series["work"],
    )
    change = next(
        each
        for each in alice.get(f"/spaces/{alice.space}/audit").json()["items"]
        if each["action"] == "update"
    )
    assert alice.post(f"/spaces/{alice.space}/audit/{change['id']}/undo").status_code == 200
    assert alice.get(path).json()["work"] == alone["work"]
    alice.patch(path, {"series": series["id"]})
    free = alice.patch(path, {"series": None}).json()
    assert free["series"] is None
    assert free["work"] not in (series["work"], None)
    assert alice.get(f"/works/{free['work']}").json()["title"] == "S1E2"
    assert alice.get(f"/media/{series['id']}/episodes").json()["items"] == []


def test_series_are_refused_by_name(alice: Actor, charlie: Actor, household: Household) -> None:
    film, series = make(alice, "Alien"), make(alice, "Lost", "tv_series")
    attic = show_id("library", household.add_library("Attic"))
    elsewhere = make(alice, "Twin Peaks", "tv_series", library=attic)
    foreign = make(charlie, "Dark", "tv_series")
    details = {"season": 1, "number": 1}
    for wanted, status in (
        (film["id"], 422), (elsewhere["id"], 422), (foreign["id"], 404), (show_id("media", new_id()), 404),
        ("nonsense", 404), (series["work"], 404), (7, 404),
    ):  # fmt: skip
        body = {"title": "Pilot", "media_type": "tv_episode", "details": details, "series": wanted}
        answer = alice.post("/media", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, "series"), (
            wanted,
            answer.content,
        )
    answer = alice.post("/media", {"title": "Alien", "media_type": "movie", "series": series["id"]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "series.not_an_episode")


def test_episodes_outlive_their_series_and_come_back_to_it(alice: Actor) -> None:
    series = make(alice, "Lost", "tv_series")
    one = episode(alice, series["id"], 1, 1)
    assert alice.delete(f"/media/{series['id']}").status_code == 204
    left = alice.get(f"/media/{one['id']}").json()
    assert (left["series"], left["title"]) == (None, "S1E1")
    assert alice.post(f"/media/{series['id']}/undo-delete").status_code == 200
    assert alice.get(f"/media/{one['id']}").json()["series"] == series["id"]


def test_a_series_takes_its_episodes_along_and_they_do_not_go_alone(
    alice: Actor, bob: Actor, household: Household
) -> None:
    attic = show_id("library", household.add_library("Attic"))
    series = make(bob, "Lost", "tv_series")
    mine = episode(bob, series["id"], 1, 1)
    body = {"action": "move", "set": {"library": attic}}
    alone = bob.post("/media/bulk", body | {"ids": [mine["id"]]}).json()
    assert (alone["done"], alone["refused"][0]["code"]) == (0, "episode.of_series")
    hers = episode(alice, series["id"], 1, 2)
    others = bob.post("/media/bulk", body | {"ids": [series["id"]]}).json()
    assert (others["done"], others["refused"][0]["code"]) == (0, "permission.role")
    assert alice.post("/media/bulk", body | {"ids": [series["id"]]}).json() == {"done": 1, "refused": []}
    for each in (series, mine, hers):
        assert alice.get(f"/media/{each['id']}").json()["library"] == attic


def test_a_series_with_parts_stays_one_and_a_change_of_kind_says_what_it_loses(alice: Actor) -> None:
    series = make(alice, "Lost", "tv_series")
    alice.post(f"/media/{series['id']}/seasons", {"number": 1})
    refused = alice.patch(f"/media/{series['id']}", {"media_type": "movie"})
    assert (refused.status_code, refused.json()["code"]) == (422, "media_type.has_seasons")
    many = {"ids": [series["id"]], "action": "edit", "set": {"media_type": "movie"}}
    assert alice.post("/media/bulk", many).json()["refused"][0]["code"] == "media_type.has_seasons"
    book = make(alice, "Dune", "book", details={"publisher": "Ace", "pages": 412})
    path = f"/media/{book['id']}"
    lost = alice.patch(path, {"media_type": "comic"})
    assert (lost.status_code, lost.json()["errors"][0]["field"]) == (422, "media_type")
    assert "pages, publisher" in lost.json()["detail"]
    agreed = alice.patch(path, {"media_type": "comic", "details": {"issue": "1"}}).json()
    assert (agreed["media_type"], agreed["details"]) == ("comic", {"issue": "1"})


def test_seasons_add_up(alice: Actor) -> None:
    path = f"/media/{make(alice, 'Lost', 'tv_series')['id']}/seasons"
    more = alice.post(path, {"number": 1, "expected_episodes": 10, "available_episodes": 11})
    assert (more.status_code, more.json()["errors"][0]["field"]) == (422, "available_episodes")
    season = alice.post(path, {"number": 1, "expected_episodes": 10, "available_episodes": 10}).json()
    fewer = alice.patch(f"{path}/{season['id']}", {"expected_episodes": 9})
    assert (fewer.status_code, fewer.json()["errors"][0]["field"]) == (422, "available_episodes")
    assert alice.get(path).json()["items"] == [season]


def test_episodes_of_a_closed_library_are_not_there(alice: Actor, bob: Actor, household: Household) -> None:
    attic = show_id("library", household.add_library("Attic", limited=True))
    series = make(alice, "Secret", "tv_series", library=attic)
    episode(alice, series["id"], 1, 1, library=attic)
    assert len(alice.get(f"/media/{series['id']}/episodes").json()["items"]) == 1
    assert bob.get(f"/media/{series['id']}/episodes").status_code == 404
