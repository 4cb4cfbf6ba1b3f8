"""Delimited text as people's programs write it, read row by row (I2).

A bad row fails alone and says why; only a file that is no table at all is refused. The file is
never held in memory: what is kept is bounded by `ROW_LIMIT`.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import AnyStr, BinaryIO

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from mediatheque.intake.kinds import NotATable, refuse_other_kinds
from mediatheque.intake.records import Message

__all__ = ["NotATable", "Row", "Table", "few"]

CELL_LIMIT = 1024 * 1024  # characters
ROW_LIMIT = 4 * CELL_LIMIT  # characters of one row, all its lines together
SAMPLE_LIMIT = ROW_LIMIT  # characters of a sample's rows, all together
REREAD_LIMIT = 4 * ROW_LIMIT  # how much of the file may be read again after broken quotes
COLUMN_LIMIT = 1000
_CHUNK = 64 * 1024


@dataclass(slots=True)
class Row:
    """A row of the file, counted from 1 after the header; `problem` says why it has no cells."""

    number: int
    cells: dict[str, str]
    messages: list[Message] = field(default_factory=list)
    problem: Message | None = None

    @property
    def length(self) -> int:
        """Characters of all its cells."""
        return sum(map(len, self.cells.values()))


def few(rows: Iterator[Row], count: int) -> list[Row]:
    """The next `count` rows, or as many as make up a sample."""
    found: list[Row] = []
    length = 0
    while len(found) < count and length < SAMPLE_LIMIT and (row := next(rows, None)) is not None:
        found.append(row)
        length += row.length
    return found


class Table:
    """A table over a seekable binary file, from where it stands; raises `NotATable`.

    `header`, `encoding` and `delimiter` are recognised at once; `rows()` can be walked once.
    """

    def __init__(self, file: BinaryIO) -> None:
        start = file.tell()
        head = file.read(_CHUNK)
        file.seek(0, 2)
        self.size = file.tell() - start
        refuse_other_kinds(head)
        self.encoding, mark = _encoding(head)
        file.seek(start + mark)
        self._lines = _Lines(file, self.encoding, mark, head)
        self.delimiter = _delimiter(self._lines.first())
        csv.field_size_limit(CELL_LIMIT)
        self._cells = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        self.header = self._read_header()
        self._unread = self._read_rows()
        self._ahead: deque[Row] = deque()
        if not self.sample(1):
            raise NotATable("file.header_only", _("The file has a header but no rows below it."))

    @property
    def consumed(self) -> int:
        """Bytes read so far, a cheap measure of progress against `size`."""
        return min(self._lines.consumed, self.size)

    def sample(self, count: int) -> list[Row]:
        """The first rows, which `rows()` will give as well; fewer where they are very long."""
        self._ahead.extend(few(self._unread, count - len(self._ahead)))
        return list(islice(self._ahead, count))

    def rows(self) -> Iterator[Row]:
        """Every row with something in it, in order; rows of empty cells are counted and left out."""
        while self._ahead:
            yield self._ahead.popleft()
        yield from self._unread

    def _read_header(self) -> list[str]:
        self._lines.begin_row()
        try:
            cells = [" ".join(cell.split()) for cell in next(self._cells)]
        except csv.Error as error:
            message = _("The first line cannot be read as a header: its quotes do not close.")
            raise NotATable("file.header", message) from error
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > COLUMN_LIMIT:
            raise NotATable(
                "file.columns",
                _("The file has more than %(column_limit)s columns.")
                % {"column_limit": number_format(COLUMN_LIMIT, force_grouping=True)},
            )
        if any("\x00" in cell for cell in cells):
            raise NotATable("file.binary", _("This is not a text file."))
        names = [cell or f"Column {place}" for place, cell in enumerate(cells, 1)]
        _refuse_duplicates(names)
        return names

    def _read_rows(self) -> Iterator[Row]:
        number, width = 0, len(self.header)
        while True:
            number += 1
            self._lines.begin_row()
            try:
                cells = next(self._cells)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._recovered(number, error)
                continue
            if not any(cells) or not "".join(cells).strip():
                continue
            if len(cells) == width and not self._lines.faults:
                yield Row(number, dict(zip(self.header, cells, strict=True)))
            else:
                yield self._unusual(number, cells)

    def _unusual(self, number: int, cells: list[str]) -> Row:
        """A row with NUL bytes, in another encoding, with too many or too few cells."""
        if "nul" in self._lines.faults:
            told = Message("row.nul", "", _("The row contains NUL bytes, which cannot be stored."))
            return Row(number, {}, problem=told)
        width = len(self.header)
        padded = cells[:width] + [""] * (width - len(cells))
        row = Row(number, dict(zip(self.header, padded, strict=True)))
        if any(cell.strip() for cell in cells[width:]):
            message = _("The row has %(cells)s cells, the header %(width)s: the rest was left out.") % {
                "cells": len(cells),
                "width": width,
            }
            row.messages.append(Message("row.extra_cells", "", message))
        if "encoding" in self._lines.faults:
            message = _("The row is not UTF-8; it was read as Windows-1252.")
            row.messages.append(Message("row.encoding", "", message))
        return row

    def _recovered(self, number: int, error: csv.Error) -> Row:
        """After broken quotes or an endless cell: judge the first line alone, read the others again."""
        lines = self._lines.of_this_row()
        too_long = isinstance(error, _TooLong) or "field larger" in str(error)
        next_row = next((at for at in range(1, len(lines)) if self._begins_row(lines[at])), None)
        if next_row is not None:
            self._lines.give_back(next_row)
        else:
            self._lines.skip_to_closing_quote(self._begins_row)
        first = lines[0] if lines else ""
        cells = None if too_long and next_row is None else self._single(first)
        if "\x00" in first:
            told = Message("row.nul", "", _("The row contains NUL bytes, which cannot be stored."))
        elif cells is not None:
            told = Message(
                "row.quotes", "", _("The quotes of this row do not match; it was read as it stands.")
            )
            return Row(number, dict(zip(self.header, cells, strict=True)), [told])
        elif too_long:
            message = _("A cell is longer than %(cell_limit)s characters, or the row than %(row_limit)s.") % {
                "cell_limit": number_format(CELL_LIMIT, force_grouping=True),
                "row_limit": number_format(ROW_LIMIT, force_grouping=True),
            }
            told = Message("row.too_long", "", message)
        else:
            told = Message(
                "row.quotes", "", _("The quotes of this row do not match, so its cells are unknown.")
            )
        return Row(number, {}, problem=told)

    def _begins_row(self, line: str) -> bool:
        """Whether the line may be a row: not one that only closes the quote of a line before."""
        closes = line.count('"') % 2 and not re.search(f'(?:^|{self.delimiter})"', line)
        return not closes and self._single(line) is not None

    def _single(self, line: str) -> list[str] | None:
        """The cells of a line by itself, whatever its quotes; None unless there is one per column."""
        if len(line) > CELL_LIMIT:
            return None
        bare = line.rstrip("\r\n").replace("\r", " ")
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            cells = next(csv.reader([bare], delimiter=self.delimiter, quoting=quoting), [])
            if len(cells) == len(self.header):
                return [cell.strip('"') for cell in cells]
        return None


class _TooLong(csv.Error):
    """A row beyond `ROW_LIMIT`."""


class _Lines:
    """The file's lines for the csv module, which can be given back; knows what is wrong with them."""

    def __init__(self, file: BinaryIO, encoding: str, skipped: int, head: bytes) -> None:
        self.consumed = skipped
        self.faults: set[str] = set()
        self._file = file
        self._expects_utf8 = encoding == "utf-8"
        self._source = self._decoded(encoding, head)
        self._returned: deque[tuple[str, str]] = deque()
        self._row: list[tuple[str, str]] = []
        self._length = 0
        self._may_reread = REREAD_LIMIT

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        entry = self._returned.popleft() if self._returned else next(self._source)
        line, fault = entry
        self._row.append(entry)
        self._length += len(line)
        if fault:
            self.faults.add(fault)
        if self._length > ROW_LIMIT:
            raise _TooLong
        return line

    def first(self) -> str:
        """The header's line, not yet taken; blank ones and Excel's `sep=;` before it are dropped."""
        for line in self:
            if line.strip(" \t\r\n,;") and not re.fullmatch(r'"?sep=.?"?\s*', line, re.IGNORECASE):
                self._returned.append(self._row[-1])
                return line
            self.begin_row()
        raise NotATable("file.empty", _("The file is empty."))

    def begin_row(self) -> None:
        self._row = []
        self._length = 0
        self.faults.clear()

    def of_this_row(self) -> list[str]:
        return [line for line, _ in self._row]

    def give_back(self, first: int) -> None:
        """Read this row's lines from that one on again, until the file's allowance is spent."""
        again = self._row[first:]
        self._may_reread -= sum(len(line) for line, _ in again)
        if self._may_reread >= 0:
            self._returned.extendleft(reversed(again))

    def skip_to_closing_quote(self, begins_row: Callable[[str], bool]) -> None:
        """Drop what still belongs to an open cell of this row."""
        quotes = sum(line.count('"') for line, _ in self._row)
        while quotes % 2:
            entry = self._returned.popleft() if self._returned else next(self._source, None)
            if entry is None:
                return
            if begins_row(entry[0]):
                self._returned.appendleft(entry)
                return
            quotes += entry[0].count('"')

    def _decoded(self, encoding: str, head: bytes) -> Iterator[tuple[str, str]]:
        if encoding.startswith("utf-16"):
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            texts = (decoder.decode(chunk) for chunk in self._chunks())
            newline = "\n" if "\n" in head.decode(encoding, "replace") else "\r"
            for text in _split(texts, newline):
                yield text, "nul" if "\x00" in text else ""
        else:
            for line in _split(self._chunks(), b"\n" if b"\n" in head else b"\r"):
                yield self._decoded_line(line)

    def _decoded_line(self, line: bytes) -> tuple[str, str]:
        """Line by line, because files are pasted together from several programs."""
        try:
            text, fault = line.decode("utf-8"), ""
        except UnicodeDecodeError:
            text, fault = _windows(line), "encoding" if self._expects_utf8 else ""
        return text, "nul" if "\x00" in text else fault

    def _chunks(self) -> Iterator[bytes]:
        while chunk := self._file.read(_CHUNK):
            self.consumed += len(chunk)
            yield chunk


