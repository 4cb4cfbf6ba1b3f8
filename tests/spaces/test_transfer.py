"""S2: a library goes to another space with everything under it; ids stay, nothing else moves."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client

from mediatheque.core import db, scope
from mediatheque.core.ids import new_id, read_id, show_id
from tests.catalog.making import make
from tests.catalog.test_covers_api import picture, upload
from tests.proofs.test_races import at_once, call
from tests.proofs.world import join
from tests.support import Actor, Household, everything, make_household

OF_A_SPACE = "space_id = %(space)s"
# What stays behind or is made anew: the trail, events, and what triggers derive.
LEFT_OUT = {"audit_changes", "events", "sessions", "kept_answers", "rate_counts", "tokens"}
TOUCHED = {"updated_at"}


@pytest.fixture
def second(alice: Actor) -> Household:
    """Another space that Alice administers."""
    household = make_household("Second")
    join(alice, household, "admin")
    return household


def shelf(alice: Actor) -> str:
    """A library with one of everything."""
    library = alice.post("/libraries", {"name": "Attic", "template": "series"}).json()["id"]
    series = make(alice, "Twin Peaks", "tv_series", library=library, genres=["Crime"], notes="signed",
                  own={"status": "watching"}, people=[{"name": "David Lynch", "role": "director"}])  # fmt: skip
    base = f"/media/{series['id']}"
    assert alice.post(f"{base}/seasons", {"number": 1, "title": "One"}).status_code == 201
    copy = {"format": "DVD", "resolution": "1080p", "barcode": "4006381333931"}
    variant = alice.post(f"{base}/variants", copy).json()["id"]
    assert alice.post(f"{base}/variants/{variant}/loan", {"to": "Cousin"}).status_code == 201
    assert alice.patch(f"{base}/metadata", {"shop": "Zweitausendeins"}).status_code == 200
    assert upload(alice, series, picture("PNG", (311, 433))).status_code == 200
    episode = make(alice, "Pilot", "tv_episode", library=library, details={"season": 1, "number": 1})
    everything("update media set series_id = %s where id = %s",
               [read_id("media", series["id"]), read_id("media", episode["id"])])  # fmt: skip
    place = everything(
        "select space_id, library_id from media where id = %s", [read_id("media", series["id"])]
    )[0]
    everything(
        "insert into origins (id, space_id, library_id, media_id, source, kind, old_id) values (uuid7(), %s, %s, %s, "
        "'collectz', 'media', '17')", [*place, read_id("media", series["id"])],
    )  # fmt: skip
    everything(
        "insert into fingerprints (library_id, source, fingerprint, space_id, media_id) values (%s, 'csv', %s, %s, %s)",
        [place[1], new_id().bytes, place[0], read_id("media", series["id"])],
    )
    return str(library)


def move(actor: Actor, library: str, to: Household, **more: Any) -> Any:
    body = {"to": show_id("space", to.space_id), **more}
    return actor.post(f"/libraries/{library}/transfer", body, X_Space=actor.space)


def tables() -> dict[str, list[str]]:
    """Every table of ours with its columns, but for those that are left out."""
    found: dict[str, list[str]] = {}
    for table, column in everything(
        "select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2"
    ):
        if table not in LEFT_OUT and not table.startswith(("procrastinate", "django")):
            found.setdefault(table, []).append(column)
    return found


def rows_of(*spaces: Any) -> dict[str, dict[str, Any]]:
    """Every row of these spaces and of their people, by table and by content without times of change."""
    found: dict[str, dict[str, Any]] = {}
    for table, columns in tables().items():
        owners = [
            f"t.{name} = any(%(spaces)s)"
            for name in ("space_id", "owner_space", "work_owner")
            if name in columns
        ]
        if "user_id" in columns:
            owners.append("t.user_id in (select user_id from memberships where space_id = any(%(spaces)s))")
        if owners:
            rows = everything(
                f"select to_jsonb(t)::text from {table} t where {' or '.join(owners)}",
                {"spaces": list(spaces)},
            )
            found[table] = {}
            for (text,) in rows:
                row = {name: value for name, value in json.loads(text).items() if name not in TOUCHED}
                found[table][json.dumps(row, sort_keys=True)] = row
    return found


def changed(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> dict[str, tuple[list[Any], list[Any]]]:
    """Per table the rows that went and those that came."""
    return {
        table: ([before[table][key] for key in before[table].keys() - after[table].keys()],
                [after[table][key] for key in after[table].keys() - before[table].keys()])
        for table in before if before[table].keys() != after[table].keys()
    }  # fmt: skip


def test_everything_arrives_and_nothing_else_moves(alice, bob, second):
    library = shelf(alice)
    make(alice, "Solaris")
    make(second.admin, "Mirror")
    source, target = alice.household.space_id, second.space_id
    before = rows_of(source, target)
    answer = move(alice, library, second)
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "library": library,
        "to": show_id("space", target),
        "moved": {"media": 2, "variants": 1, "seasons": 1, "covers": 1},
        "cut": [],
    }
    moved = changed(before, rows_of(source, target))
    names = {str(source): str(target)}
    for table, (went, came) in moved.items():
        renamed = [{name: names.get(value, value) if isinstance(value, str) else value for name, value in row.items()}
                   for row in went]  # fmt: skip
        key = lambda row: json.dumps(row, sort_keys=True)  # noqa: E731
        assert sorted(map(key, renamed)) == sorted(map(key, came)), table
    assert set(moved) >= {
        "libraries", "media", "media_metadata", "media_terms", "media_words", "origins", "fingerprints", "seasons",
        "variants", "loans", "works", "file_references", "entry_works",
    }  # fmt: skip
    assert alice.get(f"/libraries/{library}", X_Space=alice.space).status_code == 404
    shown = alice.get(f"/media?library={library}", X_Space=show_id("space", target)).json()["items"]
    assert [(each["title"], each["own"] and each["own"]["status"]) for each in shown] == [
        ("Pilot", None),
        ("Twin Peaks", "watching"),
    ]
    assert second.admin.get(f"/media/{shown[1]['id']}/cover").status_code == 200
    assert [each["title"] for each in bob.get("/media?library=all").json()["items"]] == ["Solaris"]
    found = second.admin.get(f"/media?library={library}&q=twin").json()["items"]
    assert [each["title"] for each in found] == ["Twin Peaks"]


def test_tags_arrive_as_tags_of_the_new_space(alice, bob, second):
    """Names are what an item bears: a tag there of the same name is taken, another is made, none is lost."""
    library = shelf(alice)
    tagged = make(alice, "Stalker", library=library, tags=["To keep", "Signed"])
    stays = make(alice, "Solaris", tags=["To keep"])
    assert second.admin.post("/tags", {"name": "to keep"}).status_code == 201
    assert move(alice, library, second).status_code == 200
    there = {"X_Space": show_id("space", second.space_id)}
    assert alice.get(f"/media/{tagged['id']}", **there).json()["tags"] == ["To keep", "Signed"]
    names = [each["name"] for each in second.admin.get("/tags").json()["items"]]
    assert sorted(names, key=str.lower) == ["Signed", "to keep"]
    for name in ("to keep", "signed"):
        found = second.admin.get(f"/media?library=all&tag={name}").json()["items"]
        assert [each["title"] for each in found] == ["Stalker"]
    assert bob.get(f"/media/{stays['id']}").json()["tags"] == ["To keep"]
    left = bob.get("/media?library=all&tag=To%20keep").json()["items"]
    assert [each["title"] for each in left] == ["Solaris"]


def test_a_work_that_another_library_shares_is_copied_and_told(alice, bob, second):
    library = shelf(alice)
    kept = make(alice, "Twin Peaks", "tv_series", own=None)
    series = next(
        each
        for each in alice.get(f"/media?library={library}").json()["items"]
        if each["title"] == "Twin Peaks"
    )
    work = read_id("work", series["work"])
    everything("update media set work_id = %s where id = %s", [work, read_id("media", kept["id"])])
    answer = move(alice, library, second).json()
    (cut,) = answer["cut"]
    assert (cut["kind"], cut["media"], cut["with"]["media"]) == ("work", series["id"], kept["id"])
    assert everything("select owner_space, library_id from works where id = %s", [work]) == [
        (alice.household.space_id, alice.household.library_id)
    ]
    there = alice.get(f"/media/{series['id']}", X_Space=show_id("space", second.space_id)).json()
    assert there["work"] != series["work"]
    assert there["own"]["status"] == "watching"
    assert alice.get(f"/media/{kept['id']}", X_Space=alice.space).json()["own"]["status"] == "watching"


def test_what_belongs_to_people_who_are_not_there_is_cut(alice, bob, mary, second):
    join(mary, second, "member")
    attic = alice.household.add_library("Attic", limited=True, admits=(bob, mary))
    library = show_id("library", attic)
    item = make(bob, "Stalker", library=library, own={"status": "completed"})
    hers = make(mary, "Mirror", library=library, own={"status": "completed"})
    dry = move(alice, library, second, dry_run=True).json()
    assert [(each["kind"], each.get("user")) for each in dry["cut"]] == [
        ("added_by", bob.id),
        ("member", bob.id),
    ]
    assert alice.get(f"/libraries/{library}", X_Space=alice.space).status_code == 200
    assert move(alice, library, second).json() == dry
    place = show_id("space", second.space_id)
    assert alice.get(f"/media/{item['id']}", X_Space=place).json()["added_by"] is None
    assert mary.get(f"/media/{hers['id']}", X_Space=place).json()["added_by"]["id"] == mary.id
    assert mary.get(f"/media/{hers['id']}", X_Space=place).json()["own"]["status"] == "completed"
    assert everything("select user_id from library_members where library_id = %s", [attic]) == [
        (mary.user_id,)
    ]
    assert bob.get(f"/media/{item['id']}").status_code == 404
    ties = everything(
        "select count(*) from entries e left join entry_works t on t.entry_id = e.id "
        "where e.user_id = %s and t.id is null", [bob.user_id],
    )  # fmt: skip
    assert ties == [(1,)]


def test_jobs_stay_behind_and_a_running_one_holds_the_library(alice, second):
    from tests.proofs.world import make_job

    library = shelf(alice)
    job = make_job(alice.household, read_id("library", library), alice)
    refused = move(alice, library, second)
    assert (refused.status_code, refused.json()["code"]) == (409, "library.importing")
    everything("update sync_jobs set status = 'succeeded' where id = %s", [read_id("job", job)])
    answer = move(alice, library, second)
    assert [each["kind"] for each in answer.json()["cut"]] == ["job"]
    assert alice.get(f"/sync-jobs/{job}", X_Space=alice.space).status_code == 200
    assert alice.get(f"/sync-jobs/{job}", X_Space=show_id("space", second.space_id)).status_code == 404


def test_a_failure_half_way_leaves_the_start(alice, second):
    library = shelf(alice)
    before = rows_of(alice.household.space_id, second.space_id)
    target = str(second.space_id)
    everything(
        "create function break_off() returns trigger language plpgsql as $$ begin "
        f"if new.space_id = '{target}' then raise exception 'the cable was pulled'; end if; return new; end $$"
    )
    everything("create trigger break_off before update on media for each row execute function break_off()")
    alice.client.raise_request_exception = False
    try:
        assert move(alice, library, second).status_code == 500
    finally:
        everything("drop function break_off() cascade")
    assert changed(before, rows_of(alice.household.space_id, second.space_id)) == {}
    assert move(alice, library, second).status_code == 200


def test_only_who_administers_both_transfers(alice, mary, charlie, second):
    library = shelf(alice)
    stranger = make_household("Stranger")
    assert move(mary, library, second).json()["code"] == "permission.role"
    foreign, missing = (
        move(alice, library, stranger),
        alice.post(f"/libraries/{library}/transfer", {"to": show_id("space", new_id())}, X_Space=alice.space),
    )
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["errors"] == missing.json()["errors"]
    assert foreign.json()["errors"][0]["field"] == "to"
    join(alice, stranger, "manager")
    assert (move(alice, library, stranger).status_code, move(alice, library, stranger).json()["code"]) == (
        403, "permission.role",
    )  # fmt: skip
    assert move(alice, library, alice.household).json()["code"] == "space.same"
    default = move(alice, alice.library, second)
    assert (default.status_code, default.json()["code"]) == (409, "library.default")
    assert charlie.post(f"/libraries/{library}/transfer", {"to": charlie.space}).status_code == 404
    everything("update spaces set archived_at = now() where id = %s", [second.space_id])
    assert move(alice, library, second).json()["code"] == "space.archived"


def test_the_application_itself_moves_no_library(alice, bob, second):
    """Plain SQL as the application's role: neither by hand nor through the gate of somebody who may not."""
    library = read_id("library", shelf(alice))
    join(bob, second, "admin")
    for statement in (
        "update libraries set space_id = %(to)s where id = %(library)s",
        "update media set space_id = %(to)s where library_id = %(library)s",
        "select transfer_library(%(library)s, %(to)s)",
        "select look_at_transfer(%(library)s, %(to)s)",
    ):
        values = {"to": second.space_id, "library": library}
        with (
            pytest.raises(DatabaseError),
            scope.of_person(bob.user_id, space=alice.household.space_id, request_id="x"),
        ):
            db.execute(statement, values)
    assert everything("select space_id from libraries where id = %s", [library]) == [
        (alice.household.space_id,)
    ]


