"""Kinds of files that are no tables, told by how they begin, and refused by their name (I2)."""

import codecs
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class NotATable(ValueError):
    """The file cannot be read as a table at all; `code` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def refuse_other_kinds(head: bytes) -> None:
    """Raises `NotATable` where the file's beginning is of no text, or of a text that is no table; says of what."""
    if not head.strip(b"\x20\t\r\n\xef\xbb\xbf\xff\xfe"):
        raise NotATable("file.empty", _("The file is empty."))
    if (kind := _kind(head)) is not None:
        raise NotATable(
            "file.binary",
            _("This is %(kind)s, not a table. Save it as CSV and try again.") % {"kind": kind},
        )
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[{", b"[\n", b"[\r", b"[]")):
        message = _("This is a JSON file, but none that a program we know exports.")
        raise NotATable("file.unknown", message)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    first_line = head.lstrip(b"\r\n").splitlines()[0] if head.strip(b"\r\n") else b""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if first_line.translate(None, _CONTROLS) != first_line or (
        len(head) >= 256 and controls * 20 > len(head)
    ):
        raise NotATable("file.binary", _("This is not a text file. Save it as CSV in UTF-8 and try again."))


def _kind(head: bytes) -> "_StrPromise | None":
    """What other kind of file it is, in words."""
    if head[4:8] == b"ftyp":
        return gettext_lazy("a video")
    if head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in head:
        return gettext_lazy("an Office document")
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


_CONTROLS = bytes({*range(32), 127} - {9, 10, 11, 12, 13, 26, 27})
_MAGIC = {
    b"\x89PNG": gettext_lazy("a PNG picture"),
    b"\xff\xd8\xff": gettext_lazy("a JPEG picture"),
    b"GIF8": gettext_lazy("a GIF picture"),
    b"RIFF": gettext_lazy("a media file"),
    b"PK\x03\x04": gettext_lazy("a ZIP file without an export we know in it"),
    b"PK\x05\x06": gettext_lazy("an empty ZIP file"),
    b"\xd0\xcf\x11\xe0": gettext_lazy("an old spreadsheet workbook"),
    b"%PDF": gettext_lazy("a PDF document"),
    b"\x7fELF": gettext_lazy("a program"),
    b"MZ\x90": gettext_lazy("a program"),
    b"\xcf\xfa\xed\xfe": gettext_lazy("a program"),
    b"#!": gettext_lazy("a program"),
    b"ID3\x03": gettext_lazy("a sound file"),
    b"Rar!": gettext_lazy("a compressed file"),
    b"7z\xbc\xaf": gettext_lazy("a compressed file"),
    b"\x1f\x8b": gettext_lazy("a compressed file"),
    b"SQLite format 3": gettext_lazy("a database"),
    b"<?xml": gettext_lazy("an XML file"),
    b"<!DOCTYPE": gettext_lazy("a web page"),
    b"<html": gettext_lazy("a web page"),
}
