"""Request bodies on their way in: their limits, their deadlines and how many there may be at once."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
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
    (re.compile(r"^/api/media/[^/]+/(cover|backdrop)$"), 25 * MB + MULTIPART_OVERHEAD),
    (re.compile(r"^/s/[^/]+/(.+/)?(cover|backdrop)$"), 25 * MB + MULTIPART_OVERHEAD),
    (re.compile(r"^/(api/auth/)?me/avatar$"), 25 * MB + MULTIPART_OVERHEAD),
)
KEPT_IN_MEMORY = 64 * 1024
MOST_BODIES = 256
MOST_BODY_BYTES = 1024 * MB
# Of all there may be, what one address may hold: a quarter, so that others' writes go on.
SHARE = 4
GRACE_SECONDS = 30.0
SLOWEST_BYTES_PER_SECOND = 64 * 1024

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Headers = list[tuple[bytes, bytes]]

log = logging.getLogger(__name__)


class Refused(Exception):
    """The front answers by itself: `status`, a stable `code`, a title and what to do, as `core.errors` has them."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.retry_after = retry_after


class Bodies:
    """Takes bodies in without a thread.

    `grace` is how many seconds any body may take, beside one second for every 64 kB; at most `most`
    bodies are on their way or being read at once, a quarter of them from one address.
    """

    def __init__(self, grace: float = GRACE_SECONDS, most: int = MOST_BODIES) -> None:
        self._grace, self._most = grace, most
        self._all = Held()
        self._of_address: dict[str, Held] = {}

    async def take_in(self, path: str, address: str, headers: Headers, receive: Receive) -> "Body":
        """The whole body, rewound; raises `Refused` (400, 408, 413, 503, 507)."""
        declared = _declared(headers)
        if declared == 0:
            # The server still has an empty message to hand out, which is not a disconnect.
            return Body(BytesIO())
        limit = next((limit for pattern, limit in LARGER_BODIES if pattern.match(path)), SMALL_BODY)
        if declared is not None and declared > limit:
            raise _too_large(limit)
        # A body of unknown length may become as large as its limit.
        body = self._admit(address, limit if declared is None else declared)
        try:
            received = await self._spool(body, limit, receive)
            if declared is not None and received != declared:
                raise _broken_off()
            body.file.seek(0)
        except BaseException:
            body.close()
            raise
        body.length = received
        return body

    def _admit(self, address: str, size: int) -> "Body":
        of_address = self._of_address.get(address, Held())
        if not self._all.has_room(size, self._most, MOST_BODY_BYTES):
            raise _busy()
        if not of_address.has_room(size, self._most // SHARE, MOST_BODY_BYTES // SHARE):
            raise _busy()
        self._of_address[address] = of_address
        for held in (self._all, of_address):
            held.count, held.bytes = held.count + 1, held.bytes + size
        return Body(SpooledTemporaryFile(KEPT_IN_MEMORY), lambda: self._leave(address, size))

    def _leave(self, address: str, size: int) -> None:
        of_address = self._of_address[address]
        for held in (self._all, of_address):
            held.count, held.bytes = held.count - 1, held.bytes - size
        if not of_address.count:
            del self._of_address[address]

    async def _spool(self, body: "Body", limit: int, receive: Receive) -> int:
        began = asyncio.get_running_loop().time()
        received, more = 0, True
        try:
            async with asyncio.timeout_at(began + self._grace) as deadline:
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _broken_off()
                    piece: bytes = message.get("body", b"")
                    received += len(piece)
                    if received > limit:
                        raise _too_large(limit)
                    body.file.write(piece)
                    more = message.get("more_body", False)
                    deadline.reschedule(began + self._grace + received / SLOWEST_BYTES_PER_SECOND)
        except TimeoutError:
            raise Refused(
                408,
                "request.too_slow",
                "That took too long.",
                "The body did not arrive in time: send it again.",
            ) from None
        except OSError as error:
            log.exception("A body could not be kept")
            raise Refused(
                507, "storage.full", "There is no room left.", "The body cannot be kept: tell the operator."
            ) from error
        return received


@dataclass(slots=True)
class Held:
    """How many bodies, and how many bytes they may become."""

    count: int = 0
    bytes: int = 0

    def has_room(self, size: int, most: int, most_bytes: int) -> bool:
        return self.count < most and self.bytes + size <= most_bytes


class Body:
    """One body that was taken in; closing it gives its place free."""

    def __init__(self, file: IO[bytes], leave: Callable[[], None] = lambda: None) -> None:
        self.file = file
        self.length = 0
        self._leave = leave

    def close(self) -> None:
        if not self.file.closed:
            self.file.close()
            self._leave()


def _declared(headers: Headers) -> int | None:
    """The declared length in bytes; None when the body comes in chunks."""
    found = dict(headers)
    if b"transfer-encoding" in found:
        return None
    length = found.get(b"content-length", b"0")
    if not length.isdigit():
        raise _malformed("The Content-Length is no number.")
    return int(length)


def _too_large(limit: int) -> Refused:
    detail = f"The body is too large: {limit:,} bytes at most here."
    return Refused(413, "request.too_large", "That is too large.", detail)


def _busy() -> Refused:
    detail = "Too many uploads at once: try again shortly."
    return Refused(503, "request.busy", "There is no room for this now.", detail, retry_after=5)


def _broken_off() -> Refused:
    """A client that left reads nothing of this; one whose chunks cannot be read looks the same from here."""
    return _malformed("The body broke off, or its chunks are malformed.")


def _malformed(detail: str) -> Refused:
    return Refused(400, "request.malformed", "The request cannot be read.", detail)
