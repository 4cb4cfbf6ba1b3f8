"""What a person can take along: each room registers its part of the download (P6)."""

from collections.abc import Callable
from typing import Any

from mediatheque.core.scope import Scope

Part = Callable[[Scope], Any]
_parts: dict[str, Part] = {}


def register_part(name: str, part: Part) -> None:
    """A room's share of the download, under its name; `part` sees what the person's scope sees."""
    _parts[name] = part


def of(scope: Scope) -> dict[str, Any]:
    """Every room's part."""
    return {name: part(scope) for name, part in _parts.items()}
