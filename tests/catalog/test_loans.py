"""Copies lent out: one open loan each, earlier ones kept, told of once when they are late (C6)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from mediatheque.catalog import jobs
from mediatheque.core import clock
from mediatheque.core.ids import read_id, show_id
from tests.catalog.making import make
from tests.support import Actor, Household, everything

TODAY = datetime.now(UTC).date()


def copy_of(actor: Actor, title: str = "Alien", **fields: Any) -> tuple[str, str]:
    """An item's path and that of its copy."""
    item = f"/media/{make(actor, title, **fields)['id']}"
    made = actor.post(f"{item}/variants", {"format": "DVD"}).json()
    return item, f"{item}/variants/{made['id']}"


def test_a_copy_is_lent_and_comes_back(alice: Actor) -> None:
    item, copy = copy_of(alice)
    lent = alice.post(f"{copy}/loan", {"to": "  Nora ", "since": "2026-01-01", "due": "2026-02-01"})
    assert lent.status_code == 201, lent.content
    loan = {"to": "Nora", "since": "2026-01-01", "due": "2026-02-01"}
    assert lent.json()["loan"] == loan
    assert alice.get(item).json()["variants"][0]["loan"] == loan
    assert alice.get(f"{item}/variants").json()["items"][0]["loan"] == loan
    later = alice.patch(f"{copy}/loan", {"due": None})
    assert (later.status_code, later.json()["loan"]["due"]) == (200, None)
    back = alice.post(f"{copy}/return", {"back": "2026-01-20"})
    assert (back.status_code, back.json()["loan"]) == (200, None)
    again = alice.post(f"{copy}/loan", {"to": "Piotr"}).json()
    assert again["loan"] == {"to": "Piotr", "since": TODAY.isoformat(), "due": None}
    kept = alice.get(f"{item}/loans").json()["items"]
    assert [(each["to"], each["since"], each["due"], each["back"]) for each in kept] == [
        ("Piotr", TODAY.isoformat(), None, None),
        ("Nora", "2026-01-01", None, "2026-01-20"),
    ]
    assert {each["variant"] for each in kept} == {copy.rsplit("/", 1)[1]}


def test_a_copy_has_one_open_loan_whatever_runs_at_once(alice: Actor) -> None:
    item, copy = copy_of(alice)

    def lend(number: int) -> int:
        try:
            return alice.post(f"{copy}/loan", {"to": f"Person {number}"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lend, range(8)))
    assert sorted(answers) == [201] + [409] * 7
    assert len(alice.get(f"{item}/loans").json()["items"]) == 1
    refused = alice.post(f"{copy}/loan", {"to": "Nora"})
    assert (refused.status_code, refused.json()["code"]) == (409, "loan.open")


def test_bad_loans_are_refused_by_name(alice: Actor) -> None:
    _item, copy = copy_of(alice)
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({}, 400, "to"),
        ({"to": ""}, 422, "to"),
        ({"to": "\u200b"}, 422, "to"),
        ({"to": "x" * 201}, 422, "to"),
        ({"to": "Nora", "since": "soon"}, 422, "since"),
        ({"to": "Nora", "due": "2026-02-30"}, 422, "due"),
        ({"to": "Nora", "since": "2026-02-01", "due": "2026-01-01"}, 422, "due"),
        ({"to": "Nora", "colour": "red"}, 400, "colour"),
    ]
    for body, status, field in cases:
        answer = alice.post(f"{copy}/loan", body)
        assert answer.status_code == status, (body, answer.content)
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert alice.post(f"{copy}/return").status_code == 409
    assert alice.patch(f"{copy}/loan", {"to": "Nora"}).status_code == 409
    assert alice.post(f"{copy}/loan", {"to": "Nora", "since": "2026-03-01"}).status_code == 201
    early = alice.post(f"{copy}/return", {"back": "2026-02-01"})
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "back")


def test_what_is_lent_out_stands_in_the_order_it_is_due(alice: Actor, household: Household) -> None:
    for title, due in (("Late", "2026-01-01"), ("Never", None), ("Soon", "2199-01-01")):
        _item, copy = copy_of(alice, title)
        assert (
            alice.post(f"{copy}/loan", {"to": "Nora", "since": "2025-01-01", "due": due}).status_code == 201
        )
    first = alice.get("/loans?limit=2").json()
    rest = alice.get(f"/loans?limit=2&cursor={first['pagination']['next_cursor']}").json()
    told = [(each["media"]["title"], each["overdue"]) for each in first["items"] + rest["items"]]
    assert told == [("Late", True), ("Soon", False), ("Never", False)]
    assert rest["pagination"]["next_cursor"] is None


