"""Trakt's account data: plays, ratings and the watchlist become entries, one for each film and series (I2).

Episodes and seasons tell of their series: a series of which something was seen is being watched, because no
file says which episodes there are. Lists, comments and the profile stay out.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from mediatheque.core.text import has_unstorable
from mediatheque.intake.reading import Row
from mediatheque.intake.records import ExternalId, Own, Record, fingerprint
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.documents import BROKEN, items_in, refusal_of
from mediatheque.intake.sources.fields import finish
from mediatheque.intake.sources.options import Options
from mediatheque.intake.sources.sheets import Items, Title, Told, archive, gathered, head_of, member, peeked

name = "trakt"
label = "Trakt"

_CELL = "trakt title"
_TELLING = ("watched-", "ratings-movies", "ratings-shows", "lists-watchlist")
_KINDS = {"movie": ("movie", "movie"), "show": ("tv_series", "tv")}  # our kind, the providers'
_KEYS = (b'"watched_at"', b'"rated_at"', b'"listed_at"', b'"last_watched_at"')


def open_sheet(file: BinaryIO) -> Items | None:
    """The titles of one file of the export, or of a ZIP of them."""
    opened = archive(file)
    if opened is not None:
        names = [each.filename for each in opened.infolist() if each.filename.endswith(".json")]
        telling = [each for each in names if each.rsplit("/", 1)[-1].startswith(_TELLING)]
        found = [part for each in sorted(telling) if (part := member(opened, each)) is not None]
        return _sheet(found) if found else None
    head = head_of(file).lstrip(b"\xef\xbb\xbf \t\r\n")
    is_ours = head.startswith(b"[") and any(key in head for key in _KEYS)
    if not is_ours or not any(f'"{kind}"'.encode() in head for kind in _KINDS):
        return None
    return _sheet([file])


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of these, from 0 to 1."""
    return 1.0 if list(header) == [_CELL] else 0.0


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """The export says all itself: a mapping changes nothing."""
    return Options(source=name, columns={}, scales={"own_rating": 10}, dates="YMD", rows=sum(1 for _ in rows))


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """One film or series as an entry."""
    title = cells.json_object(row.get(_CELL, "")) or {}
    kind = "show" if title.get("kind") == "show" else "movie"
    media_type, provided = _KINDS[kind]
    record = Record(row_number, media_type=media_type, fingerprint=fingerprint(row), is_entry=True)
    record.title = " ".join(str(title.get("title") or "").split())
    record.year = cells.year(str(title.get("year") or ""))
    ids = title.get("ids") if isinstance(title.get("ids"), dict) else {}
    for provider in ("imdb", "tmdb", "tvdb", "trakt"):
        if value := (ids or {}).get(provider):
            record.external_ids.append(
                ExternalId(provider, "title" if provider == "imdb" else provided, str(value)[:255])
            )
    record.own_rating, readable = cells.own_rating(str(title.get("rating") or 0), 10)
    if not readable:
        record.say("rating.invalid", "own_rating", _("The rating cannot be read."))
    seen = title.get("seen")
    record.own = Own(
        status=None if not seen else "completed" if kind == "movie" else "watching",
        on_watchlist=True if title.get("wished") else None,
        last_watched_at=cells.moment(str(title.get("seen_at") or ""), "YMD"),
        notes=str(title.get("notes") or "") or None,
        added_at=cells.moment(str(title.get("since") or ""), "YMD"),
    )
    return finish(record)


def _sheet(files: Sequence[BinaryIO]) -> Items:
    return Items([_CELL], lambda: _rows(gathered(_told(files))), lambda: _rows(peeked(_told(files))))


def _rows(titles: Iterable[Title]) -> Iterator[Row]:
    for number, title in enumerate(titles, 1):
        text = json.dumps(title, ensure_ascii=False, sort_keys=True, default=str)
        yield Row(number, {_CELL: "" if has_unstorable(text) else text})


def _told(files: Iterable[BinaryIO]) -> Iterator[Told]:
    """All that the files say of titles."""
    for file in files:
        yield from (told for each in _items(file) if (told := _of_title(each)) is not None)


def _of_title(given: Mapping[str, Any]) -> Told | None:
    """Whose title the item tells of; None where it tells of none."""
    kind = next((each for each in _KINDS if isinstance(given.get(each), dict)), None)
    if kind is None:
        return None
    found = given[kind]
    ids = found.get("ids") if isinstance(found.get("ids"), dict) else {}
    key = f"{kind}\x1f{ids.get('trakt') or (found.get('title'), found.get('year'))}"
    return key, given, partial(_take, kind=kind)


def _items(file: BinaryIO) -> Iterator[Mapping[str, Any]]:
    try:
        yield from (each for each in items_in(file, "item") if isinstance(each, dict))
    except BROKEN as error:
        raise refusal_of(error) from error


def _take(title: Title, given: Mapping[str, Any], kind: str) -> None:
    """What one item says: a play, a rating or a wish. Only a rating of the title itself is the title's."""
    named = given[kind]
    title |= {"kind": kind, "title": named.get("title"), "year": named.get("year")}
    ids = named.get("ids") if isinstance(named.get("ids"), dict) else {}
    title["ids"] = {provider: ids.get(provider) for provider in ("imdb", "tmdb", "tvdb", "trakt")}
    for name_of_day in ("watched_at", "last_watched_at"):
        if given.get(name_of_day):
            title["seen"] = True
            title["seen_at"] = max(str(given[name_of_day]), title.get("seen_at", ""))
    is_whole = given.get("type", kind) == kind
    if given.get("rated_at") and is_whole:
        title["rating"] = given.get("rating")
        title["seen"] = title.get("seen") or kind == "movie"
    if given.get("listed_at") and is_whole:
        title["wished"] = True
        if given.get("notes"):
            title["notes"] = given["notes"]
    days = [str(given[day]) for day in ("watched_at", "rated_at", "listed_at") if given.get(day)]
    title["since"] = min([*days, *([title["since"]] if title.get("since") else [])], default="")
