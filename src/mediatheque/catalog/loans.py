"""Copies in somebody else's hands: lent, extended, taken back, and who has what (C6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from mediatheque.core import clock, db
from mediatheque.core.api import make_cursor, read_cursor
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, FieldError, RuleBroken, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import has_visible

from . import actions, fields, queries, tables
from .rules import check_media

LONGEST_BORROWER = 200
COLUMNS = "l.id, l.variant_id, l.borrower, l.since, l.due, l.back"
LAST_DAY = date.max  # loans without a due date stand behind all others


@dataclass(frozen=True, slots=True)
class Lent:
    """A part of what is lent out, and the cursor after it."""

    rows: list[Row]
    next_cursor: str | None


def lend(scope: Scope, media_id: UUID, variant_id: UUID, given: Mapping[str, Any]) -> Row:
    """A copy goes to somebody: `to`, `since` (today by default), `due` or null; the copy with its loan.

    Raises RuleBroken, and Conflict while the copy is lent out already: the database holds one open loan each.
    """
    item = actions.changeable(scope, media_id)
    queries.variant(scope, media_id, variant_id)
    stored = _loan(scope, {"since": None, "due": None, **given})
    taken = Conflict(_("This copy is lent out already: take it back first."), code="loan.open")
    with translating({"loans_one_open": taken, "loans_due": _due_too_early()}):
        tables.insert("loans", stored | {
            "id": new_id(), "space_id": scope.space_id, "library_id": item["library_id"], "media_id": media_id,
            "variant_id": variant_id,
        })  # fmt: skip
    return queries.variant(scope, media_id, variant_id)


def change_loan(scope: Scope, media_id: UUID, variant_id: UUID, given: Mapping[str, Any]) -> Row:
    """The open loan's `to`, `since` or `due`; a new due date will be reminded of anew. Raises Conflict."""
    actions.changeable(scope, media_id)
    queries.variant(scope, media_id, variant_id)
    stored = _loan(scope, given)
    if stored:
        with translating({"loans_due": _due_too_early()}):
            _change_open(scope, media_id, variant_id, stored)
    return queries.variant(scope, media_id, variant_id)


def take_back(scope: Scope, media_id: UUID, variant_id: UUID, given: Mapping[str, Any]) -> Row:
    """The copy is here again, since `back` (today by default). Raises Conflict where it is not lent out."""
    actions.changeable(scope, media_id)
    queries.variant(scope, media_id, variant_id)
    fields.refuse(_date_faults(given, "back"))
    early = RuleBroken.at("back", _("It cannot come back before it was lent."), "back.invalid")
    with translating({"loans_back": early}):
        _change_open(scope, media_id, variant_id, {"back": given.get("back") or today(scope)})
    return queries.variant(scope, media_id, variant_id)


def loans(scope: Scope, media_id: UUID) -> list[Row]:
    """Every loan of the item's copies, open and earlier ones, newest first. Raises NotFound."""
    queries.media(scope, media_id)
    return db.rows(
        f"select {COLUMNS} from loans l where l.space_id = %s and l.library_id = any(%s) and l.media_id = %s "
        "order by l.since desc, l.id desc",
        [scope.space_id, list(scope.library_ids), media_id],
    )


def lent_out(scope: Scope, *, limit: int, cursor: str | None = None) -> Lent:
    """What of the space is lent out, what is due first first; each with its item's title and cover."""
    due, after = read_cursor(cursor, [date, UUID]) if cursor else (date.min, UUID(int=0))
    rows = db.rows(
        f"select {COLUMNS}, l.media_id, l.library_id, m.title, m.media_type, m.poster, m.people, m.year, "
        "m.added_by, v.format, v.edition from loans l "
        "join media m on m.space_id = l.space_id and m.library_id = l.library_id and m.id = l.media_id "
        "join variants v on v.id = l.variant_id "
        "where l.space_id = %s and l.library_id = any(%s) and l.back is null "
        "and (coalesce(l.due, %s), l.id) > (%s, %s) order by coalesce(l.due, %s), l.id limit %s",
        [scope.space_id, list(scope.library_ids), LAST_DAY, due, after, LAST_DAY, limit + 1],
        prepared=True,
    )
    shown = rows[:limit]
    more = make_cursor([shown[-1]["due"] or LAST_DAY, shown[-1]["id"]]) if len(rows) > limit else None
    return Lent(shown, more)


def is_overdue(scope: Scope, due: date | None) -> bool:
    """Whether the day it was to be back has passed where the space is."""
    return due is not None and due < today(scope)


def today(scope: Scope) -> date:
    """The day in the space's time zone."""
    return clock.now().astimezone(ZoneInfo(scope.space.time_zone)).date()


def remind() -> int:
    """Records one event for each loan that is overdue, once for each due date; how many. Outside a scope."""
    return int(db.value("select remind_loans(%s)", [clock.now()]))


def _change_open(scope: Scope, media_id: UUID, variant_id: UUID, stored: Mapping[str, Any]) -> None:
    changed = db.execute(
        f"update loans set {', '.join(f'{name} = %s' for name in stored)} "
        "where space_id = %s and media_id = %s and variant_id = %s and back is null",
        [*stored.values(), scope.space_id, media_id, variant_id],
    )
    if not changed:
        raise Conflict(_("This copy is not lent out."), code="loan.none")


def _loan(scope: Scope, given: Mapping[str, Any]) -> dict[str, Any]:
    """The loan's columns. Raises RuleBroken with every fault."""
    faults = [*_date_faults(given, "since"), *_date_faults(given, "due")]
    stored: dict[str, Any] = {}
    if "to" in given:
        stored["borrower"] = (given["to"] or "").strip()
        if not has_visible(stored["borrower"]) or len(stored["borrower"]) > LONGEST_BORROWER:
            message = _("Say who has it, in 1 to %(most)s characters.") % {"most": LONGEST_BORROWER}
            faults.append(FieldError("to", message, "to.invalid"))
    fields.refuse(faults)
    if "since" in given:
        stored["since"] = given["since"] or today(scope)
    if "due" in given:
        stored["due"] = given["due"] or None
    return stored


def _date_faults(given: Mapping[str, Any], name: str) -> list[FieldError]:
    wrong = check_media({"release_date": given.get(name) or None}, partial=True)
    return [FieldError(name, each.message, f"{name}.invalid") for each in wrong]


def _due_too_early() -> RuleBroken:
    return RuleBroken.at("due", _("It cannot be due before it was lent."), "due.invalid")
