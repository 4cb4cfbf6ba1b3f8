"""Writes of what hangs on an item: variants, seasons, key-value metadata (C6, C7, C9)."""

import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, FieldError, Malformed, NotFound, RuleBroken, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import has_unstorable, has_visible

from . import actions, fields, queries, tables
from .rules import check_media, normal_barcode, normal_format, normal_resolution

VARIANT_TEXTS = {"format": 60, "edition": 200, "path": 2000, "location": 500, "condition": 60}
MOST_EPISODES = 10_000
LONGEST_KEY, LONGEST_VALUE, MOST_KEYS = 100, 10_000, 200


def create_variant(scope: Scope, media_id: UUID, given: Mapping[str, Any]) -> Row:
    """One more copy, edition or file of the item; the first one gives the item its format (C6)."""
    item = actions.changeable(scope, media_id)
    identity = new_id()
    tables.insert("variants", _of_item(scope, item) | _variant(given) | {"id": identity})
    actions.keep_format(scope, media_id)
    return queries.variant(scope, media_id, identity)


def update_variant(scope: Scope, media_id: UUID, variant_id: UUID, given: Mapping[str, Any]) -> Row:
    """Changes what is given; null clears."""
    actions.changeable(scope, media_id)
    queries.variant(scope, media_id, variant_id)
    if stored := _variant(given):
        tables.update("variants", scope.space_id, variant_id, stored)
        actions.keep_format(scope, media_id)
    return queries.variant(scope, media_id, variant_id)


def delete_variant(scope: Scope, media_id: UUID, variant_id: UUID) -> None:
    actions.changeable(scope, media_id)
    _delete("variants", scope, media_id, variant_id)
    actions.keep_format(scope, media_id)


def create_season(scope: Scope, media_id: UUID, given: Mapping[str, Any]) -> Row:
    """A season of a series that the space owns or wants, each number once, 0 for specials (C7)."""
    item = actions.changeable(scope, media_id)
    if item["media_type"] != "tv_series":
        message = _("Only a series has seasons.")
        raise RuleBroken.at("media_type", message, "season.not_a_series")
    identity = new_id()
    stored = _season(given, {})
    expected, available = stored.get("expected_episodes"), stored.get("available_episodes")
    stored.setdefault("is_complete", bool(expected) and (available or 0) >= (expected or 0))
    with translating({"seasons_once": _season_taken(given["number"])}):
        tables.insert("seasons", _of_item(scope, item) | stored | {"id": identity})
    return _one(queries.seasons(scope, media_id), identity)


def update_season(scope: Scope, media_id: UUID, season_id: UUID, given: Mapping[str, Any]) -> Row:
    """Changes what is given; null clears."""
    actions.changeable(scope, media_id)
    before = _one(queries.seasons(scope, media_id), season_id)
    if stored := _season(given, before):
        with translating({"seasons_once": _season_taken(given.get("number"))}):
            tables.update("seasons", scope.space_id, season_id, stored)
    return _one(queries.seasons(scope, media_id), season_id)


def delete_season(scope: Scope, media_id: UUID, season_id: UUID) -> None:
    actions.changeable(scope, media_id)
    _delete("seasons", scope, media_id, season_id)


def set_metadata(
    scope: Scope, media_id: UUID, given: Mapping[str, str | None], *, whole: bool
) -> dict[str, str]:
    """Sets the keys that are given, null removes one; `whole` removes those that are not given (C9)."""
    item = actions.changeable(scope, media_id)
    _check_metadata(given)
    before = queries.metadata(scope, media_id)
    kept = {key.strip(): value for key, value in given.items()}
    gone = [key for key in before if (kept.get(key, "") is None) or (whole and key not in kept)]
    wanted = {key: value for key, value in kept.items() if value is not None and before.get(key) != value}
    if len(before) - len(gone) + len(set(wanted) - set(before)) > MOST_KEYS:
        message = _("An item has at most %(most)s keys.") % {"most": MOST_KEYS}
        raise RuleBroken.at("metadata", message, "metadata.too_many")
    if gone:
        db.execute(
            "delete from media_metadata where space_id = %s and media_id = %s and key = any(%s)",
            [scope.space_id, media_id, gone],
        )
    for key, value in wanted.items():
        _set_key(scope, item, key, value)
    return queries.metadata(scope, media_id)


def _set_key(scope: Scope, item: Row, key: str, value: str) -> None:
    changed = db.execute(
        "update media_metadata set value = %s where space_id = %s and media_id = %s and key = %s",
        [value, scope.space_id, item["id"], key],
    )
    if not changed:
        tables.insert("media_metadata", _of_item(scope, item) | {"id": new_id(), "key": key, "value": value})


