"""What the earlier rows of a plan will have made, so that later rows of the same file find it.

A plan writes nothing to the catalogue, and a long file does not fit into memory: the drafts stand in a
temporary file of their own, which goes with the plan.
"""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from mediatheque.core.text import match_key
from mediatheque.intake import matching
from mediatheque.intake.matching import KnownCopy, KnownItem, Wanted
from mediatheque.intake.merging import Entry, Item, Mark
from mediatheque.intake.records import SERIES_KEY, Copy, ExternalId, Origin, Person, Record

ASKED_AT_ONCE = 500  # SQLite takes a limited number of parameters

_SCHEMA = """
    pragma journal_mode = off;
    pragma synchronous = off;
    create table items (id blob primary key, content blob) without rowid;
    create table entries (id blob primary key, content blob) without rowid;
    create table keys (key blob, id blob, primary key (key, id)) without rowid;
    create table marks (key blob, id blob, primary key (key, id)) without rowid;
"""


@dataclass(slots=True)
class Drafted:
    """What the drafts hold of what a batch asks for."""

    fingerprints: list[tuple[bytes, UUID]] = field(default_factory=list)
    origins: list[tuple[Origin, UUID]] = field(default_factory=list)
    candidates: set[UUID] = field(default_factory=set)


class Drafts:
    """Items, and the person's entries, as the plan has made them so far."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.executescript(_SCHEMA)

    def close(self) -> None:
        self._file.close()

    def wanted(self, library_id: UUID, asked: Wanted) -> Drafted:
        """The ids of the library's drafted items that share a key with one of the rows."""
        there = library_id.bytes
        fingerprints = {there + b"f" + each: each for each in asked.fingerprints}
        origins = {there + _key("o", *each): each for each in asked.origins}
        others = [there + each for each in _keys(asked.ids, asked.barcodes, asked.titles)]
        found = Drafted()
        for key, target in self._targets([*fingerprints, *origins, *others]):
            if key in fingerprints:
                found.fingerprints.append((fingerprints[key], target))
            elif key in origins:
                found.origins.append((origins[key], target))
            found.candidates.add(target)
        return found

    def known(self, ids: Iterable[UUID]) -> dict[UUID, KnownItem]:
        """As much of those that are drafted as matching asks for."""
        return {identity: _known(item) for identity, item in self.items(ids).items()}

    def items(self, ids: Iterable[UUID]) -> dict[UUID, Item]:
        """Those of these items that are drafted."""
        return self._contents("items", ids)

    def entries(self, ids: Iterable[UUID]) -> dict[UUID, Entry]:
        """Those of these entries of the person's that are drafted."""
        return self._contents("entries", ids)

    def marked(self, marks: Iterable[Mark]) -> list[tuple[Mark, UUID]]:
        """The drafted entries that were left under these marks."""
        asked = {_mark_key(mark): mark for mark in marks}
        return [(asked[key], target) for key, target in self._targets(list(asked), "marks")]

    def keep(
        self, library_id: UUID, items: Mapping[UUID, Item], taken: Sequence[tuple[Record, UUID]]
    ) -> None:
        """The library's items as a batch leaves them, and the keys under which its rows' items are found."""
        self._file.execute("begin")
        self._put("items", items)
        there = library_id.bytes
        keys = {(there + key, target.bytes) for record, target in taken for key in _keys_of(record)}
        self._file.executemany("insert or ignore into keys values (?, ?)", keys)
        self._file.execute("commit")

    def keep_entries(self, touched: Sequence[tuple[Mark, Entry]]) -> None:
        """The person's entries as a batch leaves them, under each of their marks."""
        self._file.execute("begin")
        self._put("entries", {entry.id: entry for _, entry in touched})
        marks = {(_mark_key(mark), entry.id.bytes) for mark, entry in touched}
        self._file.executemany("insert or ignore into marks values (?, ?)", marks)
        self._file.execute("commit")

    def _put(self, table: str, things: Mapping[UUID, Any]) -> None:
        rows = [(each.bytes, pickle.dumps(thing)) for each, thing in things.items()]
        self._file.executemany(f"insert or replace into {table} values (?, ?)", rows)

    def _contents(self, table: str, ids: Iterable[UUID]) -> dict[UUID, Any]:
        found: dict[UUID, Any] = {}
        for some in _pieces([each.bytes for each in ids]):
            marks = ", ".join("?" * len(some))
            for key, content in self._file.execute(
                f"select id, content from {table} where id in ({marks})", some
            ):
                found[UUID(bytes=key)] = pickle.loads(content)  # noqa: S301  # written by this object
        return found

    def _targets(self, keys: Sequence[bytes], table: str = "keys") -> Iterator[tuple[bytes, UUID]]:
        for some in _pieces(keys):
            marks = ", ".join("?" * len(some))
            asked = f"select key, id from {table} where key in ({marks}) order by id"
            for key, target in self._file.execute(asked, some):
                yield key, UUID(bytes=target)


def _known(item: Item) -> KnownItem:
    columns = item.columns
    people = [Person(each["name"], each["role"]) for each in columns.get("people") or []]
    details = columns.get("details") or {}
    known = KnownItem(
        target=item.id,
        media_type=columns["media_type"],
        title=match_key(columns["title"]),
        original_title=match_key(columns.get("original_title") or ""),
        year=columns.get("year"),
        marks=matching.marks_of(columns["media_type"], details, item.metadata.get(SERIES_KEY)),
        makers=matching.makers_of(columns["media_type"], people),
    )
    for each in columns.get("external_ids") or []:
        known.ids.setdefault((each["provider"], each["kind"]), set()).add(each["id"])
    for identity in sorted(item.copies):
        copy = item.copies[identity]
        told = Copy(copy.get("format") or "", copy.get("edition") or "", copy.get("barcode") or None)
        known.copies.append(KnownCopy(identity, told))
    return known


def _keys_of(record: Record) -> list[bytes]:
    barcodes = [record.barcode] if record.barcode else []
    titles = [(match_key(record.title), record.media_type)]
    origin = [_key("o", *record.origin)] if record.origin else []
    return [b"f" + record.fingerprint, *origin, *_keys(record.external_ids, barcodes, titles)]


def _keys(
    ids: Iterable[ExternalId], barcodes: Iterable[str], titles: Iterable[tuple[str, str]]
) -> list[bytes]:
    return [
        *(_key("i", *each) for each in ids),
        *(_key("b", each) for each in barcodes),
        *(_key("t", *each) for each in titles),
    ]


def _mark_key(mark: Mark) -> bytes:
    if isinstance(mark, UUID):
        return b"w" + mark.bytes
    return (
        b"f" + mark
        if isinstance(mark, bytes)
        else _key("o" if isinstance(mark, Origin) else "t", *map(str, mark))
    )


def _key(*parts: str) -> bytes:
    return "\x1f".join(parts).encode("utf-8", "surrogatepass")


def _pieces(of: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(of), ASKED_AT_ONCE):
        yield of[start : start + ASKED_AT_ONCE]
