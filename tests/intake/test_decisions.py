"""Whose things an import may touch: others' items, a token's person, a manager's eyes, what changed since (P10, W1)."""

import json
from typing import Any

import pytest

from mediatheque.core.errors import Busy
from tests.intake.support import films, imported, read, report_of, table, upload, work
from tests.support import Actor, everything, make_person

ALIEN = {"title": "Alien", "year": 1979, "format": "DVD"}
LONG = "x" * 600
SEEN = "Const,Your Rating,Date Rated,Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres,Num Votes,Release Date,Directors\n"  # noqa: E501


def seen(*titles: str) -> bytes:
    """Entries as IMDb exports them."""
    rows = "".join(f"tt{7000000 + n},9,2020-01-01,{title},u,Movie,7,90,1999,Drama,1,1999-01-01,D\n"
                   for n, title in enumerate(titles))  # fmt: skip
    return (SEEN + rows).encode()


def rows_of(actor: Actor, sql: str) -> list[tuple[Any, ...]]:
    return everything(f"{sql} where space_id = %s order by 1", [actor.household.space_id])


@pytest.mark.parametrize("dry_run", ["false", "true"])
def test_a_members_import_leaves_others_items_alone_and_takes_their_own_rating(
    alice: Actor, bob: Actor, mary: Actor, dry_run: str
) -> None:
    imported(alice, table([ALIEN]))
    before = (
        rows_of(alice, "select to_jsonb(m)::text from media m"),
        rows_of(alice, "select id from variants"),
    )
    content = table([ALIEN | {"location": "Shelf", "format": "Blu-ray", "my rating": 9, "colour": "red"},
                     {"title": "Ronin", "year": 1998}])  # fmt: skip
    job = upload(bob, content, dry_run=dry_run).json()["job_id"]
    work()
    if dry_run == "true":
        plan = json.loads(bob.get(f"/sync-jobs/{job}/plan").content)["items"]
        assert [each["field"] for each in plan[0]["changes"]] == ["own.rating"]
        bob.post(f"/sync-jobs/{job}/apply")
        work()
    alien, ronin = report_of(bob, job)
    assert (alien["outcome"], ronin["outcome"]) == ("updated", "created")
    assert "kept.not_yours" in [each["code"] for each in alien["messages"]]
    assert everything("select rating from entries where user_id = %s", [bob.user_id]) == [(9,)]
    kept = [each for each in rows_of(alice, "select to_jsonb(m)::text from media m") if "Alien" in each[0]]
    assert (kept, rows_of(alice, "select id from variants")) == before
    assert everything(
        "select count(*) from media_metadata where space_id = %s", [bob.household.space_id]
    ) == [(0,)]
    assert imported(mary, content)["summary"]["updated"] == 1
    assert rows_of(alice, "select location from media")[-1] == ("Shelf",)


def test_a_token_of_one_space_imports_nothing_personal(alice: Actor) -> None:
    token = alice.post("/auth/api-tokens", {"name": "t", "space": alice.space}).json()["token"]
    cookies = dict(alice.client.cookies)
    alice.client.cookies.clear()
    alice.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    jobs = [upload(alice, content, dry_run="true").json()["job_id"]
            for content in (table([ALIEN | {"my rating": 9}]), seen("Heat"))]  # fmt: skip
    work()
    plans = [json.loads(alice.get(f"/sync-jobs/{job}/plan").content)["items"] for job in jobs]
    assert [row["outcome"] for (row,) in plans] == ["created", "skipped"]
    assert not [each for (row,) in plans for each in row["changes"] if each["field"].startswith("own.")]
    for job in jobs:
        assert alice.post(f"/sync-jobs/{job}/apply").status_code == 202
    work()
    assert everything("select count(*) from entries where user_id = %s", [alice.user_id]) == [(0,)]
    for job in jobs:
        assert [each["code"] for each in read(alice, job)["notices"]] == ["entries.left_out"]
        assert [each["code"] for row in report_of(alice, job) for each in row["messages"]] == [
            "entries.left_out"
        ]
    del alice.client.defaults["HTTP_AUTHORIZATION"]
    alice.client.cookies.update(cookies)
    assert imported(alice, seen("Heat"))["summary"]["created"] == 1


