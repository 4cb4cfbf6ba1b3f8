"""Whether a row is something the library already has: the one place of these rules (I3). Pure.

Asked in this order, the first answer counts:

1. the row's fingerprint: this very row came before;
2. its origin: the same record over there, where anything at all still agrees;
3. ids of one provider and kind, where the titles agree;
4. barcode or ISBN, where the titles agree but for words of the edition;
5. title, year and type; a missing year equals no year.

Ids of one provider that disagree forbid a match; barcodes that differ do not: they are two copies.
Rows that share an id, a barcode or an origin but not the title stay apart and wait for review,
because real files are full of wrong ids, and a wrong id brings the wrong original title along.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from mediatheque.core.text import fold, match_key
from mediatheque.intake.records import Copy, ExternalId, Origin, Person, Record

BUCKET = 100  # items kept under one key: a file where everything has one id must not take hours
SHOWN = 20  # candidates shown to a person

Target: TypeAlias = Hashable  # an item's id, or the mark of a row that will become one
Kind = Literal["same", "update", "variant", "none", "review"]


@dataclass(slots=True)
class KnownCopy:
    """A variant the library has; `target` is its id, None while it is only planned."""

    target: Target | None
    copy: Copy


@dataclass(slots=True, eq=False)
class KnownItem:
    """As much of an item as matching asks for."""

    target: Target
    media_type: str
    title: str  # match keys, not titles
    original_title: str = ""
    year: int | None = None
    ids: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    copies: list[KnownCopy] = field(default_factory=list)
    marks: tuple[str, ...] = ()  # what parts items of one title and year: see `marks_of`
    makers: frozenset[str] = frozenset()
    order: int = 0  # the older one first, so that answers do not depend on how they were loaded


class Match(NamedTuple):
    """What becomes of a row.

    `same`: nothing to do. `update`: fields of `target` may be filled. `variant`: as well, and
    `new_copies` are added to it. `none`: a new item. `review`: a new item as it came, and
    `candidates` are shown to a person. `held_copies` pairs the row's other copies with the
    variants they are. `reason` is a stable code.
    """

    kind: Kind
    reason: str
    target: Target | None = None
    new_copies: tuple[Copy, ...] = ()
    held_copies: tuple[tuple[Copy, Target | None], ...] = ()
    candidates: tuple[Target, ...] = ()


class Wanted(NamedTuple):
    """What a batch of rows asks the database for, before it matches."""

    fingerprints: set[bytes]
    origins: set[Origin]
    ids: set[ExternalId]
    barcodes: set[str]
    titles: set[tuple[str, str]]  # match key and type, whatever the year


class Known:
    """What the library has, as far as the rows at hand ask; a batch adds what it plans, row by row."""

    def __init__(self) -> None:
        self._by_fingerprint: dict[bytes, Target] = {}
        self._by_origin: dict[Origin, Target] = {}
        self._items: dict[Target, KnownItem] = {}
        self._by_id: dict[ExternalId, list[KnownItem]] = defaultdict(list)
        self._by_barcode: dict[str, list[KnownItem]] = defaultdict(list)
        self._by_title: dict[tuple[str, str, int | None], list[KnownItem]] = defaultdict(list)
        self._titled: dict[tuple[str, str], list[KnownItem]] = defaultdict(list)

    def __contains__(self, target: Target) -> bool:
        return target in self._items

    def add_item(self, item: KnownItem) -> None:
        """An item of the library, or planned; one that is known already is left as it is."""
        if item.target in self._items:
            return
        item.order = len(self._items)
        self._items[item.target] = item
        _put(self._by_title[item.title, item.media_type, item.year], item)
        _put(self._titled[item.title, item.media_type], item)
        for (provider, kind), numbers in item.ids.items():
            for number in numbers:
                _put(self._by_id[ExternalId(provider, kind, number)], item)
        for known in item.copies:
            self._note_barcode(item, known.copy)

    def add_fingerprint(self, fingerprint: bytes, target: Target) -> None:
        self._by_fingerprint[fingerprint] = target

    def add_origin(self, origin: Origin, target: Target) -> None:
        self._by_origin.setdefault(origin, target)

    def take_in(self, record: Record, match: Match, target: Target) -> None:
        """Remember what the row becomes, so that later rows of the file find it.

        `target` is that of the match, or the mark of the new item.
        """
        self.add_fingerprint(record.fingerprint, target)
        if record.origin is not None:
            self.add_origin(record.origin, target)
        item = self._items.get(target)
        if item is None:
            self.add_item(known_item(record, target))
            return
        for each in record.external_ids:
            numbers = item.ids.setdefault((each.provider, each.kind), set())
            if not numbers:
                numbers.add(each.id)
                _put(self._by_id[each], item)
        if item.year is None and record.year is not None:
            item.year = record.year
            _put(self._by_title[item.title, item.media_type, item.year], item)
        for copy in match.new_copies:
            item.copies.append(KnownCopy(None, copy))
            self._note_barcode(item, copy)
        for copy, held in match.held_copies:
            self._fill_copy(item, copy, held)

    def fingerprinted(self, fingerprint: bytes) -> Target | None:
        return self._by_fingerprint.get(fingerprint)

    def of_origin(self, origin: Origin | None) -> KnownItem | None:
        return self._items.get(self._by_origin[origin]) if origin in self._by_origin else None

    def of_ids(self, ids: Iterable[ExternalId]) -> list[KnownItem]:
        return _once(item for each in ids for item in self._by_id.get(each, ()))

    def of_barcode(self, barcode: str | None) -> list[KnownItem]:
        return self._by_barcode.get(barcode, []) if barcode else []

    def of_title(self, row: KnownItem) -> list[KnownItem]:
        """Of that title, type and year."""
        return self._by_title.get((row.title, row.media_type, row.year), []) if row.year is not None else []

    def of_title_undated(self, row: KnownItem) -> list[KnownItem]:
        """Of that title and type, where the row or the item has no year."""
        if row.year is None:
            return self._titled.get((row.title, row.media_type), [])
        return [
            item for item in self._by_title.get((row.title, row.media_type, None), []) if item.year is None
        ]

    def _note_barcode(self, item: KnownItem, copy: Copy) -> None:
        if copy.barcode:
            _put(self._by_barcode[copy.barcode], item)

    def _fill_copy(self, item: KnownItem, copy: Copy, held: Target | None) -> None:
        """A copy learns what a later row tells of it."""
        for known in item.copies:
            if known.target == held and _is_same_copy(copy, known.copy):
                known.copy = known.copy._replace(
                    format=known.copy.format or copy.format,
                    edition=known.copy.edition or copy.edition,
                    barcode=known.copy.barcode or copy.barcode,
                )
                self._note_barcode(item, known.copy)
                return


def wanted(records: Iterable[Record]) -> Wanted:
    """The keys under which the database is asked for the items a batch may match."""
    asked = Wanted(set(), set(), set(), set(), set())
    for record in records:
        asked.fingerprints.add(record.fingerprint)
        asked.ids.update(record.external_ids)
        asked.titles.add((match_key(record.title), record.media_type))
        if record.origin is not None:
            asked.origins.add(record.origin)
        if record.barcode is not None:
            asked.barcodes.add(record.barcode)
    return asked


def known_item(record: Record, target: Target) -> KnownItem:
    """The item that a row without a match becomes."""
    item = KnownItem(
        target=target,
        media_type=record.media_type,
        title=match_key(record.title),
        original_title=match_key(record.original_title) if record.original_title else "",
        year=record.year,
        copies=[KnownCopy(None, copy) for copy in record.copies()],
        marks=marks_of(record.media_type, record.details, record.series_title),
        makers=makers_of(record.media_type, record.people),
    )
    for each in record.external_ids:
        item.ids.setdefault((each.provider, each.kind), set()).add(each.id)
    return item


def marks_of(media_type: str, details: dict[str, object], series_title: str | None) -> tuple[str, ...]:
    """What parts items that share title, year and type: an issue, a platform, an episode's place."""
    told = [str(details.get(name, "")) for name in _MARKS.get(media_type, ())]
    if media_type == "tv_episode":
        told.append(series_title or "")
    return tuple(match_key(each) if each else "" for each in told)


