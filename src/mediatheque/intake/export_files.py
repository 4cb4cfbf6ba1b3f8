"""The files an export is written as, in bounded pieces: JSON, CSV, Letterboxd's CSV, a ZIP with images (I10)."""

import datetime as dt
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any, Literal, cast

from mediatheque.catalog.shapes import encode
from mediatheque.core import storage
from mediatheque.core.ids import show_id
from mediatheque.intake import spreadsheet
from mediatheque.intake.exporting import Export
from mediatheque.intake.own_format import (
    DATA_NAME,
    ENTRY_CELLS,
    ENTRY_HEADER,
    IMAGES,
    JSON_CELLS,
    MEDIA_HEADER,
    ROLES,
    SCALARS,
    listed,
)  # fmt: skip

Format = Literal["csv", "json", "letterboxd"]

LETTERBOXD_HEADER = ("WatchedDate", "Title", "Year", "tmdbID", "imdbID", "Rating10")

Item = Mapping[str, Any]


def as_json(found: Export) -> Iterator[bytes]:
    """One document: what it is, then every item on a line of its own."""
    yield from _document(found, lambda item: item)


def as_csv(found: Export) -> Iterator[bytes]:
    """A row for each item: what people read in cells of its own, what is nested as JSON, nothing left out."""
    header, cells = (ENTRY_HEADER, _entry) if found.of == "entries" else (MEDIA_HEADER, _media)
    yield spreadsheet.BYTE_ORDER_MARK + spreadsheet.lines([header])
    for piece in found.items():
        yield spreadsheet.lines(cells(_plain(item)) for item in piece)


def as_letterboxd(found: Export) -> Iterator[bytes]:
    """Films with one's own rating and day, as Letterboxd takes them in."""
    yield spreadsheet.lines([LETTERBOXD_HEADER])
    for piece in found.items():
        films = (_plain(item) for item in piece)
        yield spreadsheet.lines(_film(film, found.of) for film in films if _kind(film) == "movie")


def as_zip(found: Export) -> Iterator[bytes]:
    """The JSON document, whose items name their picture, and the pictures beside it."""
    sink = _Sink()
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(DATA_NAME, "w", force_zip64=True) as data:
            for piece in _document(found, _with_image):
                data.write(piece)
                yield sink.taken()
        for posters in found.posters():
            for media_id, sha256 in posters:
                try:
                    with storage.open_file(sha256) as picture:
                        content = picture.read()
                except FileNotFoundError:
                    continue  # its row says so to the checker; the rest of the export is whole
                name = f"{IMAGES}/{show_id('media', media_id)}.webp"
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_STORED)
                yield sink.taken()
    yield sink.taken()


def _document(found: Export, shape: Callable[[Item], Item]) -> Iterator[bytes]:
    yield encode(found.head)[:-1] + f',"{found.of}":[\n'.encode()
    first = True
    for piece in found.items():
        yield (b"" if first else b",\n") + b",\n".join(encode(shape(item)) for item in piece)
        first = False
    yield b"\n]}\n"


def _with_image(item: Item) -> Item:
    return {**item, "image": f"{IMAGES}/{item['id']}.webp" if item.get("poster") else None}


def _plain(item: Item) -> dict[str, Any]:
    """The item without JSON that the database gave as text."""
    found: dict[str, Any] = json.loads(encode(item))
    return found


def _media(item: Item) -> list[str]:
    variants = item["variants"]
    first = variants[0] if variants else {}
    cells = {
        "mediatheque_id": item["id"],
        "library": item["library_name"],
        **{name: item[name] for name in SCALARS},
        "genres": listed(item["genres"]),
        "tags": listed(item["tags"]),
        "my_rating": item["own"]["rating"] if item["own"] else None,
        "edition": first.get("edition"),
        "barcode": first.get("barcode"),
        **{role: listed(_named(item["people"], role)) for role in ROLES},
        **{name: _json(item[name]) for name in JSON_CELLS},
    }
    return [_text(cells[name]) for name in MEDIA_HEADER]


def _entry(item: Item) -> list[str]:
    cells = {
        "mediatheque_entry_id": item["id"],
        **{name: item["work"][name] for name in ("title", "year", "media_type")},
        **{name: item[name] for name in ENTRY_CELLS},
        "origins": _json(item["origins"]),
    }
    return [_text(cells[name]) for name in ENTRY_HEADER]


def _film(item: Item, of: str) -> list[str]:
    entry = item if of == "entries" else item.get("entry")
    titled = item["work"] if of == "entries" else item
    ids = item["origins"] if of == "entries" else item["external_ids"]
    numbers = {each.get("provider") or each.get("source"): each["id"] for each in ids if each["kind"] != "tv"}
    watched = entry["last_watched_at"] if entry and entry["status"] == "completed" else None
    cells = [
        watched[:10] if watched else "", titled["title"], titled["year"], numbers.get("tmdb"), numbers.get("imdb"),
        entry["rating"] if entry else None,
    ]  # fmt: skip
    return [_text(cell) for cell in cells]


def _kind(item: Item) -> str:
    work = item["work"]
    return str(work["media_type"] if isinstance(work, dict) else item["media_type"])


def _named(people: Iterable[Item], role: str) -> list[str]:
    return [each["name"] for each in people if each["role"] == role]


def _json(value: Any) -> str:
    return "" if value in (None, [], {}) else json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


class _Sink:
    """What a ZIP is written to piece by piece; it cannot go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
