"""Undo of an import: what was is again, and what a person touched since is left alone (I1, L1, P10)."""

import json
from typing import Any

import pytest

from mediatheque.core.ids import read_id
from mediatheque.intake import pipeline, undoing
from tests.intake.support import (
    COLLECTZ,
    count_media,
    films,
    imported,
    read,
    report_of,
    table,
    upload,
    work,
)
from tests.support import Actor, everything

ALIEN = {"title": "Alien", "year": 1979, "location": "Shelf 1"}
# What an import leaves of itself beside its effect; spellings only propose words and outlive their items.
TRACES = {"sync_jobs", "plan_rows", "report_rows", "file_references", "media_spellings"}


def whole_space(actor: Actor) -> dict[str, list[str]]:
    """Every business row of the household, but for the times of change that the database keeps."""
    tables = everything(
        "select table_name, array_agg(column_name::text) from information_schema.columns "
        "where table_schema = 'public' group by 1"
    )
    found = {}
    for name, columns in tables:
        space = next((each for each in ("space_id", "owner_space") if each in columns), None)
        by_person = name in ("entries", "entry_works")
        if name in TRACES or name in ("audit_changes", "events", "sessions") or not (space or by_person):
            continue
        where = f"{space} = %(space)s" if space else (
            "user_id in (select user_id from memberships where space_id = %(space)s)"
        )  # fmt: skip
        rows = everything(
            f"select (to_jsonb(t) - 'updated_at')::text from {name} t where {where} order by 1",
            {"space": actor.household.space_id},
        )
        found[name] = [each[0] for each in rows]
    return found


def undo(actor: Actor, job_id: str, status: int = 200) -> dict[str, Any]:
    answer = actor.post(f"/sync-jobs/{job_id}/undo")
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def item_of(actor: Actor, title: str) -> dict[str, Any]:
    items = json.loads(actor.get("/media?limit=200").content)["items"]
    found = next(each for each in items if each["title"] == title)
    return dict(json.loads(actor.get(f"/media/{found['id']}").content))


def rich_rows() -> list[dict[str, Any]]:
    """Rows that create, fill, add copies, seasons, metadata and ratings, and tie an episode."""
    base = dict.fromkeys(COLLECTZ, "") | {"media_type": "movie", "import_source": "csv_generic"}
    return [
        base | {"id": "1", "title": "Alien", "year": "1979", "tmdb_id": "348", "runtime": "117", "format": "Blu-ray",
                "upc": "4010232051974", "user_rating": "4"},
        base | {"id": "2", "title": "Aliens", "year": "1986", "cast_members": "Sigourney Weaver", "genre": "Horror"},
        base | {"id": "3", "title": "Aliens", "year": "1986", "format": "DVD", "user_rating": "5"},
        base | {"id": "4", "title": "Twin Peaks", "media_type": "tv_series", "year": "1990"},
        base | {"id": "5", "title": "", "year": "1990"},
    ]  # fmt: skip


def test_import_and_undo_leave_everything_as_it_was(alice: Actor) -> None:
    imported(alice, table([ALIEN | {"format": "DVD", "shelf mark": "A 17"}]))
    assert alice.patch(f"/media/{item_of(alice, 'Alien')['id']}", {"notes": "Mine"}).status_code == 200
    before = whole_space(alice)
    content = table(rich_rows(), COLLECTZ)
    job = imported(alice, content)
    assert job["summary"] == {"created": 2, "updated": 2, "skipped": 0, "failed": 1}
    assert whole_space(alice) != before

    undone = undo(alice, job["id"])
    assert (undone["status"], undone["undone_at"] is None) == ("succeeded", False)
    assert whole_space(alice) == before
    told = {each["row"]: each["undo"]["code"] for each in report_of(alice, job["id"])}
    assert told == {
        1: "undo.restored",
        2: "undo.removed",
        3: "undo.removed",
        4: "undo.removed",
        5: "undo.unchanged",
    }


def test_undone_file_can_be_imported_again(alice: Actor) -> None:
    content = table(films(30))
    first = imported(alice, content)
    undo(alice, first["id"])
    assert count_media(alice) == 0
    assert imported(alice, content)["summary"] == first["summary"]


def test_imports_undone_in_reverse_give_the_start(alice: Actor) -> None:
    states, jobs = [whole_space(alice)], []
    for shelf in ("1", "2", "3"):
        rows = [ALIEN | {"location": f"Shelf {shelf}", "format": f"Format {shelf}"}, *films(5 * int(shelf))]
        jobs.append(imported(alice, table(rows))["id"])
        states.append(whole_space(alice))
    for job_id, state in zip(reversed(jobs), reversed(states[:-1]), strict=True):
        assert undo(alice, job_id)["undone_at"] is not None
        assert whole_space(alice) == state


def test_what_a_person_changed_since_is_kept_with_the_reason(alice: Actor) -> None:
    imported(alice, table([ALIEN]))
    rows = [ALIEN | {"location": "Shelf 2"}, *films(4)]
    job = imported(alice, table(rows))
    alien, edited, added = (item_of(alice, name) for name in ("Alien", "Film number 0", "Film number 1"))
    assert alice.patch(f"/media/{alien['id']}", {"location": "My room"}).status_code == 200
    assert alice.patch(f"/media/{edited['id']}", {"notes": "A gift"}).status_code == 200
    assert alice.post(f"/media/{added['id']}/variants", {"format": "VHS"}).status_code == 201
    assert alice.delete(f"/media/{item_of(alice, 'Film number 2')['id']}").status_code == 204
    undone = undo(alice, job["id"])
    codes = [each["undo"]["code"] for each in report_of(alice, job["id"])]
    assert codes == ["undo.changed", "undo.changed", "undo.added_to", "undo.gone", "undo.removed"]
    (notice,) = [each for each in undone["notices"] if each["code"] == "undo.kept"]
    assert notice["rows"] == 3
    assert item_of(alice, "Alien")["location"] == "My room"
    assert count_media(alice) == 3
    again = imported(alice, table(rows))
    assert again["summary"] == {"created": 2, "updated": 0, "skipped": 3, "failed": 0}


