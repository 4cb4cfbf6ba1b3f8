"""What a catalogue record may say (C1), and the one written form of its identifiers (I3)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from mediatheque.core.text import has_visible

MEDIA_TYPES: Final = ("movie", "tv_series", "tv_episode", "book", "comic", "music", "game", "other")
OWNERSHIP: Final = ("owned", "wanted", "ordered", "formerly_owned")
MOST_TAGS: Final = 50
ROLES: Final = (
    "director", "writer", "actor", "producer", "composer", "cinematographer", "editor", "creator",
    "author", "translator", "narrator", "illustrator", "artist", "performer", "conductor",
    "developer", "publisher",
)  # fmt: skip
FORMATS: Final = ("Digital", "DVD", "Blu-ray", "4K UHD", "VHS", "LaserDisc", "CD", "Vinyl", "Cassette",
                  "Paperback", "Hardcover", "E-book", "Audiobook")  # fmt: skip
FILM_TYPES: Final = frozenset({"movie", "tv_series", "tv_episode"})

# The oldest surviving film is of 1888 and some catalogues date magic lanterns earlier; books,
# music and the rest are dated by the work, and the oldest texts are far older than year 1.
FILM_YEARS: Final = (1800, 2200)
WORK_YEARS: Final = (-3000, 2200)
UNKNOWN_YEAR_KEY: Final = -32768  # a smallint below every year: unknown years end a descending list


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why a field is refused; `code` is stable, `message` is for people."""

    field: str
    message: str
    code: str


def year_key(year: int | None) -> int:
    """What years are ordered by: the year itself, the unknown below all of them."""
    return UNKNOWN_YEAR_KEY if year is None else year


def normal_barcode(raw: str) -> str | None:
    """A barcode as 13 digits, or None where the text is none (I3).

    UPC-A and EAN-8 are EAN-13 with zeros in front; leading zeros that a spreadsheet ate come back
    where the check digit agrees; ISBN-10 becomes 13. Twelve and thirteen digits are kept even when
    the check digit is wrong (`barcode_checks` tells): shops print such codes.
    """
    code = _bare_code(raw)
    if len(code) == 10 and (isbn := normal_isbn(code)) is not None:
        return isbn
    if not (code.isascii() and code.isdigit()) or not code.strip("0"):
        return None
    if len(code) == 14 and code[0] == "0":
        code = code[1:]
    if len(code) in (12, 13):
        return code.zfill(13)
    if 8 <= len(code) <= 11 and barcode_checks(code.zfill(13)):
        return code.zfill(13)
    return None


def barcode_checks(code: str) -> bool:
    """Whether the last of 13 digits is the check digit of the others."""
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(code))
    return weighed % 10 == 0


def normal_isbn(raw: str) -> str | None:
    """An ISBN as 13 digits, or None where its checksum does not hold (I3)."""
    code = _bare_code(raw).upper().removeprefix("ISBN").lstrip(":")
    if re.fullmatch(r"97[89][0-9]{10}", code):
        return code if barcode_checks(code) else None
    if len(code) == 9 and code.isascii() and code.isdigit():
        code = "0" + code
    if not re.fullmatch(r"[0-9]{9}[0-9X]", code):
        return None
    weighed = sum((10 if digit == "X" else int(digit)) * (10 - place) for place, digit in enumerate(code))
    if weighed % 11 or not code.strip("0"):
        return None
    body = "978" + code[:9]
    return body + next(digit for digit in "0123456789" if barcode_checks(body + digit))


def normal_imdb(raw: str) -> str | None:
    """An IMDb title as `tt` and at least seven digits, from an id, a number or an address (I3)."""
    found = _IMDB.fullmatch(raw.strip()) or _IMDB_URL.search(raw)
    number = found[1].lstrip("0") if found else ""
    return f"tt{number.zfill(7)}" if number else None


def normal_tmdb(raw: str) -> str | None:
    """A TMDB number without zeros in front, from a number or an address."""
    found = _TMDB.fullmatch(raw.strip()) or _TMDB_URL.search(raw)
    return (found[1].lstrip("0") or None) if found else None


def normal_format(raw: str) -> str:
    """A format in the catalogue's spelling; one it does not know stays as written."""
    bare = " ".join(raw.split())
    return _FORMAT_NAMES.get(re.sub(r"[^a-z0-9]", "", bare.lower()), bare)


def normal_resolution(raw: str) -> str | None:
    """`SD`, `720p`, `1080p` or `4K` (C3), or None where the text names none of them."""
    return _RESOLUTIONS.get(re.sub(r"[^a-z0-9]", "", raw.lower()))