def makers_of(media_type: str, people: Iterable[Person]) -> frozenset[str]:
    """Words of the names that part two albums or books of one title and year."""
    if media_type not in _MADE:
        return frozenset()
    names = (fold(person.name) for person in people if person.role in _MAKING_ROLES)
    return frozenset(word for name in names for word in re.findall(r"\w{2,}", name))


def match(record: Record, known: Known) -> Match:
    """What becomes of the row, given all that is known so far (I3). The same answer every time."""
    if (seen := known.fingerprinted(record.fingerprint)) is not None:
        return Match("same", "fingerprint", seen)
    row = known_item(record, None)
    doubts: list[tuple[str, KnownItem]] = []
    for reason, candidates in _evidence(record, row, known):
        agreeing = []
        for item in candidates:
            verdict = _judge(reason, row, item)
            if verdict == "agrees":
                agreeing.append(item)
            elif verdict == "doubtful":
                doubts.append((reason, item))
        if len(agreeing) > 1:
            agreeing = _narrowed(row, agreeing)
        if len(agreeing) == 1:
            return _matched(record, reason, agreeing[0])
        if agreeing:
            return _for_review("several", [*agreeing, *(item for _, item in doubts)])
    if doubts:
        return _for_review(f"{doubts[0][0]}_without_title", [item for _, item in doubts])
    undated = [
        item
        for item in known.of_title_undated(row)
        if not _ids_disagree(row, item) and not _parted(row, item)
    ]
    if undated:
        return _for_review("year_missing", undated)
    return Match("none", "new")


