"""Reads on the server's loop: the same answers, each in the scope of whoever asks, whatever happens to the line."""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client, RequestFactory

from mediatheque.web import reads
from mediatheque.web.bodies import Message
from mediatheque.web.front import Front
from mediatheque.web.reads import Reads
from tests.catalog.making import make
from tests.support import Actor, as_superuser


def environ(actor: Actor | None, path: str, **headers: str) -> dict[str, Any]:
    cookie = {"cookie": f"session={actor.session_key}"} if actor else {}
    return RequestFactory().get(path, headers=cookie | headers).environ


def asked(work: Callable[[Reads], Coroutine[Any, Any, Any]]) -> Any:
    """What comes of it on a loop of its own; its lines are closed."""

    async def run() -> Any:
        house = Reads()
        try:
            return await work(house)
        finally:
            house.close()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def films(alice: Actor, charlie: Actor) -> None:
    make(alice, "Film of Alice")
    make(charlie, "Film of Charlie")


def titles(answer: Any) -> list[str]:
    return [each["title"] for each in json.loads(answer.content)["items"]]


def test_the_loop_answers_what_the_whole_way_answers(alice: Actor) -> None:
    answer = asked(lambda house: house.answer(environ(alice, "/api/media")))
    other = alice.client.get("/api/media")
    assert answer.content == other.content
    assert dict(answer.items()).keys() == dict(other.items()).keys()


def test_many_at_once_are_answered_each_in_their_own_scope(alice: Actor, charlie: Actor) -> None:
    async def mixed(house: Reads) -> list[Any]:
        return await asyncio.gather(
            *(house.answer(environ(actor, "/api/media")) for _ in range(40) for actor in (alice, charlie))
        )

    answers = [titles(answer) for answer in asked(mixed)]
    assert answers[::2] == [["Film of Alice"]] * 40
    assert answers[1::2] == [["Film of Charlie"]] * 40


def test_what_is_not_plain_goes_the_whole_way(alice: Actor, charlie: Actor) -> None:
    paths = ["/api/media?nonsense=1", f"/api/media?library={charlie.library}", "/api/media?limit=x"]

    async def all_of_them(house: Reads) -> list[Any]:
        return [await house.answer(environ(alice, path)) for path in paths] + [
            await house.answer(environ(None, "/api/media"))
        ]

    assert asked(all_of_them) == [None] * 4


def test_a_line_that_breaks_is_opened_anew(alice: Actor) -> None:
    kill = (
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid() and pid <> %s"
    )
    own = connection.connection.info.backend_pid

    async def broken_between(house: Reads) -> list[Any]:
        first = await house.answer(environ(alice, "/api/media"))
        killed = await asyncio.to_thread(as_superuser, connection.settings_dict["NAME"], kill, [own])
        assert killed, "nothing was there to break"
        await asyncio.sleep(0.1)
        return [first, *[await house.answer(environ(alice, "/api/media")) for _ in range(3)]]

    first, *later = asked(broken_between)
    assert titles(first) == ["Film of Alice"]
    # One may be sent the whole way, which finds the database there again.
    assert [titles(answer) for answer in later if answer is not None][-1] == ["Film of Alice"]
    assert later.count(None) <= reads.LINES


def test_someone_who_leaves_costs_no_line(alice: Actor) -> None:
    async def impatient(house: Reads) -> Any:
        for _ in range(reads.LINES * 3):
            leaving = asyncio.ensure_future(house.answer(environ(alice, "/api/media")))
            await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
        return await asyncio.wait_for(house.answer(environ(alice, "/api/media")), 10)

    assert titles(asked(impatient)) == ["Film of Alice"]


def test_without_a_database_the_whole_way_says_so(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "HOST", "/nowhere")
    assert asked(lambda house: house.answer(environ(alice, "/api/media"))) is None


def test_the_token_of_a_page_s_forms_comes_with_its_cookie(alice: Actor) -> None:
    """Without the cookie every form on the page would be refused."""
    path = f"/s/{alice.household.slug}/"
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def whole(house: Reads) -> None:
        front = Front(lambda *_: pytest.fail("It is answered on the loop."), reads=house)
        headers = [(b"host", b"testserver"), (b"cookie", f"session={alice.session_key}".encode())]
        place = {"path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "http"}
        peers = {"server": ("testserver", 80), "client": ("127.0.0.1", 1), "http_version": "1.1"}
        await front({"method": "GET", "headers": headers, **place, **peers}, receive, send)

    asked(whole)
    start, page = sent
    assert start["status"] == 200
    secret = SimpleCookie(dict(start["headers"])[b"set-cookie"].decode())["csrftoken"]
    assert secret["samesite"] == "Strict"
    shown = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page["body"].decode())
    assert shown is not None
    browser = Client(enforce_csrf_checks=True)
    browser.cookies |= SimpleCookie({"session": alice.session_key, "csrftoken": secret.value})
    made = browser.post(f"{path}tags", {"name": "Noir", "csrfmiddlewaretoken": shown[1]})
    assert made.status_code == 303, made.content
