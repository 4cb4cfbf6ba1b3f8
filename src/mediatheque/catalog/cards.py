"""From rows to what the catalogue's templates show: cards, table rows, an item's page."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mediatheque.core import clock
from mediatheque.core.db import Row
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.spaces import deeds, policy

from . import generated, queries
from .addresses import item_url, url_of_item
from .covers import BACKDROP
from .history import changes
from .loans import is_overdue
from .queries import OF_OWN
from .shapes import decode, own, parts, version_of
from .words import field_word, role_word, source_word

TYPES = {
    "movie": gettext_lazy("Film"),
    "tv_series": gettext_lazy("Series"),
    "tv_episode": gettext_lazy("Episode"),
    "book": gettext_lazy("Book"),
    "comic": gettext_lazy("Comic"),
    "music": gettext_lazy("Album"),
    "game": gettext_lazy("Game"),
    "other": gettext_lazy("Other"),
}
OWNERSHIPS = {
    "owned": gettext_lazy("Owned"),
    "wanted": gettext_lazy("Wanted"),
    "ordered": gettext_lazy("Ordered"),
    "formerly_owned": gettext_lazy("Formerly owned"),
}
STATUSES = {
    "not_watched": gettext_lazy("Not seen yet"),
    "watching": gettext_lazy("In the middle of it"),
    "completed": gettext_lazy("Finished"),
}
HINTS = ("poster_hint", "backdrop_hint")  # where a cover may be fetched: nothing to read
MOST_DRAWN = 5000  # cards, some 2 kB each
BETWEEN = "\x00"  # no text holds it
_drawn: dict[tuple[Any, ...], SafeString] = {}
BYLINE_ROLES = ("director", "creator", "author", "artist", "performer", "composer", "developer", "writer")


def drawn(
    scope: Scope,
    names: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
    at_once: int,
    *,
    drawer: bool = True,
) -> list[SafeString]:
    """Cards of the grid as HTML, the first ones loaded `at_once`; `rows` are values, `names` those for `card`.

    What is on a card decides what it looks like: the same is not drawn again for everybody who looks.
    """
    frame = (scope.space.slug, get_language(), drawer)
    keys = [(*frame, number >= at_once, *row) for number, row in enumerate(rows)]
    found = [_drawn.get(key) for key in keys]
    missing = list(dict.fromkeys(key for key, html in zip(keys, found, strict=True) if html is None))
    if not missing:
        return [html for html in found if html is not None]
    items = [
        _card(frame[0], dict(zip(names, key[4:], strict=True))) | {"drawer": drawer, "lazy": key[3]}
        for key in missing
    ]
    drawn = render_to_string("catalog/_drawn.html", {"items": items}).split(BETWEEN)
    new = {key: mark_safe(html) for key, html in zip(missing, drawn, strict=False)}  # noqa: S308 - it escapes
    if len(_drawn) > MOST_DRAWN:
        _drawn.clear()
    _drawn.update(new)
    return [html if html is not None else new[key] for key, html in zip(keys, found, strict=True)]


def card(scope: Scope, row: Row) -> dict[str, Any]:
    """What a card of the grid shows. `row` has `lists.CARD_COLUMNS`."""
    return _card(scope.space.slug, row)


def _card(slug: str, row: Row) -> dict[str, Any]:
    byline = byline_of(decode(row["people"]))
    address = url_of_item(slug, row["id"])
    return {
        "title": row["title"],
        "url": address,
        "poster_url": poster_url(address, row, byline, 400),
        "square": row["media_type"] == "music",
        "year": row["year"],
        "format": row["format"],
        "rating": rating(row["rating"]),
        "own_status": row["own_status"],
        "people_line": byline,
        "type_label": TYPES[row["media_type"]],
    }


def table_row(scope: Scope, row: Row) -> dict[str, Any]:
    """What a row of the table shows: a card's, and what has a column of its own."""
    return card(scope, row) | {
        "location": row["location"],
        "added": day(scope, row["added_at"]),
    }


