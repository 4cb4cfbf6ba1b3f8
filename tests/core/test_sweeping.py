"""Stored files nobody refers to are swept, and only once the trail has forgotten what undo would need."""

import os
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.storage import storages
from django.db import DatabaseError, transaction

from mediatheque.audit import jobs as audit_jobs
from mediatheque.core import clock, db, scope, storage, sweeping
from mediatheque.core.ids import new_id
from tests.catalog.making import make
from tests.catalog.test_covers_api import picture, upload
from tests.support import everything

YEAR = timedelta(days=365)


def kept(actor, item: dict) -> list[str]:
    found = everything("select sha256 from file_references where space_id = %s", [actor.household.space_id])
    return [sha256 for (sha256,) in found]


def there(sha256: str) -> tuple[bool, bool]:
    """Whether its row and its bytes are there."""
    rows = everything("select count(*) from stored_files where sha256 = %s", [sha256])[0][0]
    return bool(rows), storages["default"].exists(storage.name_of(sha256))


def test_a_file_goes_when_its_last_reference_is_older_than_the_trail(alice):
    item = make(alice)
    assert upload(alice, item, picture("PNG", (301, 457))).status_code == 200
    files = kept(alice, item)
    assert len(files) == 3
    with clock.at(clock.now() + 10 * YEAR):
        sweeping.sweep_files(YEAR)
    assert {there(each) for each in files} == {(True, True)}
    assert alice.delete(f"/media/{item['id']}").status_code == 204
    with clock.at(clock.now() + YEAR - timedelta(days=1)):
        sweeping.sweep_files(YEAR)
    assert {there(each) for each in files} == {(True, True)}
    assert alice.post(f"/media/{item['id']}/undo-delete").status_code == 200
    with clock.at(clock.now() + 10 * YEAR):
        sweeping.sweep_files(YEAR)
    assert {there(each) for each in files} == {(True, True)}
    assert alice.delete(f"/media/{item['id']}").status_code == 204
    with clock.at(clock.now() + YEAR + timedelta(days=1)):
        assert sweeping.sweep_files(YEAR) >= len(set(files))
    assert {there(each) for each in files} == {(False, False)}


def test_a_file_that_two_records_share_stays_for_the_other(alice, charlie):
    content = picture("PNG", (302, 458))
    mine, theirs = make(alice), make(charlie)
    assert upload(alice, mine, content).status_code == upload(charlie, theirs, content).status_code == 200
    files = kept(alice, mine)
    assert alice.delete(f"/media/{mine['id']}/cover").status_code == 204
    with clock.at(clock.now() + 10 * YEAR):
        sweeping.sweep_files(YEAR)
    assert {there(each) for each in files} == {(True, True)}
    assert charlie.get(f"/media/{theirs['id']}/cover").status_code == 200


def test_what_a_crash_left_goes_after_a_day(alice):
    """Bytes whose row was rolled back, and a write that was cut off."""
    with transaction.atomic(durable=True):
        orphan = storage.keep(b"never committed " + new_id().bytes, "text/plain")
        transaction.set_rollback(True)
    store = storages["default"]
    partial = store.path(f"{storage.name_of(orphan)}.1.2.part")
    with open(partial, "wb") as cut_off:
        cut_off.write(b"half")
    assert there(orphan) == (False, True)
    sweeping.sweep_crashed()
    assert there(orphan) == (False, True)
    with clock.at(clock.now() + timedelta(days=2)):
        assert sweeping.sweep_crashed() >= 2
    assert there(orphan) == (False, False)
    assert not os.path.exists(partial)


def test_a_swept_file_can_be_kept_again(alice):
    with transaction.atomic(durable=True):
        sha256 = storage.keep(BytesIO(b"again " + new_id().bytes), "text/plain")
    with clock.at(clock.now() + 10 * YEAR):
        sweeping.sweep_files(YEAR)
    assert there(sha256) == (False, False)


def test_the_trail_is_forgotten_after_its_time_and_never_before_thirty_days(alice):
    make(alice)
    mine = "select count(*) from audit_changes where space_id = %s"
    place = [alice.household.space_id]
    (before,) = everything(mine, place)[0]
    assert before > 0
    with scope.nobody("attack"):
        db.value("select forget_changes(now() + interval '1 day')")
    assert everything(mine, place) == [(before,)]
    everything("update audit_changes set at = now() - interval '400 days' where space_id = %s", place)
    audit_jobs.forget_old.func(0)
    assert everything(mine, place) == [(0,)]


def test_the_keeper_sees_hashes_and_times_alone():
    with transaction.atomic(durable=True):
        db.execute("set local role mediatheque_keeper")
        assert db.rows("select sha256, created_at, released_at from stored_files limit 1") is not None
        with pytest.raises(DatabaseError, match="permission denied"):
            db.rows("select size from stored_files")
        transaction.set_rollback(True)
