"""A served house for browsers: the real command on a database in RAM, and guests who call its API."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PASSWORD = "a sentence nobody guesses"
READY_SECONDS = 90.0
ROOT = Path(__file__).resolve().parent.parent.parent
KEYS = {
    "SECRET_KEY": "looking-at-pages-and-nothing-else-0123456789abcdef",
    "INTEGRATION_ENCRYPTION_KEY": "bG9va2luZy1hdC1wYWdlcy1hbmQtbm90aGluZy1lbHM=",
}


class Refused(AssertionError):
    """The house answered a request of ours with an error; the message shows it."""


@dataclass
class Guest:
    """A person who calls the API over HTTP with a browser's cookies."""

    base_url: str
    email: str
    name: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.base_url, timeout=60)

    def register(self, invite_token: str | None = None) -> None:
        token = {"invite_token": invite_token} if invite_token else {}
        body = {"email": self.email, "password": PASSWORD, "name": self.name, **token}
        self.call("POST", "/api/auth/register", json=body)

    def sign_in(self) -> bool:
        """Whether the house knows this person."""
        body = {"email": self.email, "password": PASSWORD}
        return self.http.post("/api/auth/login", json=body).is_success

    def call(self, method: str, path: str, **more: Any) -> Any:
        """The JSON that the house answers. Raises Refused."""
        headers = {"X-CSRFToken": self.http.cookies.get("csrftoken") or "", "Referer": self.base_url}
        answer = self.http.request(method, path, headers=headers, **more)
        if not answer.is_success:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", path)["items"]
        return found

    def wait_for_job(self, job_id: str, seconds: float = 30) -> dict[str, Any]:
        """The import once it has ended."""
        end = time.monotonic() + seconds
        while True:
            job: dict[str, Any] = self.call("GET", f"/api/sync-jobs/{job_id}")
            if job["finished_at"] is not None:
                return job
            assert time.monotonic() < end, f"The import did not end: {job}"
            time.sleep(0.1)

    def cookies(self) -> list[dict[str, str]]:
        """What a browser context of this person starts with."""
        return [
            {"name": each.name, "value": each.value or "", "url": self.base_url}
            for each in self.http.cookies.jar
        ]


@dataclass(frozen=True)
class House:
    """A running install."""

    base_url: str
    process: "subprocess.Popen[bytes] | None" = None

    def guest(self, name: str) -> Guest:
        return Guest(self.base_url, f"{name.lower()}@example.org", name)

    @contextmanager
    def worker_held(self) -> Iterator[None]:
        """Stop the job worker for a while, so that a running import can be looked at in peace."""
        worker = self._worker()
        os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(worker, signal.SIGCONT)

    def _worker(self) -> int:
        assert self.process is not None, "Only a house of our own has a worker to hold."
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            if Path(f"/proc/{child}/cmdline").read_bytes().endswith(b"\0worker\0"):
                return int(child)
        raise AssertionError("The house has no job worker.")


@contextmanager
def served_house() -> Iterator[House]:
    """A fresh install on a free port, gone without a trace afterwards."""
    data = Path(tempfile.mkdtemp(prefix="house-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    port = _free_port()
    log = data / "serve.log"
    command = [sys.executable, "-m", "mediatheque", "serve", "--port", str(port)]
    try:
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=_environment(data), stdout=out, stderr=out)
        try:
            _wait_until_ready(process, port, log)
            yield House(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait(60)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _environment(data: Path) -> dict[str, str]:
    """Nothing of the caller's own install, nor of a test run's database."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    settings = {"MEDIATHEQUE_DATA": str(data), "MEDIATHEQUE_ENV_FILE": "", "REGISTRATION": "open", **KEYS}
    return kept | settings | {"PYTHONPATH": str(ROOT / "src"), "LOG_LEVEL": "warning"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"http://127.0.0.1:{port}/api/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"The house did not start:\n{log.read_text(errors='replace')[-3000:]}")
