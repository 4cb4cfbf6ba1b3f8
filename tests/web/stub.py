"""A small WSGI application behind the real front, for the tests of the front."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mediatheque.web.bodies import Bodies
from mediatheque.web.front import Front

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
closed: list[str] = []


def stub(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    path = environ["PATH_INFO"].removeprefix("/s/x")
    if path in ROUTES:
        return ROUTES[path](environ, start_response)
    return _json(start_response, {"path": environ["PATH_INFO"]})


def _echo(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    return _json(
        start_response,
        {
            "length": environ["CONTENT_LENGTH"],
            "sha256": hashlib.sha256(body).hexdigest(),
            "headers": {key: value for key, value in environ.items() if key.startswith("HTTP_")},
            "query": environ["QUERY_STRING"],
        },
    )


def _slow(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    time.sleep(float(environ["QUERY_STRING"]))
    return _json(start_response, {})


def _stream(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return Stream(int(environ["QUERY_STRING"]))


def _file(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    name = os.environ["STUB_FILE"]
    start_response("200 OK", [("Content-Length", str(os.path.getsize(name)))])
    wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](open(name, "rb"), 4096)  # noqa: SIM115  # it closes it
    return wrapped


def _broken(_environ: dict[str, Any], _start_response: StartResponse) -> Iterable[bytes]:
    raise RuntimeError("as asked")


def _torn(_environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"x" * 100_000
    raise RuntimeError("as asked, in mid-stream")


def _unchanged(_environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("304 Not Modified", [("ETag", '"a"')])
    return [b""]


def _closed(_environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    return _json(start_response, closed)


def _json(start_response: StartResponse, value: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(value).encode()]


class Stream:
    """Pieces of 100,000 bytes, `count` of them; remembers that it was closed."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[bytes]:
        for number in range(self.count):
            yield bytes([number % 256]) * 100_000

    def close(self) -> None:
        closed.append(f"stream of {self.count}")


ROUTES: dict[str, Callable[[dict[str, Any], StartResponse], Iterable[bytes]]] = {
    "/echo": _echo,
    "/import": _echo,
    "/slow": _slow,
    "/stream": _stream,
    "/file": _file,
    "/broken": _broken,
    "/torn": _torn,
    "/unchanged": _unchanged,
    "/closed": _closed,
}

application = Front(
    stub,
    Bodies(grace=float(os.environ.get("STUB_GRACE", "30")), most=int(os.environ.get("STUB_BODIES", "256"))),
    hops=1,
)