def check_media(fields: Mapping[str, Any], *, partial: bool = False) -> list[FieldError]:
    """What is wrong with the fields of a media item; those absent are not checked (C1).

    `partial` for an edit: title and media type need not be there. Pass the media type even then,
    year and details are judged by it.
    """
    errors = [] if partial else _missing(fields)
    media_type = fields.get("media_type")
    for field, check in _CHECKS.items():
        value = fields.get(field)
        if value is not None and (problem := check(value)) is not None:
            errors.append(FieldError(field, problem, f"{field}.invalid"))
    for field in ("title", "media_type"):
        if partial and field in fields and fields[field] is None:
            errors.append(FieldError(field, _("It cannot be empty."), f"{field}.required"))
    if (problem := year_problem(media_type, fields.get("year"))) is not None:
        errors.append(FieldError("year", problem, "year.invalid"))
    if fields.get("details") is not None:
        errors += check_details(media_type, fields["details"])
    return errors


def year_problem(media_type: str | None, year: object) -> str | None:
    """Why the year cannot be, or None; wider for what is older than film."""
    if year is None:
        return None
    low, high = FILM_YEARS if media_type in FILM_TYPES else WORK_YEARS
    if not _is_int(year) or year == 0 or not low <= year <= high:  # type: ignore[operator]
        range_ = {"low": low, "high": high}
        if low < 0:
            return _("The year must be a whole number from %(low)s to %(high)s, and not 0.") % range_
        return _("The year must be a whole number from %(low)s to %(high)s.") % range_
    return None


def check_details(media_type: str | None, details: object) -> list[FieldError]:
    """What is wrong with the fields that only one media type has (C1); fields are `details.<name>`."""
    if not isinstance(details, Mapping):
        return [FieldError("details", _("Details must be an object."), "details.invalid")]
    known = DETAILS.get(media_type or "", {})
    errors = []
    for name, value in details.items():
        check = known.get(name)
        if check is None:
            message = _("This kind of title has no “%(name)s”; it has: %(known)s.") % {
                "name": name,
                "known": ", ".join(known) or "–",
            }
            errors.append(FieldError(f"details.{name}", message, "details.unknown"))
        elif value is not None and (problem := check(value)) is not None:
            errors.append(FieldError(f"details.{name}", problem, "details.invalid"))
    return errors


def _missing(fields: Mapping[str, Any]) -> list[FieldError]:
    return [
        FieldError(field, _("It is required."), f"{field}.required")
        for field in ("title", "media_type")
        if fields.get(field) is None
    ]


def _bare_code(raw: str) -> str:
    """Without a spreadsheet's `="…"` and `.0`, spaces and dashes."""
    bare = re.sub(r"[\s\-‐‑–'\"=]", "", raw)
    return re.sub(r"(?<=\d)\.0+$", "", bare)


def _spoken(number: int) -> str:
    """With the marks for thousands that the reader's language uses."""
    return number_format(number, force_grouping=True)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


Check = Callable[[Any], str | None]


def _text(longest: int, *, shortest: int = 0) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return _("It must be text.")
        if len(value.strip()) < shortest:
            return _("It cannot be empty.")
        if value.strip() and not has_visible(value):
            return _("There is nothing to be seen in it: write it again.")
        if len(value) > longest:
            return _("It may have at most %(most)s characters.") % {"most": _spoken(longest)}
        return None

    return check


def _whole(low: int, high: int) -> Check:
    def check(value: Any) -> str | None:
        if _is_int(value) and low <= value <= high:
            return None
        range_ = {"low": _spoken(low), "high": _spoken(high)}
        return _("It must be a whole number from %(low)s to %(high)s.") % range_

    return check


def _rating(value: Any) -> str | None:
    try:
        inside = not isinstance(value, bool | str) and 0 <= float(value) <= 10
    except (TypeError, ValueError, OverflowError):
        inside = False
    return None if inside else _("A rating is a number from 0 to 10.")


def _one_of(*allowed: str) -> Check:
    return lambda value: (
        None if value in allowed else _("It must be one of %(words)s.") % {"words": ", ".join(allowed)}
    )


def _address(value: Any) -> str | None:
    wanted = _("It must be an address that begins with http:// or https://.")
    if not isinstance(value, str) or len(value) > 2000 or re.search(r"[\s\x00-\x1f]", value):
        return wanted
    if value == "":
        return None
    try:
        parts = urlsplit(value)
        return None if parts.scheme in ("http", "https") and parts.hostname else wanted
    except ValueError:
        return wanted


def _date(value: Any) -> str | None:
    if isinstance(value, date):
        return None
    wanted = _("It must be a date such as 1999-03-31.")
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return wanted
    try:
        date.fromisoformat(value)
    except ValueError:
        return wanted
    return None


def _date_or_month(value: Any) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value):
        return None
    if _date(value) is None:
        return None
    return _("It must be a date or a month, such as 1999-03-31 or 1999-03.")


def _isbn(value: Any) -> str | None:
    valid = isinstance(value, str) and (value == "" or normal_isbn(value) is not None)
    return None if valid else _("It is not an ISBN: its check digit does not hold.")


