"""One import in a process of its own: `python -m tests.proofs.import_of_size KIND MEGABYTES LIBRARY`.

Makes a file of the kind and size, plans it, imports it, and prints the job and how many megabytes the process
held at most.
"""

import csv
import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

django.setup()

from mediatheque.core.errors import Refusal  # noqa: E402  # Django first
from mediatheque.intake.command import import_file  # noqa: E402

TEXT = "Nobody knows what he saw that night in the harbour, and nobody will ask him again. " * 8
Lines = Iterator[bytes]


def line(cells: list[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def table() -> Lines:
    yield line(["Title", "Year", "Director", "Genres", "Overview", "Format", "Colour"])
    number = 0
    while True:
        number += 1
        people = f"Person {number % 900} | Person {number % 700}"
        yield line([f"Film {number}", 1950 + number % 70, people, "Drama | Crime", TEXT, "DVD", "blue"])


def long_cells() -> Lines:
    """Rows of nearly a megabyte, at the limit of a cell."""
    yield line(["Title", "Year", "Overview", "Else"])
    number = 0
    while True:
        number += 1
        yield line([f"Long {number}", 1950 + number % 70, "word " * 190_000, ""])


def one_line() -> Lines:
    yield b"Title,Year\nHeat,1995\n"
    while True:
        yield b"x" * 65536


def nothing() -> Lines:
    while True:
        yield bytes(65536)


def imdb() -> Lines:
    yield b"Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,"
    yield b"Genres,Num Votes,Release Date,Directors\n"
    number = 0
    while True:
        number += 1
        name = f"Film {number} {TEXT[:150]}"
        yield line([f"tt{number:07}", number % 10 + 1, "2020-01-02", name, name, "https://imdb.example/" + "x" * 200,
                    "Movie", 7.1, 100, 1950 + number % 70, "Drama", 1000, "1999-01-01", "Somebody"])  # fmt: skip


def trakt() -> Lines:
    yield b"["
    number = 0
    while True:
        number += 1
        film = {"title": f"Film {number % 60_000} {TEXT[:300]}", "year": 1950 + number % 70,
                "ids": {"trakt": number % 60_000 + 1, "imdb": f"tt{number % 60_000 + 1:07}"}}  # fmt: skip
        told = {"id": number, "watched_at": "2020-01-02T20:00:00.000Z", "action": "watch", "type": "movie"}
        yield (b"" if number == 1 else b",") + json.dumps(told | {"movie": film}).encode()


def diary() -> Lines:
    yield b"Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n"
    number = 0
    while True:
        number += 1
        yield line(["2020-01-02", f"Film {number % 90_000}", 1950 + number % 90_000 % 70, "https://boxd.example/a",
                    "3.5", "", f"<p>{TEXT}</p>", "", "2020-01-01"])  # fmt: skip


def own() -> Lines:
    yield b'{"mediatheque":1,"of":"media","media":['
    number = 0
    while True:
        number += 1
        item = {"id": f"med_{number}", "media_type": "movie", "title": f"Film {number}", "year": 1950 + number % 70,
                "overview": TEXT, "genres": ["Drama"], "people": [{"name": "Somebody", "role": "director"}],
                "variants": [{"format": "DVD", "barcode": None}], "metadata": {"colour": "blue"}}  # fmt: skip
        yield (b"" if number == 1 else b",\n") + json.dumps(item).encode()


def delicious() -> Lines:
    yield b'<?xml version="1.0"?><library><items>'
    number = 0
    while True:
        number += 1
        yield (
            f'<movie uuid="{number:032}" title="Film {number}" director="Somebody" minutes="100">'
            f"<description>{TEXT}</description></movie>"
        ).encode()


def clz() -> Lines:
    yield b'<?xml version="1.0"?><movieinfo><movielist>'
    number = 0
    while True:
        number += 1
        yield (
            f"<movie><id>{number}</id><title>Film {number}</title><plot>{TEXT}</plot><releasedate><year>"
            f"{1950 + number % 70}</year></releasedate><cast><star><person><displayname>Somebody</displayname>"
            "</person></star></cast></movie>"
        ).encode()


KINDS: dict[str, tuple[str, Callable[[], Lines], bytes]] = {
    "table": ("films.csv", table, b""),
    "long cells": ("films.csv", long_cells, b""),
    "one endless line": ("films.csv", one_line, b""),
    "nothing but zeros": ("films.csv", nothing, b""),
    "imdb": ("ratings.csv", imdb, b""),
    "trakt": ("history.json", trakt, b"]"),
    "trakt zip": ("watched-history.json", trakt, b"]"),
    "letterboxd zip": ("diary.csv", diary, b""),
    "own": ("export.json", own, b"]}"),
    "own zip": ("mediatheque.json", own, b"]}"),
    "own, cut short": ("export.json", own, b""),
    "delicious": ("library.xml", delicious, b"</items></library>"),
    "clz": ("movies.xml", clz, b"</movielist></movieinfo>"),
}


def write(kind: str, size: int, folder: Path) -> Path:
    """The file; what stands in a ZIP is of that size unpacked."""
    name, lines, end = KINDS[kind]
    packed = kind.endswith(" zip")
    path = folder / ("export.zip" if packed else name)
    with zipfile.ZipFile(path, "w") if packed else path.open("wb") as target:
        # Stored: this text packs better than any export, and is taken for a bomb.
        out = target.open(name, "w", force_zip64=True) if isinstance(target, zipfile.ZipFile) else target
        written = 0
        for piece in lines():
            written += out.write(piece)
            if written >= size:
                break
        out.write(end)
        out.close()
    return path


def main(kind: str, megabytes: str, library: str) -> None:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = write(kind, int(float(megabytes) * 1024 * 1024), Path(folder))
        Path("/proc/self/clear_refs").write_text("5")  # from here on: a child begins with its parent's peak
        before = peak()
        try:
            planned, _ = import_file(path, library, None, lambda done: None, dry_run=True)
            job, _ = import_file(path, library, None, lambda done: None)
            found = {
                "plan": planned["plan"],
                "status": job["status"],
                "summary": job["summary"],
                "error": job["error"],
            }
        except Refusal as refusal:
            found = {"refused": refusal.code, "detail": refusal.detail}
    print(json.dumps(found | {"begin": before, "peak": peak()}), flush=True)


def peak() -> int:
    """Megabytes that this process held at most."""
    told = Path("/proc/self/status").read_text().splitlines()
    return next(int(each.split()[1]) for each in told if each.startswith("VmHWM")) // 1024


main(*sys.argv[1:])
