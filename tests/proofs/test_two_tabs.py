"""One person, two tabs in two spaces: what is written goes where it is addressed (S1)."""

import pytest

from mediatheque.core.ids import new_id, show_id
from tests.support import everything, make_household

from .world import Form, join, send

ITEM = {"title": "Solaris", "media_type": "movie"}


@pytest.fixture
def second(alice):
    """A further household of Alice's; its space as API knows it."""
    household = make_household("Second")
    join(alice, household, "admin")
    return household


def titles(household):
    found = everything("select title from media where space_id = %s order by id", [household.space_id])
    return [title for (title,) in found]


def space(household):
    return show_id("space", household.space_id)


def library(household):
    return show_id("library", household.library_id)


def stand(actor, household):
    """The session's last space is now this one."""
    assert actor.post(f"/spaces/{space(household)}/select").status_code == 200
    found = everything("select space_id from sessions where user_id = %s", [actor.user_id])
    assert found == [(household.space_id,)]


def test_pages_write_into_the_space_of_their_address(alice, household, second):
    for number in range(3):
        for place, other in ((household, second), (second, household)):
            stand(alice, other)
            path = f"/s/{place.slug}/library/{library(place)}/add"
            answer = send(
                alice.client, "POST", path, Form(title=f"{place.slug} {number}", media_type="movie")
            )
            assert answer.status_code == 303, answer.content
            assert answer["Location"].startswith(f"/s/{place.slug}/")
    for place in (household, second):
        assert titles(place) == [f"{place.slug} {number}" for number in range(3)]


def test_calls_write_into_the_space_of_their_header(alice, household, second):
    for place, other in ((household, second), (second, household)):
        stand(alice, other)
        answer = alice.post("/media", ITEM | {"title": place.slug}, X_Space=space(place))
        assert answer.status_code == 201, answer.content
        assert answer.json()["library"] == library(place)
    for place in (household, second):
        assert titles(place) == [place.slug]


def test_pages_and_calls_go_on_side_by_side(alice, household, second):
    """A page in one tab between the calls of the other, each of which moves the session's last space."""
    for number in range(3):
        alice.client.get(f"/s/{second.slug}/")
        assert alice.post("/media", ITEM, X_Space=space(household)).status_code == 201
        form = Form(title=str(number), media_type="movie")
        path = f"/s/{second.slug}/library/{library(second)}/add"
        assert send(alice.client, "POST", path, form).status_code == 303
    assert (titles(household), titles(second)) == (["Solaris"] * 3, ["0", "1", "2"])


def test_a_space_in_the_path_is_the_active_one(alice, household, second):
    stand(alice, second)
    answer = alice.patch(f"/spaces/{space(household)}", {"name": "Renamed"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Renamed")
    assert everything("select name from spaces where id = %s", [second.space_id]) != [("Renamed",)]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_header_that_contradicts_the_path_is_400_and_changes_nothing(alice, household, second, method):
    body = {"GET": None, "PATCH": {"name": "Renamed"}, "DELETE": {"confirm_name": "Alice’s household"}}[
        method
    ]
    before = everything("select * from spaces where id in (%s, %s)", [household.space_id, second.space_id])
    answer = alice.api(method, f"/spaces/{space(household)}", body, X_Space=space(second))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "X-Space")
    assert (
        everything("select * from spaces where id in (%s, %s)", [household.space_id, second.space_id])
        == before
    )


def test_a_header_of_the_same_space_as_the_path_is_no_contradiction(alice, household):
    assert alice.get(f"/spaces/{space(household)}", X_Space=space(household)).status_code == 200


@pytest.mark.parametrize("header", ["nonsense", "spc_", "lib_01jd7qk2m8e5vtx9m4r0c6w3zb"])
def test_an_unreadable_header_reads_like_a_foreign_space(alice, charlie, header):
    answers = [
        alice.get("/media", X_Space=each) for each in (header, charlie.space, show_id("space", new_id()))
    ]
    shown = [{k: v for k, v in each.json().items() if k != "request_id"} for each in answers]
    assert [each.status_code for each in answers] == [404] * 3
    assert shown == [shown[0]] * 3


def test_a_record_of_the_other_tab_is_not_there_in_this_one(alice, household, second):
    made = alice.post("/media", ITEM, X_Space=space(household)).json()["id"]
    assert alice.get(f"/media/{made}", X_Space=space(second)).status_code == 404
    assert alice.patch(f"/media/{made}", {"title": "x"}, X_Space=space(second)).status_code == 404
    assert alice.client.get(f"/s/{second.slug}/media/{made}").status_code == 404
    assert titles(household) == ["Solaris"]


def test_a_call_cannot_name_a_library_of_the_other_space(alice, household, second):
    answer = alice.post("/media", ITEM | {"library": library(second)}, X_Space=space(household))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "library")
    assert titles(household) == titles(second) == []


def test_without_an_address_the_sessions_last_space_is_meant(alice, household, second):
    for place in (second, household):
        stand(alice, place)
        assert alice.post("/media", ITEM).json()["library"] == library(place)


def test_one_retry_key_in_two_spaces_is_two_records(alice, household, second):
    for place in (household, second):
        answer = alice.post("/media", ITEM, X_Space=space(place), Idempotency_Key="same")
        assert answer.json()["library"] == library(place)
    assert titles(household) == titles(second) == ["Solaris"]
