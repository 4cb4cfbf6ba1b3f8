"""`mediatheque import`: as whom, into what, and what it tells (I1)."""

from pathlib import Path

import pytest
from django.db import connection

from mediatheque.core.errors import RuleBroken
from mediatheque.core.ids import new_id, show_id
from mediatheque.intake.command import NobodyImports, import_file
from tests.intake.support import count_media, films, queued, table
from tests.support import Actor, everything


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "films.csv"
    path.write_bytes(table([*films(3), {"title": "", "year": 1999}]))
    return path


def test_file_is_imported_before_the_command_ends(alice: Actor, file: Path) -> None:
    told: list[int] = []
    job, failed = import_file(file, alice.library, None, told.append)
    assert job["status"] == "succeeded"
    assert job["summary"] == {"created": 3, "updated": 0, "skipped": 0, "failed": 1}
    assert job["added_by"] == {"id": alice.id, "name": "Alice"}
    assert [each["row"] for each in failed] == [4]
    assert told == [4]
    assert count_media(alice) == 3
    assert queued(job["id"]) == []


def test_import_may_be_a_named_members(alice: Actor, bob: Actor, file: Path) -> None:
    job, _ = import_file(file, alice.library, bob.email.upper(), lambda done: None)
    assert job["added_by"]["id"] == bob.id


@pytest.mark.parametrize("whose", ["charlie", "suspended", "no library", "no id"])
def test_import_by_somebody_without_the_right_is_refused(
    alice: Actor, bob: Actor, charlie: Actor, file: Path, whose: str
) -> None:
    everything("update memberships set suspended_at = now() where user_id = %s", [bob.user_id])
    library, email = {
        "charlie": (alice.library, charlie.email),
        "suspended": (alice.library, bob.email),
        "no library": (show_id("library", new_id()), None),
        "no id": ("nonsense", None),
    }[whose]
    with pytest.raises(NobodyImports):
        import_file(file, library, email, lambda done: None)
    assert count_media(alice) == 0


def test_file_that_is_no_table_is_refused(alice: Actor, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    with pytest.raises(RuleBroken, match="empty"):
        import_file(path, alice.library, None, lambda done: None)


def test_statistics_can_be_taken_by_the_application(alice: Actor) -> None:
    """Only a table's owner may ANALYZE; without statistics a first large import crawls."""
    with connection.cursor() as cursor:
        cursor.execute("select current_user, pg_has_role(current_user, 'mediatheque_owner', 'member')")
        assert cursor.fetchone() == ("mediatheque_app", False)
        cursor.execute("select measure_catalogue()")
