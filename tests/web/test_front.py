"""The front door, spoken to over real sockets through the real server (JOINTS, *Server*)."""

import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from mediatheque.core.errors import Malformed, TooLarge
from mediatheque.web import bodies
from mediatheque.web.bodies import MOST_BODY_BYTES, SHARE

ROOT = Path(__file__).parents[2]
GRACE = 3.0
MOST_BODIES = 120
MB = 1024 * 1024


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server of one worker over the stub."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    file = tmp_path_factory.mktemp("front") / "file"
    file.write_bytes(os.urandom(5 * MB + 123))
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "STUB_GRACE": str(GRACE),
        "STUB_BODIES": str(MOST_BODIES),
        "STUB_FILE": str(file),
    }
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--http", "1", "--no-ws"]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(number), "tests.web.stub:application"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_answering(number)
        yield number
    finally:
        server.terminate()
        server.wait(10)


def _wait_until_answering(port: int) -> None:
    end = time.monotonic() + 15
    while True:
        try:
            assert _get(port, "/")[0] == 200
            return
        except OSError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.05)


def _get(port: int, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    return _ask(port, method, path)


def _ask(
    port: int, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, body, headers or {})  # type: ignore[arg-type]  # bytes or pieces
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def _dripping(port: int, path: str = "/echo", length: int = 1000, client: str = "") -> socket.socket:
    """An upload that has begun and does not go on."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {client}\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(head.encode() + b"abc")
    return connection


def _status(connection: socket.socket) -> int:
    return int(connection.recv(4096).split(b" ")[1])


def test_body_arrives_whole(port: int) -> None:
    body = os.urandom(MB)
    status, _, answer = _ask(port, "POST", "/echo", body)
    told = json.loads(answer)
    assert (status, told["length"], told["sha256"]) == (200, str(MB), hashlib.sha256(body).hexdigest())


def test_chunked_body_arrives_whole_with_its_length(port: int) -> None:
    pieces = [os.urandom(50_000) for _ in range(30)]
    status, _, answer = _ask(port, "POST", "/echo", iter(pieces))
    told = json.loads(answer)
    assert (status, told["length"]) == (200, "1500000")
    assert told["sha256"] == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_declared_too_large_is_refused_before_reading(port: int) -> None:
    with closing(_dripping(port, length=2 * MB + 1)) as connection:
        began = time.monotonic()
        assert _status(connection) == 413
        assert time.monotonic() - began < GRACE / 2


def test_chunked_too_large_is_refused_while_reading(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        connection.sendall(chunk * (2 * MB // 0x8000) + b"1\r\nx\r\n")  # and no end
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        headers, problem = dict(answer.getheaders()), json.loads(answer.read())
    assert (answer.status, headers["content-type"]) == (413, "application/problem+json")
    assert set(problem) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert (problem["status"], problem["code"]) == (413, "request.too_large")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/echo", 2 * MB),
        ("/api/media/import-csv", 65 * MB),
        ("/api/media/import/letterboxd", 65 * MB),
        ("/s/home/import", 65 * MB),
        ("/api/media/med_1/cover", 26 * MB),
        ("/s/home/media/med_1/cover", 26 * MB),
        ("/s/home/importance", 2 * MB),
    ],
)
def test_limit_depends_on_the_path(port: int, path: str, limit: int) -> None:
    with closing(_dripping(port, path, limit + 1)) as connection:
        assert _status(connection) == 413
    with closing(_dripping(port, path, limit)) as connection:
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):  # it waits for the rest
            connection.recv(1)


def test_dripping_upload_gets_408_and_blocks_nobody(port: int) -> None:
    with closing(_dripping(port)) as connection:
        began = time.monotonic()
        assert _ask(port, "POST", "/echo", b"abc")[0] == 200
        assert time.monotonic() - began < GRACE
        assert _status(connection) == 408


def test_slow_but_steady_upload_survives_the_grace(port: int) -> None:
    pieces, pause = 45, 0.1
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        head = f"POST /s/x/import HTTP/1.1\r\nHost: x\r\nContent-Length: {pieces * 40_000}\r\n\r\n"
        connection.sendall(head.encode())
        began = time.monotonic()
        for _ in range(pieces):
            connection.sendall(b"x" * 40_000)
            time.sleep(pause)
        assert time.monotonic() - began > GRACE
        assert _status(connection) == 200


def test_more_bodies_than_fit_are_told_to_come_back(port: int) -> None:
    with ExitStack() as stack:
        for number in range(MOST_BODIES):
            stack.enter_context(closing(_dripping(port, client=f"10.0.0.{number}")))
        time.sleep(0.3)
        status, headers, _ = _ask(port, "POST", "/echo", b"abc")
        assert (status, headers["retry-after"]) == (503, "5")
        assert _get(port, "/api/media")[0] == 200
    _wait_for_room(port)


def test_one_address_holds_a_share_and_others_go_on(port: int) -> None:
    with ExitStack() as stack:
        for number in range(MOST_BODIES // SHARE):
            stack.enter_context(closing(_dripping(port, client=f"192.0.2.{number}, 10.1.1.1")))
        time.sleep(0.3)
        answers = {
            client: _ask(port, "POST", "/echo", b"abc", {"X-Forwarded-For": client})[0]
            for client in ("10.1.1.1", "192.0.2.77, 10.1.1.1", "10.1.1.2", "10.1.1.1, 10.1.1.3")
        }
    assert answers == {
        "10.1.1.1": 503,
        "192.0.2.77, 10.1.1.1": 503,
        "10.1.1.2": 200,
        "10.1.1.1, 10.1.1.3": 200,
    }
    _wait_for_room(port, "10.1.1.1")


def test_few_large_bodies_are_a_share_too(port: int) -> None:
    size = 65 * MB
    with ExitStack() as stack:
        for _ in range(MOST_BODY_BYTES // SHARE // size):
            stack.enter_context(closing(_dripping(port, "/api/media/import-csv", size, "10.1.2.1")))
        time.sleep(0.3)
        with closing(_dripping(port, "/api/media/import-csv", size, "10.1.2.1")) as connection:
            assert _status(connection) == 503
        assert _ask(port, "POST", "/echo", b"abc", {"X-Forwarded-For": "10.1.2.2"})[0] == 200


@pytest.mark.parametrize("body", [b"ZZ\r\nabc\r\n", b"3\r\nabc\r\nZZ\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"])
def test_malformed_chunks_are_told(port: int, body: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert (answer.status, json.loads(answer.read())["code"]) == (400, "request.malformed")


def test_refusals_of_the_front_read_like_the_others(port: int) -> None:
    with closing(_dripping(port, length=2 * MB + 1)) as connection:
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        status, told = answer.status, json.loads(answer.read())
    assert (status, told["code"], told["title"]) == (TooLarge.status, TooLarge.code, TooLarge.title)
    assert told["request_id"].startswith("req_")
    assert Malformed.title == bodies._malformed("").title
    assert Malformed.code == bodies._malformed("").code


def _wait_for_room(port: int, client: str = "") -> None:
    """The places of clients that left are given free."""
    end = time.monotonic() + GRACE + 5
    while _ask(port, "POST", "/echo", b"abc", {"X-Forwarded-For": client})[0] != 200:
        assert time.monotonic() < end, "bodies of clients that left keep their places"
        time.sleep(0.1)


def test_header_names_with_underscore_are_dropped(port: int) -> None:
    _, _, answer = _ask(port, "GET", "/echo", headers={"X_Space": "forged", "X-Space": "real"})
    assert json.loads(answer)["headers"]["HTTP_X_SPACE"] == "real"


def test_stream_and_file_arrive_whole(port: int) -> None:
    stream = hashlib.sha256(b"".join(bytes([number]) * 100_000 for number in range(200))).hexdigest()
    assert hashlib.sha256(_get(port, "/stream?200")[2]).hexdigest() == stream
    status, headers, body = _get(port, "/file")
    assert (status, headers["content-length"], len(body)) == (200, str(5 * MB + 123), 5 * MB + 123)


def test_head_has_the_headers_and_no_body(port: int) -> None:
    for path in ("/", "/file", "/stream?3"):
        _, got, _ = _get(port, path)
        status, headers, body = _get(port, path, "HEAD")
        assert (status, body) == (200, b"")
        assert headers.get("content-length") == got.get("content-length")


def test_unchanged_has_no_body_and_keeps_the_connection(port: int) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        for _ in range(2):
            connection.request("GET", "/unchanged")
            answer = connection.getresponse()
            assert (answer.status, answer.getheader("etag"), answer.read()) == (304, '"a"', b"")


def test_failing_application_answers_500_and_a_torn_stream_breaks_off(port: int) -> None:
    status, _, answer = _get(port, "/broken")
    assert (status, json.loads(answer)["code"]) == (500, "server.failed")
    with pytest.raises(http.client.IncompleteRead):
        _get(port, "/torn")
    assert _get(port, "/")[0] == 200


def test_client_that_leaves_in_mid_stream_frees_the_answer(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET /stream?2345 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(1000)
    end = time.monotonic() + 10
    while "stream of 2345" not in json.loads(_get(port, "/closed")[2]):
        assert time.monotonic() < end, "the stream was never closed"
        time.sleep(0.05)


def test_client_that_leaves_in_mid_upload_is_not_served(port: int) -> None:
    _dripping(port).close()
    assert _get(port, "/")[0] == 200


def test_slow_page_leaves_hot_reads_and_other_pages_alone(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
        slow.sendall(b"GET /slow?2 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
        began = time.monotonic()
        assert (_get(port, "/api/media")[0], _get(port, "/other")[0]) == (200, 200)
        assert time.monotonic() - began < 1.5
        assert _status(slow) == 200


def test_a_hundred_slow_clients_leave_a_quick_read_quick(port: int) -> None:
    with ExitStack() as stack:
        for number in range(100):
            stack.enter_context(closing(_dripping(port, client=f"10.2.0.{number}")))
            download = stack.enter_context(closing(socket.socket()))
            download.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            download.connect(("127.0.0.1", port))
            download.sendall(b"GET /s/x/file HTTP/1.1\r\nHost: x\r\n\r\n")
        began = time.monotonic()
        answers = [_get(port, "/api/media")[0] for _ in range(10)]
        assert answers == [200] * 10
        assert time.monotonic() - began < 5
    _wait_for_room(port)
