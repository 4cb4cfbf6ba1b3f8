"""JSON documents that strangers bring, item by item: bounded in depth, size and numbers, never whole in memory (I2)."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import accumulate
from math import isfinite
from typing import IO, Any

import ijson
from django.utils.translation import gettext as _

from mediatheque.intake.reading import NotATable

DEEPEST = 100  # lists and objects inside each other
LARGEST_ITEM = 8 * 1024 * 1024  # bytes
# What reading a broken document, bare or in an archive, may raise.
BROKEN = (ijson.JSONError, ValueError, RecursionError, zipfile.BadZipFile, zlib.error, EOFError)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_IDLE = bytes(set(range(256)) - {*_STEP, ord('"')})


_MAYBE_HUGE = re.compile(rb"[0-9]{16}|[0-9][eE][+-]?[0-9]{3}")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|-?[0-9][0-9.eE+-]*', re.DOTALL)
_OF_NUMBERS = b"0123456789+-.eE"


class TooLarge(ValueError):
    """An item that no export has."""


def items_in(document: IO[bytes], place: str) -> Iterator[Any]:
    """What stands at the place of the document, one by one, from its beginning. Raises one of `BROKEN`.

    Without `use_float` the parser kills the process at an integer of more digits than Python reads. It ends at
    numbers beyond 64 bits: those come as texts, for whoever reads the field to judge.
    """
    document.seek(0)
    yield from ijson.items(bounded(document, place.count(".") + 1), place, use_float=True)


def bounded(document: IO[bytes], level: int) -> "_Shallow":
    """The document for the parser, bounded in depth and held bytes; `level` is the depth of its list of items."""
    return _Shallow(document, level)


def refusal_of(error: Exception) -> NotATable:
    """What is said of a document that raised one of `BROKEN`."""
    if isinstance(error, TooLarge):
        return NotATable("file.item", _("A part of this file is larger than in any export."))
    return NotATable("file.broken", _("This file is cut short or broken: export it again."))


class _Shallow:
    """The document's bytes, as long as they nest no deeper and hold no more than an export's: what the parser
    holds grows with an item, and with the square of the depth. `level` is the depth of the list of items."""

    def __init__(self, document: IO[bytes], level: int) -> None:
        self._document = document
        self._level = level
        self._depth = 0
        self._in_text = False
        self._rest = b""
        self._held = 0  # bytes since the last item ended, or of a text or number that goes on

    def read(self, size: int) -> bytes:
        """The next bytes. Raises ValueError where they go too deep or hold too much."""
        piece = self._document.read(size)
        while piece[-1:] and piece[-1] in _OF_NUMBERS and (more := self._document.read(size)):
            piece += more
            if len(piece) > size + LARGEST_ITEM:
                raise TooLarge
        began_in_text, escaped = self._in_text, bool(self._rest)
        self._look(piece)
        return _with_texts_for_huge_numbers(piece, began_in_text, escaped)

    def _look(self, piece: bytes) -> None:
        seen = (self._rest + piece).replace(b"\\\\", b"")
        self._rest = b"\\" if seen.endswith(b"\\") else b""  # what it escapes comes with the next piece
        parts = seen.replace(b'\\"', b"").translate(None, _IDLE).split(b'"')
        outside = b"".join(parts[self._in_text :: 2])
        depths = list(accumulate(map(_STEP.__getitem__, outside), initial=self._depth))
        if max(depths) > DEEPEST:
            raise ValueError("nested too deep")
        goes_on = min(depths) > self._level or len(parts) == 1
        self._held = self._held + len(piece) if goes_on else 0
        if self._held > LARGEST_ITEM:
            raise TooLarge
        self._depth = depths[-1]
        self._in_text ^= len(parts) % 2 == 0


def _with_texts_for_huge_numbers(piece: bytes, in_text: bool, escaped: bool) -> bytes:
    if _MAYBE_HUGE.search(piece) is None:
        return piece
    begun = b""
    if in_text:  # leave what ends the text of the piece before
        end = re.match(rb'(?:[^"\\]|\\.)*"?', b"\\" + piece if escaped else piece, re.DOTALL)
        length = (end.end() if end else 0) - escaped
        begun, piece = piece[:length], piece[length:]
    return begun + _TOKEN.sub(_as_text, piece)


def _as_text(token: re.Match[bytes]) -> bytes:
    number = token[0]
    if number.startswith(b'"') or _fits(number):
        return number
    return b'"' + number + b'"'


def _fits(number: bytes) -> bool:
    """Whether the parser reads it: a whole number of 64 bits, or a fraction that is finite."""
    try:
        return -(2**63) < int(number) < 2**63 if number.lstrip(b"-").isdigit() else isfinite(float(number))
    except ValueError:
        return len(number) < 1000