def page_item(scope: Scope, row: Row) -> dict[str, Any]:
    """Everything an item's page shows. `row` comes from `queries.whole`."""
    people = decode(row["people"])
    byline = byline_of(people)
    address = item_url(scope, row["id"])
    everywhere = reverse("catalog-all", args=[scope.space.slug])
    library = next(each for each in scope.libraries if each.id == row["library_id"])
    metadata = decode(row["metadata"])
    return {
        **{name: row[name] for name in (
            "title", "original_title", "year", "genres", "overview", "format", "location", "certification",
            "network", "notes",
        )},
        "tags": [(each, f"{everywhere}?{urlencode({'tag': each})}") for each in row["tags"]],
        "poster_url": poster_url(address, row, byline, 800),
        "square": row["media_type"] == "music",
        "type_label": TYPES[row["media_type"]],
        "byline": byline,
        "runtime": _("%(minutes)s min") % {"minutes": row["runtime"]} if row["runtime"] else "",
        "rating": rating(row["rating"]),
        "ownership_label": OWNERSHIPS[row["ownership"]],
        "library_name": library.name,
        "facts": facts(scope, row),
        "people": credits_of(scope, people),
        "variants": [_variant(scope, address, each) for each in parts(row["variants"])],
        "seasons": [_season(address, each) for each in parts(row["seasons"])],
        "metadata": [(key.replace("_", " "), each) for key, each in metadata.items() if key not in HINTS],
        "links": [(_("Trailer"), row["trailer_url"])] if row["trailer_url"] else [],
        "record": record(scope, row),
        "url": address,
        "edit_url": f"{address}/edit",
        "delete_url": f"{address}/delete",
        "cover_url": f"{address}/cover",
        "cover_delete_url": f"{address}/cover/delete" if row["poster"] else None,
        "backdrop": _backdrop(address, row["backdrop"]),
        "backdrop_url": f"{address}/backdrop",
        "backdrop_delete_url": f"{address}/backdrop/delete" if row["backdrop"] else None,
        "add_variant_url": f"{address}/variants/new",
        "add_season_url": f"{address}/seasons/new" if row["media_type"] == "tv_series" else None,
        "metadata_url": f"{address}/metadata",
        "own": own(*(row[name] for name in OF_OWN))
        or {"status": "not_watched", "rating": None, "on_watchlist": False},
        "own_url": f"{address}/own",
        "statuses": list(STATUSES.items()),
        "ratings": [(value, stars(value)) for value in range(10, 0, -1)],
    }  # fmt: skip


def _variant(scope: Scope, address: str, row: Row) -> dict[str, Any]:
    copy = f"{address}/variants/{show_id('variant', row['id'])}"
    lent = open_loan(row)
    told = (
        {name: date.fromisoformat(lent[name]) if lent[name] else None for name in ("since", "due")}
        if lent
        else {}
    )
    return row | {
        "url": copy,
        "lend_url": f"{copy}/lend",
        "return_url": f"{copy}/return",
        "loan": loan(scope, lent["to"], told["since"], told["due"]) if lent else None,
    }


def open_loan(variant: Row) -> dict[str, Any] | None:
    """The copy's loan as the database gave it: `to`, `since`, `due`."""
    found: dict[str, Any] | None = (
        decode(variant["loan"]) if isinstance(variant["loan"], str) else variant["loan"]
    )
    return found


def loan(scope: Scope, borrower: str, since: date | None, due: date | None) -> dict[str, Any]:
    """A loan in words: who has it, since when, until when, and whether that has passed."""
    text = _("with %(name)s since %(day)s") % {"name": borrower, "day": day(scope, since) if since else "?"}
    return {
        "text": text,
        "due": day(scope, due) if due else "",
        "due_day": date_format(due, "j") if due else "",
        "due_month": date_format(due, "M Y") if due else "",
        "overdue": is_overdue(scope, due),
    }


def may_change(scope: Scope, row: Row) -> bool:
    """Whether the person may change this item: own additions, or others' by role (P10)."""
    own = row["added_by"] == scope.user_id
    return policy.allows(scope, "media.change_own" if own else "media.change_others")


def series_link(scope: Scope, row: Row) -> tuple[str, str] | None:
    """An episode's series: its title and address."""
    if row["series_id"] is None:
        return None
    return queries.media(scope, row["series_id"])["title"], item_url(scope, row["series_id"])


