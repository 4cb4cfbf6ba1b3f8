"""Asks a server over keep-alive connections and counts. Run in a process of its own, so that it takes little
of the machine: `python -m bench.load`, what to ask as JSON on standard input, the tally on standard output."""

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from typing import Self

from .install import HOST
from .rows import NotMeasured, percentile

CSRF = "benchbenchbenchbenchbenchbench12"
HEADERS_END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers within the time asked for; milliseconds of the median and of the 95th percentile."""

    per_second: float
    median: float
    p95: float
    refused: int


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in person's client."""

    port: int
    session_key: str

    def request(self, method: str, path: str, body: str = "", *, kind: str = "application/json") -> str:
        """The whole request as it goes over the wire; ASCII only."""
        head = [
            f"{method} {path} HTTP/1.1",
            f"Host: {HOST}:{self.port}",
            f"Cookie: session={self.session_key}; csrftoken={CSRF}",
            "Accept: */*",
        ]
        if method != "GET":
            head += [f"X-CSRFToken: {CSRF}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        return "\r\n".join(head) + "\r\n\r\n" + body

    def answer(self, method: str, path: str, body: str = "", *, kind: str = "application/json") -> bytes:
        """One request's answer. Raises NotMeasured for a status that is none of success."""
        connection = HTTPConnection(HOST, self.port, timeout=120)
        headers = {"Cookie": f"session={self.session_key}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        connection.request(method, path, body.encode() or None, headers | {"Content-Type": kind})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise NotMeasured(f"{method} {path} answers {answer.status}: {content[:300].decode()}")
        return content

    def load(self, requests: Sequence[str], connections: int, seconds: float) -> Tally:
        """What the server gives for these requests in turn. Raises NotMeasured when it refuses some."""
        asked = json.dumps([self.port, connections, seconds, requests])
        command = [sys.executable, "-m", "bench.load"]
        done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotMeasured(f"the load failed: {done.stderr[-300:]}")
        tally = Tally(**json.loads(done.stdout))
        if tally.refused:
            raise NotMeasured(f"{tally.refused} requests like {requests[0].splitlines()[0]} were refused")
        return tally


class Asking(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again until the time is over."""

    def __init__(self, requests: Iterator[bytes], until: float) -> None:
        self.ended = asyncio.get_running_loop().create_future()
        self.took: list[float] = []
        self.refused = 0
        self._requests, self._until = requests, until
        self._clock = asyncio.get_running_loop().time
        self._head = b""
        self._missing = 0
        self._asked = 0.0

    @classmethod
    async def connect(cls, port: int, requests: Iterator[bytes], until: float) -> Self:
        _, protocol = await asyncio.get_running_loop().create_connection(
            lambda: cls(requests, until), HOST, port
        )
        return protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            end = self._head.find(HEADERS_END)
            if end < 0:
                return
            self._begin(self._head[:end], len(self._head) - end - len(HEADERS_END))
        if self._missing == 0:
            self._answered()

    def _ask(self) -> None:
        self._head = b""
        self._asked = self._clock()
        self._transport.write(next(self._requests))

    def _begin(self, head: bytes, there: int) -> None:
        self.refused += head[9:10] != b"2"
        start = head.index(LENGTH) + len(LENGTH)
        end = head.find(b"\r\n", start)
        self._missing = int(head[start : end if end > 0 else None]) - there

    def _answered(self) -> None:
        now = self._clock()
        if now < self._until:
            self.took.append(now - self._asked)
            self._ask()
        else:
            self.ended.set_result(None)
            self._transport.close()


async def ask(port: int, connections: int, seconds: float, requests: Sequence[str]) -> Tally:
    wire = [request.encode("ascii") for request in requests]
    until = asyncio.get_running_loop().time() + seconds
    starts = [len(wire) * number // connections for number in range(connections)]
    turns = [itertools.cycle(wire[start:] + wire[:start]) for start in starts]
    asking = [await Asking.connect(port, turn, until) for turn in turns]
    await asyncio.wait_for(asyncio.gather(*(each.ended for each in asking)), seconds + 60)
    took = [1000 * seconds for each in asking for seconds in each.took]
    refused = sum(each.refused for each in asking)
    return Tally(len(took) / seconds, percentile(took, 0.5), percentile(took, 0.95), refused)


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(ask(*json.loads(sys.stdin.read()))))))
