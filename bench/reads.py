"""Requests and the statements they are compared with: the headlines, and the floor under everything else."""

import json
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from mediatheque.catalog.derive import derive
from mediatheque.core.ids import read_id, show_id
from mediatheque.core.text import fold

from .bare import Bare
from .install import Install
from .load import Browser
from .rows import NotMeasured, Row
from .seed import MEDIA, Seeded
from .world import (
    CHOSEN,
    GENRES,
    as_array,
    director_names,
    genre_keys,
    identity,
    item,
    searched_words,
    unknown_words,
)

CONNECTIONS = 16
LIMIT = 50
DEEPEST = 200
FLOOR = 0.6
NOTHING = "/api/auth/me"  # a signed-in request that reads nothing but who asks


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is measured: bare and ours in turn, so many rounds of so many seconds."""

    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class World:
    """Everything a benchmark touches."""

    install: Install
    seeded: Seeded
    browser: Browser
    bare: Bare
    pace: Pace

    @property
    def library(self) -> str:
        return show_id("library", self.seeded.library)


@dataclass(frozen=True, slots=True)
class Compared:
    """Requests asked in turn, the statement that returns the same, and the values it chooses from."""

    requests: Sequence[str]
    statement: str
    values: Mapping[str, str] = field(default_factory=dict)


def headline(name: str, goal: float, compared: Callable[[World], Compared]) -> Callable[[World], list[Row]]:
    """Requests a second at 16 connections against the bare statement's, the median of the rounds."""

    def measured(world: World) -> list[Row]:
        it = compared(world)
        world.browser.load(it.requests, CONNECTIONS, 1)
        bare, ours = [], []
        for _ in range(world.pace.rounds):
            bare.append(world.bare.rate(it.statement, it.values, CONNECTIONS, world.pace.seconds))
            ours.append(world.browser.load(it.requests, CONNECTIONS, world.pace.seconds).per_second)
        return [Row.rate(name, statistics.median(ours), statistics.median(bare), "req/s", goal)]

    return measured


def floor(name: str, compared: Callable[[World], Compared]) -> Callable[[World], list[Row]]:
    """One connection's median against the bare statement's and an empty signed-in request's together."""

    def measured(world: World) -> list[Row]:
        it = compared(world)
        seconds = min(world.pace.seconds, 2.0)
        empty = [world.browser.request("GET", NOTHING)]
        world.browser.load([*it.requests, *empty], 1, 0.5)
        bare, ours = [], []
        for _ in range(min(world.pace.rounds, 3)):
            nothing = world.browser.load(empty, 1, seconds).median
            bare.append(nothing + world.bare.median(it.statement, it.values, seconds))
            ours.append(world.browser.load(it.requests, 1, seconds).median)
        return [Row.amount(name, statistics.median(ours), statistics.median(bare), "ms", FLOOR)]

    return measured


def pages_of(world: World, *queries: Mapping[str, object]) -> list[str]:
    """Requests for lists of 50 of the large library; the first one is looked at."""
    paths = [f"/api/media?{urlencode({'library': world.library, 'limit': 50, **query})}" for query in queries]
    answer = json.loads(world.browser.answer("GET", paths[0]))
    if "items" not in answer:
        raise NotMeasured(f"{paths[0]} is no list")
    return [world.browser.request("GET", path) for path in paths]


def plain_list(world: World) -> Compared:
    places = _places(world)
    return Compared(pages_of(world, *({"cursor": each} for each in places.cursors)), "list", places.values)


def filtered_list(world: World) -> Compared:
    rng = random.Random(1)
    queries = [
        {"genre": rng.choice(GENRES), "year_min": year, "year_max": year + 9}
        for year in (rng.randint(1935, 2010) for _ in range(4 * CHOSEN))
    ]
    return Compared(pages_of(world, *queries), "list_filtered", {"genres": as_array(genre_keys())})


def single(world: World) -> Compared:
    rng = random.Random(1)
    numbers = [rng.randrange(world.seeded.size.large) for _ in range(1000)]
    paths = [f"/api/media/{show_id('media', identity(MEDIA, number))}" for number in numbers]
    world.browser.answer("GET", paths[0])
    return Compared([world.browser.request("GET", path) for path in paths], "item")


def created(world: World) -> Compared:
    typed = item(-1)
    kept = {name: typed[name] for name in ("overview", "people")} | {
        "genres": ["Drama", "Comedy"],
        "rating": 7.3,
    }
    library = show_id("library", world.seeded.additions)
    first = random.Random().randrange(10**9)
    requests = [
        world.browser.request(
            "POST",
            "/api/media",
            json.dumps(
                {"media_type": "movie", "title": f"Title {number}", "year": 1999, "library": library, **kept}
            ),
        )
        for number in range(first, first + 5000)
    ]
    derived = derive({"title": "Title", **kept}, "en")
    return Compared(
        requests,
        "create",
        {"overview": typed["overview"], "people": json.dumps(typed["people"]),
         "words": as_array(derived["word_list"]), "terms": json.dumps(derived["terms"])},
    )  # fmt: skip


def grid(world: World) -> Compared:
    places = _places(world)
    path = f"/s/{world.seeded.slug}/library/{world.library}"
    world.browser.answer("GET", path)
    requests = [world.browser.request("GET", f"{path}?cursor={quote(each)}") for each in places.cursors]
    return Compared(requests, "list", places.values)


def search(world: World) -> Compared:
    found = searched_words()
    return Compared(pages_of(world, *({"q": word} for word in found)), "search", {"words": as_array(found)})


def search_none(world: World) -> Compared:
    none = unknown_words()
    return Compared(pages_of(world, *({"q": word} for word in none)), "search", {"words": as_array(none)})


def sort_year(world: World) -> Compared:
    return Compared(pages_of(world, {"sort": "year", "dir": "desc"}), "sort_year")


def sort_added(world: World) -> Compared:
    return Compared(pages_of(world, {"sort": "date_added", "dir": "desc"}), "sort_added")


def page_total(world: World) -> Compared:
    return Compared(pages_of(world, *({"page": number} for number in range(1, 21))), "page_total")


def filter_director(world: World) -> Compared:
    names = director_names()
    keys = as_array([fold(name) for name in names])
    return Compared(
        pages_of(world, *({"director": name} for name in names)), "filter_director", {"directors": keys}
    )


def home(world: World) -> Compared:
    path = f"/s/{world.seeded.slug}/"
    world.browser.answer("GET", path)
    return Compared([world.browser.request("GET", path)], "home")


@dataclass(frozen=True, slots=True)
class Places:
    """Where parts of the list by title begin: the product's own cursors, and the same for the bare statement."""

    cursors: list[str]
    values: Mapping[str, str]


def _places(world: World) -> Places:
    """64 places, evenly spread over the first pages: finding those far behind costs a walk each."""
    pages = min(world.seeded.size.large // LIMIT - 1, DEEPEST)
    cursors, ids = [], []
    for number in range(1, pages + 1, max(1, pages // CHOSEN))[:CHOSEN]:
        path = f"/api/media?library={world.library}&limit={LIMIT}&page={number}"
        answer = json.loads(world.browser.answer("GET", path))
        cursors.append(answer["pagination"]["next_cursor"])
        ids.append(read_id("media", answer["items"][-1]["id"]))
    with world.install.superuser() as connection:
        found = dict(
            connection.execute("select id, sort_key from media where id = any(%s)", [ids]).fetchall()
        )
    keys = [found[each] for each in ids]
    return Places(cursors, {"keys": as_array(keys), "ids": as_array(ids), "places": str(len(ids))})