def _evidence(record: Record, row: KnownItem, known: Known) -> Iterable[tuple[str, Sequence[KnownItem]]]:
    origin = known.of_origin(record.origin)
    if origin is not None:
        yield "origin", [origin]
    if record.external_ids:
        yield "id", known.of_ids(record.external_ids)
    if record.barcode is not None:
        yield "barcode", known.of_barcode(record.barcode)
    yield "title", known.of_title(row)


def _judge(reason: str, row: KnownItem, item: KnownItem) -> Literal["agrees", "doubtful", "differs"]:
    if row.media_type != item.media_type:
        return "differs"
    if reason == "origin":
        return "agrees" if _has_anything_in_common(row, item) else "doubtful"
    if _ids_disagree(row, item):
        return "differs" if reason == "title" else "doubtful"
    if reason == "title":
        return "differs" if _parted(row, item) else "agrees"
    if reason == "barcode" and _bare(row.title) == _bare(item.title):
        return "doubtful" if _parted(row, item) else "agrees"
    return "agrees" if _titles_agree(row, item) else "doubtful"


def _titles_agree(row: KnownItem, item: KnownItem) -> bool:
    """The title of one is the title of the other, or its original title and the years do not object.

    Two original titles alone prove nothing: nineteen discs with one wrong id share theirs.
    """
    if row.title == item.title:
        return not _parted(row, item)
    crossed = row.title == item.original_title or row.original_title == item.title
    if row.year is None or item.year is None:
        return crossed and row.year == item.year
    return crossed and abs(row.year - item.year) <= 1


def _ids_disagree(row: KnownItem, item: KnownItem) -> bool:
    return any(
        key in item.ids and item.ids[key].isdisjoint(numbers) and key[0] not in _IDS_OF_COPIES
        for key, numbers in row.ids.items()
    )


def _has_anything_in_common(row: KnownItem, item: KnownItem) -> bool:
    """Two installs count from 1: an old id alone does not make two records the same."""
    titles = {row.title, row.original_title} & {item.title, item.original_title} - {""}
    ids = any(key in item.ids and item.ids[key] & numbers for key, numbers in row.ids.items())
    barcodes = {each.copy.barcode for each in row.copies} & {each.copy.barcode for each in item.copies}
    return bool(titles or ids or barcodes - {None}) or _alike(_bare(row.title), _bare(item.title))


