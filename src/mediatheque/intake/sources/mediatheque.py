"""Our own full export, as JSON, ZIP or CSV: what went out comes in again (I2, I10). Pure.

A file may have been edited by hand or by a program since, so nothing in it is believed to be of its type.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, TypeVar, cast

import msgspec
from django.utils.translation import gettext as _

from mediatheque.catalog.rules import MEDIA_TYPES
from mediatheque.core.text import has_unstorable, has_visible
from mediatheque.intake import spreadsheet
from mediatheque.intake.own_format import DATA_NAME, JSON_CELLS
from mediatheque.intake.reading import Row
from mediatheque.intake.records import (
    SERIES_KEY,
    Copy,
    ExternalId,
    Lent,
    Message,
    Origin,
    Own,
    Person,
    Record,
    Season,
    Signed,
    Value,
    fingerprint,
)  # fmt: skip
from mediatheque.intake.sources import cells, own_libraries
from mediatheque.intake.sources.documents import BROKEN, items_in, refusal_of
from mediatheque.intake.sources.fields import finish
from mediatheque.intake.sources.options import Options
from mediatheque.intake.sources.sheets import Items, head_of, in_zip

name = "mediatheque"
label = "Mediatheque export"

_ITEM, _ENTRY = "mediatheque item", "mediatheque entry"
_MEDIA_MARKS = frozenset({"mediatheque_id", "variants", "external_ids", "origins"})
_ENTRY_MARKS = frozenset({"mediatheque_entry_id", "visibility", "origins"})
_TEXTS = (
    "original_title", "sort_title", "overview", "certification", "network", "trailer_url", "location", "notes",
)  # fmt: skip
_YES = {"yes": True, "no": False, "true": True, "false": False}

Given = Mapping[str, Any]
Read = TypeVar("Read")


def open_sheet(file: BinaryIO) -> Items | None:
    """The items of a JSON document of ours, bare or in a ZIP."""
    document = in_zip(file, DATA_NAME) or file
    head = head_of(document).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"{") or b'"mediatheque"' not in head[:1000]:
        return None
    return Items([_ITEM, _ENTRY], lambda: _rows(document))


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of ours, from 0 to 1."""
    there = set(header)
    return 1.0 if there >= {_ITEM, _ENTRY} or there >= _MEDIA_MARKS or there >= _ENTRY_MARKS else 0.0


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """The file says all itself: a mapping changes nothing."""
    count, libraries = own_libraries.named(rows)
    return Options(
        source=name, columns={}, scales={"own_rating": 10}, dates="YMD", rows=count, libraries=libraries
    )


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """One item or entry as a record."""
    own_cells = {column: cell for column, cell in row.items() if column != own_libraries.CELL}
    library = own_libraries.named_by(row)
    record = Record(row_number, media_type="other", fingerprint=fingerprint(own_cells))
    record.library = library.name if library else ""
    if _ITEM in row or _ENTRY in row:
        given = _object(row.get(_ITEM) or row.get(_ENTRY))
        is_entry = bool(row.get(_ENTRY))
    else:
        given = _from_cells(row)
        is_entry = "mediatheque_entry_id" in row
    if given is None:
        record.fail("row.unreadable", "", _("The row cannot be read."))
        return record
    given = _storable(record, given)
    if is_entry:
        _take_title(record, _mapping(given.get("work")) or given)
        _take_entry(record, given)
        record.is_entry = True
        _take_origins(record, given, "entry")
    else:
        _take_item(record, given)
    return finish(record)


def _rows(document: BinaryIO) -> Iterator[Row]:
    """One walk for media, one for entries: a file holds the one or the other, whichever comes first."""
    number, libraries = 0, own_libraries.in_head(document)
    for cell, place in ((_ITEM, "media.item"), (_ENTRY, "entries.item")):
        try:
            for item in items_in(document, place):
                number += 1
                cells_of = {cell: _written(item)}
                if isinstance(item, dict) and (
                    home := own_libraries.cell_of(item.get("library_name"), libraries)
                ):
                    cells_of[own_libraries.CELL] = home
                yield Row(number, cells_of)
        except BROKEN as error:
            if number == 0:
                raise refusal_of(error) from error
            number += 1
            told = _("From here on the file is cut short or broken.")
            yield Row(number, {}, problem=Message("file.broken", "", told))
            return


def _written(item: object) -> str:
    """The item as text again; what cannot be written is no item."""
    try:
        return msgspec.json.encode(item).decode()
    except (ValueError, OverflowError, RecursionError):
        return ""


