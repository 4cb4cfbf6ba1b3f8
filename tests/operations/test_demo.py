"""`serve --demo`: a household to look at, on an empty install only."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from mediatheque.catalog.rules import normal_isbn
from mediatheque.operations.demo.founding import LivedIn
from mediatheque.operations.demo.household import Made, make_household
from mediatheque.operations.demo.plan import read_plan
from tests.conftest import _clone
from tests.support import everything

TODAY = date(2026, 11, 20)
PICTURE = (
    "select m.title, m.year, l.name, m.format, m.location, m.ownership, m.added_at::date, u.name, "
    "(select array_agg(p.name || e.status || e.on_watchlist || coalesce(e.rating, 0) order by p.name) "
    "  from entry_works t join entries e on e.id = t.entry_id join users p on p.id = e.user_id "
    "  where t.work_id = m.work_id) "
    "from media m join libraries l on l.id = m.library_id left join users u on u.id = m.added_by "
    "order by l.name, m.title, m.id"
)


def _one(sql: str) -> Any:
    return everything(sql)[0][0]


def test_household_is_whole(empty_install):
    made = make_household(today=TODAY)
    assert made.name == "Linden Street 12"
    roles = dict(everything("select u.name, m.role from memberships m join users u on u.id = m.user_id"))
    assert roles == {
        "Nora Winter": "admin",
        "Emil Winter": "manager",
        "Ida Lindqvist": "member",
        "Jonas Okafor": "member",
        "Mila": "member",
    }
    assert _one("select count(*) from users where email is null") == 1
    assert _one("select count(*) from invitations where status = 'pending'") == 1
    assert everything("select name from libraries where limited") == [("Presents",)]
    titles = {row[0] for row in everything("select title from media")}
    assert {"Fight Club", "The Shawshank Redemption", "Breaking Bad", "Сталкер", "こころ"} <= titles
    assert len(titles) > 303
    assert {row[0] for row in everything("select distinct ownership from media")} >= {
        "owned",
        "wanted",
        "ordered",
    }
    assert _one("select max(added_at) - min(added_at) > interval '600 days' from media")
    assert _one("select count(distinct user_id) from entries") == 4
    assert _one("select sum(expected_episodes) from seasons s join media m on m.id = s.media_id "
                "where m.title = 'Breaking Bad'") == 62  # fmt: skip
    assert everything("select count(*), count(due), count(back) from loans") == [(4, 2, 1)]
    _every_import_went_well()
    _trail_names_who_did_it()
    _everybody_signs_in(made)
    _a_used_install_is_left_alone()


def _every_import_went_well() -> None:
    jobs = everything("select status, failed, skipped, updated, notices::text from sync_jobs")
    assert jobs == [("succeeded", 0, 0, 0, "[]")] * 6
    assert everything("select messages from report_rows where messages <> '[]'") == []


def _trail_names_who_did_it() -> None:
    assert _one("select count(*) from audit_changes where table_name = 'media' and actor_id is null") == 0
    assert _one("select count(*) from sessions") == 0


def _everybody_signs_in(made: Made) -> None:
    for person in made.people:
        body = {"email": person.email, "password": made.password}
        answer = Client().post("/api/auth/login", body, content_type="application/json")
        assert answer.status_code == 200, answer.content


def _a_used_install_is_left_alone() -> None:
    before = everything(PICTURE)
    with pytest.raises(LivedIn, match="left as it is"):
        make_household(today=TODAY)
    assert everything(PICTURE) == before
    assert _one("select count(*) from users") == 5


def test_same_seed_makes_the_same_household(empty_install):
    pictures = []
    for seed in (3, 3):
        connection.close()
        _clone(empty_install)
        make_household(today=TODAY, seed=seed)
        pictures.append(everything(PICTURE))
    assert pictures[0] == pictures[1]


def test_somebody_elses_install_is_refused(household):
    before = _one("select count(*) from users")
    with pytest.raises(LivedIn):
        make_household(today=TODAY)
    assert _one("select count(*) from users") == before


def test_command_says_why_it_refuses(household):
    answer = subprocess.run(
        [sys.executable, "-m", "mediatheque.operations.demo"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "Somebody has registered in this install already" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_tables_hold_what_they_promise():
    plan = read_plan()
    for each in plan.imports:
        titles = each.titles()
        assert all(None not in row and None not in row.values() for row in titles), each.file
        assert len({(row["title"], row["year"]) for row in titles}) == len(titles), each.file
    isbns = [row["isbn"] for each in plan.imports for row in each.titles() if row.get("isbn")]
    assert len(isbns) > 40
    assert [isbn for isbn in isbns if normal_isbn(isbn) != isbn] == []