def test_loans_of_others_spaces_and_closed_libraries_are_not_there(
    alice: Actor, bob: Actor, charlie: Actor, household: Household
) -> None:
    attic = show_id("library", household.add_library("Attic", limited=True))
    item, copy = copy_of(alice, "Secret", library=attic)
    assert alice.post(f"{copy}/loan", {"to": "Nora"}).status_code == 201
    assert [each["media"]["title"] for each in alice.get("/loans").json()["items"]] == ["Secret"]
    for outsider in (bob, charlie):
        assert outsider.get("/loans").json()["items"] == []
        assert outsider.get(f"{item}/loans").status_code == 404
        assert outsider.post(f"{copy}/return").status_code == 404
        assert outsider.post(f"{copy}/loan", {"to": "Me"}).status_code == 404
    open_item, open_copy = copy_of(alice, "Open")
    assert bob.get(f"{open_item}/loans").status_code == 200
    assert bob.post(f"{open_copy}/loan", {"to": "Me"}).status_code == 403
    _own, own_copy = copy_of(bob, "Bob's")
    assert bob.post(f"{own_copy}/loan", {"to": "Nora"}).status_code == 201


def test_an_overdue_loan_is_told_of_once_for_each_due_date(alice: Actor) -> None:
    item, copy = copy_of(alice)
    alice.post(f"{copy}/loan", {"to": "Nora", "since": "2026-01-01", "due": "2026-02-01"})

    def told(on: date) -> list[Any]:
        with clock.at(datetime(on.year, on.month, on.day, 12, tzinfo=UTC)):
            jobs.remind_loans(0)
            jobs.remind_loans(0)
        return everything(
            "select entity_id, details->>'due' from events where action = 'loan.overdue' and space_id = %s "
            "order by id",
            [alice.household.space_id],
        )

    media = read_id("media", item.rsplit("/", 1)[1])
    assert told(date(2026, 2, 1)) == []
    assert told(date(2026, 2, 2)) == [(media, "2026-02-01")]
    alice.patch(f"{copy}/loan", {"due": "2026-02-10"})
    assert told(date(2026, 2, 9)) == [(media, "2026-02-01")]
    assert told(date(2026, 2, 12)) == [(media, "2026-02-01"), (media, "2026-02-10")]
    assert [each["action"] for each in alice.get(f"/spaces/{alice.space}/activity").json()["items"]].count(
        "loan.overdue"
    ) == 2
    alice.post(f"{copy}/return")
    assert len(told(TODAY + timedelta(days=900))) == 2


def test_reminders_are_recorded_once_whoever_sweeps(alice: Actor) -> None:
    _item, copy = copy_of(alice)
    alice.post(f"{copy}/loan", {"to": "Nora", "since": "2026-01-01", "due": "2026-02-01"})

    def sweep(_number: int) -> None:
        try:
            jobs.remind_loans(0)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sweep, range(6)))
    assert everything(
        "select count(*) from events where action = 'loan.overdue' and space_id = %s",
        [alice.household.space_id],
    ) == [(1,)]


def test_undo_brings_loans_back_with_their_copy(alice: Actor) -> None:
    item, copy = copy_of(alice)
    alice.post(f"{copy}/loan", {"to": "Nora", "due": "2199-01-01"})
    before = alice.get(item).json()
    assert alice.delete(item).status_code == 204
    assert alice.get("/loans").json()["items"] == []
    assert alice.post(f"{item}/undo-delete").status_code == 200
    assert alice.get(item).json()["variants"] == before["variants"]
    entities = [each["entity"] for each in alice.get(f"{item}/history").json()["items"]]
    assert "loan" in entities


def test_loans_and_episodes_go_along_when_their_library_changes_hands(
    alice: Actor, household: Household
) -> None:
    attic = show_id("library", household.add_library("Attic"))
    item, copy = copy_of(alice, "Lost", media_type="tv_series", library=attic)
    series = item.rsplit("/", 1)[1]
    alice.post(f"{copy}/loan", {"to": "Nora", "due": "2199-01-01"})
    details = {"season": 1, "number": 1}
    episode = make(alice, "Pilot", "tv_episode", library=attic, series=series, details=details)
    second = alice.post("/spaces", {"name": "Second"}).json()["id"]
    moved = alice.post(f"/libraries/{attic}/transfer", {"to": second}, X_Space=alice.space)
    assert moved.status_code == 200, moved.content
    there = alice.get("/loans", X_Space=second).json()["items"]
    assert [(each["to"], each["media"]["id"]) for each in there] == [("Nora", series)]
    assert alice.get(f"/media/{episode['id']}", X_Space=second).json()["series"] == series
    assert alice.get("/loans", X_Space=alice.space).json()["items"] == []
