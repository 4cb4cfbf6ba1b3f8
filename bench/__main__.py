"""`bin/bench [NAME …] [--json] [--small] [--data DIR]`."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from . import house, imports, reads, sizes
from .bare import Bare
from .install import Install
from .load import Browser
from .reads import Pace, World, floor, headline
from .rows import NAMES, NotMeasured, Row, as_json, as_line, line
from .seed import seed
from .world import FULL, SMALL

# Each with the unit and goal it has when it could not be measured. What adds items comes last.
BENCHMARKS: Mapping[str, tuple[Callable[[World], list[Row]], str, float]] = {
    "list": (headline("list", 0.25, reads.plain_list), "req/s", 0.25),
    "list_filtered": (headline("list_filtered", 0.95, reads.filtered_list), "req/s", 0.95),
    "item": (headline("item", 0.3, reads.single), "req/s", 0.3),
    "grid": (headline("grid", 0.2, reads.grid), "req/s", 0.2),
    "search": (floor("search", reads.search), "ms", reads.FLOOR),
    "search_none": (floor("search_none", reads.search_none), "ms", reads.FLOOR),
    "sort_year": (floor("sort_year", reads.sort_year), "ms", reads.FLOOR),
    "sort_added": (floor("sort_added", reads.sort_added), "ms", reads.FLOOR),
    "page_total": (floor("page_total", reads.page_total), "ms", reads.FLOOR),
    "filter_director": (floor("filter_director", reads.filter_director), "ms", reads.FLOOR),
    "home": (floor("home", reads.home), "ms", reads.FLOOR),
    "list_deep": (sizes.list_deep, "ms", 0.833),
    "list_slow_clients": (house.list_slow_clients, "ms p95", 0.333),
    "create": (headline("create", 0.3, reads.created), "req/s", 0.3),
    "import": (imports.imported, "rows/s", imports.GOAL),
    "list_importing": (imports.list_importing, "ms p95", 0.333),
    "cold_start": (house.cold_start, "s", 1.0),
    "memory": (house.memory, "MB", 1.0),
}
# Only when it is named: filling a library of a million titles takes minutes and 15 GB.
ON_DEMAND: Mapping[str, tuple[Callable[[World], list[Row]], str, float]] = {
    "list_million": (sizes.list_million, "ms", 0.769),
}


def main() -> int:
    """Measures; 1 when something could not be measured, whatever the figures are otherwise."""
    arguments = _arguments()
    settings.configure(SEARCH_OVERVIEWS=True)  # as the served install: what is derived here asks for it
    rows: list[Row] = []
    with _world(arguments) as world:
        if not arguments.json:
            print(line(NAMES))
        for name in arguments.names or BENCHMARKS:
            for row in _measured(world, name):
                rows.append(row)
                if not arguments.json:
                    print(as_line(row), flush=True)
    if arguments.json:
        print(as_json(rows))
    return int(any(row.ours is None for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description="How quick Mediatheque is beside bare SQL."
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"what to measure (default: {', '.join(BENCHMARKS)}; by name only: {', '.join(ON_DEMAND)})",
    )
    parser.add_argument("--json", action="store_true", help="print only the array of rows")
    parser.add_argument(
        "--small", action="store_true", help="few items and short rounds, to see that all works"
    )
    parser.add_argument(
        "--data", type=Path, help="keep the install here and take up one that is; a folder in RAM is quicker"
    )
    arguments = parser.parse_args()
    known = {**BENCHMARKS, **ON_DEMAND}
    unknown = [name for name in arguments.names if name not in known]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    return arguments


def _measured(world: World, name: str) -> list[Row]:
    benchmark, unit, goal = {**BENCHMARKS, **ON_DEMAND}[name]
    try:
        return benchmark(world)
    except (NotMeasured, OSError) as error:
        _say(f"{name} could not be measured: {error}")
        return [Row.missing(name, unit, goal)]


@contextmanager
def _world(arguments: argparse.Namespace) -> Iterator[World]:
    size, pace = (SMALL, Pace(2, 1.0)) if arguments.small else (FULL, Pace(5, 3.0))
    with _folder(arguments.data) as data:
        install = Install(data)
        try:
            install.start()
            started = time.perf_counter()
            seeded = seed(install, size)
            _say(f"The collection stands after {time.perf_counter() - started:.0f} s.")
            browser = Browser(install.port, seeded.session_key)
            yield World(install, seeded, browser, Bare(install, seeded), pace)
        finally:
            install.stop()


@contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    """Where the install lies: on disk, because /tmp may be RAM."""
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="mediatheque-bench-", dir="/var/tmp") as folder:
        yield Path(folder)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
