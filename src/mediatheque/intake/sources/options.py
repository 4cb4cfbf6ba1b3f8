"""How the columns of one file are read, and what a mapping that cannot be followed is told (I2). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mediatheque.intake.records import NamedLibrary


class UnknownField(ValueError):
    """A mapping cannot be followed: `field` is the path of the fault in it, `code` is stable."""

    def __init__(self, message: str, field: str = "mapping", code: str = "mapping.invalid") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Options:
    """How the columns of one file are read: proposed by a source, confirmed by a person (I2)."""

    source: str
    columns: Mapping[str, str | None]  # every header: its field, or None for metadata
    scales: Mapping[str, int] = field(default_factory=dict)  # field: 5, 10 or 100
    dates: str = "DMY"
    default_type: str = "movie"
    rows: int = 0  # in the whole file, for progress
    libraries: tuple[NamedLibrary, ...] = ()  # that its rows name

    @property
    def without_field(self) -> list[str]:
        """The columns that go to metadata; the report names them (I1)."""
        return [header for header, name in self.columns.items() if name is None]

    def as_mapping(self) -> dict[str, Any]:
        """The `mapping` of the API, to be shown, changed and kept."""
        return {"columns": dict(self.columns), "scales": dict(self.scales), "dates": self.dates}
