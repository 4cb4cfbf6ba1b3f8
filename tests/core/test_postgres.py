"""The embedded PostgreSQL, really started (JOINTS, *Embedded PostgreSQL*)."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from mediatheque.core import children, postgres
from mediatheque.core.postgres import AlreadyRunning, EmbeddedPostgres, PostgresError

QUICK = {"fsync": "off", "shared_buffers": "16MB"}
ENDLESS = "SELECT count(*) FROM generate_series(1, 1e10)"
SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def data() -> Iterator[Path]:
    """A directory with a short path and a capital in it, in memory where there is such a place."""
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None, prefix="Media-") as folder:
        yield Path(folder) / "data"


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data, settings=QUICK)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("major", [16, 18])
def test_start_makes_the_roles_and_keeps_the_data(data: Path, major: int) -> None:
    server = EmbeddedPostgres(data, major, QUICK)
    server.start()
    try:
        with psycopg.connect(server.owner_url()) as owner:
            owner.execute("CREATE TABLE kept (id int)")
        roles = server.run_sql(
            "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles"
            " WHERE rolname LIKE 'mediatheque%' ORDER BY 1"
        )
        assert roles.splitlines() == [
            "mediatheque_app|f|f|t",
            "mediatheque_gate|f|f|f",
            "mediatheque_keeper|f|f|f",
            "mediatheque_owner|f|f|t",
        ]
        assert server.run_sql("SHOW server_version").startswith(str(major))
    finally:
        server.stop()
    server.start()
    try:
        with psycopg.connect(server.application_url()) as application:
            assert application.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    finally:
        server.stop()


def test_application_cannot_pass_row_security(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.owner_url()) as owner:
        owner.execute("CREATE TABLE guarded (id int)")
        owner.execute("INSERT INTO guarded VALUES (1)")
        owner.execute("ALTER TABLE guarded ENABLE ROW LEVEL SECURITY")
        assert owner.execute("SELECT count(*) FROM guarded").fetchone() == (1,)  # there is something to leak
    with psycopg.connect(server.application_url(), autocommit=True) as application:
        assert application.execute("SELECT count(*) FROM guarded").fetchone() == (0,)
        for forbidden in (
            "ALTER TABLE guarded DISABLE ROW LEVEL SECURITY",
            "ALTER ROLE mediatheque_app BYPASSRLS",
            "SET ROLE mediatheque_owner",
            "SET ROLE postgres",
            "CREATE TABLE mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(forbidden)


def test_connection_without_the_password_is_refused(server: EmbeddedPostgres) -> None:
    for role in ("postgres", "mediatheque_owner", "mediatheque_app"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=str(server.sockets), user=role, dbname="mediatheque")
    assert server.run_sql("SHOW listen_addresses") == ""


def test_files_are_for_their_owner_only(server: EmbeddedPostgres) -> None:
    folders = [server.data_dir, server.cluster, server.sockets, server.data_dir / "keys"]
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700] * 4
    assert {key.stat().st_mode & 0o777 for key in (server.data_dir / "keys").iterdir()} == {0o600}


def test_second_server_on_the_same_directory_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(AlreadyRunning, match="already runs"):
        EmbeddedPostgres(server.data_dir, settings=QUICK).start()
    assert server.run_sql("SELECT 1") == "1"


def test_killed_postmaster_with_a_busy_backend_is_recovered(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.owner_url()) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 1 AS id")
    busy = subprocess.Popen(
        [str(server.bin / "psql"), "-X", server.superuser_dsn(), "-c", ENDLESS],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        active = (
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%series(1,%' AND pid <> pg_backend_pid()"
        )
        _wait_until(lambda: server.run_sql(active) == "1")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.stop()
        assert len(postgres._working_in(server.cluster)) > 0  # the busy backend goes on
        server.start()
        assert server.run_sql("SELECT id FROM kept") == "1"
    finally:
        busy.kill()
        busy.wait()


def test_killed_supervisor_leaves_no_server_and_the_next_start_works(data: Path) -> None:
    code = (
        "import time; from pathlib import Path; from mediatheque.core.postgres import EmbeddedPostgres\n"
        f"EmbeddedPostgres(Path({str(data)!r}), settings={QUICK!r}).start()\n"
        "print('up', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(SRC)}
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    assert postgres._working_in(data / "postgres") != []
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    server = EmbeddedPostgres(data, settings=QUICK)
    server.start()  # at once, while the old one may still be stopping
    assert server.run_sql("SELECT 1") == "1"
    server.stop()
    _wait_until(lambda: postgres._working_in(data / "postgres") == [])


def test_interrupted_setting_up_is_begun_again(data: Path) -> None:
    (data / "new-abandoned" / "cluster").mkdir(parents=True)
    server = EmbeddedPostgres(data, settings=QUICK)
    server.start()
    server.stop()
    assert (data / "postgres" / "PG_VERSION").read_text() == "18\n"
    assert list(data.glob("new-*")) == []


def test_directory_of_another_major_version_is_refused(data: Path) -> None:
    older = EmbeddedPostgres(data, 16, QUICK)
    older.start()
    older.stop()
    with pytest.raises(PostgresError, match="POSTGRES_MAJOR=16 to go on"):
        EmbeddedPostgres(data, 18, QUICK).start()
    older.start()  # untouched, and the refused one holds no lock
    older.stop()


def test_too_long_path_is_refused(data: Path) -> None:
    with pytest.raises(PostgresError, match="too long"):
        EmbeddedPostgres(data / ("x" * 80)).start()
    assert not data.exists()


def test_failed_start_shows_the_end_of_the_log(data: Path) -> None:
    with pytest.raises(PostgresError, match="shared_buffers"):
        EmbeddedPostgres(data, settings={**QUICK, "shared_buffers": "nonsense"}).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_root_without_user_namespaces_becomes_another(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden() -> None:
        raise OSError("user namespaces are forbidden")

    monkeypatch.setattr(children, "enter_user_namespace", forbidden)
    data.parent.chmod(0o755)
    server = EmbeddedPostgres(data, settings=QUICK)
    try:
        server.start()
    except PostgresError as error:
        # An interpreter inside a private home cannot be read by another user: then it must say so.
        assert "run Mediatheque as an ordinary user" in str(error)  # noqa: PT017  # one of two right outcomes
        return
    try:
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
    finally:
        server.stop()


def _wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