def _genres(value: Any) -> str | None:
    if not isinstance(value, list | tuple) or len(value) > 50:
        return _("Genres are a list of at most 50 names.")
    if all(_name(each, 100) for each in value):
        return None
    return _("A genre is a name of at most 100 characters.")


def _tags(value: Any) -> str | None:
    if not isinstance(value, list | tuple) or len(value) > MOST_TAGS:
        return _("Tags are a list of at most %(most)s names.") % {"most": MOST_TAGS}
    if all(_name(each, 100) for each in value):
        return None
    return _("A tag is a name of at most 100 characters.")


def _people(value: Any) -> str | None:
    if not isinstance(value, list | tuple) or len(value) > 500:
        return _("People are a list of at most 500.")
    for each in value:
        if not isinstance(each, Mapping) or not _name(each.get("name"), 200):
            return _("Each person needs a name of at most 200 characters.")
        if not isinstance(each.get("role"), str) or not _ROLE.fullmatch(each["role"]):
            return _("A role is a word in lower case, such as director or actor.")
        if _text(300)(each.get("character") or "") is not None:
            return _("A character is a text of at most 300 characters.")
    return None


def _tracks(value: Any) -> str | None:
    if not isinstance(value, list | tuple) or len(value) > 1000:
        return _("Tracks are a list of at most %(most)s.") % {"most": _spoken(1000)}
    for each in value:
        title = each.get("title") if isinstance(each, Mapping) else each
        if not _name(title, 500):
            return _("Each track needs a title of at most 500 characters.")
        seconds = each.get("seconds") if isinstance(each, Mapping) else None
        if seconds is not None and _whole(0, 1_000_000)(seconds) is not None:
            return _("The length of a track is a whole number of seconds.")
    return None


def _name(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value.strip()) <= longest and has_visible(value)


_CHECKS: Final[dict[str, Check]] = {
    "title": _text(500, shortest=1),
    "media_type": _one_of(*MEDIA_TYPES),
    "original_title": _text(500),
    "sort_title": _text(500),
    "ownership": _one_of(*OWNERSHIP),
    "certification": _text(50),
    "release_date": _date,
    "overview": _text(50_000),
    "runtime": _whole(0, 100_000),
    "genres": _genres,
    "tags": _tags,
    "people": _people,
    "rating": _rating,
    "network": _text(500),
    "trailer_url": _address,
    "location": _text(500),
    "notes": _text(100_000),
}

DETAILS: Final[dict[str, dict[str, Check]]] = {
    "music": {"tracks": _tracks, "label": _text(300), "catalogue_number": _text(100)},
    "book": {"isbn": _isbn, "publisher": _text(300), "pages": _whole(1, 100_000), "edition": _text(300)},
    "comic": {"series": _text(500), "issue": _text(50), "cover_date": _date_or_month},
    "game": {"platform": _text(200), "developer": _text(300)},
    "tv_episode": {
        "season": _whole(0, 10_000),
        "number": _whole(0, 100_000),
        "episode_title": _text(500),
    },
}

_ROLE = re.compile(r"[a-z][a-z_ -]{0,39}")
_IMDB = re.compile(r"(?:tt)?0*([0-9]{1,12})", re.IGNORECASE)
_IMDB_URL = re.compile(r"\btt([0-9]{5,12})\b")
_TMDB = re.compile(r"([0-9]{1,12})(?:\.0)?")
_TMDB_URL = re.compile(r"\b(?:movie|tv)/([0-9]{1,12})")
_FORMAT_NAMES = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in FORMATS} | {
    "bd": "Blu-ray", "bluraydisc": "Blu-ray", "bluray3d": "Blu-ray 3D", "bdr": "Blu-ray",
    "uhd": "4K UHD", "4k": "4K UHD", "ultrahd": "4K UHD", "4kultrahd": "4K UHD", "uhdbluray": "4K UHD",
    "4kbluray": "4K UHD", "ultrahdbluray": "4K UHD", "4kultrahdbluray": "4K UHD",
    "dvdvideo": "DVD", "dvdr": "DVD", "vhstape": "VHS", "ld": "LaserDisc", "compactdisc": "CD",
    "audiocd": "CD",
    "lp": "Vinyl", "tape": "Cassette", "digitalcopy": "Digital", "file": "Digital", "download": "Digital",
    "softcover": "Paperback", "taschenbuch": "Paperback", "hardback": "Hardcover", "gebunden": "Hardcover",
    "ebook": "E-book", "kindle": "E-book", "kindleedition": "E-book",
}  # fmt: skip
_RESOLUTIONS = {
    "sd": "SD", "480p": "SD", "480i": "SD", "576p": "SD", "576i": "SD", "720p": "720p", "720": "720p",
    "1080p": "1080p", "1080i": "1080p", "1080": "1080p", "fullhd": "1080p", "fhd": "1080p",
    "4k": "4K", "2160p": "4K", "2160": "4K", "uhd": "4K",
}  # fmt: skip
