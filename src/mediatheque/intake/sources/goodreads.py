"""Goodreads' library export: books owned become media, books read or wished for become entries (I2)."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mediatheque.intake.records import Origin, Own, Record
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.columns import begin, prepare_known
from mediatheque.intake.sources.fields import finish
from mediatheque.intake.sources.options import Options

name = "goodreads"
label = "Goodreads (CSV)"

_MARKS = frozenset({"Book Id", "Exclusive Shelf", "Owned Copies", "My Rating"})
_COLUMNS: dict[str, str | None] = {
    "Title": "title", "Author": "author", "Additional Authors": "author", "ISBN13": "isbn", "ISBN": "isbn",
    "My Rating": "own_rating", "Average Rating": "rating", "Publisher": "publisher", "Binding": "format",
    "Number of Pages": "pages", "Original Publication Year": "year", "Date Added": "added_at",
    "Owned Copies": "quantity",
}  # fmt: skip
_STATUS = {"read": "completed", "currently-reading": "watching", "to-read": "not_watched"}
_LEFT = frozenset({"did-not-finish", "dnf", "abandoned"})
_ZEROS = ("Owned Copies", "Average Rating", "Number of Pages")


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of these, from 0 to 1."""
    return 0.95 if set(header) >= _MARKS else 0.0


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """Ratings are of five stars, whatever values occur."""
    scales = {"own_rating": 5, "rating": 5}
    return prepare_known(name, header, rows, _COLUMNS, mapping, default_type="book", scales=scales)


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """One book as a record."""
    told = {column: text for column, text in row.items() if column not in _ZEROS or text.strip(" 0.")}
    record = begin(row_number, told, options)
    if record.year is None:
        record.year = cells.year(row.get("Year Published", "").strip())
    if book := row.get("Book Id", "").strip():
        record.origin = Origin(name, "book", book[:255])
    shelf = row.get("Exclusive Shelf", "").strip()
    shelves = [each for each in cells.items(row.get("Bookshelves", "")) if each not in _STATUS]
    record.own = Own(
        status=_STATUS.get(shelf),
        on_watchlist=True if shelf == "to-read" else None,
        set_aside="dropped" if shelf in _LEFT else None,
        last_watched_at=cells.day(row.get("Date Read", "").strip(), options.dates),
        notes=_notes(row),
    )
    owned = cells.whole(row.get("Owned Copies", "").strip() or "0") or 0
    record.is_entry = owned < 1
    if not record.is_entry:
        record.tags = shelves
    elif shelves:
        message = f"The shelves {', '.join(shelves)} are kept only with books that are owned."
        record.say("shelves.left_out", "tags", message)
    return finish(record)


def _notes(row: Mapping[str, str]) -> str | None:
    parts = [plain_text(row.get(column, "")) for column in ("My Review", "Private Notes")]
    return "\n\n".join(part for part in parts if part) or None


def plain_text(markup: str) -> str:
    """A review without its markup: paragraphs stay, tags go."""
    lines = re.sub(r"(?i)<br\s*/?>|</p>", "\n", markup)
    return html.unescape(re.sub(r"<[a-zA-Z/][^<>]*>", "", lines)).strip()[:100_000]
