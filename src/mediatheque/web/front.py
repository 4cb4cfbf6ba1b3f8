"""The front door: takes requests in without a thread, then calls Django in a lane (JOINTS, *Server*)."""

import asyncio
import json
import logging
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes
from uuid import uuid4
from wsgiref.util import FileWrapper

from mediatheque.web.bodies import Bodies, Body, Headers, Message, Receive, Refused

PIECE = 64 * 1024
HOT_READS = re.compile(r"^(/api/media(/|$)|/s/|/api/health$|/api/ready$|/static/)")
# The pool of database connections must hold one for each thread of a worker.
HOT_LANES = 1
OTHER_LANES = 2
SEND_SECONDS = 60.0
REFUSAL_HEADERS: Headers = [
    (b"content-type", b"application/problem+json"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]

Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
WsgiApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


class Answer(Protocol):
    """What an answer on the loop must tell of itself."""

    status_code: int
    content: bytes
    cookies: SimpleCookie

    def items(self) -> Iterable[tuple[str, str]]: ...


class Reads(Protocol):
    """What is answered on the loop."""

    def stands_before(self, path: str) -> bool: ...

    async def answer(self, environ: Environ) -> Answer | None: ...


class Disconnected(Exception):
    """The client went away."""


class Front:
    """An ASGI application over a WSGI one: slow clients wait outside, lanes do the work.

    Behind `hops` proxies a client's address is the one that the outermost of them wrote. What `reads` takes
    is answered on the loop.
    """

    def __init__(
        self,
        application: WsgiApplication,
        bodies: Bodies | None = None,
        hops: int = 0,
        reads: Reads | None = None,
    ) -> None:
        self._application = application
        self._reads = reads
        self._bodies = bodies or Bodies()
        self._hops = hops
        self._hot = [Lane(f"hot-{number}") for number in range(HOT_LANES)]
        self._others = [Lane(f"other-{number}") for number in range(OTHER_LANES)]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            await self._answer(scope, receive, send)
        except Refused as refusal:
            await _refuse(refusal, send)
        except Disconnected:
            log.debug("A client went away")

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        headers: Headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
        body = await self._bodies.take_in(scope["path"], self._address(scope, headers), headers, receive)
        try:
            environ = _environ(scope, headers, body)
            if await self._read(scope, environ, send):
                return
            lane = self._lane(scope["method"], scope["path"])
            call = Call(self._application, environ)
            await lane.run(call.begin)
            await _send_answer(call, lane, receive, send)
        finally:
            body.close()

    async def _read(self, scope: Message, environ: Environ, send: Send) -> bool:
        """Whether it was answered on the loop."""
        if self._reads is None or scope["method"] != "GET" or not self._reads.stands_before(scope["path"]):
            return False
        answer = await self._reads.answer(environ)
        if answer is None:
            return False
        named = [*answer.items(), *(("set-cookie", each.OutputString()) for each in answer.cookies.values())]
        headers = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in named]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})
        return True

    def _address(self, scope: Message, headers: Headers) -> str:
        named = b",".join(value for name, value in headers if name == b"x-forwarded-for").split(b",")
        if self._hops and named[-1].strip():
            return named[-min(self._hops, len(named))].strip().decode("latin-1")
        return str(scope["client"][0])

    def _lane(self, method: str, path: str) -> "Lane":
        hot = method in ("GET", "HEAD") and HOT_READS.match(path)
        return min(self._hot if hot else self._others, key=lambda lane: lane.waiting)


class Lane:
    """One thread that runs one piece of work after the other.

    A request stays in its lane, because its database connection belongs to the thread.
    """

    def __init__(self, name: str) -> None:
        self.waiting = 0
        self._thread = ThreadPoolExecutor(1, name)

    async def run(self, work: Callable[[], None]) -> None:
        self.waiting += 1
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self.waiting -= 1


