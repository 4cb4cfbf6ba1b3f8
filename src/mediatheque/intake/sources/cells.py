"""What stands in a cell: numbers, dates, names and lists as people type them (I2). Pure.

Each function answers None where the text is no such thing; the caller says so in the row's report.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from mediatheque.core.text import fold, has_unstorable

DATE_ORDERS = ("YMD", "DMY", "MDY")
SCALES = (5, 10, 100)
LONGEST_LIST = 100_000  # characters: no cell names more people or things
KNOWN_YEARS = range(2, 9999)  # at the calendar's ends an offset leads to a year that cannot be read again


def number(text: str) -> Decimal | None:
    """A plain number with a point or a comma: `7.5`, `7,5`, `1,234.50`."""
    bare = text.replace("\u00a0", "").replace(" ", "").replace("'", "")
    if "," in bare and "." in bare:
        thousands = "," if bare.rfind(",") < bare.rfind(".") else "."
        bare = bare.replace(thousands, "")
    try:
        found = Decimal(bare.replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**12 else None


def whole(text: str) -> int | None:
    """A whole number, also as spreadsheets write it (`12.0`)."""
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text)
    found = number(text)
    return int(found) if found is not None and found == found.to_integral_value() else None


def money(text: str) -> tuple[Decimal | None, str | None]:
    """An amount and its currency, if the cell names one: `€ 12,99`, `9.99 USD`."""
    currency = next((code for sign, code in _CURRENCIES.items() if sign in text), None)
    named = re.search(r"\b[A-Z]{3}\b", text)
    if named is not None:
        currency = named[0]
    amount = number(re.sub(r"[^0-9.,-]", "", text))
    return (amount if amount is not None and amount >= 0 else None), currency


def year(text: str) -> int | None:
    """The year of `1999`, `(1999)`, `1999.0`, `1999-03-31` or `31.03.1999`; 0 is none."""
    if len(text) == 4 and text.isascii() and text.isdigit():
        return int(text) or None
    found = re.fullmatch(r"\D{0,6}?(-?[0-9]{1,4})(?:\.0+)?\)?", text) or re.search(
        r"(?<!\d)([0-9]{4})(?!\d)", text
    )
    return (int(found[1]) or None) if found else None


def minutes(text: str) -> int | None:
    """A running time: `90`, `90 min`, `1h 30m`, `1:30:00`; 0 is none."""
    if text.isascii() and text.isdigit():
        return int(text) or None
    clock = re.fullmatch(r"([0-9]{1,3}):([0-9]{2})(?::[0-9]{2})?", text)
    spoken = re.fullmatch(
        r"(?:([0-9]+)\s*(?:h|hrs?|hours?|std\.?|stunden?)\W*)?(?:([0-9]+(?:\.0+)?)\s*(?:m|mins?|minutes?|minuten)?\.?)?",
        text.lower(),
    )
    found = clock or spoken
    if found is None or not (found[1] or found[2]):
        return None
    return int(found[1] or 0) * 60 + int(float(found[2] or 0)) or None


def day(text: str, order: str) -> dt.date | None:
    """A date in ISO form, in figures by `order`, or with a month's name; impossible ones are None."""
    try:
        if _ISO.match(text):
            found = dt.date.fromisoformat(text[:10])
            return found if found.year in KNOWN_YEARS else None
        parts = re.split(r"[-/. ,]+", text.split("T")[0].strip().rstrip("."))
        return _named(parts) if re.search(r"[^\W\d]{3}", text) else _figures(parts, order)
    except ValueError:
        return None


def moment(text: str, order: str) -> dt.datetime | dt.date | None:
    """A time with its offset (UTC where the file gives none), or a date alone."""
    if _ISO.match(text) and len(text) > 10:
        try:
            found = dt.datetime.fromisoformat(text)
            if found.year in KNOWN_YEARS:
                return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
        except ValueError:
            pass
    return day(re.sub(r"[ T][0-9]{1,2}:[0-9]{2}.*$", "", text), order)


def stars(text: str) -> Decimal | None:
    """`★★★½` as 3.5."""
    full = text.count("★")
    if not full and text.strip() != "½":
        return None
    return Decimal(full) + (Decimal("0.5") if "½" in text else 0)


