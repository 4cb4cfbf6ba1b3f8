"""What one request changed, gathered from the trail and told in one line (C5, L1)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

from .words import change_words

Row = TypeVar("Row", bound=Mapping[str, Any])
# What goes along with a title without being said.
ALONG = ("works", "origins")


def gathered(rows: Iterable[Row]) -> list[list[Row]]:
    """Changes that one request made, together, in the order of the trail."""
    one = groupby(rows, key=lambda each: (each["request_id"], each["request_id"] or each["id"]))
    return [list(group) for _, group in one]


def told(rows: Sequence[Row], table: Callable[[Row], str]) -> list[str]:
    """`added the title`, `added a key × 5`: each sort of change once, those of titles first."""
    counts: dict[tuple[str, str], int] = {}
    for row in reversed(rows):
        deed = (row["action"], table(row))
        counts[deed] = counts.get(deed, 0) + 1
    kept = {
        (action, name): count
        for (action, name), count in counts.items()
        if not ((action, "media") in counts and name in ALONG)
        and not (action == "update" and ("insert", name) in counts)
    }
    first = sorted(kept, key=lambda deed: deed[1] != "media")
    return [
        change_words(*deed) if kept[deed] == 1 else f"{change_words(*deed)} × {kept[deed]}" for deed in first
    ]
