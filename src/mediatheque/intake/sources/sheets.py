"""Files that are no tables, as rows: documents of items, archives of files (I2)."""

import json
import sqlite3
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import IO, Any, BinaryIO

from django.utils.translation import gettext as _

from mediatheque.intake.reading import NotATable, Row, few

HEAD = 4096
DENSEST = 50  # times: more is a bomb, not an export
LARGEST = 1024 * 1024 * 1024
MOST_MEMBERS = 250_000
LARGEST_DIRECTORY = 32 * 1024 * 1024  # of a ZIP: it is read whole, and each member costs ten times its place
HELD = 4 * 1024 * 1024  # characters of titles gathered in memory; the others wait on disk
PEEKED = 2000  # plays, ratings or wishes
_ZIP = b"PK\x03\x04"
_END = 22 + 65535 + 20 + 56  # the most a ZIP's end can take: with its comment and the larger form

Title = dict[str, Any]
Told = tuple[str, Mapping[str, Any], Callable[[Title, Mapping[str, Any]], None]]


class Items:
    """The items of a document as rows. `header` names what the cells hold and recognises the source.

    `read` gives the rows from the beginning, each time it is asked; `peek` some like them, where the first
    row is known only once the whole file is.
    """

    def __init__(
        self,
        header: list[str],
        read: Callable[[], Iterator[Row]],
        peek: Callable[[], Iterator[Row]] | None = None,
    ) -> None:
        self.header = header
        self._peek = peek
        self._unread = read()
        self._ahead: deque[Row] = deque()

    def sample(self, count: int) -> list[Row]:
        """The first rows. Raises `NotATable` where there is none."""
        if self._peek is not None:
            found = few(self._peek(), count)
        else:
            self._ahead.extend(few(self._unread, count - len(self._ahead)))
            found = list(islice(self._ahead, count))
        if not found:
            raise NotATable("file.no_items", _("There is nothing to import in this file."))
        return found

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


def peeked(told: Iterable[Told]) -> Iterator[Title]:
    """Titles as the beginning of what is told makes them; of a small export all, as they are."""
    return gathered(islice(told, PEEKED))


def gathered(told: Iterable[Told]) -> Iterator[Title]:
    """Every title once, in the order they are named, with all that is told of it: (key, what, who takes it).

    However many there are, a few thousand are in memory; the others wait in a temporary file.
    """
    titles: dict[str, Title] = {}
    held = 0
    with closing(_Waiting()) as waiting:
        for key, given, take in told:
            title = titles.get(key)
            if title is None:
                title = titles[key] = waiting.title(key)
            take(title, given)
            held += 500 + sum(len(each) for each in given.values() if isinstance(each, str))
            if held > HELD:
                waiting.keep(titles)
                titles, held = {}, 0
        if waiting.is_empty:
            yield from titles.values()
            return
        waiting.keep(titles)
        yield from waiting.titles()


class _Waiting:
    """Titles on disk, by their keys."""

    def __init__(self) -> None:
        self.is_empty = True
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.executescript(
            "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -8000;"
            "create table titles (number integer primary key, key blob unique, content text)"
        )

    def close(self) -> None:
        self._file.close()

    def title(self, key: str) -> Title:
        """The title as it was left, or a new one."""
        if self.is_empty:
            return {}
        found = self._file.execute("select content from titles where key = ?", [_bytes(key)]).fetchone()
        return json.loads(found[0]) if found else {}

    def keep(self, titles: Mapping[str, Title]) -> None:
        self.is_empty = False
        self._file.execute("begin")
        self._file.executemany(
            "insert into titles (key, content) values (?, ?) "
            "on conflict (key) do update set content = excluded.content",
            ((_bytes(key), json.dumps(title, default=str)) for key, title in titles.items()),
        )
        self._file.execute("commit")

    def titles(self) -> Iterator[Title]:
        for (content,) in self._file.execute("select content from titles order by number"):
            yield json.loads(content)


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def archive(file: BinaryIO) -> zipfile.ZipFile | None:
    """The file as a ZIP, None where it is none or broken. Raises `NotATable` for one that should not be opened."""
    if not head_of(file).startswith(_ZIP):
        return None
    if _directory_size(file) > LARGEST_DIRECTORY:
        raise NotATable("file.archive", _("This ZIP file has a password or too many files."))
    try:
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return None
    members = opened.infolist()
    if len(members) > MOST_MEMBERS or any(member.flag_bits & 1 for member in members):
        raise NotATable("file.archive", _("This ZIP file has a password or too many files."))
    return opened


def _directory_size(file: BinaryIO) -> int:
    """Bytes of the ZIP's table of contents, as its end says; 0 where it says nothing."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END))
    end = file.read(_END)
    file.seek(0)
    at, larger = end.rfind(b"PK\x05\x06"), end.rfind(b"PK\x06\x06")
    if at < 0 or len(end) < at + 16:
        return 0
    (told,) = struct.unpack_from("<I", end, at + 12)
    if told == 0xFFFFFFFF and 0 <= larger <= len(end) - 48:
        (told,) = struct.unpack_from("<Q", end, larger + 40)
    return int(told)


def content_size(file: BinaryIO) -> int:
    """Bytes of the file, or of everything that is packed in it."""
    opened = archive(file)
    return sum(each.file_size for each in opened.infolist()) if opened else file.seek(0, 2)


def member(opened: zipfile.ZipFile, name: str) -> BinaryIO | None:
    """One file of an archive, by the end of its path; None where it is not there. Raises `NotATable`."""
    found = next((each for each in opened.infolist() if f"/{each.filename}".endswith(f"/{name}")), None)
    if found is None:
        return None
    if found.file_size > LARGEST or found.file_size > DENSEST * max(found.compress_size, HEAD):
        message = _("“%(name)s” in this ZIP file is larger or denser than any export.") % {"name": name}
        raise NotATable("file.archive", message)
    try:
        inside = opened.open(found)
        head_of(inside)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise NotATable("file.archive", _("This ZIP file is broken: export it again.")) from error
    return inside  # type: ignore[return-value]  # it reads and seeks like any other


def in_zip(file: BinaryIO, name: str) -> BinaryIO | None:
    """A file in the archive that `file` may be."""
    opened = archive(file)
    return member(opened, name) if opened is not None else None
