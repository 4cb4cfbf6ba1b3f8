"""What a file says of the importing person: their entries, whether or not anything is owned (I2, I3, W1).

A row about something owned rates its item's work; one that says *seen* or *wished for* becomes an entry and
never media. Person goes before import, a newer import replaces an older one's value, a later row of the same
file only fills what is empty, and the day last watched only moves forward.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.clock import now
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import match_key
from mediatheque.intake import bulk
from mediatheque.intake.differences import Change, of_entry
from mediatheque.intake.known import Place
from mediatheque.intake.merging import Entry, Item, Key, Mark
from mediatheque.intake.records import Origin, Record
from mediatheque.intake.writing import moment

FIELDS = (
    "status", "rating", "notes", "visibility", "notes_visibility", "on_watchlist", "set_aside", "set_aside_reason",
    "last_watched_at",
)  # fmt: skip
EMPTY: dict[str, Any] = {"status": "not_watched", "on_watchlist": False, "notes": "", "set_aside_reason": ""}
WORDS = {
    "status": ("not_watched", "watching", "completed"),
    "set_aside": ("paused", "dropped"),
    "visibility": ("private", "shared"),
    "notes_visibility": ("private", "shared"),
}


@dataclass(slots=True)
class Entries:
    """The person's entries that a batch may meet, and what it makes of them."""

    scope: Scope
    by_work: dict[UUID, Entry] = field(default_factory=dict)
    by_origin: dict[Origin, Entry] = field(default_factory=dict)
    by_title: dict[Key, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    by_fingerprint: dict[bytes, Entry] = field(default_factory=dict)
    by_id: dict[UUID, Entry] = field(default_factory=dict)
    new: list[Entry] = field(default_factory=list)
    changed: set[Entry] = field(default_factory=set)
    ties: dict[UUID, tuple[Entry, UUID]] = field(default_factory=dict)  # work: entry, owner of the work
    marks: list[tuple[Entry, Record]] = field(default_factory=list)
    of_rows: dict[int, UUID] = field(default_factory=dict)

    def give(self, item: Item, record: Record, *, fills: bool) -> bool:
        """What the row says of the person, on the item's work; whether that changes anything.

        `fills`: the item had a row of this import before, so only what is empty is set.
        """
        told = self._told(record)
        if not told:
            return False
        entry = self.by_work.get(item.work_id) or self._of_title(record)
        if entry is not None:
            self.of_rows[record.row] = entry.id
        if entry is None:
            entry = self._make(record, told)
        elif item.work_id in self.by_work:
            return self._merge(entry, told, fills=fills or entry.of_this_file)
        else:
            self._merge(entry, told, fills=entry.of_this_file)
        self.by_work[item.work_id] = entry
        self.ties[item.work_id] = (entry, item.work_owner)
        return True

    def set_by(self, record: Record) -> UUID | None:
        """The entry that a row is of."""
        return self.of_rows.get(record.row)

    def of(self, item: Item) -> int | None:
        """The person's rating of an item's work."""
        entry = self.by_work.get(item.work_id)
        return entry.columns.get("rating") if entry else None

    def take(self, record: Record) -> tuple[str, list[Change]]:
        """The row as an entry of its own; its outcome and what it changes."""
        if record.fingerprint in self.by_fingerprint:
            record.say("match.fingerprint", "", "This very row came before.")
            return "skipped", []
        told = self._told(record)
        entry = self._of_origin(record) or self._of_title(record)
        before = dict(entry.columns) if entry else {}
        if entry is None:
            entry, outcome = self._make(record, told), "created"
        else:
            outcome = "updated" if self._merge(entry, told, fills=entry.of_this_file) else "skipped"
        self.of_rows[record.row] = entry.id
        self.marks.append((entry, record))
        for mark in marks_of(record):
            self.note(mark, entry)
        return outcome, of_entry(before, entry.columns)

    def note(self, mark: Mark, entry: Entry) -> None:
        """The entry is found by it from here on."""
        if isinstance(mark, UUID):
            self.by_work[mark] = entry
        elif isinstance(mark, bytes):
            self.by_fingerprint[mark] = entry
        elif isinstance(mark, Origin):
            self.by_origin.setdefault(mark, entry)

    def touched(self) -> list[tuple[Mark, Entry]]:
        """What this batch made of the entries it met, each under every mark that finds it again."""
        met = [each for each in self.by_id.values() if each.of_this_file]
        return [
            *((title_key(each), each) for each in met),
            *((work, entry) for work, entry in self.by_work.items() if entry.of_this_file),
            *((mark, entry) for entry, record in self.marks for mark in marks_of(record)),
        ]

    def _told(self, record: Record) -> dict[str, Any]:
        """The columns the row says something about; words we do not know are told and left out."""
        told: dict[str, Any] = {"rating": record.own_rating}
        if record.own is not None:
            told |= {name: getattr(record.own, name) for name in FIELDS if name != "rating"}
            watched = record.own.last_watched_at
            told["last_watched_at"] = moment(self.scope, watched) if watched else None
        for name, words in WORDS.items():
            if told.get(name) is not None and told[name] not in words:
                record.say(f"{name}.unknown", name, f"It must be one of {', '.join(words)}.")
                told[name] = None
        return {name: value for name, value in told.items() if value is not None}

    def _make(self, record: Record, told: dict[str, Any]) -> Entry:
        preferred = self.scope.preferences.get("default_visibility")
        given = (record.own.added_at if record.own else None) or (
            record.added_at if record.is_entry else None
        )
        columns = {
            "title": record.title,
            "year": record.year,
            "kind": record.media_type,
            "visibility": preferred if preferred in ("private", "shared") else "shared",
            "added_at": moment(self.scope, given) if given else now(),
            **told,
        }
        entry = Entry(new_id(), columns, is_new=True, of_this_file=True)
        self.by_id[entry.id] = entry
        self.of_rows[record.row] = entry.id
        self.new.append(entry)
        self.note_title(entry)
        return entry

    def _merge(self, entry: Entry, told: dict[str, Any], *, fills: bool) -> bool:
        changed = False
        for name, value in told.items():
            before = entry.columns.get(name)
            if before == value or name in entry.person_fields:
                continue
            if name == "last_watched_at" and before is not None and before > value:
                continue
            if fills and name != "last_watched_at" and before not in (None, EMPTY.get(name)):
                continue
            entry.columns[name] = value
            changed = True
        entry.of_this_file = True
        if changed and not entry.is_new:
            self.changed.add(entry)
        return changed

    def _of_origin(self, record: Record) -> Entry | None:
        """By its old id or a provider's, where the titles agree: ids in files are often wrong (I3)."""
        titles = {match_key(each) for each in (record.title, record.original_title) if each}
        found = (self.by_origin.get(origin) for origin in origins_of(record))
        return next((each for each in found if each and match_key(each.columns["title"]) in titles), None)

    def _of_title(self, record: Record) -> Entry | None:
        """By title, year and kind; a missing year matches none, and of several none is chosen."""
        found = self.by_title.get(title_key_of(record), [])
        return found[0] if record.year is not None and len(found) == 1 else None

    def note_title(self, entry: Entry) -> None:
        if entry.columns["year"] is not None:
            self.by_title[title_key(entry)].append(entry)


def write(found: Entries, place: Place, job_id: UUID) -> None:
    """New entries with their ties, changed ones, and the marks by which the next run knows their rows."""
    mine = {"user_id": found.scope.user_id}
    bulk.insert(
        "entries",
        [mine | {"id": each.id, "match_key": title_key(each)[0], **each.columns} for each in found.new],
    )
    changed = sorted(found.changed, key=lambda each: each.id)
    bulk.update(
        "entries", [{"id": each.id, **{name: each.columns[name] for name in FIELDS}} for each in changed]
    )
    _tie(found)
    bulk.insert(
        "entry_works",
        [
            mine | {"id": new_id(), "entry_id": entry.id, "work_id": work, "work_owner": owner}
            for work, (entry, owner) in found.ties.items()
        ],
        known=True,
    )
    bulk.insert(
        "entry_fingerprints",
        [
            mine
            | {
                "source": place.source,
                "fingerprint": record.fingerprint,
                "entry_id": entry.id,
                "job_id": job_id,
            }
            for entry, record in found.marks
        ],
        known=True,
    )
    bulk.insert(
        "entry_origins",
        [
            mine | {"id": new_id(), "entry_id": entry.id, **origin._asdict()}
            for entry, record in found.marks
            for origin in origins_of(record)
        ],
        known=True,
    )


def forget(request_id: str, job_id: UUID, entries: Sequence[UUID]) -> None:
    """What an import left with these entries goes, and works of the person's that nothing is tied to any more.

    Without its marks the file can be imported again. `request_id` is the import's name in the trail.
    """
    made = (
        "(select row_id from audit_changes where request_id = %s and table_name = %s and action = 'insert')"
    )
    ids = list(entries)
    db.execute("delete from entry_fingerprints where job_id = %s and entry_id = any(%s)", [job_id, ids])
    db.execute(
        f"delete from entry_origins where entry_id = any(%s) and id in {made}",
        [ids, request_id, "entry_origins"],
    )
    db.execute(
        f"delete from works w where w.owner_user is not null and w.id in {made} "
        "and not exists (select from entry_works t where t.work_id = w.id)",
        [request_id, "works"],
    )


def _tie(found: Entries) -> None:
    """New entries to the works of the space's items of that title, else to a work of the person's own."""
    tied = {entry for entry, _ in found.ties.values()}
    loose = [entry for entry in found.new if entry not in tied]
    if not loose:
        return
    keys = [title_key(each) for each in loose]
    titles, kinds, years = zip(*keys, strict=True)
    works = db.rows(
        "select x.place, m.work_id, m.work_owner from unnest(%s::int[], %s::text[], %s::text[], %s::int[]) "
        "x(place, title, kind, year) join media m on m.space_id = %s and m.library_id = any(%s) "
        "and m.match_key = x.title and m.media_type = x.kind and m.year = x.year order by x.place, m.id",
        [list(range(len(loose))), list(titles), list(kinds), list(years), found.scope.space_id,
         list(found.scope.library_ids)],
    )  # fmt: skip
    for each in works:
        found.ties.setdefault(each["work_id"], (loose[each["place"]], each["work_owner"]))
    tied = {entry for entry, _ in found.ties.values()}
    own = {new_id(): entry for entry in loose if entry not in tied}
    bulk.insert("works", [_work(found.scope, work_id, entry) for work_id, entry in own.items()])
    found.ties |= {work_id: (entry, found.scope.user_id) for work_id, entry in own.items()}


def _work(scope: Scope, work_id: UUID, entry: Entry) -> dict[str, Any]:
    title = entry.columns["title"]
    return {
        "id": work_id,
        "owner_user": scope.user_id,
        "kind": entry.columns["kind"],
        "title": title,
        "year": entry.columns["year"],
        "match_key": match_key(title),
    }


def title_key(entry: Entry) -> Key:
    return _key(entry.columns["title"], entry.columns["kind"], entry.columns["year"])


def title_key_of(record: Record) -> Key:
    return _key(record.title, record.media_type, record.year)


def marks_of(record: Record) -> list[Mark]:
    """What a row leaves with its entry: the row itself, the record over there, what providers call the title."""
    return [record.fingerprint, *origins_of(record)]


def _key(title: str, kind: str, year: int | None) -> tuple[str, str, int | None]:
    return match_key(title), kind, year


def origins_of(record: Record) -> list[Origin]:
    """The record over there, and what providers call the title."""
    ids = [Origin(each.provider[:30], each.kind[:30], each.id[:255]) for each in record.external_ids]
    first = [record.origin] if record.origin else []
    return list(dict.fromkeys([*first, *record.earlier_origins, *ids]))
