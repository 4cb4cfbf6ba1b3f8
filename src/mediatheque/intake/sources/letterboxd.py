"""Letterboxd's export: films seen, rated, reviewed and wished for become entries, one for each film (I2).

The ZIP tells what each file is; of its files the URIs name now a film and now an entry, so films are joined
by name and year. Lists, likes, comments and the profile stay out.
"""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from mediatheque.intake.reading import CELL_LIMIT, NotATable, Row
from mediatheque.intake.records import Own, Record, fingerprint
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.fields import finish
from mediatheque.intake.sources.goodreads import plain_text
from mediatheque.intake.sources.options import Options
from mediatheque.intake.sources.sheets import Items, Told, archive, gathered, head_of, member, peeked

name = "letterboxd"
label = "Letterboxd"

_CELL = "letterboxd film"
_FILES = ("watched.csv", "watchlist.csv", "ratings.csv", "diary.csv", "reviews.csv")
_BARE = {
    "Rating,Rewatch,Review,Tags,Watched Date": "reviews.csv",
    "Rating,Rewatch,Tags,Watched Date": "diary.csv",
    "Rating": "ratings.csv",
    "": "",
}

LONGEST_REVIEW = 100_000  # characters, of all reviews of a film together

Film = dict[str, Any]


def open_sheet(file: BinaryIO) -> Items | None:
    """The films of a ZIP, or of one of its files that tells by its header which it is."""
    opened = archive(file)
    if opened is not None:
        at_top = {
            each.filename.rsplit("/", 1)[-1] for each in opened.infolist() if "deleted/" not in each.filename
        }
        if not {"watched.csv", "diary.csv", "ratings.csv"} & at_top:
            return None
        found = [(each, _member(opened, each)) for each in _FILES]
        parts = [(each, part) for each, part in found if part is not None]
        return Items([_CELL], lambda: _rows(gathered(_told(parts))), lambda: _rows(peeked(_told(parts))))
    first = head_of(file).removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip().decode("latin-1")
    base, _found, rest = first.partition("Date,Name,Year,Letterboxd URI")
    if base or first == rest or rest.lstrip(",") not in _BARE:
        return None
    kind = _BARE[rest.lstrip(",")]
    if not kind:
        message = _(
            "By itself this file does not say whether its films were seen or are planned. Bring the whole ZIP."
        )
        raise NotATable("letterboxd.zip_needed", message)
    alone = [(kind, file)]
    return Items([_CELL], lambda: _rows(gathered(_told(alone))), lambda: _rows(peeked(_told(alone))))


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of these, from 0 to 1."""
    return 1.0 if list(header) == [_CELL] else 0.0


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """The export says all itself: a mapping changes nothing."""
    return Options(source=name, columns={}, scales={"own_rating": 5}, dates="YMD", rows=sum(1 for _ in rows))


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """One film as an entry."""
    record = Record(row_number, media_type="movie", fingerprint=fingerprint(row), is_entry=True)
    film = cells.json_object(row.get(_CELL, "")) or {}
    record.title = " ".join(str(film.get("name") or "").split())
    record.year = cells.year(str(film.get("year") or ""))
    if film.get("rating"):
        record.own_rating, readable = cells.own_rating(str(film["rating"]), 5)
        if not readable:
            told = str(film["rating"])[:50]
            record.say("rating.invalid", "own_rating", _("“%(text)s” is not a rating.") % {"text": told})
    seen = bool(film.get("seen"))
    record.own = Own(
        status="completed" if seen else None,
        on_watchlist=True if film.get("wished") else None,
        last_watched_at=cells.day(str(film.get("watched") or ""), "YMD"),
        notes=str(film.get("review") or "") or None,
        added_at=cells.day(str(film.get("since") or ""), "YMD"),
    )
    return finish(record)


def _member(opened: zipfile.ZipFile, wanted: str) -> BinaryIO | None:
    """A file of the ZIP's top folder; those of `deleted/` and `likes/` have the same names."""
    inner = [each.filename for each in opened.infolist() if each.filename.rsplit("/", 1)[-1] == wanted]
    found = min(inner, key=lambda path: (path.count("/"), path), default=None)
    outside = found is None or any(
        part in ("deleted", "likes", "lists", "orphaned") for part in found.split("/")
    )
    return None if outside or found is None else member(opened, found)


def _rows(films: Iterable[Film]) -> Iterator[Row]:
    for number, film in enumerate(films, 1):
        yield Row(number, {_CELL: json.dumps(film, ensure_ascii=False, sort_keys=True)})


def _told(files: Iterable[tuple[str, BinaryIO]]) -> Iterator[Told]:
    """All that the files say of films, in the order they name them."""
    for kind, file in files:
        for line in _lines(file):
            yield _film_of(line), line, _TAKE[kind]


def _film_of(line: Mapping[str, str]) -> str:
    return f"{line.get('Name') or ''}\x1f{line.get('Year') or ''}"


def _lines(file: BinaryIO) -> Iterator[dict[str, str]]:
    csv.field_size_limit(CELL_LIMIT)
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-8-sig", "replace", newline="")
    try:
        for line in csv.DictReader(text):
            if any(isinstance(value, str) and value.strip() for value in line.values()):
                yield {
                    key: value.replace("\x00", "") for key, value in line.items() if isinstance(value, str)
                }
    except (csv.Error, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise NotATable("file.broken", _("A file in this export is broken: export it again.")) from error
    finally:
        text.detach()


def _seen(film: Film, line: Mapping[str, str]) -> None:
    film["seen"] = True
    _named(film, line)


def _wished(film: Film, line: Mapping[str, str]) -> None:
    film["wished"] = True
    _named(film, line)


def _rated(film: Film, line: Mapping[str, str]) -> None:
    film["seen"], film["rating"] = True, line.get("Rating", "")
    _named(film, line)


def _viewed(film: Film, line: Mapping[str, str]) -> None:
    """The film's rating of today goes before that of one evening."""
    _seen(film, line)
    film["watched"] = max(film.get("watched", ""), line.get("Watched Date", ""))
    if line.get("Rating"):
        film.setdefault("rating", line["Rating"])


def _reviewed(film: Film, line: Mapping[str, str]) -> None:
    _viewed(film, line)
    reviews = [film.get("review", ""), plain_text(line.get("Review", ""))]
    film["review"] = "\n\n".join(each for each in reviews if each)[:LONGEST_REVIEW]


def _named(film: Film, line: Mapping[str, str]) -> None:
    film["name"], film["year"] = line.get("Name") or "", line.get("Year") or ""
    days = [day for day in (film.get("since"), line.get("Date")) if day]
    film["since"] = min(days, default="")


_TAKE: Mapping[str, Callable[[Film, Mapping[str, str]], None]] = {
    "watched.csv": _seen,
    "watchlist.csv": _wished,
    "ratings.csv": _rated,
    "diary.csv": _viewed,
    "reviews.csv": _reviewed,
}
