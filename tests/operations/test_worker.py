"""A real worker: imports beside each other, and nothing else waits for them (L4)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from mediatheque.core.ids import show_id
from tests.intake.support import films, read, table, upload
from tests.support import Actor, everything

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "MEDIATHEQUE_ENV_FILE": ""}
    process = subprocess.Popen([sys.executable, "-m", "mediatheque", "worker"], env=environment)
    yield process
    process.kill()
    process.wait()


def test_import_that_is_held_up_holds_nothing_else_up(alice: Actor, worker: subprocess.Popen[bytes]) -> None:
    attic = alice.household.add_library()
    with library_held(str(alice.household.library_id)):
        held = upload(alice, table(films(3))).json()["job_id"]
        wait_until(lambda: read(alice, held)["status"] == "running")
        free = upload(alice, table(films(3)), library=show_id("library", attic)).json()["job_id"]
        upkeep = (
            "select count(*) from procrastinate_jobs where queue_name = 'upkeep' and status = 'succeeded'"
        )
        before = everything(upkeep)[0][0]
        wait_until(lambda: read(alice, free)["status"] == "succeeded")
        wait_until(lambda: everything(upkeep)[0][0] > before)
        assert read(alice, held)["status"] == "running"
    wait_until(lambda: read(alice, held)["status"] == "succeeded")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0


@contextmanager
def library_held(library_id: str) -> Iterator[None]:
    """As if another import were in the middle of a batch."""
    dsn = os.environ["TEST_SUPERUSER_DSN"].replace("DATABASE", connection.settings_dict["NAME"])
    with psycopg.connect(dsn) as holder:
        holder.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [library_id])
        yield


def wait_until(true: Callable[[], bool], seconds: float = 150.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
