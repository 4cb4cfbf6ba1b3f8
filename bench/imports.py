"""An import through the API and the worker, against COPY and merge of the same rows into the same tables."""

import csv
import io
import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg

from mediatheque.catalog.derive import derive
from mediatheque.core.ids import show_id

from .bare import STATEMENTS
from .install import forget_peak, peak
from .reads import CONNECTIONS, World, plain_list
from .rows import NotMeasured, Row
from .world import item

GOAL = 0.3
MEGABYTES = 300.0
SLOWER_AT_MOST = 3
LONGEST_SECONDS = 900.0
LOOK_SECONDS = 0.2
BEYOND = 10_000_000  # numbers of items that the seeded ones do not have
COLUMNS = ("title", "media_type", "year", "format", "genres", "director", "cast", "rating", "runtime", "overview",
           "location")  # fmt: skip
PROVIDERS = {"rating": "IMDb rating"}


def imported(world: World) -> list[Row]:
    """Rows a second of both, and the most the worker held meanwhile."""
    count = world.seeded.size.imported
    bare = count / _bare(world, BEYOND, count)
    worker = world.install.worker()
    forget_peak(worker)
    ours = count / _through_the_api(world, 2 * BEYOND, count)
    return [
        Row.rate("import", ours, bare, "rows/s", GOAL),
        Row.amount("import_memory", peak(worker), MEGABYTES, "MB", 1.0),
    ]


def list_importing(world: World) -> list[Row]:
    """The list's 95th percentile while a table is imported, against the quiet one."""
    requests = plain_list(world).requests
    quiet: list[float] = []
    beside: list[float] = []

    def look(found: list[float]) -> None:
        found.append(world.browser.load(requests, CONNECTIONS, world.pace.seconds).p95)

    for _ in range(world.pace.rounds):
        look(quiet)
    _through_the_api(world, 3 * BEYOND, world.seeded.size.imported // 5, lambda: look(beside))
    ours, calm = statistics.median(beside), statistics.median(quiet)
    return [Row.amount("list_importing", ours, calm, "ms p95", round(1 / SLOWER_AT_MOST, 3))]


def _through_the_api(
    world: World, first: int, count: int, meanwhile: Callable[[], None] = lambda: time.sleep(LOOK_SECONDS)
) -> float:
    """Seconds from the upload to the job's end."""
    started = time.perf_counter()
    answer = json.loads(_upload(world, _table(first, count)))
    state: dict[str, Any] = {"status": "idle"}
    while state["status"] in ("idle", "running"):
        if time.perf_counter() - started > LONGEST_SECONDS:
            raise NotMeasured(f"the import took longer than {LONGEST_SECONDS:.0f} s")
        meanwhile()
        state = json.loads(world.browser.answer("GET", answer["status_url"]))
    if state["summary"]["created"] != count:
        raise NotMeasured(f"the import ended with {state['status']}, {state['summary']}, {state['error']}")
    return time.perf_counter() - started


def _upload(world: World, table: str) -> bytes:
    library = show_id("library", world.seeded.additions)
    parts = [
        f'Content-Disposition: form-data; name="library"\r\n\r\n{library}\r\n',
        'Content-Disposition: form-data; name="file"; filename="films.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{table}\r\n",
    ]
    body = "".join(f"--bench\r\n{part}" for part in parts) + "--bench--\r\n"
    kind = "multipart/form-data; boundary=bench"
    return world.browser.answer("POST", "/api/media/import-csv", body, kind=kind)


def _table(first: int, count: int) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    # A column called only Rating is the person's own and makes entries, which the bare rows have not.
    writer.writerow([PROVIDERS.get(name, name) for name in COLUMNS])
    for number in range(first, first + count):
        typed = _numbered(number)
        people = [person["name"] for person in typed["people"]]
        joined = {
            "genres": " | ".join(typed["genres"]),
            "director": people[0],
            "cast": " | ".join(people[1:]),
        }
        writer.writerow([(typed | joined)[name] for name in COLUMNS])
    return file.getvalue()


def _numbered(number: int) -> dict[str, Any]:
    """Titles of their own: the rule of sameness must not find one among the others."""
    typed = item(number)
    return typed | {"title": f"{typed['title']} {number}"}


def _bare(world: World, first: int, count: int) -> float:
    """Seconds of COPY and merge alone; what Python derives of a title stands in the file already."""
    rows = list(_rows(world, first, count))
    merge = (STATEMENTS / "import.sql").read_text()
    with psycopg.connect(world.install.postgres.application_url()) as connection:
        for name, value in (
            ("user_id", world.seeded.person), ("space_id", world.seeded.space), ("writer", "import"),
            ("library_ids", world.seeded.additions), ("request_id", "req_bare_import"),
        ):  # fmt: skip
            connection.execute("select set_config(%s, %s, false)", [f"app.{name}", str(value)])
        started = time.perf_counter()
        create, *statements = merge.split(";\n")
        connection.execute(create)
        with connection.cursor().copy("copy given from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        for statement in statements:
            if statement.strip():
                connection.execute(statement)
        connection.commit()
        return time.perf_counter() - started


def _rows(world: World, first: int, count: int) -> Iterator[list[Any]]:
    for number in range(first, first + count):
        typed = _numbered(number)
        derived = derive(typed, "en")
        yield [
            number, world.seeded.space, world.seeded.additions, world.seeded.person, typed["title"],
            derived["sort_title"], derived["sort_key"], derived["match_key"], typed["year"], typed["overview"],
            typed["runtime"], typed["genres"], json.dumps(typed["people"]), round(typed["rating"] * 10),
            typed["format"], typed["location"], derived["word_list"], json.dumps(derived["terms"]),
        ]  # fmt: skip
