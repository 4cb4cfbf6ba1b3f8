"""XML that strangers bring, element by element: no entities, no outside, no whole document in memory (I2)."""

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _

from mediatheque.intake.reading import NotATable
from mediatheque.intake.sources.sheets import head_of

LONGEST_ELEMENT = 20_000  # elements inside one record
DEEPEST = 100  # elements inside each other
LARGEST_RECORD = 8 * 1024 * 1024  # bytes from the end of one record to that of the next


def begins(file: BinaryIO, *words: bytes) -> bool:
    """Whether the file is XML that names these words in its beginning."""
    head = head_of(file).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") and all(word in head for word in words)


def elements(file: BinaryIO, tags: frozenset[str], *, inside: str) -> Iterator[Element]:
    """Each element of one of these tags that stands right inside `inside`; gone when the next is asked for.

    Raises `NotATable` at what is no XML, and at entities, which only attacks use. A document type is passed
    over: property lists name Apple's.
    """
    file.seek(0)
    bounded = _Bounded(file)
    path: list[Element] = []
    records = held = 0  # those that are open, and what is kept of them
    try:
        for event, element in _events(bounded):
            if not records:
                bounded.read_since = 0
            if event == "start":
                records += _is_record(path, element, tags, inside)
                held = held + 1 if records else 0
                path.append(element)
                if held > LONGEST_ELEMENT or len(path) > DEEPEST:
                    raise _TooLarge
                continue
            path.pop()
            if _is_record(path, element, tags, inside):
                yield element
                records -= 1
                held = held if records else 0
                path[-1].remove(element)
            elif path and not records:
                path[-1].remove(element)
    except DefusedXmlException as error:
        raise NotATable("file.xml", _("This XML file defines entities, which no export does.")) from error
    except _TooLarge as error:
        message = _("A part of this XML file is larger than in any export.")
        raise NotATable("file.xml", message) from error
    except (ParseError, ValueError, LookupError) as error:
        raise NotATable("file.xml", _("This XML file is cut short or broken: export it again.")) from error


def _is_record(path: list[Element], element: Element, tags: frozenset[str], inside: str) -> bool:
    return bool(path) and path[-1].tag == inside and element.tag in tags


def text_of(element: Element | None) -> str:
    """The text of an element, or of its `displayname`, in one line where it is one."""
    if element is None:
        return ""
    shown = element.find("displayname")
    return ((shown if shown is not None else element).text or "").strip()


class _TooLarge(ValueError):
    """A part that no export has."""


class _Bounded:
    """The file, as long as its records come: what an element holds is in memory until it ends."""

    def __init__(self, file: BinaryIO) -> None:
        self.read_since = 0
        self._file = file

    def read(self, size: int) -> bytes:
        """The next bytes. Raises _TooLarge."""
        piece = self._file.read(size)
        self.read_since += len(piece)
        if self.read_since > LARGEST_RECORD:
            raise _TooLarge
        return piece


def _events(file: _Bounded) -> Iterator[tuple[str, Any]]:
    yield from iterparse(
        file, events=("start", "end"), forbid_dtd=False, forbid_entities=True, forbid_external=True
    )
