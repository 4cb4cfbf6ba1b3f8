"""The hottest reads on the server's own loop, without a thread (ADR 0012).

A greenlet runs the door's plain code. Where that waits for the database, the loop goes on with others, and
comes back once the answer is there.
"""

import asyncio
from contextvars import copy_context
from typing import Any

import psycopg
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from greenlet import getcurrent, greenlet

from mediatheque.core.reading import Line, opened_anew, over

from .compressing import Compressing
from .door import answered, stands_before
from .middleware import begin, finish

LINES = 2  # at once, in each worker
_compressing = Compressing(lambda _: HttpResponse())


class LoopLine(Line):
    """A connection whose answers the loop takes in."""

    def __init__(self, opened: "psycopg.Connection[Any]", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(opened)
        self._loop, self._socket = loop, self.pq.socket
        self._waiting: greenlet | None = None
        loop.add_reader(self._socket, self._came)

    def wait(self) -> None:
        """Gives the loop back until a whole result is there."""
        self._waiting = getcurrent()
        assert self._waiting.parent is not None
        self._waiting.parent.switch()

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self.opened.close()

    def _came(self) -> None:
        try:
            self.pq.consume_input()
            if self.pq.is_busy():
                return
        except psycopg.Error:  # the server is gone: whoever waits finds that out
            self._loop.remove_reader(self._socket)
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.switch()


class Reads:
    """Answers requests that the door takes; None for what goes the whole way."""

    stands_before = staticmethod(stands_before)

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(LINES)
        self._free: list[LoopLine] = []

    async def answer(self, environ: dict[str, Any]) -> HttpResponse | None:
        await self._room.acquire()
        try:
            line = self._free.pop() if self._free else await self._open()
        except BaseException:
            self._room.release()
            raise
        if line is None:
            self._room.release()
            return None
        answer: asyncio.Future[HttpResponse | None] = asyncio.get_running_loop().create_future()
        reader = greenlet(lambda: self._read(environ, line, answer))
        reader.gr_context = copy_context()
        reader.switch()
        return await answer

    def close(self) -> None:
        """Ends with the loop."""
        for line in self._free:
            line.close()

    async def _open(self) -> LoopLine | None:
        try:
            opened = await asyncio.to_thread(opened_anew)
        except Exception:  # the database is away: the long way says so
            return None
        return LoopLine(opened, asyncio.get_running_loop())

    def _read(
        self, environ: dict[str, Any], line: LoopLine, answer: "asyncio.Future[HttpResponse | None]"
    ) -> None:
        """Runs to its end even when nobody waits for the answer any more: the line must be whole again."""
        found: HttpResponse | None = None
        try:
            with over(line):
                found = _answered(environ)
        finally:
            if line.opened.closed:
                line.close()
            else:
                self._free.append(line)
            self._room.release()
            if not answer.done():
                answer.set_result(found)


def _answered(environ: dict[str, Any]) -> HttpResponse | None:
    request: Any = WSGIRequest(environ)
    begin(request)
    response = answered(request)
    if response is not None:
        _compressing.process_response(request, response)
        finish(request, response)
    return response
