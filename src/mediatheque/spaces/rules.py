"""Pure decisions about spaces: their slugs, time zones, metadata, and what a library template sets."""

import json
import re
import unicodedata
import zoneinfo
from collections.abc import Mapping
from typing import Any

TEMPLATES = {
    "films": "movie",
    "series": "tv_series",
    "books": "book",
    "music": "music",
    "games": "game",
    "comics": "comic",
}
MEDIA_TYPES = ("movie", "tv_series", "tv_episode", "book", "comic", "music", "game", "other")
# What a library's table may show beside the title, in this order where nobody chose one.
COLUMNS = ("people", "year", "type", "format", "location", "date_added", "rating")
COLUMNS_OF_TEMPLATES = {
    "films": ("people", "year", "format", "rating", "date_added"),
    "series": ("year", "format", "location", "rating"),
    "books": ("people", "year", "format", "location"),
    "music": ("people", "year", "format", "location"),
    "games": ("people", "year", "format", "rating"),
    "comics": ("people", "year", "location", "date_added"),
}
METADATA_BYTES = 16 * 1024
SLUG_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# ß, æ and their kin do not fall apart in NFKD.
_SPELLED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "’": "", "'": ""}
)


def slug(name: str, ending: str) -> str:
    """The space's part of an address: its name in plain letters and a random ending (S1)."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_SPELLED))
    letters = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")
    return f"{letters[:60].strip('-') or 'space'}-{ending}"


def is_time_zone(name: str) -> bool:
    """Whether IANA knows the zone."""
    return name in zoneinfo.available_timezones()


def fits(metadata: Mapping[str, Any]) -> bool:
    """Whether metadata stays within its 16 kB."""
    return len(json.dumps(metadata, ensure_ascii=False).encode()) <= METADATA_BYTES
