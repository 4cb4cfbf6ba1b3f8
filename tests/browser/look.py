"""`bin/look`: draws every page in both widths and themes, measures it, and writes the sheet."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.browser.house import House, served_house
from tests.browser.household import Household, furnished, long_table, upload
from tests.browser.scenes import Scene, running, scenes
from tests.browser.sheet import complaints, table, write_sheet
from tests.browser.shots import Shot, take_shots

FOLDER = Path(__file__).resolve().parent.parent.parent / "look"


def main(words: Sequence[str] | None = None) -> int:
    """0 when nothing serious was found."""
    arguments = _parser().parse_args(words)
    started = time.monotonic()
    FOLDER.mkdir(exist_ok=True)
    with _house(arguments.base_url) as house:
        shots = _look(house, furnished(house), arguments.paths)
    print(table(shots))
    sheet = write_sheet(FOLDER, shots)
    print(f"\n{len(shots)} pictures in {time.monotonic() - started:.0f} s: {sheet}")
    if found := complaints(shots):
        print(f"\nSerious:\n{found}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/look", description="Look at every page in Chromium.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a page's name or address (default: all)")
    parser.add_argument("--base-url", help="a house that `python -m tests.browser.household` serves already")
    return parser


@contextmanager
def _house(base_url: str | None) -> Iterator[House]:
    if base_url:
        yield House(base_url.rstrip("/"))
        return
    with served_house() as house:
        yield house


def _look(house: House, home: Household, paths: Sequence[str]) -> list[Shot]:
    shots = asyncio.run(take_shots(house.base_url, _wanted(scenes(home), home, paths), FOLDER))
    if house.process is None:
        return shots  # somebody else's worker is not ours to hold
    job = upload(home.admin, "harbour-news.csv", long_table())
    _wait_until_under_way(home, job)
    with house.worker_held():
        swinging = [scene for scene in running(home, job) if not paths or scene.name in paths]
        shots += asyncio.run(take_shots(house.base_url, swinging, FOLDER))
    return shots


def _wait_until_under_way(home: Household, job: str) -> None:
    while home.admin.call("GET", f"/api/sync-jobs/{job}")["progress"]["done"] == 0:
        time.sleep(0.02)


def _wanted(known: list[Scene], home: Household, paths: Sequence[str]) -> list[Scene]:
    """The scenes named; an address that is none of them is looked at as the admin sees it."""
    if not paths:
        return known
    found = [scene for scene in known if scene.name in paths or scene.path in paths]
    addresses = {scene.path for scene in found}
    others = [path for path in paths if path.startswith("/") and path not in addresses]
    return found + [Scene(path.strip("/").replace("/", "-") or "root", path, home.admin) for path in others]


if __name__ == "__main__":
    sys.exit(main())
