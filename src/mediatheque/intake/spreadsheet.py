"""Tables for spreadsheets: no live formula in any cell, and cells that come back as they were (I10)."""

import csv
import io
import re
from collections.abc import Iterable
from unicodedata import category, normalize

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for Windows-1252
_PLAIN = re.compile(r"[^\W_]")
_SIGNS = frozenset("=+-@")
_CONTROLS = ("\t", "\r", "\n")


def neutral(cell: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet might take it for a formula."""
    if not cell or _PLAIN.match(cell):
        return cell
    return "'" + cell if _could_be_formula(cell) else cell


def restored(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if cell.startswith("'") and _could_be_formula(cell[1:]) else cell


def lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of a table, each cell neutral."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _could_be_formula(cell: str) -> bool:
    """Whether a sign that begins formulas, full width or small ones too, comes first of what is seen.

    Apostrophes before it count as unseen, so that each text has one neutral form of its own.
    """
    if cell.startswith(_CONTROLS):
        return True
    first = next((mark for mark in cell if mark != "'" and category(mark)[0] not in "ZC"), "")
    return normalize("NFKC", first) in _SIGNS or (
        cell.startswith("'") and cell.lstrip("'").startswith(_CONTROLS)
    )
