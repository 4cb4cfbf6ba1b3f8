"""How a named cell becomes a field of a record, the same for every source (I2). Pure.

A value that cannot be read costs a message, never the row; only a missing title or one that is
too long fails it.
"""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from mediatheque.catalog import rules
from mediatheque.core.text import fold, has_visible
from mediatheque.intake.records import ExternalId, Origin, Person, Record, Season, Signed, Value
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.options import Options

SEASON_LIMIT = 200


def set_field(record: Record, name: str, text: str, options: Options) -> None:
    """Put the text of one cell, not empty, into the record."""
    SETTERS[name](record, text, options)


def finish(record: Record) -> Record:
    """Judge the record as a whole: title, year, and details that its type does not have."""
    if record.media_type == "tv_episode":
        _settle_episode(record)
    if not has_visible(record.title):
        record.fail("title.required", "title", _("The row has no title."))
    elif len(record.title) > 500:
        record.fail("title.invalid", "title", _("The title has more than 500 characters."))
    if (problem := rules.year_problem(record.media_type, record.year)) is not None:
        record.say("year.invalid", "year", f"{record.year}: {problem}")
        record.year = None
    if record.year is None and record.release_date is not None:
        record.year = record.release_date.year
    if record.details:
        _place_details(record)
    if record.original_title == record.title:
        record.original_title = None
    return record


def _settle_episode(record: Record) -> None:
    """An episode is named by its own title, else by its series and number."""
    details = record.details
    record.series_title = record.series_title or details.pop("series", None)
    record.title = record.title or details.get("episode_title", "")
    if not record.title and record.series_title and "number" in details:
        record.title = f"{record.series_title} {details.get('season', 1)}x{details['number']:02}"


