"""What `bin/bench` prints: a row per benchmark."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

NAMES = ("name", "ours", "bare", "unit", "ratio", "goal", "met")


class NotMeasured(Exception):
    """A benchmark could not run; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is made so that more is better: it is `ours / bare` for rates, `bare / ours` for times and sizes.

    `bare` is the bare SQL's figure, or the aim where there is no SQL to compare with. What could not be
    measured has no figures and is not met.
    """

    name: str
    ours: float | None
    bare: float | None
    unit: str
    ratio: float | None
    goal: float
    met: bool

    @classmethod
    def rate(cls, name: str, ours: float, bare: float, unit: str, goal: float) -> Self:
        return cls._made(name, ours, bare, unit, ours / bare, goal)

    @classmethod
    def amount(cls, name: str, ours: float, bare: float, unit: str, goal: float) -> Self:
        """Of time or memory: less is better."""
        return cls._made(name, ours, bare, unit, bare / ours, goal)

    @classmethod
    def missing(cls, name: str, unit: str, goal: float) -> Self:
        return cls(name, None, None, unit, None, goal, False)

    @classmethod
    def _made(cls, name: str, ours: float, bare: float, unit: str, ratio: float, goal: float) -> Self:
        return cls(name, _short(ours), _short(bare), unit, round(ratio, 3), goal, ratio >= goal)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps([asdict(row) for row in rows], indent=1)


def line(values: Sequence[object]) -> str:
    """One line of the printed table."""
    widths = (20, 10, 10, 7, 7, 6, 4)
    shown = ["–" if value is None else str(value) for value in values]
    return "  ".join(
        [shown[0].ljust(widths[0]), *(text.rjust(w) for text, w in zip(shown[1:], widths[1:], strict=True))]
    )


def as_line(row: Row) -> str:
    return line([*list(asdict(row).values())[:-1], "yes" if row.met else "no"])


def _short(value: float) -> float:
    """Three digits are all a measurement is worth."""
    return round(value, 3) if value < 10 else round(value, 1) if value < 1000 else float(round(value))
