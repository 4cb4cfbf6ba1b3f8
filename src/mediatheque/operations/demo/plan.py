"""What the demonstration household shall be, as its data files say."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the household; without an address a child who does not sign in (P6)."""

    name: str
    email: str = ""
    role: str = "member"
    bio: str = ""
    preferences: Mapping[str, str] | None = None
    likes: tuple[str, ...] = ()
    known: float = 0.0  # of the titles, the share they have an opinion about


@dataclass(frozen=True, slots=True)
class Library:
    """A library; the first one is the household's default."""

    name: str
    description: str = ""
    template: str | None = None
    places: tuple[str, ...] = ()
    admits: tuple[str, ...] = ()  # names; nobody: it is everyone's


@dataclass(frozen=True, slots=True)
class Import:
    """A table of titles of one kind, brought into a library by one of the people."""

    file: str
    media_type: str
    library: str
    by: str

    def titles(self) -> list[dict[str, str]]:
        """The table's rows."""
        text = (files(__package__) / self.file).read_text(encoding="utf-8")
        return list(csv.DictReader(text.splitlines(), delimiter=SEPARATOR))


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole household. Titles are named as they stand in the tables."""

    name: str
    time_zone: str
    people: tuple[Person, ...]
    invitations: tuple[Mapping[str, str], ...]
    libraries: tuple[Library, ...]
    imports: tuple[Import, ...]
    prices: Mapping[str, float]
    additions: tuple[Mapping[str, Any], ...]
    metadata: tuple[Mapping[str, Any], ...]
    copies: tuple[Mapping[str, Any], ...]
    loans: tuple[Mapping[str, Any], ...]


def read_plan() -> Plan:
    """The household of the package's data files."""
    found = tomllib.loads((files(__package__) / "household.toml").read_text(encoding="utf-8"))
    lists = {
        "people": [Person(**_tuples(each)) for each in found["people"]],
        "libraries": [Library(**_tuples(each)) for each in found["libraries"]],
        "imports": [Import(**each) for each in found["imports"]],
    }
    return Plan(**_tuples(found | lists))


def _tuples(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
