"""The bare SQL of `bench/bare/`, prepared, through the wheel's pgbench as the application's role."""

import os
import re
import statistics
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .install import Install
from .rows import NotMeasured
from .seed import Seeded

STATEMENTS = Path(__file__).parent / "bare"
RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class Bare:
    """Runs a statement in the person's scope, which stands in the session's settings: pgbench sets it once."""

    def __init__(self, install: Install, seeded: Seeded) -> None:
        self._program = install.postgres.bin / "pgbench"
        self._names = {"space": seeded.space, "library": seeded.library, "person": seeded.person,
                       "additions": seeded.additions, "most": seeded.size.large - 1}  # fmt: skip
        parts = urlsplit(install.postgres.application_url())
        scope = {
            "app.user_id": seeded.person,
            "app.space_id": seeded.space,
            "app.space_ids": seeded.space,
            "app.library_ids": f"{seeded.library},{seeded.additions}",
            "app.writer": "person",
            "app.request_id": "req_bench",
        }
        self._environment = os.environ | {
            "PGHOST": parse_qs(parts.query)["host"][0],
            "PGUSER": parts.username or "",
            "PGPASSWORD": parts.password or "",
            "PGDATABASE": parts.path.lstrip("/"),
            "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in scope.items()),
        }

    def rate(self, name: str, values: Mapping[str, str], connections: int, seconds: float) -> float:
        """Statements a second."""
        found = RATE.search(self._run(name, values, connections, seconds, []))
        if found is None:
            raise NotMeasured(f"pgbench says no rate for {name}")
        return float(found[1])

    def median(self, name: str, values: Mapping[str, str], seconds: float) -> float:
        """Milliseconds of a statement at one connection."""
        with tempfile.TemporaryDirectory() as folder:
            self._run(name, values, 1, seconds, ["--log", f"--log-prefix={folder}/log"])
            took = [
                int(line.split()[2])
                for log in Path(folder).iterdir()
                for line in log.read_text().splitlines()
            ]
        return statistics.median(took) / 1000

    def _run(
        self, name: str, values: Mapping[str, str], connections: int, seconds: float, more: list[str]
    ) -> str:
        given = {key: str(value) for key, value in self._names.items()} | dict(values)
        threads = min(connections, 2)
        done = subprocess.run(
            [
                str(self._program), "--no-vacuum", "--protocol=prepared", f"--client={connections}",
                f"--jobs={threads}", f"--time={max(1, round(seconds))}", f"--file={STATEMENTS / name}.sql",
                *more, *(f"--define={key}={value}" for key, value in given.items()),
            ],
            capture_output=True, text=True, check=False, env=self._environment,
        )  # fmt: skip
        if done.returncode != 0:
            raise NotMeasured(f"bare/{name}.sql: {done.stderr[-400:]}")
        return done.stdout
