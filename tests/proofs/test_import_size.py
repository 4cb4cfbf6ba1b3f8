"""Large files of every kind within 256 MB of memory, plan and import; what cannot be is refused (PROOFS, *Imports*)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import Actor

ROOT = Path(__file__).resolve().parents[2]
FULL = os.environ.get("PROOFS") == "full"
MEMORY = 256  # megabytes
SIZE = 100.0 if FULL else 0.3
ENORMOUS = 1024.0 if FULL else 6.0
IMPORTED = [
    "table", "imdb", "trakt", "trakt zip", "letterboxd zip", "own", "own zip", "delicious", "clz",
]  # fmt: skip


def import_of(actor: Actor, kind: str, megabytes: float) -> dict[str, Any]:
    """The job as it ended, in a process of its own, with the most that it held."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.proofs.import_of_size", kind, str(megabytes), actor.library],
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = dict(json.loads(done.stdout.splitlines()[-1]))
    print(kind, megabytes, found)
    return found


@pytest.mark.parametrize("kind", IMPORTED if FULL else ["table", "trakt zip", "letterboxd zip", "own zip"])
def test_a_large_file_is_planned_and_imported_within_bounded_memory(alice: Actor, kind: str) -> None:
    found = import_of(alice, kind, SIZE)
    assert found["status"] == "succeeded"
    assert found["summary"] == found["plan"]
    assert found["summary"]["created"] > 0
    assert found["summary"]["failed"] == 0
    assert found["peak"] <= MEMORY


@pytest.mark.parametrize("kind", ["long cells", "one endless line", "nothing but zeros", "own, cut short"])
def test_an_enormous_file_is_read_or_refused_within_bounded_memory(alice: Actor, kind: str) -> None:
    found = import_of(alice, kind, SIZE if kind == "own, cut short" else ENORMOUS)
    if kind == "nothing but zeros":
        assert found["refused"] == "file.binary"
    else:
        assert found["status"] == "succeeded"
        assert found["summary"]["created"] > 0
        assert found["summary"]["failed"] == (0 if kind == "long cells" else 1)
    assert found["peak"] <= MEMORY