def _check_metadata(given: Mapping[str, str | None]) -> None:
    if any(has_unstorable(key) or has_unstorable(value or "") for key, value in given.items()):
        raise Malformed(_("Remove the character that cannot be stored."), code="unstorable_text")
    faults = []
    for key, value in given.items():
        if len(key.strip()) > LONGEST_KEY or not has_visible(key):
            message = _("A key has 1 to %(most)s characters.") % {"most": LONGEST_KEY}
            faults.append(FieldError(key[:LONGEST_KEY], message, "metadata.key"))
        if len(value or "") > LONGEST_VALUE:
            message = _("A value has at most %(most)s characters.") % {"most": LONGEST_VALUE}
            faults.append(FieldError(key[:LONGEST_KEY], message, "metadata.value"))
    fields.refuse(faults)


def _variant(given: Mapping[str, Any]) -> dict[str, Any]:
    """The variant's columns. Raises RuleBroken with every fault."""
    faults = [
        FieldError(name, _("It may have at most %(most)s characters.") % {"most": most}, f"{name}.invalid")
        for name, most in VARIANT_TEXTS.items()
        if len(given.get(name) or "") > most
    ]
    stored: dict[str, Any] = {name: given[name] or "" for name in VARIANT_TEXTS if name in given}
    if "format" in stored:
        stored["format"] = normal_format(stored["format"])
    faults += _identified(given, stored) + _bought(given, stored)
    fields.refuse(faults)
    return stored


def _identified(given: Mapping[str, Any], stored: dict[str, Any]) -> list[FieldError]:
    faults = []
    if "barcode" in given:
        stored["barcode"] = normal_barcode(given["barcode"]) if given["barcode"] else ""
        if stored["barcode"] is None:
            message = _("It is not a barcode (UPC or EAN) and not an ISBN.")
            faults.append(FieldError("barcode", message, "barcode.invalid"))
    if "resolution" in given:
        stored["resolution"] = normal_resolution(given["resolution"]) if given["resolution"] else ""
        if stored["resolution"] is None:
            message = _("It must be one of SD, 720p, 1080p, 4K.")
            faults.append(FieldError("resolution", message, "resolution.invalid"))
    return faults


def _bought(given: Mapping[str, Any], stored: dict[str, Any]) -> list[FieldError]:
    faults = []
    if "purchased_on" in given:
        stored["purchased_on"] = given["purchased_on"] or None
        wrong = check_media({"release_date": stored["purchased_on"]}, partial=True)
        faults += [FieldError("purchased_on", each.message, "purchased_on.invalid") for each in wrong]
    if "price" in given:
        price = stored["price"] = given["price"]
        if price is not None and not (math.isfinite(price) and 0 <= price < 1e9):
            message = _("It must be an amount from 0 up.")
            faults.append(FieldError("price", message, "price.invalid"))
        elif price is not None and round(price, 2) != price:
            message = _("A price has at most two decimals: 9.99.")
            faults.append(FieldError("price", message, "price.invalid"))
    if "currency" in given:
        stored["currency"] = given["currency"] or ""
        if stored["currency"] and not fields.CURRENCY.fullmatch(stored["currency"]):
            message = _("A currency is three capitals: EUR.")
            faults.append(FieldError("currency", message, "currency.invalid"))
    return faults


def _season(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The season's columns. Raises RuleBroken with every fault."""
    faults = []
    for name in ("number", "expected_episodes", "available_episodes"):
        number = given.get(name)
        empty_number = name == "number" and name in given and number is None
        if empty_number or (number is not None and not 0 <= number <= MOST_EPISODES):
            message = _("It must be a whole number from 0 to %(most)s.") % {"most": MOST_EPISODES}
            faults.append(FieldError(name, message, f"{name}.invalid"))
    after = {**before, **given}
    expected, available = after.get("expected_episodes"), after.get("available_episodes")
    if not faults and expected is not None and available is not None and available > expected:
        message = _("There cannot be more episodes here than there are (%(all)s).") % {"all": expected}
        faults.append(FieldError("available_episodes", message, "available_episodes.invalid"))
    if len(given.get("title") or "") > 500:
        faults.append(FieldError("title", _("It may have at most 500 characters."), "title.invalid"))
    fields.refuse(faults)
    stored = dict(given)
    if "title" in stored:
        stored["title"] = stored["title"] or ""
    if stored.get("is_complete", False) is None:
        del stored["is_complete"]
    return stored


def _season_taken(number: int | None) -> Conflict:
    message = _("Season %(number)s is there already.") % {"number": number}
    errors = [FieldError("number", message, "season.taken")]
    return Conflict(message, code="season.taken", errors=errors)


def _of_item(scope: Scope, item: Row) -> dict[str, Any]:
    return {"space_id": scope.space_id, "library_id": item["library_id"], "media_id": item["id"]}


def _one(rows: list[Row], identity: UUID) -> Row:
    found = next((each for each in rows if each["id"] == identity), None)
    if found is None:
        raise NotFound()
    return found


def _delete(table: str, scope: Scope, media_id: UUID, identity: UUID) -> None:
    gone = db.execute(
        f"delete from {table} where space_id = %s and media_id = %s and id = %s",
        [scope.space_id, media_id, identity],
    )
    if not gone:
        raise NotFound()