def test_two_transfers_at_once_make_one(alice, second):
    library = shelf(alice)
    third = make_household("Third")
    join(alice, third, "admin")
    targets = [second, third]

    def act(number: int) -> Any:
        body = {"to": show_id("space", targets[number % 2].space_id)}
        return call(alice, "POST", f"/libraries/{library}/transfer", body, X_Space=alice.space)

    answers = at_once(8, act)
    assert sorted(each.status_code for each in answers) == [200] + [404] * 7
    (found,) = everything(
        "select count(distinct space_id) from (select space_id from libraries where id = %(l)s "
        "union all select space_id from media where library_id = %(l)s "
        "union all select owner_space from works where library_id = %(l)s) x",
        {"l": read_id("library", library)},
    )
    assert found == (1,)


def test_what_is_added_and_edited_meanwhile_is_whole_or_refused(alice, second):
    library = shelf(alice)
    item = alice.get(f"/media?library={library}").json()["items"][0]["id"]

    def act(number: int) -> Any:
        if number == 0:
            return call(alice, "POST", f"/libraries/{library}/transfer", {"to": show_id("space", second.space_id)},
                        X_Space=alice.space)  # fmt: skip
        if number % 2:
            body = {"title": f"New {number}", "media_type": "movie", "library": library}
            return call(alice, "POST", "/media", body, X_Space=alice.space)
        return call(alice, "PATCH", f"/media/{item}", {"notes": f"{number}"}, X_Space=alice.space)

    answers = at_once(12, act)
    assert {each.status_code for each in answers} <= {200, 201, 404}, [each.content for each in answers]
    place = {"l": read_id("library", library)}
    spaces = everything("select distinct space_id, work_owner from media where library_id = %(l)s", place)
    assert spaces == [(second.space_id, second.space_id)]