class Call:
    """One call of the WSGI application; every method runs in its lane."""

    def __init__(self, application: WsgiApplication, environ: Environ) -> None:
        self.status = 500
        self.headers: Headers = []
        self.piece = b""
        self.complete = False
        self._application, self._environ = application, environ
        self._result: Iterable[bytes] = ()
        self._pieces: Iterator[bytes] = iter(())

    def begin(self) -> None:
        """Call the application and take its first piece; a short answer is closed at once."""
        try:
            self._result = self._application(self._environ, self._start_response)
            self._pieces = iter(self._result)
            self.advance()
        except Exception:
            log.exception("The application failed")
            self.close()
            raise Refused(
                500, "server.failed", "Something went wrong here.", "The fault has been noted. Try again."
            ) from None
        bodiless = self.status in (204, 304)
        if self.complete and not bodiless and all(name != b"content-length" for name, _ in self.headers):
            self.headers.append((b"content-length", str(len(self.piece)).encode()))
        if bodiless or self._environ["REQUEST_METHOD"] == "HEAD":
            self.piece, self.complete = b"", True
        if self.complete:
            self.close()

    def advance(self) -> None:
        """Gather the next piece, bounded unless the application itself yields a larger one.

        What Django holds whole is one piece: sending it in several costs a turn in the lane for each.
        """
        if not getattr(self._result, "streaming", True):
            self.piece, self.complete = b"".join(self._pieces), True
            return
        gathered: list[bytes] = []
        size = 0
        for part in self._pieces:
            gathered.append(part)
            size += len(part)
            if size >= PIECE:
                break
        else:
            self.complete = True
        self.piece = b"".join(gathered)

    def close(self) -> None:
        close = getattr(self._result, "close", None)
        self._result, self._pieces = (), iter(())
        if close is not None:
            close()

    def _start_response(
        self,
        status: str,
        headers: list[tuple[str, str]],
        _error: tuple[type[BaseException], BaseException, TracebackType] | None = None,
    ) -> None:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _send_answer(call: Call, lane: Lane, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": call.status, "headers": call.headers})
    if call.complete:
        await send({"type": "http.response.body", "body": call.piece})
        return
    gone = asyncio.ensure_future(_disconnect(receive))
    try:
        while not call.complete:
            await _send_piece(call.piece, gone, send)
            await lane.run(call.advance)
        await _send_piece(call.piece, gone, send)
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        await lane.run(call.close)


async def _send_piece(piece: bytes, gone: "asyncio.Future[None]", send: Send) -> None:
    """Wait until the client took the piece; raises `Disconnected` when it left or stopped reading."""
    message = {"type": "http.response.body", "body": piece, "more_body": True}
    sending = asyncio.ensure_future(send(message))
    await asyncio.wait((sending, gone), timeout=SEND_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if gone.done() or not sending.done():
        sending.cancel()
        raise Disconnected
    sending.result()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(refusal: Refused, send: Send) -> None:
    request_id = f"req_{uuid4().hex}"
    problem = {
        "type": "about:blank",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "request_id": request_id,
        "errors": [],
    }
    body = json.dumps(problem).encode()
    headers = [*REFUSAL_HEADERS, (b"x-request-id", request_id.encode())]
    headers.append((b"content-length", str(len(body)).encode()))
    if refusal.retry_after is not None:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _environ(scope: Message, headers: Headers, body: Body) -> Environ:
    """The request as WSGI (PEP 3333) tells it: texts are bytes read as latin-1."""
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body.file,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _file_in_pieces,
    }
    for name, value in headers:
        key, text = name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if key != "CONTENT_TYPE":
            key = f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{text}" if key in environ else text
    # What was taken in, however it was declared.
    environ["CONTENT_LENGTH"] = str(body.length) if body.length else ""
    for replaced in ("HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
        environ.pop(replaced, None)
    return environ


def _file_in_pieces(file: Any, _block_size: int = PIECE) -> Iterable[bytes]:
    return FileWrapper(file, PIECE)


def django_application() -> Front:
    """The front over Django, loaded here."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediatheque.web.settings")
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    return Front(get_wsgi_application(), hops=settings.TRUST_PROXY)


def __getattr__(name: str) -> Any:
    # `application` is made when a server asks for it, so that importing this module stays light.
    if name == "application":
        return django_application()
    raise AttributeError(name)
