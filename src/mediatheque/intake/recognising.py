"""Whether a file can be imported, and by which source (I1, I2)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from mediatheque.core.errors import RuleBroken, WrongKind
from mediatheque.intake.reading import NotATable
from mediatheque.intake.sources import SOURCES, Options, Source, UnknownField, choose, opened

SAMPLE_ROWS = 20
NOT_TEXT = ("file.binary", "file.archive")


def recognise(file: BinaryIO, mapping: Mapping[str, Any] | None) -> Source:
    """The source of a file that somebody brings. Raises WrongKind at what is no table, RuleBroken at
    a table that cannot be imported and at a mapping that cannot be followed."""
    with refusing():
        table = opened(file)
        sample = [row.cells for row in table.sample(SAMPLE_ROWS)]
        source = choose(table.header, sample, mapping)
        source.prepare(table.header, sample, mapping)
    file.seek(0)
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
        if error.code in NOT_TEXT:
            raise WrongKind(error.message, code=error.code) from error
        raise RuleBroken.at("file", error.message, error.code) from error
    except UnknownField as error:
        raise RuleBroken.at(error.field, error.message, error.code) from error
