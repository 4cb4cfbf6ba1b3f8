"""Files from other programs: one module each, found by being in this folder (I2)."""

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from mediatheque.intake.reading import NotATable
from mediatheque.intake.records import Record
from mediatheque.intake.sources.fields import Options, UnknownField
from mediatheque.intake.sources.generic import template_csv

__all__ = ["SOURCES", "Options", "Source", "UnknownField", "choose", "template_csv"]


class Source(Protocol):
    """What a module of this folder offers to be a source; each function is pure."""

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


def choose(
    header: Sequence[str], sample_rows: Sequence[Mapping[str, str]], mapping: Mapping[str, Any] | None = None
) -> Source:
    """The source that is surest of the file. Raises `NotATable` where no column holds titles."""
    if "title" in ((mapping or {}).get("columns") or {}).values():
        return SOURCES["generic"]
    surest = max(SOURCES.values(), key=lambda source: source.recognise(header, sample_rows))
    if surest.recognise(header, sample_rows) == 0:
        found = ", ".join(header[:20])
        raise NotATable("file.no_title", f"No column holds titles. Name one “Title”. Found: {found}.")
    return surest


def _found() -> dict[str, Source]:
    modules = (import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__))
    return {module.name: cast(Source, module) for module in modules if hasattr(module, "recognise")}


SOURCES: Mapping[str, Source] = _found()
