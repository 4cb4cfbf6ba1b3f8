"""Files that are no tables, as rows: documents of items, archives of files (I2)."""

import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO, BinaryIO

from mediatheque.intake.reading import NotATable, Row

HEAD = 4096
DENSEST = 50  # times: more is a bomb, not an export
LARGEST = 1024 * 1024 * 1024
MOST_MEMBERS = 250_000
_ZIP = b"PK\x03\x04"


class Items:
    """The items of a document as rows. `header` names what the cells hold and recognises the source.

    `read` gives the rows from the beginning, each time it is asked.
    """

    def __init__(self, header: list[str], read: Callable[[], Iterator[Row]]) -> None:
        self.header = header
        self._unread = read()
        self._ahead: deque[Row] = deque()

    def sample(self, count: int) -> list[Row]:
        """The first rows, which `rows()` will give as well. Raises `NotATable` where there is none."""
        self._ahead.extend(islice(self._unread, max(0, count - len(self._ahead))))
        if not self._ahead:
            raise NotATable("file.no_items", "There is nothing to import in this file.")
        return list(islice(self._ahead, count))

    def rows(self) -> Iterator[Row]:
        """Every row, in order; once."""
        while self._ahead:
            yield self._ahead.popleft()
        yield from self._unread


def head_of(file: IO[bytes]) -> bytes:
    """How the file begins."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    return head


def archive(file: BinaryIO) -> zipfile.ZipFile | None:
    """The file as a ZIP, None where it is none or broken. Raises `NotATable` for one that should not be opened."""
    if not head_of(file).startswith(_ZIP):
        return None
    try:
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return None
    members = opened.infolist()
    if len(members) > MOST_MEMBERS or any(member.flag_bits & 1 for member in members):
        raise NotATable("file.archive", "This ZIP file has a password or too many files.")
    return opened


def member(opened: zipfile.ZipFile, name: str) -> BinaryIO | None:
    """One file of an archive, by the end of its path; None where it is not there. Raises `NotATable`."""
    found = next((each for each in opened.infolist() if f"/{each.filename}".endswith(f"/{name}")), None)
    if found is None:
        return None
    if found.file_size > LARGEST or found.file_size > DENSEST * max(found.compress_size, HEAD):
        message = f"“{name}” in this ZIP file is larger or denser than any export."
        raise NotATable("file.archive", message)
    try:
        inside = opened.open(found)
        head_of(inside)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise NotATable("file.archive", "This ZIP file is broken: export it again.") from error
    return inside  # type: ignore[return-value]  # it reads and seeks like any other


def in_zip(file: BinaryIO, name: str) -> BinaryIO | None:
    """A file in the archive that `file` may be."""
    opened = archive(file)
    return member(opened, name) if opened is not None else None