def test_other_fields_of_a_person_do_not_stand_in_the_way(alice: Actor) -> None:
    imported(alice, table([ALIEN]))
    job = imported(alice, table([ALIEN | {"location": "Shelf 2", "runtime": 117}]))
    assert alice.patch(f"/media/{item_of(alice, 'Alien')['id']}", {"notes": "Mine"}).status_code == 200
    undo(alice, job["id"])
    item = item_of(alice, "Alien")
    assert (item["location"], item["runtime"], item["notes"]) == ("Shelf 1", None, "Mine")


def test_kept_rows_are_tried_again_once_nothing_stands_in_the_way(alice: Actor) -> None:
    job = imported(alice, table(films(2)))
    item = item_of(alice, "Film number 0")
    assert alice.patch(f"/media/{item['id']}", {"notes": "A gift"}).status_code == 200
    undo(alice, job["id"])
    assert alice.patch(f"/media/{item['id']}", {"notes": None}).status_code == 200
    undone = undo(alice, job["id"])
    assert (count_media(alice), undone["notices"]) == (0, [])
    assert undo(alice, job["id"], 409)["code"] == "job.undone"


def test_only_what_ended_and_imported_something_is_undone(alice: Actor) -> None:
    job_id = upload(alice, table(films(2))).json()["job_id"]
    assert undo(alice, job_id, 409)["code"] == "job.running"
    work()
    plan = upload(alice, table(films(4)), dry_run="true").json()["job_id"]
    work()
    assert undo(alice, plan, 409)["code"] == "job.running"
    alice.post(f"/sync-jobs/{plan}/cancel")
    assert undo(alice, plan, 409)["code"] == "job.nothing_imported"


def test_own_import_is_undone_by_its_person_any_by_managers(
    alice: Actor, bob: Actor, mary: Actor, charlie: Actor
) -> None:
    before = whole_space(bob)
    job = imported(bob, table([ALIEN | {"my rating": 7}, *films(2)]))
    other = imported(alice, table([{"title": "Solaris", "year": 1972}]))
    assert undo(bob, other["id"], 404)["code"] == undo(charlie, job["id"], 404)["code"]
    assert undo(mary, job["id"], 202)["job_id"] == job["id"]
    work()
    assert read(mary, job["id"])["undone_at"] is not None
    undo(alice, other["id"])
    assert whole_space(bob) == before


def test_undo_cut_off_in_the_middle_goes_on(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "SMALL_ROWS", 1)
    monkeypatch.setattr(undoing, "ITEMS_AT_ONCE", 4)
    job = imported(alice, table(films(10)))
    undo(alice, job["id"], 202)
    identity = read_id("job", job["id"])
    scopes = undoing.scopes_of(identity, alice.household.space_id, alice.user_id)

    def cut_off(below: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undoing.run(identity, scopes, tell=cut_off)
    half = read(alice, job["id"])
    assert (half["status"], half["progress"]["done"], count_media(alice)) == ("running", 4, 6)
    assert undo(alice, job["id"], 409)["code"] == "job.running"
    work()
    done = read(alice, job["id"])
    assert (done["status"], done["undone_at"] is None, count_media(alice)) == ("succeeded", False, 0)


def test_cancelled_undo_leaves_the_rest_and_can_be_asked_for_again(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "SMALL_ROWS", 1)
    monkeypatch.setattr(undoing, "ITEMS_AT_ONCE", 4)
    job = imported(alice, table(films(10)))
    undo(alice, job["id"], 202)
    assert alice.post(f"/sync-jobs/{job['id']}/cancel").json()["status"] == "succeeded"
    work()
    assert count_media(alice) == 10
    undo(alice, job["id"], 202)
    identity = read_id("job", job["id"])

    def cancel(below: int) -> None:
        everything("update sync_jobs set cancel_requested_at = now() where id = %s", [identity])

    undoing.run(identity, undoing.scopes_of(identity, alice.household.space_id, alice.user_id), tell=cancel)
    assert (read(alice, job["id"])["status"], count_media(alice)) == ("succeeded", 6)
    undo(alice, job["id"], 202)
    work()
    assert count_media(alice) == 0


def test_undo_of_somebody_who_left_is_given_up_and_asked_for_again(
    alice: Actor, mary: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "SMALL_ROWS", 1)
    job = imported(alice, table(films(3)))
    undo(mary, job["id"], 202)
    everything("delete from memberships where user_id = %s", [mary.user_id])
    work()
    assert (read(alice, job["id"])["status"], count_media(alice)) == ("succeeded", 3)
    undo(alice, job["id"], 202)
    work()
    assert count_media(alice) == 0


def test_series_and_its_episodes_go_together(alice: Actor) -> None:
    rows = [
        {"title": "Pilot", "media type": "tv episode", "series": "Twin Peaks", "season": 1, "episode": 1},
        {"title": "Twin Peaks", "media type": "tv series", "year": 1990, "seasons": 2},
    ]
    before = whole_space(alice)
    job = imported(alice, table(rows))
    undo(alice, job["id"])
    assert whole_space(alice) == before
