"""`serve`: the database, the web server and the job worker as children of one small process."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from mediatheque.core.children import tied
from mediatheque.operations.install import Install

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
READY_PAUSE_SECONDS = 0.05
LOOK_SECONDS = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0


class ServeError(Exception):
    """The install cannot be served; the message says what to do."""


class Child:
    """A process that is kept running: when it ends by itself it is started again, after a growing pause."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command, self._environment = list(command), dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = 1.0
        self._started = self._due = 0.0

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            # Ctrl-C in a terminal goes to its whole group, and the order of stopping is ours.
            start_new_session=True,
            preexec_fn=tied(signal.SIGTERM),
        )
        self._started, self._due = time.monotonic(), 0.0

    def release(self) -> None:
        """Let it begin its work: one that loads for long waits for the end of its standard input."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def revive(self) -> None:
        """Start it again if it ended and its pause is over."""
        if self.running:
            return
        now = time.monotonic()
        if self._due == 0.0:
            steady = now - self._started > STEADY_SECONDS
            self._pause = 1.0 if steady else min(self._pause * 2, LONGEST_PAUSE)
            self._due = now + self._pause
            _say(f"The {self.name} ended by itself and starts again in {self._pause:.0f} s.")
        elif now >= self._due:
            self.start()
            self.release()

    def stop(self) -> None:
        if self._process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is None:
                self._process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(STOP_SECONDS)


def serve(install: Install, host: str, port: int, *, demo: bool = False) -> None:
    """Prepare the install, serve it until a signal comes, then stop everything in order.

    `demo` makes the demonstration household before anybody is let in; an install that is used refuses it.
    """
    _refuse_taken_port(host, port)
    environment = install.environment()
    web = Child(
        "web server",
        [sys.executable, "-P", "-m", "mediatheque.web.server", "--host", host, "--port", str(port)],
        environment,
    )
    worker = Child("job worker", [sys.executable, "-P", "-m", "mediatheque", "worker"], environment)
    try:
        web.start()  # it loads while the database is made ready
        _prepare(install)
        if demo:
            _make_demonstration(install)
        web.release()
        _wait_until_ready(web, install, host, port)
        worker.start()
        worker.release()
        _say(f"Mediatheque is ready at http://{_shown(host)}:{port}")
        _keep_running(install, (web, worker))
    finally:
        web.stop()
        worker.stop()


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """End the block without a complaint on SIGTERM or SIGINT; a second one does not disturb the stopping."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with suppress(KeyboardInterrupt):
        yield


def _refuse_taken_port(host: str, port: int) -> None:
    # The server shares its port among its workers, so a second install would not notice the first.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ServeError(
            f"Cannot listen at {host}, port {port} ({error.strerror or error}): "
            "choose others with --host and --port."
        ) from error


def _prepare(install: Install) -> None:
    if not _done(["mediatheque", "migrate"], install.environment(owner=True)):
        raise ServeError(
            "The install could not be prepared, so nothing was started; the reason stands above."
        )


def _make_demonstration(install: Install) -> None:
    if not _done(["mediatheque.operations.demo"], install.environment()):
        raise ServeError(
            "The demonstration household was not made, so nothing was started; the reason stands above."
        )


def _done(module: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Run in a process of its own, so that Django does not stay in this one; whether it did its work."""
    answer = subprocess.run(
        [sys.executable, "-P", "-m", *module],
        env=environment,
        check=False,
        preexec_fn=tied(signal.SIGTERM),
    )
    return answer.returncode == 0


def _wait_until_ready(web: Child, install: Install, host: str, port: int) -> None:
    """Until a real request is answered: a server listens before its workers answer."""
    end = time.monotonic() + READY_SECONDS
    while not _ready(install, host, port):
        if not web.running:
            raise ServeError("The web server ended while it started; the reason stands above.")
        if time.monotonic() > end:
            raise ServeError(f"The web server did not answer /api/ready within {READY_SECONDS:.0f} s.")
        time.sleep(READY_PAUSE_SECONDS)


def _ready(install: Install, host: str, port: int) -> bool:
    name = install.config.allowed_hosts[0].replace("*", "localhost").lstrip(".")
    request = (
        f"GET /api/ready HTTP/1.1\r\nHost: {name}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
    )
    try:
        with socket.create_connection((_reachable(host), port), timeout=5) as connection:
            connection.sendall(request.encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def _keep_running(install: Install, children: Sequence[Child]) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        _revive_postgres(install)
        for child in children:
            child.revive()


def _revive_postgres(install: Install) -> None:
    postgres = install.postgres
    if postgres is not None and postgres.process is not None and postgres.process.poll() is not None:
        _say("PostgreSQL ended by itself and starts again.")
        postgres.stop()
        postgres.start()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104  # not bound, asked


def _shown(host: str) -> str:
    reachable = _reachable(host)
    return f"[{reachable}]" if ":" in reachable else reachable


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
