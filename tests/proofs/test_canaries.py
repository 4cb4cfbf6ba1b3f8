"""No secret of another household, of a limited library or of another person stands in any answer: every GET route,
every filter, searched in bytes (S4).

Twice: as the product asks, and with the queries' own filters switched off, so that row security alone must hold.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse

from mediatheque.core import db, scope

from . import routes
from .routes import Route
from .test_isolation import FULL, said
from .world import ROLES, World, peek, send

GETS = [each for each in routes.api_routes() + routes.page_routes() if each.method == "GET"]
EVERYONE = ("anonymous", "outsider", "elsewhere", *ROLES)
# Where a canary is looked for by its key or its whole text.
TEXTS = {
    "q": "title",
    "genre": "genre",
    "tag": "tag",
    "director": "director",
    "cast": "actor",
    "format": "format",
}
# The parameters that could reach a canary; in full, every parameter.
ONES_OWN = "/api/auth/me/data"
TELLING = {*TEXTS, "library", "added_by", "archived", "status"}
FILTERS = re.compile(
    r"(?<![\w.])(?:\w+\.)?(?:space_id|library_id)\s*=\s*(any\()?(%s|%\(\w+\)s)(?(1)(?:::uuid\[\])?\))",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@dataclass
class Sweep:
    """What all the answers together told: secrets to whom they are not for, and to whom they are."""

    leaks: list[str]
    told: set[tuple[str, str]]
    answers: int = 0

    def walk(self, world: World, actors: Sequence[str]) -> None:
        for route in GETS:
            for who in actors:
                for path in addresses(world, who, route):
                    self.ask(world, who, path)

    def ask(self, world: World, who: str, path: str) -> None:
        answer = send(world.client(who), "GET", path, **world.standing(who, path))
        self.answers += 1
        secrets = [each for each in world.canaries if each.secret in said(answer) and each.secret not in path]
        if path == ONES_OWN and who == "elsewhere":
            return  # what she added anywhere follows her into every space (S1)
        self.told |= {(who, each.name) for each in secrets}
        self.leaks += [f"{path} tells {who} {each.name}" for each in secrets if who not in each.audience]
        if answer.status_code >= 500:
            self.leaks.append(f"{path} answers {who} {answer.status_code}")
        if counts_more_than_it_shows(answer):
            self.leaks.append(f"{path} counts for {who} what it does not show")


@pytest.fixture(scope="module")
def sweep(world: World) -> Sweep:
    """Every GET route as the product asks."""
    found = Sweep([], set())
    found.walk(world, EVERYONE)
    return found


def test_no_answer_tells_a_secret(sweep: Sweep):
    assert sweep.leaks == []


def test_every_canary_is_told_to_those_it_is_for(world: World, sweep: Sweep):
    """Otherwise silence would prove nothing."""
    wanted = {(who, each.name) for each in world.canaries for who in each.audience if who in ROLES}
    assert wanted - sweep.told == set()


def test_row_security_alone_keeps_every_secret(world: World):
    """The conditions on space and library are taken out of every SELECT on its way to the database."""
    rewritten: list[str] = []
    found = Sweep([], set())
    with without_filters(rewritten):
        found.walk(world, EVERYONE if FULL else ("outsider", "member"))
    assert found.leaks == []
    assert len(rewritten) > 150
    assert len(set(rewritten)) > 20


def test_the_sweep_hears_a_leak(world: World):
    """With row security off as well, the same requests tell: the proof above can fail."""
    found = Sweep([], set())
    peek("alter table media disable row level security")
    try:
        with without_filters([]):
            # The latest first: whatever else the whole database holds by now does not hide them.
            found.ask(world, "outsider", "/api/media?sort=date_added&dir=desc&limit=200")
    finally:
        peek("alter table media enable row level security")
    assert any("open title" in leak for leak in found.leaks), found.leaks


@pytest.mark.parametrize("who", ["outsider", "elsewhere", "member", "manager"])
def test_plain_statements_over_every_table_tell_no_secret(world, who):
    """`select *` from each table, and `count(*)` of what the household owns, inside the person's scope."""
    actor = world.actor(who)
    place = {"elsewhere": world.second, "outsider": world.other}.get(who, world.home)
    secrets = [each for each in world.canaries if kept_by_rows(who, each.audience)]
    assert secrets
    read = 0
    for (table,) in peek(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    ):
        rows = seen(actor, place, table)
        read += bool(rows)
        text = repr(rows)
        assert [each.name for each in secrets if each.secret in text] == [], table
    assert read > 8


