"""L2: the activity log is searched by action, entity, person, time and words, in the API and on its page."""

import pytest

from tests.support import everything


@pytest.fixture
def log(alice, mary):
    """A few events of two people."""
    library = alice.post("/libraries", {"name": "Attic"}).json()["id"]
    assert mary.patch(f"/libraries/{library}", {"name": "Loft"}).status_code == 200
    assert mary.post(f"/spaces/{alice.space}/invitations", {"email": f"x{alice.email}"}).status_code == 201
    assert mary.get("/media/med_unknown").status_code == 404
    return alice


def actions(actor, query: str) -> list[str]:
    answer = actor.get(f"/spaces/{actor.space}/activity?{query}")
    assert answer.status_code == 200, answer.content
    return [each["action"] for each in answer.json()["items"]]


def test_events_are_found_by_action_entity_and_person(log, mary):
    everything_there = ["request.failed", "invite.created", "library.changed", "library.created"]
    assert actions(log, "") == everything_there
    assert actions(log, "action=library.created") == ["library.created"]
    assert actions(log, "entity=library") == ["library.changed", "library.created"]
    assert actions(log, f"user_id={log.id}") == ["library.created"]
    assert actions(log, f"user_id={mary.id}&entity=library") == ["library.changed"]
    assert actions(log, "entity=nothing") == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("med_unknown", ["request.failed"]),
        ("not_found", ["request.failed"]),
        ("LIBRARY created", ["library.created"]),
        ("mary library", ["library.changed"]),
        ("100% of it", []),
    ],
)
def test_events_are_found_by_words(log, words, found):
    assert actions(log, f"q={words}") == found


def test_events_are_found_by_time(log):
    place = [log.household.space_id]
    everything(
        "update events set at = '2026-03-29 22:30+00' where action = 'library.created' and space_id = %s",
        place,
    )
    everything(
        "update events set at = '2026-03-30 12:00+00' where action = 'library.changed' and space_id = %s",
        place,
    )
    everything("update spaces set time_zone = 'Europe/Berlin' where id = %s", place)
    assert actions(log, "from=2026-03-30&to=2026-03-30") == ["library.changed", "library.created"]
    assert actions(log, "to=2026-03-29") == []
    assert actions(log, "from=2026-03-30T00:00:00Z&to=2026-03-31T00:00:00Z") == ["library.changed"]


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=x", "user_id=x", "from=2026-03-30T00:00:00", "who=me"]
)
def test_what_is_no_filter_is_named(log, query):
    answer = log.get(f"/spaces/{log.space}/activity?{query}")
    assert answer.status_code in (400, 404)
    assert next(each["field"] for each in answer.json()["errors"]) == query.split("=")[0]


def test_filters_stay_over_pages(log):
    first = log.get(f"/spaces/{log.space}/activity?entity=library&limit=1").json()
    assert [each["action"] for each in first["items"]] == ["library.changed"]
    cursor = first["pagination"]["next_cursor"]
    assert actions(log, f"entity=library&limit=1&cursor={cursor}") == ["library.created"]


def test_the_page_filters_and_says_what_is_wrong(log, mary):
    here = f"/s/{log.household.slug}/activity"
    page = log.client.get(f"{here}?q=library&user_id={mary.id}").content.decode()
    shown = page[page.index("</form>", page.index('role="search" aria-label="Filters"')) :]
    assert "changed a library" in shown
    assert "made a library" not in shown
    assert 'value="library"' in page
    empty = log.client.get(f"{here}?q=nothing-of-the-kind").content.decode()
    assert "Nothing fits these filters." in empty
    wrong = log.client.get(f"{here}?from=soon")
    assert wrong.status_code == 422
    assert 'id="e-from"' in wrong.content.decode()
