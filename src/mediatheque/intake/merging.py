"""From a row to the columns of an item, and into an item that is there already (I3). Pure.

Person goes before import, a newer import replaces an older one's value, a later row of the same
import only fills what is empty. What hangs on an item (copies, seasons, metadata) is only added to,
because nobody records who set it.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from mediatheque.catalog import rules
from mediatheque.catalog.derive import is_derived, term_key
from mediatheque.catalog.rules import MOST_TAGS
from mediatheque.catalog.words import field_word
from mediatheque.intake.matching import Match
from mediatheque.intake.records import SERIES_KEY, Copy, Lent, Origin, Record, Season

TEXTS: Final = (
    "original_title", "sort_title", "overview", "certification", "network", "trailer_url", "location", "notes",
)  # fmt: skip
DERIVED: Final = ("sort_key", "match_key", "year_key", "word_list", "terms")
CHANGEABLE: Final = (
    "title", "media_type", "year", "release_date", "runtime", "genres", "tags", "people", "rating", "ownership",
    "details", "format", "signed", "value", "external_ids", "series_id", *TEXTS,
)  # fmt: skip
# What tells which item it is: filled where empty, replaced only where the origin says it is the same.
IDENTITY: Final = frozenset({"title", "media_type", "year"})
COPY_DETAILS: Final = ("resolution", "path", "location", "condition", "purchased_on", "price", "currency")
LARGEST_PRICE: Final = Decimal("9999999999")
EMPTY: Final[tuple[object, ...]] = (None, "", [], {})

Key = tuple[str, str, int | None]  # folded title, kind, year
Mark = UUID | bytes | Origin | Key  # what finds an entry: a work, a row, a record over there, a title


@dataclass(frozen=True, slots=True)
class Limits:
    """How many characters the text columns of items and of copies hold."""

    item: Mapping[str, int]
    copy: Mapping[str, int]


@dataclass(slots=True)
class Item:
    """An item as it stands or is planned, with what hangs on it, and what of it is to be written."""

    id: UUID
    work_id: UUID
    work_owner: UUID
    is_new: bool = True
    columns: dict[str, Any] = field(default_factory=dict)
    person_fields: Collection[str] = ()
    of_this_job: bool = False
    is_theirs: bool = True  # the importing person's, or theirs to change
    source: tuple[str, str] | None = None  # provider and id, where not the place's and none
    import_source: str | None = None  # None: that of the place
    added_at: dt.datetime | dt.date | None = None
    copies: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    seasons: dict[int, Season] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    changed: bool = False
    new_copies: set[UUID] = field(default_factory=set)
    changed_copies: set[UUID] = field(default_factory=set)
    lent: dict[UUID, Lent] = field(default_factory=dict)  # new copies
    new_seasons: set[int] = field(default_factory=set)
    new_metadata: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Entry:
    """An entry as it stands or is planned, as far as an import sets it."""

    id: UUID
    columns: dict[str, Any]
    person_fields: frozenset[str] = frozenset()
    is_new: bool = False
    of_this_file: bool = False


def begin(item: Item, record: Record, copy_ids: Sequence[UUID], limits: Limits) -> None:
    """Make a planned item what the row says."""
    item.columns = item_columns(record, limits)
    item.source = record.source
    if record.source is None and record.origin is not None:
        item.source = (record.origin.source, record.origin.old_id)
    item.import_source = record.import_source
    item.added_at = record.added_at
    for copy_id, copy in zip(copy_ids, record.copies(), strict=True):
        _add_copy(item, copy_id, copy, record, limits)
    _add_what_hangs(item, record)
    item.of_this_job = True


def merge(item: Item, record: Record, match: Match, copy_ids: Sequence[UUID], limits: Limits) -> bool:
    """Put a row into an item that is there; whether that changes anything."""
    changed = [
        _set(item, name, value, replaces_identity=match.reason == "origin")
        for name, value in item_columns(record, limits).items()
    ]
    for copy_id, copy in zip(copy_ids, match.new_copies, strict=True):
        changed.append(_add_copy(item, copy_id, copy, record, limits))
    for copy, held in match.held_copies:
        if isinstance(held, UUID):
            changed.append(_fill_copy(item, held, copy, record, limits))
    changed.append(_add_what_hangs(item, record))
    item.of_this_job = True
    return any(changed)


def item_columns(record: Record, limits: Limits) -> dict[str, Any]:
    """The columns that the row says something about; what cannot be stored is told and left out."""
    given: dict[str, Any] = {
        "title": record.title,
        "media_type": record.media_type,
        "year": record.year,
        "release_date": record.release_date,
        "runtime": record.runtime,
        "genres": record.genres[:50],
        "tags": _names(record.tags)[:MOST_TAGS],
        "people": [each._asdict() for each in record.people[:500]],
        "rating": record.rating,
        "ownership": record.ownership,
        "details": record.details,
        "format": record.formats[0] if record.formats else None,
        "signed": _document(asdict(record.signed)) if record.signed else None,
        "value": _document(asdict(record.value)) if record.value else None,
        "external_ids": [each._asdict() for each in record.external_ids[:50]],
        **{name: getattr(record, name) for name in TEXTS},
    }
    told = {name: value for name, value in given.items() if value not in EMPTY}
    _leave_out_impossible(record, told)
    if "rating" in told:
        told["rating"] = round(told["rating"] * 10)
    return _cut(record, told, limits.item)


def _names(written: Sequence[str]) -> list[str]:
    """Each name once, however it is written."""
    found: dict[str, str] = {}
    for each in written:
        found.setdefault(term_key(each), " ".join(each.split()))
    return [each for each in found.values() if each]


def _document(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What JSON can hold of it."""
    plain = {
        name: float(value)
        if isinstance(value, Decimal)
        else value.isoformat()
        if isinstance(value, dt.date)
        else value
        for name, value in fields.items()
    }
    return {name: value for name, value in plain.items() if value is not None}