def own_rating(text: str, scale: int) -> tuple[int | None, bool]:
    """A rating from 1 to 10 (0 means none), and whether the cell could be read (I3)."""
    given, out_of = stars(text), Decimal(5)
    if given is None:
        fraction = re.fullmatch(r"([0-9.,]+)\s*/\s*(5|10|100)", text)
        given, out_of = number(fraction[1] if fraction else text), Decimal(fraction[2] if fraction else scale)
    if given is None or not 0 <= given <= out_of:
        return None, False
    tenths = int((given * 10 / out_of).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return (max(tenths, 1) if given else None), True


def items(text: str) -> list[str]:
    """A list in a cell, JSON or parted by `|`, `;`, new lines or commas; each once."""
    found = _json_list(text)
    if found is None:
        text = text[:LONGEST_LIST]
        found = re.split(_separator(text) or ",", text)
    named = [_name_in(each) for each in found]
    return list({name.casefold(): name for name in reversed(named) if name}.values())[::-1]


def people(text: str, *, surname_first: bool = False) -> list[tuple[str, str | None]]:
    """Names, with a character where one stands in brackets.

    Commas part names, but "Robert Downey, Jr." is one person, and so is "Pratchett, Terry" where
    other marks part the names. `surname_first` (directors, authors) reads "Newfield, Sam" and
    "Fortenberry, John, Miller, Troy" as people too: pairs of one surname and given names.
    """
    found = _json_list(text)
    if found is not None:
        pairs = [(_name_in(each), _character_in(each)) for each in found]
    else:
        pairs = [_with_character(name) for name in _names(text[:LONGEST_LIST], surname_first)]
    seen: dict[str, tuple[str, str | None]] = {}
    for name, character in pairs:
        if name:
            seen.setdefault(name.casefold(), (name, character))
    return list(seen.values())


def json_object(text: str) -> dict[str, Any] | None:
    """The object a cell holds as JSON; None where it is none or could not be stored."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and _storable(text, found) else None


@dataclass(slots=True)
class Survey:
    """What only the whole file tells: how many rows, each rating's scale, the order of dates."""

    rows: int = 0
    scales: dict[str, int] = field(default_factory=dict)
    dates: str = "DMY"


def survey(rows: Iterable[Mapping[str, str]], ratings: Sequence[str], dates: Sequence[str]) -> Survey:
    """Walk the file once and recognise scales and dates by all its values (I2)."""
    found = Survey()
    highest = dict.fromkeys(ratings, Decimal(0))
    halves = dict.fromkeys(ratings, False)
    balance = dict.fromkeys(ratings, 0)  # how many more values stand above 10 than not
    days_first = months_first = 0
    for row in rows:
        found.rows += 1
        for column in ratings:
            if (cell := row.get(column)) and (given := number(cell.strip())) is not None:
                highest[column] = max(highest[column], given)
                halves[column] = halves[column] or given % 1 != 0
                balance[column] += 1 if given > 10 else -1
        for column in dates:
            if (cell := row.get(column)) and (parts := _FIGURES.match(cell.strip())):
                days_first += int(parts[1]) > 12
                months_first += int(parts[2]) > 12
    for column in ratings:
        out_of_five = highest[column] <= 5 and halves[column]
        # One slip of the pen above 10 must not divide everybody's ratings by ten.
        found.scales[column] = 5 if out_of_five else 100 if balance[column] > 0 else 10
    if months_first > days_first:
        found.dates = "MDY"
    return found


def _names(text: str, surname_first: bool) -> list[str]:
    separator = _separator(text)
    if separator is not None:
        return [_given_first(_joined_suffixes(part.split(","))) for part in re.split(separator, text)]
    if "," not in text:
        return [" ".join(text.split())]
    names = _joined_suffixes(text.split(","))
    inverted = surname_first and len(names) % 2 == 0 and all(map(_is_surname, names[::2]))
    if inverted and all(map(_is_given, names[1::2])):
        return [f"{given} {surname}" for surname, given in zip(names[::2], names[1::2], strict=True)]
    return names


def _joined_suffixes(parts: list[str]) -> list[str]:
    """ "Downey, Jr." is a name and its suffix."""
    names: list[str] = []
    for part in parts:
        name = " ".join(part.split())
        if names and name.replace(".", "").lower() in _SUFFIXES:
            names[-1] += " " + name
        elif name:
            names.append(name)
    return names


def _given_first(parts: list[str]) -> str:
    return f"{parts[1]} {parts[0]}" if len(parts) == 2 else " ".join(parts)


def _is_surname(name: str) -> bool:
    return " " not in name and "." not in name


def _is_given(name: str) -> bool:
    """One given name or initial, with initials after it: "Robert F."."""
    first, *rest = name.split()
    return all(re.fullmatch(r"(?:\w\.)+|\w", each) for each in rest) and "/" not in first


def _with_character(name: str) -> tuple[str, str | None]:
    found = _CHARACTER.fullmatch(name) if name.endswith(")") else None
    return (found[1], found[2].strip() or None) if found else (name, None)


def _separator(text: str) -> str | None:
    return next((re.escape(mark) for mark in ("|", ";", "\n") if mark in text), None)


def _json_list(text: str) -> list[Any] | None:
    if not text.startswith("[") or len(text) > LONGEST_LIST:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and _storable(text, found) else None


def _storable(text: str, found: object) -> bool:
    """Escapes in JSON can spell what no cell could hold."""
    if "\\u" not in text:
        return True
    spelled = json.dumps(found, ensure_ascii=False)
    return "\\u0000" not in spelled and not has_unstorable(spelled)


def _name_in(each: object) -> str:
    if isinstance(each, Mapping):
        each = each.get("name") or each.get("title") or ""
    return " ".join(each.split()) if isinstance(each, str) else ""


def _character_in(each: object) -> str | None:
    found = each.get("character") if isinstance(each, Mapping) else None
    return found if isinstance(found, str) and found else None


def _figures(parts: list[str], order: str) -> dt.date:
    if len(parts) < 3:
        raise ValueError
    first, second, third = (int(part) for part in parts[:3])
    if len(parts[0]) == 4 or order == "YMD":
        return dt.date(_full_year(first, parts[0]), second, third)
    month, day_of_month = (first, second) if order == "MDY" else (second, first)
    return dt.date(_full_year(third, parts[2]), month, day_of_month)


def _named(parts: list[str]) -> dt.date:
    month = next((_MONTHS[key] for part in parts if (key := fold(part)[:3]) in _MONTHS), 0)
    figures = [part for part in parts if part.isdigit()]
    years = [part for part in figures if len(part) == 4]
    days = [
        re.sub(r"(st|nd|rd|th)$", "", part)
        for part in parts
        if re.fullmatch(r"[0-9]{1,2}(st|nd|rd|th)?", part)
    ]
    if not days:
        raise ValueError
    if not years and len(days) > 1:
        years = [days.pop()]
    if not years:
        raise ValueError
    return dt.date(_full_year(int(years[0]), years[0]), month, int(days[0]))


def _full_year(value: int, written: str) -> int:
    if len(written) != 2:
        return value
    return value + (2000 if value < 69 else 1900)


_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|[T ])")
_FIGURES = re.compile(r"([0-9]{1,2})[-/. ]+([0-9]{1,2})[-/. ]+[0-9]{2,4}")
_CHARACTER = re.compile(r"(.*\S)\s*\((?:as )?([^()]*)\)")
_AFTER_A_NAME = "jr sr ii iii iv md phd esq dds mba obe cbe kbe mbe inc ltd llc gmbh"
_SUFFIXES = frozenset(_AFTER_A_NAME.split())
_CURRENCIES = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "CA$": "CAD",
    "A$": "AUD",
    "$": "USD",
    "¥": "JPY",
    "zł": "PLN",
}
_MONTHS = {
    name: place
    for place, names in enumerate(
        (
            "jan",
            "feb",
            "mar mrz mae",
            "apr",
            "may mai",
            "jun",
            "jul",
            "aug",
            "sep",
            "oct okt",
            "nov",
            "dec dez",
        ),
        1,
    )
    for name in names.split()
}