def test_a_manager_reads_nothing_of_rows_that_are_somebodys_entries_alone(alice: Actor, bob: Actor) -> None:
    job = imported(bob, seen("Heat", LONG))
    assert job["summary"]["failed"] == 1
    assert [each["title"][:4] for each in report_of(bob, job["id"])] == ["Heat", "xxxx"]
    shown = report_of(alice, job["id"])
    assert [(each["title"], each["messages"]) for each in shown] == [("", []), ("", [])]
    assert report_of(alice, job["id"], "?q=xxxx") == []
    failed = imported(bob, table([{"title": LONG}]))
    assert [each["title"][:4] for each in report_of(alice, failed["id"])] == ["xxxx"]


@pytest.mark.parametrize("owned", [True, False])
def test_an_entry_that_was_changed_since_stays_when_the_import_is_undone(alice: Actor, owned: bool) -> None:
    content = (
        table([ALIEN | {"my rating": 9}, {"title": "Ronin", "my rating": 7}])
        if owned
        else seen("Alien", "Ronin")
    )
    job = imported(alice, content)
    everything("update entries set rating = 3 where user_id = %s and title = 'Alien'", [alice.user_id])
    undone = alice.post(f"/sync-jobs/{job['id']}/undo").json()
    assert [each["code"] for each in undone["notices"]] == ["undo.kept"]
    told = [each["undo"]["code"] for each in report_of(alice, job["id"])]
    assert told == ["undo.entry_changed", "undo.removed" if owned else "undo.unchanged"]
    assert everything("select title, rating from entries where user_id = %s", [alice.user_id]) == [
        ("Alien", 3)
    ]
    everything("update entries set rating = 9 where user_id = %s", [alice.user_id])
    assert alice.post(f"/sync-jobs/{job['id']}/undo").json()["notices"] == []
    assert everything("select count(*) from entries where user_id = %s", [alice.user_id]) == [(0,)]


def test_a_batch_that_collides_is_done_again(alice: Actor) -> None:
    """The trigger ends the first two tries as PostgreSQL ends one of two transactions that wait for each other."""
    everything("create sequence collisions; grant usage on collisions to public")
    everything(
        "create function collide() returns trigger language plpgsql as $$ begin if nextval('collisions') <= 2 then "
        "raise exception 'deadlock detected' using errcode = '40P01'; end if; return null; end $$"
    )
    everything(
        "create trigger collide before insert on report_rows for each statement execute function collide()"
    )
    try:
        job = imported(alice, table([*films(3), {"title": "", "year": 1999}]))
    finally:
        everything("drop trigger collide on report_rows; drop function collide(); drop sequence collisions")
    assert (job["status"], job["summary"]) == (
        "succeeded", {"created": 3, "updated": 0, "skipped": 0, "failed": 1},
    )  # fmt: skip
    assert [len(each["messages"]) for each in report_of(alice, job["id"])] == [0, 0, 0, 1]


def test_a_request_that_collides_is_told_to_come_again(alice: Actor) -> None:
    everything(
        "create function collide() returns trigger language plpgsql as $$ begin "
        "raise exception 'deadlock detected' using errcode = '40P01'; end $$"
    )
    everything("create trigger collide before insert on media for each statement execute function collide()")
    try:
        refused = alice.post("/media", {"title": "Heat", "media_type": "movie"})
        page = alice.client.post(f"/s/{alice.household.slug}/import", {})
    finally:
        everything("drop trigger collide on media; drop function collide()")
    assert (refused.status_code, refused.headers["Retry-After"], refused.json()["code"]) == (
        503,
        "1",
        Busy.code,
    )
    assert page.status_code == 422
    assert alice.post("/media", {"title": "Heat", "media_type": "movie"}).status_code == 201


def test_ones_own_entries_are_exported_without_any_space(alice: Actor) -> None:
    loner = make_person("Loner", alice.household)
    assert loner.post("/watchlist", {"title": "Heat", "media_type": "movie"}).status_code == 201
    answer = loner.get("/media/export?of=entries")
    assert answer.status_code == 200, answer.content
    told = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert [each["work"]["title"] for each in told["entries"]] == ["Heat"]
    assert loner.get("/media/export").status_code == 404