def by_season(scope: Scope, rows: Sequence[Row]) -> list[tuple[str, list[dict[str, str]]]]:
    """A series' episodes under the names of their seasons."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        details = decode(row["details"])
        season, number = details.get("season"), details.get("number")
        name = (
            _("Season %(number)s") % {"number": season}
            if season
            else _("Specials")
            if season == 0
            else _("Other episodes")
        )
        shown = {
            "number": "" if number is None else str(number),
            "title": details.get("episode_title") or row["title"],
            "url": item_url(scope, row["id"]),
            "format": row["format"],
        }
        found.setdefault(name, []).append(shown)
    return list(found.items())


def _season(address: str, row: Row) -> dict[str, Any]:
    return row | {
        "available": row["available_episodes"],
        "expected": row["expected_episodes"],
        "url": f"{address}/seasons/{show_id('season', row['id'])}",
    }


def poster_url(address: str, row: Row, byline: str, width: int) -> str:
    """The cover of the item at this address, else a generated one; always an address."""
    if row["poster"] is None:
        return generated.address(row["media_type"], row["title"], byline)
    version = version_of(decode(row["poster"]))
    return f"{address}/cover?v={version}&size={width}"


def _backdrop(address: str, stored: str | None) -> dict[str, str] | None:
    """Where the background is, in both widths."""
    if stored is None:
        return None
    small, large = BACKDROP.widths
    base = f"{address}/backdrop?v={version_of(decode(stored), large)}"
    return {"small": f"{base}&size={small}", "large": f"{base}&size={large}"}


def byline_of(people: Sequence[Mapping[str, Any]]) -> str:
    """Who made it: the first two names of the first role that counts."""
    for role in BYLINE_ROLES:
        names = [each["name"] for each in people if each["role"] == role]
        if names:
            return ", ".join(names[:2])
    return ""


def credits_of(scope: Scope, people: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """People by role, each with the list of what else they did."""
    everywhere = reverse("catalog-all", args=[scope.space.slug])
    found: dict[str, list[tuple[str, str]]] = {}
    for each in people:
        filters = {"director": "director", "actor": "cast"}
        query = urlencode({filters.get(each["role"], "q"): each["name"]})
        found.setdefault(each["role"], []).append((each["name"], f"{everywhere}?{query}"))
    return [(role_word(role), names) for role, names in found.items()]


def facts(scope: Scope, row: Row) -> list[tuple[str, str]]:
    """Labelled values that only some items have."""
    found: list[tuple[str, str]] = []
    if row["release_date"]:
        found.append((_("Released"), day(scope, row["release_date"])))
    if row["network"]:
        found.append((_("Network"), row["network"]))
    for name, value in decode(row["details"]).items():
        shown = _("%(count)s tracks") % {"count": len(value)} if isinstance(value, list) else str(value)
        found.append((field_word(name), shown))
    for label, name in ((_("Signed"), "signed"), (_("Value"), "value")):
        if row[name]:
            found.append((label, " · ".join(str(each) for each in decode(row[name]).values() if each)))
    return found


def record(scope: Scope, row: Row) -> list[tuple[str, str]]:
    """Where the record comes from."""
    found = [(_("Added"), " · ".join(filter(None, (day(scope, row["added_at"]), row["added_by_name"]))))]
    if row["import_source"]:
        found.append((_("Imported from"), source_word(row["import_source"])))
    found += [(each["provider"].upper(), each["id"]) for each in decode(row["external_ids"])]
    return found


def day(scope: Scope, moment: date | datetime) -> str:
    """The date in the space's time zone and the reader's language."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(ZoneInfo(scope.space.time_zone))
    return date_format(moment, "DATE_FORMAT")


def today(scope: Scope) -> str:
    """Weekday and day of the month where the space is."""
    return date_format(clock.now().astimezone(ZoneInfo(scope.space.time_zone)), _("l, j F"))


def stars(own_rating: int | None) -> str:
    """One's own rating, 1 to 10, as half steps of five stars (W1)."""
    return "★" * (own_rating // 2) + "½" * (own_rating % 2) if own_rating else ""


def rating(tenths: int | None) -> str:
    return "" if tenths is None else _written(tenths, get_language())


@lru_cache(512)
def _written(tenths: int, _language: str | None) -> str:
    """Of ten, as the reader's language writes it."""
    return str(number_format(f"{tenths / 10:g}"))


def told(scope: Scope, rows: Sequence[Row]) -> dict[str, str]:
    """What one request did to an item in one line: who, what, which fields."""
    told = deeds.told(rows, lambda row: str(row["table_name"]))
    made = {row["row_id"] for row in rows if row["action"] == "insert"}
    changed = [row for row in reversed(rows) if row["action"] == "update" and row["row_id"] not in made]
    names = dict.fromkeys(field_word(each["field"]) for row in changed for each in changes(row))
    who = f"{rows[0]['actor_name'] or _('Someone')} {', '.join(told)}"
    return {"when": day(scope, rows[0]["at"]), "text": " · ".join(filter(None, (who, ", ".join(names))))}
