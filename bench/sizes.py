"""Whether a list costs the same far behind its beginning, and in a library a hundred times as large."""

import json
import statistics
from uuid import UUID

import psycopg

from mediatheque.core.ids import show_id

from .load import Browser
from .reads import LIMIT, World
from .rows import Row
from .seed import LIBRARY, SPACE, household, sign_in
from .world import identity

DEEP = 1.2
LARGE = 1.3
DEPTHS = (0.5, 0.9, 0.99)
TIMES = 5  # as large as the large library, and a hundredth of that
PLACES = 20

COPY = """
insert into media (id, space_id, work_owner, library_id, {names})
select gen_random_uuid(), %s, %s, %s, {names} from media m, generate_series(1, %s) times
where m.library_id = %s limit %s
"""


def list_deep(world: World) -> list[Row]:
    """Parts by cursor from far behind against the first part, medians of one connection."""
    last = world.seeded.size.large // LIMIT
    first = _from_pages(world.browser, world.library, range(1, 4))
    deep = _from_pages(world.browser, world.library, [max(1, round(last * depth)) for depth in DEPTHS])
    near, far = _medians(world, (world.browser, first), (world.browser, deep))
    return [Row.amount("list_deep", far, near, "ms", round(1 / DEEP, 3))]


def list_million(world: World) -> list[Row]:
    """The list of a library of a million titles against that of ten thousand, medians of one connection."""
    million = TIMES * world.seeded.size.large
    asked = []
    for number, items in ((5_001, million // 100), (5_002, million)):
        library = _grown(world, number, items)
        browser = Browser(world.install.port, sign_in(world.install, identity(SPACE, number)))
        asked.append((browser, _from_pages(browser, library, range(1, PLACES + 1))))
    small, large = _medians(world, *asked)
    return [Row.amount("list_million", large, small, "ms", round(1 / LARGE, 3))]


def _medians(world: World, *asked: tuple[Browser, list[str]]) -> list[float]:
    """Milliseconds of each, asked in turn."""
    found: list[list[float]] = [[] for _ in asked]
    for browser, requests in asked:
        browser.load(requests, 1, 0.5)
    for _ in range(world.pace.rounds):
        for (browser, requests), medians in zip(asked, found, strict=True):
            medians.append(browser.load(requests, 1, world.pace.seconds).median)
    return [statistics.median(medians) for medians in found]


def _from_pages(browser: Browser, library: str, pages: range | list[int]) -> list[str]:
    """Requests for what comes after each of the pages."""
    path = f"/api/media?library={library}&limit={LIMIT}"
    cursors = [
        json.loads(browser.answer("GET", f"{path}&page={number}"))["pagination"]["next_cursor"]
        for number in pages
    ]
    return [browser.request("GET", f"{path}&cursor={each}") for each in cursors if each]


def _grown(world: World, number: int, items: int) -> str:
    """A space of its own with one library of so many titles, copied from the large one; its TypeID."""
    space, library = identity(SPACE, number), identity(LIBRARY, number)
    with world.install.superuser() as connection:
        connection.execute("set session_replication_role = replica")
        if connection.execute("select from spaces where id = %s", [space]).fetchone() is None:
            household(connection, number, f"grown-{items}")
            _copy(world, connection, space, library, items)
    return show_id("library", library)


def _copy(world: World, connection: psycopg.Connection, space: UUID, library: UUID, items: int) -> None:
    columns = connection.execute(
        "select column_name from information_schema.columns where table_schema = 'public' and table_name = 'media' "
        "and is_generated = 'NEVER' and column_name not in ('id', 'space_id', 'work_owner', 'library_id')"
    ).fetchall()
    times = -(-items // world.seeded.size.large)
    connection.execute(
        COPY.format(names=", ".join(name for (name,) in columns)),
        [space, space, library, times, world.seeded.library, items],
    )
    connection.execute("vacuum analyze media")
