"""Whether a file can be imported, and by which source (I1, I2)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from mediatheque.core.errors import NotFound, RuleBroken, WrongKind
from mediatheque.intake.reading import NotATable, Table
from mediatheque.intake.sources import SOURCES, TABLE, Options, Sheet, Source, UnknownField, choose, opened

SAMPLE_ROWS = 20
WRONG_KINDS = ("file.binary", "file.archive", "file.unknown")


def recognise(file: BinaryIO, mapping: Mapping[str, Any] | None, forced: str | None = None) -> Source:
    """The source of a file that somebody brings, `forced` where they say which it is.

    Raises WrongKind at what is no table, RuleBroken at a table that cannot be imported or is none of the forced
    source's, and at a mapping that cannot be followed; NotFound for a source that nobody knows.
    """
    if forced is not None and forced not in SOURCES:
        raise NotFound()
    with refusing():
        sheet = opened(file)
        sample = [row.cells for row in sheet.sample(SAMPLE_ROWS)]
        source = choose(sheet.header, sample, mapping) if forced in (None, TABLE) else SOURCES[forced or ""]
        if forced is not None:
            source = _forced(forced, sheet, sample, source)
        source.prepare(sheet.header, sample, mapping)
    file.seek(0)
    return source


def _forced(forced: str, sheet: Sheet, sample: Sequence[Mapping[str, str]], source: Source) -> Source:
    """A table may be read as any table, whatever made it; everything else only as what it is."""
    if forced == TABLE and isinstance(sheet, Table):
        return SOURCES[TABLE]
    if forced == TABLE or source.recognise(sheet.header, sample) == 0:
        message = _("This is no file of %(source)s.") % {"source": SOURCES[forced].label}
        raise NotATable("file.other_source", message)
    return source


def options_of(
    file: BinaryIO, provider: str, mapping: Mapping[str, Any] | None, default_type: str
) -> Options:
    """How the columns of the whole file are read; the same answer whenever it is asked."""
    table = opened(file)
    # A library of films takes other things as well: what the columns tell of the type goes first.
    expected = None if default_type == "movie" else default_type
    cells = (row.cells for row in table.rows())
    return SOURCES[provider].prepare(table.header, cells, mapping, expected)


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what cannot be read or followed into what a request is answered."""
    try:
        yield
    except NotATable as error:
        if error.code in WRONG_KINDS:
            raise WrongKind(error.message, code=error.code) from error
        raise RuleBroken.at("file", error.message, error.code) from error
    except UnknownField as error:
        raise RuleBroken.at(error.field, error.message, error.code) from error