def _place_details(record: Record) -> None:
    """Details of another type are kept as metadata; impossible ones are told and left out."""
    known = rules.DETAILS.get(record.media_type, {})
    for name in [name for name in record.details if name not in known]:
        value = record.details.pop(name)
        record.metadata[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    for problem in rules.check_details(record.media_type, record.details):
        record.say(problem.code, problem.field, problem.message)
        record.details.pop(problem.field.removeprefix("details."), None)


Setter = Callable[[Record, str, Options], None]


def _unread(record: Record, code: str, about: str, message: str, text: str) -> None:
    """Say in the row's report what is wrong with a cell, with its beginning."""
    record.say(code, about, message % {"text": text[:50]})


def _text(record: Record, text: str, options: Options, *, name: str, longest: int) -> None:
    if len(text) > longest:
        record.say(
            f"{name}.too_long",
            name,
            _("Cut to %(most)s characters.") % {"most": number_format(longest, force_grouping=True)},
        )
        text = text[:longest]
    setattr(record, name, text)


def _title(record: Record, text: str, options: Options) -> None:
    record.title = " ".join(text.split())


def _media_type(record: Record, text: str, options: Options) -> None:
    found = MEDIA_TYPE_WORDS.get(fold(text).replace("_", " ").replace("-", " "))
    if found is None:
        message = _("“%(text)s” is no media type we know; taken as “other”.")
        _unread(record, "media_type.unknown", "media_type", message, text)
    record.media_type = found or "other"


def _year(record: Record, text: str, options: Options) -> None:
    record.year = cells.year(text)
    if record.year is None and text.strip("0"):
        _unread(record, "year.invalid", "year", _("“%(text)s” is not a year."), text)


def _date(record: Record, text: str, options: Options, *, name: str) -> None:
    found = cells.day(text, options.dates)
    if found is None and name == "release_date" and record.year is None and (year := cells.year(text)):
        record.year = year
        if re.search(r"[0-9]\D+[0-9]+\D+[0-9]", text):  # a whole date, and none of the calendar's
            _unread(record, "date.invalid", name, _("“%(text)s” is not a date."), text)
    elif found is None:
        _unread(record, "date.invalid", name, _("“%(text)s” is not a date."), text)
    else:
        setattr(record, name, found)


def _added_at(record: Record, text: str, options: Options) -> None:
    record.added_at = cells.moment(text, options.dates)
    if record.added_at is None:
        _unread(record, "date.invalid", "added_at", _("“%(text)s” is not a date."), text)


def _rating(record: Record, text: str, options: Options) -> None:
    found = cells.number(text)
    if found is None or not 0 <= found <= (scale := options.scales.get("rating", 10)):
        _unread(record, "rating.invalid", "rating", _("“%(text)s” is not a rating."), text)
    elif found:
        record.rating = (found * 10 / scale).quantize(Decimal("0.01")).normalize()


def _own_rating(record: Record, text: str, options: Options) -> None:
    record.own_rating, readable = cells.own_rating(text, options.scales.get("own_rating", 10))
    if not readable:
        _unread(record, "rating.invalid", "own_rating", _("“%(text)s” is not a rating."), text)


def _runtime(record: Record, text: str, options: Options) -> None:
    found = cells.minutes(text)
    if found is not None and found <= 100_000:
        record.runtime = found
    elif text.strip("0:. "):
        _unread(record, "runtime.invalid", "runtime", _("“%(text)s” is not a running time."), text)


def _address(record: Record, text: str, options: Options) -> None:
    if rules.check_media({"trailer_url": text}, partial=True):
        record.say(
            "trailer_url.invalid", "trailer_url", _("Not an address that begins with http:// or https://.")
        )
    else:
        record.trailer_url = text


def _people(record: Record, text: str, options: Options, *, role: str) -> None:
    names = cells.people(text, surname_first=role in ("director", "author", "writer"))
    for name, character in names:
        if len(name) > 200:
            record.say(
                "people.invalid", "people", _("“%(name)s…” is too long for a name.") % {"name": name[:50]}
            )
        elif not any(each.role == role and each.name == name for each in record.people):
            record.people.append(Person(name, role, character))


def _list(record: Record, text: str, options: Options, *, name: str) -> None:
    found = [*getattr(record, name), *(each[:100] for each in cells.items(text))]
    setattr(record, name, list(dict.fromkeys(found)))


def _format(record: Record, text: str, options: Options) -> None:
    for each in cells.items(text):
        if (found := rules.normal_format(each)[:100]) not in record.formats:
            record.formats.append(found)


def _barcode(record: Record, text: str, options: Options) -> None:
    if not text.strip('="0 '):
        return
    found = rules.normal_barcode(text)
    if found is None:
        _unread(
            record, "barcode.invalid", "barcode", _("“%(text)s” is not a barcode; kept as metadata."), text
        )
        record.metadata["barcode"] = text[:500]
        return
    if not rules.barcode_checks(found):
        record.say(
            "barcode.checksum",
            "barcode",
            _("The check digit of %(found)s does not hold; kept as it is.") % {"found": found},
        )
    record.barcode = found


def _isbn(record: Record, text: str, options: Options) -> None:
    if not text.strip('="0 '):
        return
    found = rules.normal_isbn(text)
    if found is None:
        _unread(
            record,
            "isbn.invalid",
            "isbn",
            _("“%(text)s” is not an ISBN: its check digit does not hold."),
            text,
        )
        return
    record.barcode = record.barcode or found
    if record.media_type == "book":
        record.details["isbn"] = found


def _external(record: Record, text: str, options: Options, *, provider: str) -> None:
    kind = "tv" if record.media_type in ("tv_series", "tv_episode") else "movie"
    found: str | None = text[:100]
    if provider == "tmdb":
        found = rules.normal_tmdb(text)
    elif provider == "imdb":
        found, kind = rules.normal_imdb(text), "title"
    if found is None:
        record.say(
            f"{provider}.invalid",
            "external_ids",
            _("“%(text)s” is not an id of %(provider)s.") % {"text": text[:50], "provider": provider},
        )
    else:
        record.external_ids.append(ExternalId(provider, kind, found))


def _ownership(record: Record, text: str, options: Options) -> None:
    record.ownership = OWNERSHIP_WORDS.get(fold(text).replace("_", " "))
    if record.ownership is None:
        _unread(
            record, "ownership.unknown", "ownership", _("“%(text)s” does not say whether it is owned."), text
        )


def _amount(record: Record, text: str, options: Options, *, name: str) -> None:
    amount, currency = cells.money(text)
    if amount is None:
        _unread(record, "price.invalid", name, _("“%(text)s” is not an amount."), text)
    elif name == "price":
        record.price, record.currency = amount, record.currency or currency
    else:
        record.value = record.value or Value()
        setattr(record.value, name, amount)
        record.value.currency = record.value.currency or currency


def _value(record: Record, text: str, options: Options, *, name: str) -> None:
    record.value = record.value or Value()
    if name == "date":
        record.value.date = cells.day(text.split("T")[0], options.dates)
        if record.value.date is None:
            _unread(record, "date.invalid", "value", _("“%(text)s” is not a date."), text)
    else:
        setattr(record.value, name, text.upper()[:3] if name == "currency" else text[:200])


def _signed(record: Record, text: str, options: Options, *, name: str) -> None:
    record.signed = record.signed or Signed()
    if name != "on":
        setattr(record.signed, name, text[:500])
    elif (found := cells.day(text.split("T")[0], options.dates)) is not None:
        record.signed.on = found
    else:
        _unread(record, "date.invalid", "signed", _("“%(text)s” is not a date."), text)


def _detail(record: Record, text: str, options: Options, *, name: str) -> None:
    record.details[name] = text


def _detail_number(record: Record, text: str, options: Options, *, name: str) -> None:
    found = cells.whole(text)
    if found is None:
        _unread(record, "details.invalid", f"details.{name}", _("“%(text)s” is not a whole number."), text)
    else:
        record.details[name] = found


def _tracks(record: Record, text: str, options: Options) -> None:
    record.details["tracks"] = cells.items(text)


def _quantity(record: Record, text: str, options: Options) -> None:
    found = cells.whole(text)
    if found is None or not 0 < found <= 100:
        _unread(
            record,
            "quantity.invalid",
            "quantity",
            _("“%(text)s” is not a number of copies from 1 to 100."),
            text,
        )
    else:
        record.quantity = found


def _seasons(record: Record, text: str, options: Options) -> None:
    """A number of seasons owned. It says nothing of episodes, and nothing of what was watched."""
    count = cells.whole(text)
    if count is None or not 0 <= count <= SEASON_LIMIT:
        _unread(record, "seasons.invalid", "seasons", _("“%(text)s” is not a number of seasons."), text)
    elif record.media_type == "tv_series":
        record.seasons = [Season(number) for number in range(1, count + 1)]


def _origin(record: Record, text: str, options: Options) -> None:
    record.origin = Origin(options.source, "media", text[:200])


def _currency(record: Record, text: str, options: Options) -> None:
    record.currency = text.strip().upper()[:3]


def _resolution(record: Record, text: str, options: Options) -> None:
    record.resolution = rules.normal_resolution(text)
    if record.resolution is None:
        _unread(
            record, "resolution.unknown", "resolution", _("“%(text)s” is none of SD, 720p, 1080p, 4K."), text
        )


RATINGS = ("rating", "own_rating")
DATES = ("release_date", "added_at", "purchased_on", "signed_on", "value_date")

SETTERS: Mapping[str, Setter] = {
    "title": _title,
    "media_type": _media_type,
    "year": _year,
    "added_at": _added_at,
    "rating": _rating,
    "own_rating": _own_rating,
    "runtime": _runtime,
    "trailer_url": _address,
    "format": _format,
    "barcode": _barcode,
    "isbn": _isbn,
    "ownership": _ownership,
    "quantity": _quantity,
    "seasons": _seasons,
    "source_id": _origin,
    "currency": _currency,
    "resolution": _resolution,
    "tracks": _tracks,
    "genres": partial(_list, name="genres"),
    "tags": partial(_list, name="tags"),
    "price": partial(_amount, name="price"),
    "value_low": partial(_amount, name="low"),
    "value_mid": partial(_amount, name="mid"),
    "value_high": partial(_amount, name="high"),
    "pages": partial(_detail_number, name="pages"),
    "season": partial(_detail_number, name="season"),
    "episode": partial(_detail_number, name="number"),
    **{name: partial(_date, name=name) for name in ("release_date", "purchased_on")},
    **{f"{each}_id": partial(_external, provider=each) for each in ("tmdb", "imdb", "tvdb", "trakt")},
    **{f"value_{each}": partial(_value, name=each) for each in ("currency", "source", "date")},
    **{f"signed_{each}": partial(_signed, name=each) for each in ("by", "role", "on", "at", "proof")},
    "cast": partial(_people, role="actor"),
    **{role: partial(_people, role=role) for role in rules.ROLES if role not in ("developer", "publisher")},
    **{
        name: partial(_detail, name=name)
        for name in ("episode_title", "platform", "developer", "publisher", "label", "catalogue_number",
                     "series", "issue", "cover_date")
    },
    **{
        name: partial(_text, name=name, longest=longest)
        for name, longest in {
            "original_title": 500, "sort_title": 500, "series_title": 500, "overview": 50_000,
            "certification": 50, "network": 500, "location": 500, "notes": 100_000, "edition": 300,
            "condition": 200, "path": 4000, "poster_hint": 2000, "backdrop_hint": 2000, "import_source": 100,
        }.items()
    },
}  # fmt: skip

MEDIA_TYPE_WORDS = {
    word: media_type
    for media_type, words in {
        "movie": "movie film films movies tvmovie video spielfilm documentary "
        "short tvshort tvspecial",
        "tv_series": "tvseries series show shows tv serie tvminiseries miniseries",
        "tv_episode": "tvepisode episode folge",
        "book": "book books buch hoerbuch audiobook ebook novel",
        "comic": "comic comics manga",
        "music": "music album cd vinyl lp musik audio song",
        "game": "game games videogame spiel spiele",
        "other": "other sonstiges andere",
    }.items()
    for word in words.split()
} | {
    "tv series": "tv_series", "tv show": "tv_series", "tv shows": "tv_series", "tv mini series": "tv_series",
    "tv episode": "tv_episode", "tv movie": "movie", "tv special": "movie", "tv short": "movie",
    "video game": "game", "video games": "game", "comic book": "comic", "graphic novel": "comic",
}  # fmt: skip

OWNERSHIP_WORDS = {
    "owned": "owned", "own": "owned", "yes": "owned", "true": "owned", "1": "owned", "x": "owned",
    "ja": "owned", "in collection": "owned", "vorhanden": "owned", "im besitz": "owned",
    "wanted": "wanted", "want": "wanted", "wish list": "wanted", "wishlist": "wanted", "wunsch": "wanted",
    "on wish list": "wanted", "ordered": "ordered", "on order": "ordered", "bestellt": "ordered",
    "formerly owned": "formerly_owned", "sold": "formerly_owned", "verkauft": "formerly_owned",
    "not in collection": "formerly_owned",
}  # fmt: skip