def _split(chunks: Iterator[AnyStr], newline: AnyStr) -> Iterator[AnyStr]:
    """Lines with their ends; of an endless one no more than shows that it is too long."""
    rest: AnyStr = newline[:0]
    for chunk in chunks:
        text: AnyStr = chunk
        if len(rest) > ROW_LIMIT:
            end = text.find(newline)
            if end < 0:
                continue
            yield rest + newline
            rest, text = newline[:0], text[end + 1 :]
        lines = (rest + text).split(newline)
        rest = lines.pop()
        for line in lines:
            yield line + newline
    if rest:
        yield rest


def _windows(line: bytes) -> str:
    """Windows-1252, its five holes as browsers fill them."""
    return line.decode("cp1252") if not _HOLES.search(line) else line.decode("latin-1").translate(_CP1252)


def _encoding(head: bytes) -> tuple[str, int]:
    """The encoding and the length of its mark."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ("utf-8" if any(map(_is_accented_utf8, head.splitlines())) else "windows-1252"), 0
    return "utf-8", 0


def _is_accented_utf8(line: bytes) -> bool:
    try:
        return not line.isascii() and bool(line.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _delimiter(line: str) -> str:
    bare = re.sub(r'"[^"]*"', "", line)
    return max(",;\t", key=bare.count)


def _refuse_duplicates(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            message = _("The column “%(name)s” is there twice. Rename one of the two and try again.") % {
                "name": name
            }
            raise NotATable("file.duplicate_header", message)
        seen.add(name.casefold())


_HOLES = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CP1252 = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if not _HOLES.match(bytes([byte]))
}