def _leave_out_impossible(record: Record, told: dict[str, Any]) -> None:
    for problem in rules.check_media(told):
        name, _, part = problem.field.partition(".")
        record.say(problem.code, problem.field, problem.message)
        if part:
            told[name] = {key: value for key, value in told[name].items() if key != part}
        else:
            told.pop(name, None)


def _cut(record: Record, given: dict[str, Any], limits: Mapping[str, int]) -> dict[str, Any]:
    for name, value in given.items():
        most = limits.get(name)
        if most is not None and isinstance(value, str) and len(value) > most:
            record.say(
                f"{name}.too_long",
                name,
                _("Cut to %(most)s characters.") % {"most": number_format(most, force_grouping=True)},
            )
            given[name] = value[:most]
    return given


def _set(item: Item, name: str, value: Any, *, replaces_identity: bool) -> bool:
    if name in item.person_fields:
        return False
    before = item.columns.get(name)
    after = _chosen(name, before, value, keeps=_keeps(item, name, replaces_identity))
    if after == before:
        return False
    if name == "title" and is_derived(item.columns["sort_title"], str(before)):
        item.columns["sort_title"] = ""  # it goes on following the title
    item.columns[name] = after
    item.changed = True
    return True


def _keeps(item: Item, name: str, replaces_identity: bool) -> bool:
    """Whether a value that is there stays. The format is the first copy's, which is only filled."""
    return item.of_this_job or name == "format" or (name in IDENTITY and not replaces_identity)


def _chosen(name: str, before: Any, value: Any, *, keeps: bool) -> Any:
    if before in EMPTY:
        return value
    if name == "details":
        return {**value, **before} if keeps else {**before, **value}
    if name == "tags":  # a row adds to them: another file, or a person, gave the others
        known = {term_key(each) for each in before}
        return [*before, *(each for each in value if term_key(each) not in known)][:MOST_TAGS]
    if name == "external_ids":
        held = {(each["provider"], each["kind"]) for each in before}
        return before + [each for each in value if (each["provider"], each["kind"]) not in held]
    return before if keeps else value


def _copy_fields(copy: Copy, record: Record, limits: Limits) -> dict[str, Any]:
    """What is known of one copy."""
    fields = copy._asdict()
    del fields["lent"]
    if copy.price is not None and copy.price > LARGEST_PRICE:
        record.say("price.invalid", "price", _("The price is too high to be one."))
        fields["price"] = None
    told = {name: value for name, value in fields.items() if value not in EMPTY}
    return _cut(record, told, limits.copy)


def _add_copy(item: Item, copy_id: UUID, copy: Copy, record: Record, limits: Limits) -> bool:
    fields = _copy_fields(copy, record, limits)
    if not fields and copy.lent is None and record.quantity == 1:
        return False
    item.copies[copy_id] = fields
    if copy.lent is not None:
        item.lent[copy_id] = copy.lent
    item.new_copies.add(copy_id)
    return True


def _fill_copy(item: Item, copy_id: UUID, copy: Copy, record: Record, limits: Limits) -> bool:
    held = item.copies.get(copy_id)
    if held is None:
        return _add_copy(item, copy_id, copy, record, limits)
    fields = _copy_fields(copy, record, limits)
    added = {name: value for name, value in fields.items() if held.get(name) in EMPTY}
    for name in COPY_DETAILS:
        if name in fields and name not in added and held[name] != fields[name]:
            record.say(
                "copy.kept", name, _("The copy keeps what it says: %(field)s.") % {"field": field_word(name)}
            )
    if added:
        held |= added
        item.changed_copies.add(copy_id)
    return bool(added)


def _add_what_hangs(item: Item, record: Record) -> bool:
    """Metadata and seasons that the item does not have."""
    tied = {SERIES_KEY} if item.columns.get("series_id") else set()  # by hand, without the series' name
    metadata = {
        name: value for name, value in _metadata(record).items() if name not in item.metadata.keys() | tied
    }
    for name, value in _metadata(record).items():
        if item.metadata.get(name, value) != value:
            record.say("metadata.kept", name, _("The item keeps what it says there."))
    seasons = {each.number: each for each in record.seasons if each.number not in item.seasons}
    item.metadata |= metadata
    item.new_metadata |= metadata.keys()
    item.seasons |= seasons
    item.new_seasons |= seasons.keys()
    return bool(metadata or seasons)


def _metadata(record: Record) -> dict[str, str]:
    """What has no field of its own."""
    others = {
        "poster_hint": record.poster_hint,
        "backdrop_hint": record.backdrop_hint,
        SERIES_KEY: record.series_title,
    }
    return record.metadata | {name: value for name, value in others.items() if value}