def _alike(title: str, other: str) -> bool:
    """More than half of all their words are in both."""
    ours, theirs = set(title.split()), set(other.split())
    return 2 * len(ours & theirs) > len(ours | theirs)


def _parted(row: KnownItem, item: KnownItem) -> bool:
    marks = any(a and b and a != b for a, b in zip(row.marks, item.marks, strict=False))
    return marks or bool(row.makers and item.makers and row.makers.isdisjoint(item.makers))


def _narrowed(row: KnownItem, items: list[KnownItem]) -> list[KnownItem]:
    """Of several, those that agree in more: a barcode, an id, the year."""
    codes = {each.copy.barcode for each in row.copies} - {None}

    def weight(item: KnownItem) -> tuple[bool, bool, bool]:
        shared = any(key in item.ids and item.ids[key] & numbers for key, numbers in row.ids.items())
        barcode = any(each.copy.barcode in codes for each in item.copies)
        return barcode, shared, row.year is not None and row.year == item.year

    best = max(weight(item) for item in items)
    return [item for item in items if weight(item) == best]


def _matched(record: Record, reason: str, item: KnownItem) -> Match:
    """The row's copies against those known: what is left over is a second copy."""
    free = list(item.copies)
    new: list[Copy] = []
    held: list[tuple[Copy, Target | None]] = []
    for copy in sorted(record.copies(), key=lambda each: each.barcode is None):
        found = _closest(copy, free)
        if found is not None:
            free.remove(found)
            held.append((copy, found.target))
        elif any(copy):
            new.append(copy)
    kind: Kind = "variant" if new else "update"
    return Match(kind, reason, item.target, tuple(new), tuple(held))


def _closest(copy: Copy, free: list[KnownCopy]) -> KnownCopy | None:
    fitting = [known for known in free if _is_same_copy(copy, known.copy)]
    return max(
        fitting,
        key=lambda known: sum(a == b for a, b in zip(copy.identity, known.copy.identity, strict=True)),
        default=None,
    )


def _is_same_copy(copy: Copy, known: Copy) -> bool:
    """Equal barcodes decide; otherwise nothing that both tell may differ."""
    if copy.barcode and known.barcode:
        return copy.barcode == known.barcode
    formats = not copy.format or not known.format or fold(copy.format) == fold(known.format)
    editions = not copy.edition or not known.edition or match_key(copy.edition) == match_key(known.edition)
    return formats and editions


def _for_review(reason: str, items: Iterable[KnownItem]) -> Match:
    shown = sorted(_once(items), key=lambda item: item.order)
    return Match("review", reason, candidates=tuple(item.target for item in shown[:SHOWN]))


def _bare(title: str) -> str:
    """A title's key without words that shops add for the edition."""
    return " ".join(word for word in title.split() if word not in _EDITION_WORDS) or title


def _put(bucket: list[KnownItem], item: KnownItem) -> None:
    if len(bucket) < BUCKET and item not in bucket:
        bucket.append(item)


def _once(items: Iterable[KnownItem]) -> list[KnownItem]:
    return list(dict.fromkeys(items))


_MARKS = {
    "game": ("platform",),
    "comic": ("series", "issue"),
    "tv_episode": ("season", "number"),
}
_MADE = frozenset({"book", "comic", "music"})
_MAKING_ROLES = frozenset({"author", "artist", "performer", "composer", "writer", "creator"})
_IDS_OF_COPIES = frozenset({"asin", "amazon", "goodreads"})  # number editions, not works
_ADDED_BY_SHOPS = (
    "blu ray bluray bd dvd vhs uhd 4k hd 3d disc discs edition special limited collectors collector "
    "deluxe steelbook mondo widescreen fullscreen extended unrated remastered directors cut anniversary "
    "digital copy combo pack region"
)
_EDITION_WORDS = frozenset(_ADDED_BY_SHOPS.split())
