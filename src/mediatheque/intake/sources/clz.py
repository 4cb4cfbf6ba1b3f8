"""Collectorz.com's XML export of films (I2)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from mediatheque.intake.own_format import listed
from mediatheque.intake.reading import Row
from mediatheque.intake.records import Origin, Own, Record
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.columns import begin, prepare_known
from mediatheque.intake.sources.fields import finish
from mediatheque.intake.sources.markup import begins, elements, text_of
from mediatheque.intake.sources.options import Options
from mediatheque.intake.sources.sheets import Items

name = "clz"
label = "Collectorz.com (XML)"

_MARK = "clz id"
_TEXTS = {
    "title": "title", "titlesort": "sort_title", "originaltitle": "original_title", "year": "year", "plot": "overview",
    "runtime": "runtime", "imdbnum": "imdb_id", "upc": "barcode", "barcode": "barcode", "format": "format",
    "edition": "edition", "condition": "condition", "location": "location", "notes": "notes",
    "mpaarating": "certification", "purchaseprice": "price", "quantity": "quantity", "purchasedate": "purchased_on",
    "myrating": "own_rating",
}  # fmt: skip
_LISTS = {"genre": "genres", "tag": "tags"}
_ROLES = {
    "dfDirector": "director", "dfWriter": "writer", "dfProducer": "producer", "dfMusician": "composer",
    "dfMusic": "composer", "dfCamera": "cinematographer", "dfPhotography": "cinematographer", "dfEditor": "editor",
}  # fmt: skip
_KEPT = (
    "boxset",
    "series",
    "country",
    "language",
    "studio",
    "distributor",
    "package",
    "region",
    "store",
    "owner",
)
_COLUMNS: dict[str, str | None] = {
    **{field: field for field in _TEXTS.values()},
    **{field: field for field in _LISTS.values()},
    **{field: field for field in ("cast", *dict.fromkeys(_ROLES.values()))},
    **dict.fromkeys(_KEPT),
}
_OWNERSHIP = {
    "not in collection": "formerly_owned",
    "on wish list": "wanted",
    "on order": "ordered",
    "sold": "formerly_owned",
}


def open_sheet(file: BinaryIO) -> Items | None:
    """The films of the list."""
    if not begins(file, b"<movieinfo"):
        return None
    return Items([_MARK, *_COLUMNS, "status", "seen", "seen_on"], lambda: _rows(file))


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of these, from 0 to 1."""
    return 1.0 if _MARK in header else 0.0


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """Ratings are of ten; the order of dates is recognised over the whole file."""
    return prepare_known(name, header, rows, _COLUMNS, None, default_type="movie", scales={"own_rating": 10})


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """One film as a record."""
    record = begin(row_number, row, options)
    if row.get(_MARK):
        record.origin = Origin(name, "movie", row[_MARK][:255])
    record.ownership = _OWNERSHIP.get(row.get("status", "").lower(), "owned")
    if row.get("seen") == "yes":
        record.own = Own(status="completed", last_watched_at=cells.day(row.get("seen_on", ""), options.dates))
    return finish(record)


def _rows(file: BinaryIO) -> Iterator[Row]:
    for number, movie in enumerate(elements(file, frozenset({"movie"}), inside="movielist"), 1):
        yield Row(number, {column: text for column, text in _cells(movie).items() if text})


def _cells(movie: Element) -> dict[str, str]:
    found = {_MARK: text_of(movie.find("id")), **_people(movie)}
    for tag, field in _TEXTS.items():
        texts = [_told(each) for each in movie.findall(tag)]
        found[field] = found.get(field) or next((each for each in texts if each.strip("0 ")), "")
    found["year"] = found["year"] or _year(movie)
    found["runtime"] = found["runtime"] if found["runtime"].strip("0") else ""
    for tag, field in _LISTS.items():
        found[field] = _listed(text_of(each) for each in movie.iter(tag))
    for tag in _KEPT:
        found[tag] = _listed(text_of(each) for each in movie.iter(tag))
    found["status"] = text_of(movie.find("collectionstatus"))
    seen = [each for each in movie.findall("seenit") if each.get("boolvalue") == "1"]
    found["seen"] = "yes" if seen else ""
    found["seen_on"] = next((_told(each) for each in movie.findall("viewingdate") if _told(each)), "")
    if found.get("certification"):
        found["certification"] = re.sub(r"\s*\(.*", "", found["certification"])
    return found


def _people(movie: Element) -> dict[str, str]:
    """Names by role, actors with their characters."""
    cast = [
        {"name": _name(star), "character": text_of(star.find("character"))}
        for star in movie.iterfind("cast/star")
    ]
    named: dict[str, list[str]] = {}
    for each in movie.iterfind("crew/crewmember"):
        if (role := _ROLES.get(text_of(each.find("roleid")))) is not None:
            named.setdefault(role, []).append(_name(each))
    found = {role: _listed(names) for role, names in named.items()}
    return found | {"cast": json.dumps(cast, ensure_ascii=False) if cast else ""}


def _name(member: Element) -> str:
    """As it is shown, but surname last."""
    shown = text_of(member.find("person"))
    parts = [text_of(member.find(f"person/{part}")) for part in ("firstname", "lastname")]
    return " ".join(parts) if "," in shown and all(parts) else shown


def _told(element: Element) -> str:
    """The text of an element, or of the date inside it."""
    day = element.find("date")
    return text_of(element) or text_of(day)


def _year(movie: Element) -> str:
    return text_of(movie.find("releasedate/year")) or text_of(movie.find("releasedate/date"))


def _listed(names: Iterable[str]) -> str:
    return listed(list(dict.fromkeys(each for each in names if each)))