def test_a_move_to_another_space_is_not_undone_row_by_row(alice, second):
    library = shelf(alice)
    assert move(alice, library, second).status_code == 200
    place = show_id("space", second.space_id)
    changes = alice.get(f"/spaces/{place}/audit?limit=200").json()["items"]
    moved = next(each for each in changes if each["table"] == "media" and each["action"] == "update")
    answer = alice.post(f"/spaces/{place}/audit/{moved['id']}/undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "undo.kind")


def test_the_page_shows_what_would_be_cut_before_it_moves_anything(alice, bob, second):
    library = shelf(alice)
    make(bob, "Stalker", library=library)
    slug = alice.household.slug
    here = f"/s/{slug}/libraries/{library}"
    settings = alice.client.get(here).content.decode()
    assert "3 titles · 1 copy · 1 season · 1 cover" in settings
    assert f'href="{here}/transfer"' in settings
    to = show_id("space", second.space_id)
    choosing = alice.client.get(f"{here}/transfer").content.decode()
    assert f'value="{to}"' in choosing
    assert "Transfer to Second" not in choosing
    look = alice.client.get(f"{here}/transfer?to={to}").content.decode()
    assert "3 titles · 1 copy · 1 season · 1 cover" in look
    assert "1 title no longer says that Bob added it." in look
    assert alice.get(f"/libraries/{library}", X_Space=alice.space).status_code == 200
    wrong = alice.client.get(f"{here}/transfer?to=spc_unknown")
    assert (wrong.status_code, "There is no such record." in wrong.content.decode()) == (422, True)
    moved = alice.client.post(f"{here}/transfer", {"to": to})
    assert (moved.status_code, moved["Location"]) == (303, f"/s/{second.slug}/libraries")
    assert alice.client.get(here).status_code == 404
    assert alice.client.get(f"/s/{second.slug}/libraries/{library}").status_code == 200


def test_how_much_a_library_holds_is_told_to_those_it_admits(alice, bob, charlie):
    library = shelf(alice)
    path = f"/libraries/{library}/contents"
    assert bob.get(path).json() == {"media": 2, "variants": 1, "seasons": 1, "covers": 1}
    attic = show_id("library", alice.household.add_library("Attic", limited=True))
    assert alice.get(f"/libraries/{attic}/contents").status_code == 200
    assert bob.get(f"/libraries/{attic}/contents").status_code == charlie.get(path).status_code == 404


def test_whatever_else_happens_to_the_library_meanwhile_is_whole_or_refused(alice, second):
    """Imports, copies, seasons, covers, limits and archiving against the move: never a fault, never half."""
    library = shelf(alice)
    series = next(
        each["id"]
        for each in alice.get(f"/media?library={library}").json()["items"]
        if each["media_type"] == "tv_series"
    )
    here = {"X-Space": alice.space}

    def multipart(path: str, name: str, content: bytes, kind: str, **fields: str) -> Any:
        client = Client()
        client.cookies["session"] = alice.session_key
        return client.post(
            f"/api{path}", {"file": SimpleUploadedFile(name, content, kind), **fields}, headers=here
        )

    def act(number: int) -> Any:
        acts = (
            lambda: call(alice, "POST", f"/libraries/{library}/transfer", {"to": show_id("space", second.space_id)},
                         X_Space=alice.space),
            lambda: multipart("/media/import-csv", "a.csv", b"title,year\nSolaris,1972\n", "text/csv", library=library),
            lambda: call(alice, "POST", f"/media/{series}/variants", {"format": "VHS"}, X_Space=alice.space),
            lambda: call(alice, "POST", f"/media/{series}/seasons", {"number": number + 5}, X_Space=alice.space),
            lambda: multipart(f"/media/{series}/cover", "c.png", picture("PNG", (40, 60)), "image/png"),
            lambda: call(alice, "PATCH", f"/libraries/{library}", {"limited": True}, X_Space=alice.space),
            lambda: call(alice, "POST", f"/libraries/{library}/archive", {}, X_Space=alice.space),
            lambda: call(alice, "PATCH", f"/media/{series}/metadata", {"shelf": f"{number}"}, X_Space=alice.space),
        )  # fmt: skip
        return acts[number % len(acts)]()

    answers = at_once(16, act)
    wrong = {each.status_code: each.content[:300] for each in answers if each.status_code not in
             (200, 201, 202, 204, 404, 409)}  # fmt: skip
    assert wrong == {}
    place = {"l": read_id("library", library)}
    (where,) = everything("select space_id from libraries where id = %(l)s", place)
    for table in ("media", "variants", "seasons", "media_metadata", "file_references", "media_terms"):
        spaces = everything(f"select distinct space_id from {table} where library_id = %(l)s", place)
        assert spaces == [where], table