def _from_cells(row: Mapping[str, str]) -> dict[str, Any] | None:
    """A row of our CSV as the item or entry it was."""
    given: dict[str, Any] = {column: spreadsheet.restored(cell) for column, cell in row.items()}
    for column in JSON_CELLS:
        if given.get(column):
            try:
                given[column] = json.loads(given[column])
            except (ValueError, RecursionError):
                given[column] = None
    if "mediatheque_entry_id" in given:
        given["id"] = given["mediatheque_entry_id"]
        return given
    given["id"] = given.get("mediatheque_id")
    given["genres"] = cells.items(given.get("genres", ""))
    given["tags"] = cells.items(given.get("tags", ""))
    given["own"] = {"rating": given.get("my_rating")}
    return given


def _take_item(record: Record, given: Given) -> None:
    _take_title(record, given)
    for field in _TEXTS:
        setattr(record, field, _text(given, field) or None)
    record.release_date = _told(record, given, "release_date", _day)
    record.runtime = _told(record, given, "runtime", _whole)
    record.rating = _told(record, given, "rating", _amount)
    record.ownership = _text(given, "ownership") or None
    record.genres = _names(given.get("genres"))
    record.tags = _names(given.get("tags"))
    record.people = [
        Person(_text(each, "name"), _text(each, "role"), _text(each, "character") or None)
        for each in _objects(given.get("people"))
        if has_visible(_text(each, "name"))
    ]
    record.external_ids = [
        ExternalId(_text(each, "provider")[:50], _text(each, "kind")[:20], _text(each, "id")[:255])
        for each in _objects(given.get("external_ids"))
        if _text(each, "provider") and _text(each, "id")
    ]
    record.details = dict(_mapping(given.get("details")))
    record.signed = _signed(record, _mapping(given.get("signed")))
    record.value = _value(record, _mapping(given.get("value")))
    record.added_at = _told(record, given, "added_at", _moment)
    record.every_copy = [_copy(record, each) for each in _objects(given.get("variants"))]
    record.formats = [kind] if (kind := _text(given, "format")) else []
    record.seasons = [found for each in _objects(given.get("seasons")) if (found := _season(record, each))]
    record.metadata = {
        key[:100]: value
        for key, value in _mapping(given.get("metadata")).items()
        if isinstance(value, str) and key and not has_unstorable(key)
    }
    if SERIES_KEY not in record.metadata:
        record.series_title = _text(given, "series_title") or None
    record.image = _text(given, "image")[:200] or None
    _take_source(record, _mapping(given.get("source")))
    _take_origins(record, given, "media")
    entry = _mapping(given.get("entry"))
    if entry:
        _take_entry(record, entry)
    own = _mapping(given.get("own"))
    if not entry:
        record.own_rating = _told(record, own, "rating", _own_rating, "own_rating")
    if not entry and own.get("status"):
        record.own = Own(status=_text(own, "status"), on_watchlist=_yes(own.get("on_watchlist")))


def _take_title(record: Record, given: Given) -> None:
    record.title = " ".join(_text(given, "title").split())
    record.media_type = _text(given, "media_type") or "other"
    record.year = _told(record, given, "year", _whole)
    if record.media_type not in MEDIA_TYPES:
        message = _("“%(text)s” is no media type we know; taken as “other”.")
        record.say("media_type.unknown", "media_type", message % {"text": record.media_type[:50]})
        record.media_type = "other"


def _take_entry(record: Record, given: Given) -> None:
    record.own_rating = _told(record, given, "rating", _own_rating, "own_rating")
    record.own = Own(
        status=_text(given, "status") or None,
        on_watchlist=_yes(given.get("on_watchlist")),
        set_aside=_text(given, "set_aside") or None,
        set_aside_reason=_text(given, "set_aside_reason") or None,
        last_watched_at=_told(record, given, "last_watched_at", _moment),
        notes=_text(given, "notes") or None,
        visibility=_text(given, "visibility") or None,
        notes_visibility=_text(given, "notes_visibility") or None,
        added_at=_told(record, given, "added_at", _moment),
    )


def _take_origins(record: Record, given: Given, kind: str) -> None:
    """Its id at home first, then where it came from before."""
    earlier = [
        Origin(_text(each, "source")[:30], _text(each, "kind")[:30], _text(each, "id")[:255])
        for each in _objects(given.get("origins"))
        if _text(each, "source") and _text(each, "id")
    ]
    identity = _text(given, "id")[:255]
    found = [*([Origin(name, kind, identity)] if identity else []), *earlier]
    record.origin, record.earlier_origins = (found[0] if found else None), found[1:]


def _take_source(record: Record, given: Given) -> None:
    record.source = (_text(given, "provider"), _text(given, "external_id"))
    record.import_source = _text(given, "import")


