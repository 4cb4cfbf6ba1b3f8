"""Files from other programs: one module each, found by being in this folder (I2)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, BinaryIO, Protocol, cast

from django.utils.translation import gettext as _

from mediatheque.intake.reading import NotATable, Row, Table
from mediatheque.intake.records import Record
from mediatheque.intake.sources.generic import template_csv
from mediatheque.intake.sources.options import Options, UnknownField

__all__ = [
    "SOURCES",
    "TABLE",
    "Options",
    "Sheet",
    "Source",
    "UnknownField",
    "choose",
    "opened",
    "template_csv",
]

TABLE = "generic"


class Sheet(Protocol):
    """A file as rows, whatever it is made of; `Table` is one. `rows()` can be walked once."""

    header: list[str]

    def sample(self, count: int) -> list[Row]:
        """The first rows, which `rows()` will give as well."""

    def rows(self) -> Iterator[Row]:
        """Every row, in order."""


class Source(Protocol):
    """What a module of this folder offers to be a source; each function is pure.

    A module whose files are no tables offers `open_sheet(file) -> Sheet | None` besides: None where the
    file is not one of its own. Its sheets have a header that only it recognises.
    """

    name: str
    label: str

    def recognise(self, header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
        """How sure it is that the file is one of its own, from 0 to 1."""

    def prepare(
        self,
        header: Sequence[str],
        rows: Iterable[Mapping[str, str]],
        mapping: Mapping[str, Any] | None = None,
        default_type: str | None = None,
    ) -> Options:
        """How the columns are read, after one walk over all rows. Raises `UnknownField`."""

    def parse(self, row_number: int, row: Mapping[str, str], options: Options) -> Record:
        """One row as a record; never raises, what is wrong stands in `messages` and `problem`."""


def opened(file: BinaryIO) -> Sheet:
    """The file's rows, from its beginning. Raises `NotATable` where no source can read it."""
    for source in SOURCES.values():
        if hasattr(source, "open_sheet"):
            file.seek(0)
            sheet: Sheet | None = source.open_sheet(file)
            if sheet is not None:
                return sheet
    file.seek(0)
    return Table(file)


def choose(
    header: Sequence[str], sample_rows: Sequence[Mapping[str, str]], mapping: Mapping[str, Any] | None = None
) -> Source:
    """The source that is surest of the file. Raises `NotATable` where no column holds titles."""
    surest = max(SOURCES.values(), key=lambda source: source.recognise(header, sample_rows))
    if surest.recognise(header, sample_rows) == 0:
        if "title" in ((mapping or {}).get("columns") or {}).values():
            return SOURCES[TABLE]
        found = ", ".join(header[:20])
        raise NotATable(
            "file.no_title",
            _("No column holds titles. Name one “Title”. Found: %(found)s.") % {"found": found},
        )
    return surest


def _found() -> dict[str, Source]:
    modules = (import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__))
    return {module.name: cast(Source, module) for module in modules if hasattr(module, "recognise")}


SOURCES: Mapping[str, Source] = _found()
