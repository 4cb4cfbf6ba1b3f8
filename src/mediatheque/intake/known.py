"""What the library has of what a batch may match, read in a handful of statements."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.ids import UnknownId, new_id, read_id
from mediatheque.core.text import match_key
from mediatheque.intake import matching
from mediatheque.intake.drafts import Drafted, Drafts
from mediatheque.intake.matching import Known, KnownCopy, KnownItem, Match, Wanted
from mediatheque.intake.records import SERIES_KEY, Copy, Origin, Person, Record

MOST_OF_A_KEY = 500  # items: a library where everything has one id or title must not take hours
OWN_ITEM = ("mediatheque", "media")


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows go, and which source names their fingerprints."""

    space_id: UUID
    library_id: UUID
    job_library_id: UUID  # whose report tells of them
    source: str
    is_personal: bool = True  # whether the person's own entries may be written, too


@dataclass(slots=True)
class Shelf:
    """The items that the rows at hand may match, those planned on the way included."""

    known: Known = field(default_factory=Known)
    items: dict[UUID, KnownItem] = field(default_factory=dict)

    def take_in(self, record: Record, match: Match, target: UUID) -> list[UUID]:
        """Remember what the row becomes; the ids of its new copies, in the order of the match."""
        if target not in self.items:
            self.items[target] = matching.known_item(record, target)
            self.known.add_item(self.items[target])
        self.known.take_in(record, match, target)
        planned = [copy for copy in self.items[target].copies if copy.target is None]
        for copy in planned:
            copy.target = new_id()
        return [copy.target for copy in planned if isinstance(copy.target, UUID)]


def load(place: Place, records: Sequence[Record], drafts: Drafts | None = None) -> Shelf:
    """What these rows may match; of a plan, also what its earlier rows will have made."""
    shelf = Shelf()
    asked = matching.wanted(records)
    found = drafts.wanted(place.library_id, asked) if drafts else Drafted()
    for fingerprint, target in (*_fingerprinted(place, asked), *found.fingerprints):
        shelf.known.add_fingerprint(fingerprint, target)
    origins = [*_of_origins(place, asked), *found.origins]
    candidates = {*_candidates(place, asked), *(target for _, target in origins)}
    drafted = drafts.known(candidates | found.candidates) if drafts else {}
    items = drafted | _items(candidates - drafted.keys())
    for identity in sorted(items):
        shelf.items[identity] = items[identity]
        shelf.known.add_item(items[identity])
    for origin, target in origins:
        shelf.known.add_origin(origin, target)
    return shelf


def _fingerprinted(place: Place, asked: Wanted) -> list[tuple[bytes, UUID]]:
    found = db.rows(
        "select f.fingerprint, f.media_id from unnest(%s::bytea[]) x(fingerprint) join fingerprints f "
        "on f.library_id = %s and f.source = %s and f.fingerprint = x.fingerprint",
        [list(asked.fingerprints), place.library_id, place.source],
    )
    return [(bytes(each["fingerprint"]), each["media_id"]) for each in found]


def _of_origins(place: Place, asked: Wanted) -> list[tuple[Origin, UUID]]:
    if not asked.origins:
        return []
    sources, kinds, old_ids = zip(*asked.origins, strict=True)
    found = db.rows(
        "select o.source, o.kind, o.old_id, o.media_id from unnest(%s::text[], %s::text[], %s::text[]) "
        "x(source, kind, old_id) join origins o on o.library_id = %s and o.source = x.source "
        "and o.kind = x.kind and o.old_id = x.old_id",
        [list(sources), list(kinds), list(old_ids), place.library_id],
    )
    return [
        *_of_this_house(place, asked),
        *((Origin(each["source"], each["kind"], each["old_id"]), each["media_id"]) for each in found),
    ]


def _of_this_house(place: Place, asked: Wanted) -> list[tuple[Origin, UUID]]:
    """Our own export names items by their ids: one that is still here is that item."""
    here: dict[UUID, Origin] = {}
    for origin in asked.origins:
        if origin[:2] == OWN_ITEM:
            with suppress(UnknownId):
                here[read_id("media", origin.old_id)] = origin
    found = (
        db.rows(
            "select m.id from unnest(%s::uuid[]) x(id) join media m on m.id = x.id where m.library_id = %s",
            [list(here), place.library_id],
        )
        if here
        else []
    )
    return [(here[each["id"]], each["id"]) for each in found]


def _candidates(place: Place, asked: Wanted) -> set[UUID]:
    """Items that share an id, a barcode, or title and type with one of the rows.

    OFFSET 0 keeps the order out of the look-up: with it the planner walks the library by id instead.
    """
    titles, types = zip(*asked.titles, strict=True) if asked.titles else ((), ())
    found = db.rows(
        "select f.id from unnest(%(kinds)s::text[], %(ids)s::text[]) x(kind, key), lateral (select id from ("
        "select t.media_id as id from media_terms t where t.space_id = %(space)s and t.library_id = %(library)s "
        "and t.kind = x.kind and t.key = x.key offset 0) t order by id limit %(most)s) f "
        "union select f.id from unnest(%(barcodes)s::text[]) x(barcode), lateral (select id from ("
        "select v.media_id as id from variants v where v.library_id = %(library)s and v.barcode = x.barcode "
        "and v.barcode <> '' offset 0) v order by id limit %(most)s) f "
        "union select f.id from unnest(%(titles)s::text[], %(types)s::text[]) x(title, type), lateral (select id "
        "from (select m.id from media m where m.library_id = %(library)s and m.match_key = x.title "
        "and m.media_type = x.type offset 0) m order by id limit %(most)s) f",
        {
            "most": MOST_OF_A_KEY,
            "space": place.space_id,
            "library": place.library_id,
            "kinds": [f"id:{each.provider}:{each.kind}" for each in asked.ids],
            "ids": [each.id for each in asked.ids],
            "barcodes": list(asked.barcodes),
            "titles": list(titles),
            "types": list(types),
        },
    )
    return {each["id"] for each in found}


def _items(ids: Iterable[UUID]) -> dict[UUID, KnownItem]:
    """As much of these items as matching asks for."""
    wanted = list(ids)
    if not wanted:
        return {}
    found = db.rows(
        "select m.id, m.media_type, m.match_key, m.original_title, m.year, m.external_ids, m.details, m.people, "
        "s.value as series from unnest(%s::uuid[]) x(id) join media m on m.id = x.id "
        "left join media_metadata s on s.media_id = m.id and s.key = %s and m.media_type = 'tv_episode'",
        [wanted, SERIES_KEY],
    )
    items = {each["id"]: _item(each) for each in found}
    copies = db.rows(
        "select v.id, v.media_id, v.format, v.edition, v.barcode from unnest(%s::uuid[]) x(id) "
        "join variants v on v.media_id = x.id order by v.id",
        [list(items)],
    )
    for each in copies:
        copy = Copy(each["format"], each["edition"], each["barcode"] or None)
        items[each["media_id"]].copies.append(KnownCopy(each["id"], copy))
    return items


def _item(row: db.Row) -> KnownItem:
    people = [Person(each["name"], each["role"]) for each in json.loads(row["people"])]
    item = KnownItem(
        target=row["id"],
        media_type=row["media_type"],
        title=row["match_key"],
        original_title=match_key(row["original_title"]) if row["original_title"] else "",
        year=row["year"],
        marks=matching.marks_of(row["media_type"], json.loads(row["details"]), row["series"]),
        makers=matching.makers_of(row["media_type"], people),
    )
    for each in json.loads(row["external_ids"]):
        item.ids.setdefault((each["provider"], each["kind"]), set()).add(each["id"])
    return item
