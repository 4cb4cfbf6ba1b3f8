"""`mediatheque serve`, really run: what it starts, what it refuses, and that nothing outlives it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
import pytest

from mediatheque.core.postgres import EmbeddedPostgres

SOURCE = Path(__file__).parents[2] / "src"
WEB_SERVER, JOB_WORKER = "-m mediatheque.web.server", "-m mediatheque worker"
OURS = ("DATABASE_", "DJANGO_", "TEST_", "MEDIATHEQUE_", "SECRET_KEY", "INTEGRATION_")


@dataclass
class Serve:
    """A running `serve` and every process that came of it."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path
    family: dict[int, str]

    def pid(self, words: str) -> int:
        """The oldest process of the family whose command line holds `words`."""
        return min(pid for pid, command in self.family.items() if words in command)

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/api/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One data directory for the module; the tests run on it one after the other, as restarts do."""
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None, prefix="mt-") as folder:
        yield Path(folder) / "data"


@pytest.fixture
def served(data: Path) -> Iterator[Serve]:
    port = _free_port()
    process = _begin(data, port)
    served = Serve(process, port, data, {})
    try:
        _wait_until(lambda: served.answers() or process.poll() is not None, 30)
        assert process.poll() is None, process.stderr.read() if process.stderr else None
        _wait_until(lambda: any(JOB_WORKER in command for command in _family(process.pid).values()))
        served.family = _family(process.pid)
        yield served
    finally:
        process.terminate()
        process.wait(60)
        _close(process)


def _environment(**settings: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {
        **plain,
        "PYTHONPATH": f"{SOURCE}:{plain.get('PYTHONPATH', '')}",
        **settings,
        "MEDIATHEQUE_ENV_FILE": "",
    }


def _begin(data: Path, port: int, **settings: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "mediatheque", "serve", "--data", str(data), "--port", str(port)],
        env=_environment(**settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _refusal(data: Path, port: int | None = None, **settings: str) -> str:
    """What a `serve` that must not start says."""
    process = _begin(data, port or _free_port(), **settings)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    return said.decode()


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stderr is not None:
        process.stderr.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _family(root: int) -> dict[int, str]:
    """The process and all that came of it, with their command lines."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(int(entry.name))):
            children.setdefault(parent, []).append(int(entry.name))
    found: dict[int, str] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        found[pid] = _read(pid, "cmdline")
        waiting += children.get(pid, [])
    return found


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def _read(pid: int, what: str) -> str:
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _alive(pids: set[int]) -> set[int]:
    """Those that still run; one that waits to be collected does not."""
    return {pid for pid in pids if _read(pid, "cmdline")}


def _wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_serve_answers_and_stops_cleanly(served: Serve) -> None:
    assert served.answers()
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(30) == 0
    assert _alive(set(served.family)) == set()
    assert "database system is shut down" in (served.data / "postgres.log").read_text().splitlines()[-1]


def test_killed_serve_leaves_nothing_behind(served: Serve) -> None:
    assert len(served.family) > 5
    served.process.kill()
    served.process.wait()
    _wait_until(lambda: _alive(set(served.family)) == set())


def test_only_migrating_knows_the_owner(served: Serve) -> None:
    below = [
        _read(pid, "environ")
        for pid, command in served.family.items()
        if WEB_SERVER in command or JOB_WORKER in command
    ]
    assert len(below) == 4  # the web server, its two workers, the job worker
    assert all("DATABASE_URL=" in text for text in below)
    assert not any("DATABASE_OWNER_URL" in text or "mediatheque_owner" in text for text in below)


@pytest.mark.parametrize("words", [WEB_SERVER, JOB_WORKER])
def test_killed_child_is_started_again(served: Serve, words: str) -> None:
    killed = served.pid(words)
    orphans = {pid for pid, command in served.family.items() if words in command}
    os.kill(killed, signal.SIGKILL)
    _wait_until(lambda: _alive(orphans) == set())
    _wait_until(lambda: any(words in command for command in _family(served.process.pid).values()))
    _wait_until(served.answers)


def test_killed_postgres_is_started_again(served: Serve) -> None:
    os.kill(served.pid("postgres -D"), signal.SIGKILL)
    _wait_until(lambda: any("postgres -D" in command for command in _family(served.process.pid).values()))
    _wait_until(served.answers)


def test_second_serve_on_the_same_data_is_refused(served: Serve) -> None:
    assert "already runs" in _refusal(served.data)
    assert served.answers()


def test_taken_port_is_refused(served: Serve, tmp_path: Path) -> None:
    url = _external_url(served)
    said = _refusal(tmp_path, served.port, DATABASE_URL=url, DATABASE_OWNER_URL=url.replace("_app", "_owner"))
    assert "choose others with --host and --port" in said
    assert served.answers()


def test_migrate_beside_a_running_serve_uses_its_database(served: Serve) -> None:
    command = [sys.executable, "-m", "mediatheque", "migrate", "--data", str(served.data)]
    answer = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert served.answers()


def test_production_without_its_keys_is_refused(tmp_path: Path) -> None:
    said = _refusal(tmp_path, MEDIATHEQUE_ENV="production")
    assert "SECRET_KEY is missing" in said
    assert "INTEGRATION_ENCRYPTION_KEY is missing" in said
    assert "Traceback" not in said


def test_role_that_passes_row_security_is_refused(data: Path, tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(data)
    postgres.start()
    try:
        said = _refusal(
            tmp_path, DATABASE_URL=postgres.superuser_dsn(), DATABASE_OWNER_URL=postgres.owner_url()
        )
    finally:
        postgres.stop()
    assert "is a superuser" in said
    assert "nothing was started" in said
    assert "Traceback" not in said


def test_failed_migration_stops_the_start_and_shows_no_values(tmp_path: Path) -> None:
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None, prefix="mt-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        with psycopg.connect(postgres.owner_url()) as owner:
            owner.execute("CREATE TABLE procrastinate_jobs (id int)")  # in the way of a migration
        try:
            said = _refusal(
                tmp_path, DATABASE_URL=postgres.application_url(), DATABASE_OWNER_URL=postgres.owner_url()
            )
        finally:
            postgres.stop()
    assert "A migration failed, and nothing was started" in said
    assert 'relation "procrastinate_jobs" already exists' in said
    assert "Traceback" not in said


def _external_url(served: Serve) -> str:
    return EmbeddedPostgres(served.data).application_url()
