"""JSON documents that strangers bring, item by item: bounded in depth and numbers, never whole in memory (I2)."""

import zipfile
import zlib
from collections.abc import Iterator
from itertools import accumulate
from typing import IO, Any

import ijson

DEEPEST = 100  # lists and objects inside each other
# What reading a broken document, bare or in an archive, may raise.
BROKEN = (ijson.JSONError, ValueError, RecursionError, zipfile.BadZipFile, zlib.error, EOFError)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_IDLE = bytes(set(range(256)) - {*_STEP, ord('"')})


def items_in(document: IO[bytes], place: str) -> Iterator[Any]:
    """What stands at the place of the document, one by one, from its beginning. Raises one of `BROKEN`.

    Without `use_float` the parser kills the process at an integer of more digits than Python reads.
    """
    document.seek(0)
    yield from ijson.items(_Shallow(document), place, use_float=True)


class _Shallow:
    """The document's bytes, as long as they do not nest too deep: the parser's memory grows with the square."""

    def __init__(self, document: IO[bytes]) -> None:
        self._document = document
        self._depth = 0
        self._in_text = False
        self._rest = b""

    def read(self, size: int) -> bytes:
        """The next bytes. Raises ValueError where they go too deep."""
        piece = self._document.read(size)
        self._look(piece)
        return piece

    def _look(self, piece: bytes) -> None:
        seen = (self._rest + piece).replace(b"\\\\", b"")
        self._rest = b"\\" if seen.endswith(b"\\") else b""  # what it escapes comes with the next piece
        parts = seen.replace(b'\\"', b"").translate(None, _IDLE).split(b'"')
        outside = b"".join(parts[self._in_text :: 2])
        depths = list(accumulate(map(_STEP.__getitem__, outside), initial=self._depth))
        if max(depths) > DEEPEST:
            raise ValueError("nested too deep")
        self._depth = depths[-1]
        self._in_text ^= len(parts) % 2 == 0
