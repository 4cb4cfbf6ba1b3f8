"""PostgreSQL itself and the worker killed in the middle of an import, a plan, an undo: exact counts after (PROOFS)."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mediatheque.core.postgres import DATABASE, EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
POINTS = [
    "survey",
    "import, while it parses",
    "import, inside a batch",
    "import, in the first batch",
    "import, before a commit",
    "import, after a commit",
    "import, in the last batch",
    "import, before its end",
    "plan, before a commit",
    "plan, between batches",
    "plan, before its end",
    "apply, at its beginning",
    "apply, inside a batch",
    "apply, after its report",
    "apply, between batches",
    "undo, at its beginning",
    "undo, inside a batch",
    "undo, between batches",
    "undo, before a commit",
    "undo, before the entries",
    "undo, before its end",
]
QUICK = ["import, before a commit", "plan, before a commit", "undo, before a commit"]
COUNTS = {"created": 20, "updated": 1, "skipped": 3, "failed": 1}


class House:
    """An install of its own, with a PostgreSQL that may be killed."""

    def __init__(self, data: Path) -> None:
        self.postgres = EmbeddedPostgres(data)
        self.postgres.start()
        self._environment = os.environ | {
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "MEDIATHEQUE_DATA": str(data),
            "MEDIATHEQUE_ENV_FILE": "",
            "ALLOWED_HOSTS": "testserver",
            "DATABASE_URL": self.postgres.application_url(),
            "DATABASE_OWNER_URL": self.postgres.owner_url(),
            "TEST_SUPERUSER_DSN": self.postgres.superuser_dsn("DATABASE"),
        }
        self._run("-m", "django", "migrate", "--database=owner", "-v0")
        del self._environment["DATABASE_OWNER_URL"]

    def begin(self, stage: str) -> tuple[str, str]:
        """A job at this stage: its id and its household's."""
        told = self._run("-m", "tests.proofs.crash_house", "begin", stage).split()
        return told[-2], told[-1]

    def crash(self, point: str, *victims: str) -> None:
        self._run("-m", "tests.proofs.crash_house", "crash", point, *victims, must=False)

    def go_on(self) -> None:
        self._run("-m", "tests.proofs.crash_house", "go_on")

    def restart(self) -> None:
        """As `serve` does when its PostgreSQL ended by itself."""
        self.postgres.stop()
        self.postgres.start()

    def look(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.postgres.superuser_dsn(DATABASE), autocommit=True) as admin:
            return admin.execute(sql, values).fetchall()

    @property
    def postmaster(self) -> str:
        assert self.postgres.process is not None
        return str(self.postgres.process.pid)

    def _run(self, *words: str, must: bool = True) -> str:
        try:
            done = subprocess.run(
                [sys.executable, *words],
                env=self._environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        except subprocess.TimeoutExpired:
            assert not must, words
            return ""
        assert done.returncode == 0 or not must, done.stderr[-3000:]
        return done.stdout


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None, prefix="mc-") as folder:
        house = House(Path(folder) / "data")
        yield house
        house.postgres.stop()


@pytest.mark.parametrize("victim", ["postgres", "worker", "both"])
@pytest.mark.parametrize("point", POINTS if os.environ.get("PROOFS") == "full" else QUICK)
def test_killed_in_the_middle_the_job_has_its_effect_once(house: House, point: str, victim: str) -> None:
    stage = point.split(",")[0] if "," in point else "import"
    job, space = house.begin(stage)
    victims = {"postgres": [house.postmaster], "worker": ["self"], "both": [house.postmaster, "self"]}[victim]
    house.crash(point, *victims)
    house.restart()
    ((status,),) = house.look("select status from sync_jobs where id = %s", job)
    assert status == "running", "it was not killed where it should"
    for _ in range(2):  # the first may only find that the job's worker is dead
        house.go_on()
    at_end[stage](house, job, space)
    assert orphans(house, space) == 0


def imported_exactly(house: House, job: str, space: str) -> None:
    ((status, *counts),) = house.look(
        "select status, created, updated, skipped, failed from sync_jobs where id = %s", job
    )
    assert (status, dict(zip(COUNTS, counts, strict=True))) == ("succeeded", COUNTS)
    rows = house.look("select row, outcome from report_rows where job_id = %s order by row", job)
    assert [row for row, _ in rows] == list(range(1, 26))
    assert house.look("select count(*), count(distinct title) from media where space_id = %s", space) == [
        (21, 21)
    ]
    assert house.look("select count(*) from fingerprints where space_id = %s", space) == [(22,)]


def planned_exactly(house: House, job: str, space: str) -> None:
    ((status, stage, plan),) = house.look("select status, stage, plan from sync_jobs where id = %s", job)
    assert (status, stage, plan if isinstance(plan, dict) else json.loads(str(plan))) == (
        "idle",
        "planned",
        COUNTS,
    )
    rows = house.look("select row from plan_rows where job_id = %s order by row", job)
    assert [row for (row,) in rows] == list(range(1, 26))
    assert house.look("select count(*) from media where space_id = %s", space) == [(1,)]


def undone_exactly(house: House, job: str, space: str) -> None:
    ((status, undone),) = house.look("select status, undone_at is not null from sync_jobs where id = %s", job)
    assert (status, undone) == ("succeeded", True)
    assert house.look("select title, location, genres from media where space_id = %s", space) == [
        ("Film number 0", "Attic", [])
    ]
    assert house.look("select count(*) from fingerprints where space_id = %s", space) == [(1,)]


at_end = {
    "import": imported_exactly,
    "apply": imported_exactly,
    "plan": planned_exactly,
    "undo": undone_exactly,
}


def orphans(house: House, space: str) -> int:
    """Rows of this household that point at nothing, or that nothing points at."""
    found = house.look(
        "select (select count(*) from works w where owner_space = %(s)s and not exists (select from media m "
        "where m.work_id = w.id)) + (select count(*) from fingerprints f where space_id = %(s)s and not exists "
        "(select from media m where m.id = f.media_id)) + (select count(*) from media_words x where "
        "space_id = %(s)s and not exists (select from media m where m.id = x.media_id))".replace(
            "%(s)s", f"'{space}'"
        )
    )
    return int(str(found[0][0]))
