"""The install as a whole: how soon it answers, what it holds in memory, and what slow clients do to others."""

import asyncio
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mediatheque.core.ids import show_id

from .install import HOST
from .load import Browser
from .reads import CONNECTIONS, World, plain_list
from .rows import Row

COLD_SECONDS, COLD_STARTS = 3.0, 3
IDLE_MEGABYTES = 350.0
IDLE_SECONDS = 15.0
SLOW_UPLOADS = SLOW_DOWNLOADS = 10
SLOWER_AT_MOST = 3
DECLARED = 1_000_000


def cold_start(world: World) -> list[Row]:
    """From the command to the first answer, on an install that was used before."""
    took = []
    for _ in range(COLD_STARTS):
        world.install.stop()
        took.append(world.install.start())
    return [Row.amount("cold_start", statistics.median(took), COLD_SECONDS, "s", 1.0)]


def memory(world: World) -> list[Row]:
    """All processes of an install that was started, asked for a list by each worker, and left alone."""
    world.install.stop()
    world.install.start()
    world.browser.load(plain_list(world).requests, CONNECTIONS, 1)
    time.sleep(IDLE_SECONDS)
    return [Row.amount("memory", world.install.memory(), IDLE_MEGABYTES, "MB", 1.0)]


def list_slow_clients(world: World) -> list[Row]:
    """The list's 95th percentile with 20 slow clients beside, against the quiet one."""
    requests = plain_list(world).requests
    quiet, beside = [], []
    for _ in range(world.pace.rounds):
        quiet.append(world.browser.load(requests, CONNECTIONS, world.pace.seconds).p95)
        with _slow_clients(world):
            beside.append(world.browser.load(requests, CONNECTIONS, world.pace.seconds).p95)
    ours, calm = statistics.median(beside), statistics.median(quiet)
    return [Row.amount("list_slow_clients", ours, calm, "ms p95", round(1 / SLOWER_AT_MOST, 3))]


@contextmanager
def _slow_clients(world: World) -> Iterator[None]:
    """Uploads that drip, and downloads that are hardly read, as long as the block lasts."""
    ended = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_drip(world, ended)))
    thread.start()
    time.sleep(0.5)
    try:
        yield
    finally:
        ended.set()
        thread.join()


async def _drip(world: World, ended: threading.Event) -> None:
    library = show_id("library", world.seeded.library)
    upload = _beginning_of_upload(world.browser)
    download = world.browser.request("GET", f"/api/media?library={library}&limit=200").encode()
    clients = [_Slow(world.browser.port, upload, sends=True) for _ in range(SLOW_UPLOADS)]
    clients += [_Slow(world.browser.port, download, sends=False) for _ in range(SLOW_DOWNLOADS)]
    while not ended.is_set():
        for client in clients:
            client.step()
        await asyncio.sleep(0.2)
    for client in clients:
        client.close()


def _beginning_of_upload(browser: Browser) -> bytes:
    kind = "multipart/form-data; boundary=slow"
    whole = browser.request("POST", "/api/media/import-csv", "x" * DECLARED, kind=kind)
    return whole[:-DECLARED].encode()


class _Slow:
    """A client that sends or reads a few bytes at each step; a new one takes the place of one that was shut out."""

    def __init__(self, port: int, request: bytes, *, sends: bool) -> None:
        self._port, self._request, self._sends = port, request, sends
        self._connect()

    def step(self) -> None:
        try:
            if self._sends:
                self._socket.send(b"x")
            elif not self._socket.recv(200):
                self._connect()
        except BlockingIOError:
            return
        except OSError:
            self._connect()

    def close(self) -> None:
        self._socket.close()

    def _connect(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect((HOST, self._port))
        self._socket.sendall(self._request)
        self._socket.setblocking(False)
