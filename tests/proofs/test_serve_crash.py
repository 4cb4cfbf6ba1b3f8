"""A whole served house in the middle of an import: PostgreSQL, web server and worker killed, then exact counts."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.house import House, Refused, served_house
from tests.intake.support import films, table

ROWS = 6_000
LONGEST = 400.0  # seconds: a dead worker's job is taken up within about two minutes
PARTS = ("postgres\0-D", "mediatheque.web.server", "worker\0")

pytestmark = pytest.mark.skipif(os.environ.get("PROOFS") != "full", reason="takes minutes: PROOFS=full")


def test_import_survives_its_house_with_exact_counts() -> None:
    with served_house() as house:
        guest = house.guest("Nora")
        guest.register()
        file = {"file": ("films.csv", table([*films(ROWS), *films(50)]), "text/csv")}
        job_id = guest.call("POST", "/api/media/import-csv", files=file)["job_id"]

        def job() -> dict[str, Any]:
            try:
                return dict(guest.call("GET", f"/api/sync-jobs/{job_id}"))
            except (httpx.TransportError, Refused):
                return {"status": "away", "progress": {"done": 0}}

        wait_until(lambda: job()["progress"]["done"] >= 1000)
        for part in PARTS:
            kill(house, part)
        wait_until(lambda: job()["status"] in ("succeeded", "failed", "cancelled"))
        ended = job()
        assert (ended["status"], ended["summary"]) == (
            "succeeded", {"created": ROWS, "updated": 0, "skipped": 50, "failed": 0},
        )  # fmt: skip
        assert guest.call("GET", "/api/media?limit=1&total=true")["pagination"]["total"] == ROWS
        again = guest.call("POST", "/api/media/import-csv", files=file)["job_id"]
        assert guest.wait_for_job(again, LONGEST)["summary"]["skipped"] == ROWS + 50


def kill(house: House, words: str) -> None:
    """The child of `serve` with these words on its command line."""
    assert house.process is not None
    children = Path(f"/proc/{house.process.pid}/task/{house.process.pid}/children").read_text().split()
    for child in children:
        if words.encode() in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), signal.SIGKILL)
            return
    raise AssertionError(f"The house has no {words!r}.")


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