def _copy(record: Record, given: Given) -> Copy:
    return Copy(
        format=_text(given, "format"),
        edition=_text(given, "edition"),
        barcode=_text(given, "barcode") or None,
        resolution=_text(given, "resolution") or None,
        path=_text(given, "path") or None,
        location=_text(given, "location") or None,
        condition=_text(given, "condition") or None,
        purchased_on=_told(record, given, "purchased_on", _day),
        price=_told(record, given, "price", _amount),
        currency=_text(given, "currency") or None,
        lent=_lent(record, _mapping(given.get("loan"))),
    )


def _lent(record: Record, given: Given) -> Lent | None:
    to, since = _text(given, "to")[:200], _told(record, given, "since", _day, "loan")
    due = _told(record, given, "due", _day, "loan")
    if not has_visible(to) or since is None:
        return None
    return Lent(to, since, due if due is None or due >= since else None)


def _season(record: Record, given: Given) -> Season | None:
    number = _told(record, given, "number", _episodes, "seasons")
    if number is None:
        return None
    expected, available = (
        _told(record, given, f"{each}_episodes", _episodes, "seasons") for each in ("expected", "available")
    )
    return Season(number, expected, available, _yes(given.get("is_complete")), _text(given, "title")[:500])


def _signed(record: Record, given: Given) -> Signed | None:
    texts = {field: _text(given, field)[:500] or None for field in ("by", "role", "at", "proof")}
    return Signed(on=_told(record, given, "on", _day, "signed"), **texts) if given else None


def _value(record: Record, given: Given) -> Value | None:
    if not given:
        return None
    return Value(
        low=_told(record, given, "low", _amount, "value"),
        mid=_told(record, given, "mid", _amount, "value"),
        high=_told(record, given, "high", _amount, "value"),
        currency=_text(given, "currency")[:3] or None,
        source=_text(given, "source")[:200] or None,
        date=_told(record, given, "date", _day, "value"),
    )


def _told(
    record: Record, given: Given, name_there: str, read: Callable[[Any], Read | None], field: str = ""
) -> Read | None:
    """What a field says; one that says nothing to be read is told and left out."""
    value = given.get(name_there)
    found = read(value)
    if found is None and value not in (None, "", [], {}):
        message = _("“%(text)s” cannot be read and was left out.") % {"text": str(value)[:50]}
        record.say("field.unread", field or name_there, message)
    return found


def _storable(record: Record, given: Given) -> dict[str, Any]:
    """The item without texts that no database stores; each field that held one is told."""
    found: dict[str, Any] = {}
    for field, value in given.items():
        found[field] = _without_unstorable(value)
        if found[field] != value:
            message = _("It holds a character that cannot be stored, and was left out.")
            record.say("field.unstorable", field if not has_unstorable(field) else "", message)
    return found


def _without_unstorable(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if not has_unstorable(name)}
        return {name: _without_unstorable(each) for name, each in kept.items()}
    if isinstance(value, list):
        return [each for each in map(_without_unstorable, value) if each is not None]
    return None if isinstance(value, str) and has_unstorable(value) else value


def _object(text: str | None) -> Given | None:
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _mapping(given: object) -> Given:
    return cast(Given, given) if isinstance(given, dict) else {}


def _list(given: object) -> list[Any]:
    return given if isinstance(given, list) else []


def _objects(given: object) -> list[Given]:
    return [each for each in _list(given) if isinstance(each, dict)]


def _names(given: object) -> list[str]:
    return [each for each in _list(given) if isinstance(each, str) and has_visible(each)]


def _text(given: Given, field: str) -> str:
    found = given.get(field)
    return found if isinstance(found, str) and not has_unstorable(found) else ""


def _whole(given: object) -> int | None:
    found = _amount(given, lowest=-100_000)
    return int(found) if found is not None and found == found.to_integral_value() else None


def _amount(given: object, lowest: int = 0) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        found = Decimal(str(given))
    except InvalidOperation:
        return None
    return found if found.is_finite() and lowest <= found < 10**12 else None


def _episodes(given: object) -> int | None:
    """A number of a season, or of its episodes."""
    found = _whole(given)
    return found if found is not None and 0 <= found <= 10_000 else None


def _own_rating(given: object) -> int | None:
    found = _whole(given)
    return found if found is not None and 1 <= found <= 10 else None


def _yes(given: object) -> bool | None:
    return given if isinstance(given, bool) else _YES.get(given) if isinstance(given, str) else None


def _day(given: object) -> dt.date | None:
    return cells.day(given, "YMD") if isinstance(given, str) and len(given) < 40 else None


def _moment(given: object) -> dt.datetime | dt.date | None:
    return cells.moment(given, "YMD") if isinstance(given, str) and len(given) < 40 else None
