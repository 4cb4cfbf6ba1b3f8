"""A real install, started as people start it, on a data directory of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from mediatheque.core.postgres import EmbeddedPostgres

from .rows import NotMeasured

HOST = "127.0.0.1"
READY_SECONDS = 120.0
STOP_SECONDS = 60.0


class Install:
    """`mediatheque serve` on `data`, and ways to look at it from outside."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = _free_port()
        self.postgres = EmbeddedPostgres(data)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Serves; how many seconds it took until a request for readiness was answered."""
        started = time.perf_counter()
        with (self.data / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mediatheque", "serve", "--port", str(self.port)],
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        while not self._ready():
            if self._process.poll() is not None or time.perf_counter() - started > READY_SECONDS:
                raise NotMeasured(f"serve did not start: see {self.data}/serve.log")
            time.sleep(0.01)
        return time.perf_counter() - started

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS)
            self._process = None

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.postgres.superuser_dsn(), autocommit=True) as connection:
            yield connection

    def processes(self) -> dict[int, str]:
        """The install's processes with their command lines."""
        assert self._process is not None
        parents = {pid: parent for pid in _all_processes() if (parent := _parent(pid)) is not None}
        found = [self._process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return {pid: line for pid in found if (line := _command_line(pid))}

    def worker(self) -> int:
        """The process that runs jobs."""
        for pid, line in self.processes().items():
            if line.rstrip().endswith(" worker"):
                return pid
        raise NotMeasured("the install has no job worker")

    def memory(self) -> float:
        """Megabytes of all processes together; what several share counts once."""
        return sum(_pss(pid) for pid in self.processes()) / 1024

    def _ready(self) -> bool:
        connection = HTTPConnection(HOST, self.port, timeout=5)
        with suppress(OSError):
            connection.request("GET", "/api/ready")
            return connection.getresponse().status == 200
        return False

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
        return {**kept, "MEDIATHEQUE_DATA": str(self.data), "MEDIATHEQUE_ENV_FILE": ""}


def forget_peak(pid: int) -> None:
    """From here on `peak` tells of what comes."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid: int) -> float:
    """The most megabytes the process ever held."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:") / 1024


def _pss(pid: int) -> int:
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _kilobytes(path: Path, name: str) -> int:
    with suppress(OSError):
        for line in path.read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    return 0


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int | None:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return None


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