def kept_by_rows(who: str, audience: frozenset[str]) -> bool:
    """Row security keeps households and limited libraries apart; among members of one space, policies in code do."""
    return who not in audience and (who in ("outsider", "elsewhere") or audience == {"admin"})


def seen(actor: Any, place: Any, table: str) -> list[Any]:
    """Every row the person's scope shows of this table; none where the application may not read it."""
    readable = "select has_table_privilege('mediatheque_app', %s::regclass, 'select')"
    if not peek(readable, [f'"{table}"'])[0][0]:
        return []
    with scope.of_person(actor.user_id, space=place.space_id, request_id="proof"):
        return db.rows(f'select * from "{table}"')


def addresses(world: World, who: str, route: Route) -> list[str]:
    """The route with one's own ids, with the canaries' ids, and with every filter; each once."""
    own = world.own("admin" if who == "anonymous" else who) | {"invite": "none"}
    there = world.own("admin") | {"invite": "none"}
    if (
        who == "elsewhere"
    ):  # the address decides where she stands: home's records, asked for in her second space
        there |= {"space": own["space"], "slug": own["slug"]}
    found = [
        route.filled({name: ids.get(route.kind(name), "x") for name in route.parameters})
        for ids in (
            own,
            there,
            there | world.ids["hidden"] | {"slug": there["slug"], "space": there["space"]},
        )
    ]
    if who != "anonymous":
        found += [f"{found[0]}{'&' if '?' in found[0] else '?'}{query}" for query in queries(world, route)]
    return list(dict.fromkeys(found))


def queries(world: World, route: Route) -> Iterator[str]:
    """Each parameter with values that would reach the canaries; with the whole space where there are libraries."""
    names = routes.query_parameters(route) or (
        ["q", "genre", "library", "sort"] if "/library" in route.path else []
    )
    wide = "&library=all" if "library" in names and not route.is_page else ""
    counted = "&total=true" if "total" in names else ""
    for name in names if FULL else [each for each in names if each in TELLING]:
        for value in values(world, name):
            yield f"{name}={value}{'' if name == 'library' else wide}{counted if name != 'total' else ''}"


def values(world: World, name: str) -> list[str]:
    texts = {each.name: each for each in world.canaries}
    if name in TEXTS:
        found = [texts[f"{place} {TEXTS[name]}"] for place in ("open", "limited")]
        return [each.key if name == "q" else each.text.replace(" ", "%20") for each in found]
    libraries = [world.ids[place]["library"] for place in ("home", "hidden", "second")]
    known = {
        "library": ["all", *libraries], "added_by": [world.admin.id, world.outsider.id], "sort": ["year", "date_added"],
        "dir": ["desc"], "limit": ["1", "200"], "page": ["1", "2"], "total": ["true"], "year_min": ["1900"],
        "year_max": ["2100"], "archived": ["true", "false"], "media_type": ["tv_series"], "ownership": ["owned"],
        "status": ["pending"], "outcome": ["created"], "action": ["request.failed"], "size": ["200"], "all": ["true"],
        "used": ["yes"], "format": ["csv"], "of": ["entries"], "images": ["true"], "what": ["all", "entries"],
        "form": ["csv", "zip"],
    }  # fmt: skip
    return known.get(name, [])


def counts_more_than_it_shows(answer: HttpResponse) -> bool:
    """A total may not know more than the list shows."""
    if answer.streaming or answer.get("Content-Type", "") != "application/json":
        return False
    body = answer.json()
    if not (isinstance(body, dict) and isinstance(body.get("pagination"), dict)):
        return False
    place = body["pagination"]
    whole = place["next_cursor"] is None and place["page"] in (None, 1) and place["total"] is not None
    return bool(whole and place["total"] != len(body["items"]))


@contextmanager
def without_filters(rewritten: list[str]) -> Iterator[None]:
    """Neutralises comparisons with a given space or library in SELECTs, keeping their parameters."""

    def rewrite(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        bare = re.sub(r"\s+", " ", sql).strip().lower()
        if bare.startswith(("select", "with")):
            changed, count = FILTERS.subn(lambda m: f"({m[2]} is null or true)", sql)
            if count:
                rewritten.append(sql)
                sql = changed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(rewrite):
        yield
