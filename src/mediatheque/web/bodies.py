"""Request bodies on their way in: their limits, their deadlines and how many there may be at once."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

MB = 1024 * 1024
MULTIPART_OVERHEAD = MB
SMALL_BODY = 2 * MB
# The first match decides how large a body may be.
LARGER_BODIES = (
    (re.compile(r"^/api/media/import"), 64 * MB + MULTIPART_OVERHEAD),
    (re.compile(r"^/s/[^/]+/import(/|$)"), 64 * MB + MULTIPART_OVERHEAD),
    (re.compile(r"^/api/media/[^/]+/cover$"), 25 * MB + MULTIPART_OVERHEAD),
    (re.compile(r"^/s/[^/]+/(.+/)?cover$"), 25 * MB + MULTIPART_OVERHEAD),
    (re.compile(r"^/(api/auth/)?me/avatar$"), 25 * MB + MULTIPART_OVERHEAD),
)
KEPT_IN_MEMORY = 64 * 1024
MOST_BODIES = 256
MOST_BODY_BYTES = 1024 * MB
GRACE_SECONDS = 30.0
SLOWEST_BYTES_PER_SECOND = 64 * 1024

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Headers = list[tuple[bytes, bytes]]

log = logging.getLogger(__name__)


class Refused(Exception):
    """The front answers by itself: `status`, a stable `code` and what to do."""

    def __init__(self, status: int, code: str, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_after = status, code, detail, retry_after


class Disconnected(Exception):
    """The client went away."""


class Bodies:
    """Takes bodies in without a thread.

    `grace` is how many seconds any body may take, beside one second for every 64 kB; at most `most`
    bodies are on their way or being read at once.
    """

    def __init__(self, grace: float = GRACE_SECONDS, most: int = MOST_BODIES) -> None:
        self._grace, self._most = grace, most
        self._count, self._bytes = 0, 0

    async def take_in(self, path: str, headers: Headers, receive: Receive) -> "Body":
        """The whole body, rewound; raises `Refused` (400, 408, 413, 503, 507) or `Disconnected`."""
        declared = _declared(headers)
        if declared == 0:
            # The server still has an empty message to hand out, which is not a disconnect.
            return Body(BytesIO(), 0, self)
        limit = next((limit for pattern, limit in LARGER_BODIES if pattern.match(path)), SMALL_BODY)
        if declared is not None and declared > limit:
            raise _too_large(limit)
        # A body of unknown length may become as large as its limit.
        body = self._admit(limit if declared is None else declared)
        try:
            received = await self._spool(body, limit, receive)
            if declared is not None and received != declared:
                raise Disconnected
            body.file.seek(0)
        except BaseException:
            body.close()
            raise
        body.length = received
        return body

    def _admit(self, size: int) -> "Body":
        if self._count >= self._most or self._bytes + size > MOST_BODY_BYTES:
            raise Refused(503, "busy", "Too many uploads at once: try again shortly.", retry_after=5)
        self._count += 1
        self._bytes += size
        return Body(SpooledTemporaryFile(KEPT_IN_MEMORY), size, self)

    def leave(self, size: int) -> None:
        """A body that was admitted is gone."""
        self._count -= 1
        self._bytes -= size

    async def _spool(self, body: "Body", limit: int, receive: Receive) -> int:
        began = asyncio.get_running_loop().time()
        received, more = 0, True
        try:
            async with asyncio.timeout_at(began + self._grace) as deadline:
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Disconnected
                    piece: bytes = message.get("body", b"")
                    received += len(piece)
                    if received > limit:
                        raise _too_large(limit)
                    body.file.write(piece)
                    more = message.get("more_body", False)
                    deadline.reschedule(began + self._grace + received / SLOWEST_BYTES_PER_SECOND)
        except TimeoutError:
            raise Refused(408, "body_too_slow", "The body did not arrive in time: send it again.") from None
        except OSError as error:
            log.exception("A body could not be kept")
            raise Refused(507, "no_space", "There is no room to take this in.") from error
        return received


class Body:
    """One body that was taken in; closing it gives its place free."""

    def __init__(self, file: IO[bytes], admitted: int, bodies: Bodies) -> None:
        self.file = file
        self.length = 0
        self._admitted, self._bodies = admitted, bodies

    def close(self) -> None:
        if self._admitted and not self.file.closed:
            self._bodies.leave(self._admitted)
        self.file.close()


def _declared(headers: Headers) -> int | None:
    """The declared length in bytes; None when the body comes in chunks."""
    found = dict(headers)
    if b"transfer-encoding" in found:
        return None
    length = found.get(b"content-length", b"0")
    if not length.isdigit():
        raise Refused(400, "malformed", "The Content-Length is no number.")
    return int(length)


def _too_large(limit: int) -> Refused:
    return Refused(413, "too_large", f"The body is too large: {limit:,} bytes at most here.")
