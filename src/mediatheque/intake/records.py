"""One row of a file in our own terms, whatever file it came from (I1, I2). Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, NamedTuple

SERIES_KEY: Final = "series"  # the metadata that names an episode's series


class Message(NamedTuple):
    """What the report says about a row; `field` is empty where it is about the whole row."""

    code: str
    field: str
    message: str


class Person(NamedTuple):
    name: str
    role: str
    character: str | None = None


class ExternalId(NamedTuple):
    """`kind` parts numbers of one provider: TMDB counts films and series separately."""

    provider: str
    kind: str
    id: str


class Season(NamedTuple):
    """A season owned; None where the file does not say. Nothing here tells what was watched."""

    number: int
    expected: int | None = None
    available: int | None = None
    complete: bool | None = None
    title: str = ""


class Lent(NamedTuple):
    """A copy in somebody else's hands."""

    to: str
    since: dt.date
    due: dt.date | None = None


class Copy(NamedTuple):
    """One edition, copy or file of the item: a variant (C6). The first three tell copies apart."""

    format: str = ""
    edition: str = ""
    barcode: str | None = None
    resolution: str | None = None
    path: str | None = None
    location: str | None = None
    condition: str | None = None
    purchased_on: dt.date | None = None
    price: Decimal | None = None
    currency: str | None = None
    lent: Lent | None = None

    @property
    def identity(self) -> tuple[str, str, str | None]:
        return self[:3]


class Origin(NamedTuple):
    """Where the row came from: the source, the kind of thing, and its id over there."""

    source: str
    kind: str
    old_id: str


class NamedLibrary(NamedTuple):
    """The library that a row's item stood in over there, with what the file says of it."""

    name: str
    description: str = ""
    template: str | None = None
    default_type: str | None = None
    columns: tuple[str, ...] | None = None


@dataclass(slots=True)
class Signed:
    by: str | None = None
    role: str | None = None
    on: dt.date | None = None
    at: str | None = None
    proof: str | None = None


@dataclass(slots=True)
class Value:
    low: Decimal | None = None
    mid: Decimal | None = None
    high: Decimal | None = None
    currency: str | None = None
    source: str | None = None
    date: dt.date | None = None


@dataclass(slots=True)
class Own:
    """What the row says of the importing person: their entry of the title (W1). None says nothing."""

    status: str | None = None
    on_watchlist: bool | None = None
    set_aside: str | None = None
    set_aside_reason: str | None = None
    last_watched_at: dt.datetime | dt.date | None = None
    notes: str | None = None
    visibility: str | None = None
    notes_visibility: str | None = None
    added_at: dt.datetime | dt.date | None = None


@dataclass(slots=True)
class Record:
    """A row, normalised. A field the file does not name is None or empty and changes nothing."""

    row: int
    title: str = ""
    media_type: str = "movie"
    original_title: str | None = None
    sort_title: str | None = None
    year: int | None = None
    release_date: dt.date | None = None
    people: list[Person] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    rating: Decimal | None = None  # the provider's, 0 to 10
    own_rating: int | None = None  # the importing person's, 1 to 10
    own: Own | None = None
    is_entry: bool = False  # seen or wished for, not owned: an entry of the person, never media (I2)
    runtime: int | None = None  # minutes
    overview: str | None = None
    certification: str | None = None
    network: str | None = None
    trailer_url: str | None = None
    poster_hint: str | None = None
    backdrop_hint: str | None = None
    image: str | None = None  # the name of its picture in the same ZIP
    external_ids: list[ExternalId] = field(default_factory=list)
    location: str | None = None
    notes: str | None = None
    ownership: str | None = None
    signed: Signed | None = None
    value: Value | None = None
    added_at: dt.datetime | dt.date | None = None
    import_source: str | None = None
    library: str = ""  # the name of the one it stood in over there
    source: tuple[str, str] | None = None  # provider and its id, where they are not the file's and its origin
    origin: Origin | None = None
    earlier_origins: list[Origin] = field(default_factory=list)  # of an export of something imported

    formats: list[str] = field(default_factory=list)  # the first one is the item's
    edition: str | None = None
    barcode: str | None = None  # 13 digits
    resolution: str | None = None
    path: str | None = None
    condition: str | None = None
    purchased_on: dt.date | None = None
    price: Decimal | None = None
    currency: str | None = None
    quantity: int = 1
    every_copy: list[Copy] = field(default_factory=list)  # where the file lists each with all it knows

    seasons: list[Season] = field(default_factory=list)
    series_title: str | None = None  # of a tv_episode; season and number stand in details
    details: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)  # columns without a field

    fingerprint: bytes = b""
    messages: list[Message] = field(default_factory=list)
    problem: Message | None = None  # why the row cannot be imported

    def say(self, code: str, about: str, message: str) -> None:
        """Add a line to the row's report."""
        self.messages.append(Message(code, about, message))

    def fail(self, code: str, about: str, message: str) -> None:
        """The row cannot be imported; the first reason stands."""
        self.problem = self.problem or Message(code, about, message)

    def copies(self) -> list[Copy]:
        """A variant each: of every format owned, `quantity` times the first.

        Barcode, edition and the rest are those of the first format: a table has one of each per row.
        """
        if self.every_copy:
            return list(self.every_copy)
        first = Copy(
            format=self.formats[0] if self.formats else "",
            edition=self.edition or "",
            barcode=self.barcode,
            resolution=self.resolution,
            path=self.path,
            condition=self.condition,
            purchased_on=self.purchased_on,
            price=self.price,
            currency=self.currency,
        )
        return [first] * self.quantity + [Copy(each) for each in self.formats[1:]]


def fingerprint(raw: Mapping[str, str]) -> bytes:
    """The row as it came, told apart from every other: order of columns and empty cells do not count."""
    cells = sorted((name.strip(), cell.strip()) for name, cell in raw.items() if cell and not cell.isspace())
    text = "\x1e".join([f"{len(name)}:{name}\x1f{cell}" for name, cell in cells])
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
