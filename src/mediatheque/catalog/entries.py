"""A person's own record of a work, as far as the catalogue shows and sets it (W1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, FieldError, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import match_key
from mediatheque.people.policy import personal

from . import fields, tables
from .models import STATUSES

WORDS = {
    "status": STATUSES,
    "visibility": ("private", "shared"),
    "notes_visibility": ("private", "shared"),
    "set_aside": ("paused", "dropped"),
}
LONGEST = {"notes": 100_000, "set_aside_reason": 1000}


def set_own(scope: Scope, items: Sequence[Row], given: Mapping[str, Any]) -> None:
    """Makes or changes the person's entry of each item's work; fields not given stay as they are."""
    personal(scope)
    check(given)
    works = {item["work_id"]: item for item in items}
    tied = {
        row["work_id"]: row["entry_id"]
        for row in db.rows(
            "select work_id, entry_id from entry_works where user_id = %s and work_id = any(%s)",
            [scope.user_id, list(works)],
        )
    }
    if tied and given:
        names = ", ".join(f"{name} = %s" for name in given)
        db.execute(
            f"update entries set {names} where user_id = %s and id = any(%s)",
            [*given.values(), scope.user_id, list(tied.values())],
        )
    _make(scope, [item for work, item in works.items() if work not in tied], given)


def check(given: Mapping[str, Any], at: str = "own.") -> None:
    """Raises RuleBroken for what an entry cannot say; `at` stands before the fields' names."""
    faults = [
        FieldError(
            f"{at}{name}", _("It must be one of %(words)s.") % {"words": ", ".join(words)}, f"{name}.invalid"
        )
        for name, words in WORDS.items()
        if given.get(name) is not None and given[name] not in words
    ]
    faults += [
        FieldError(
            f"{at}{name}", _("It may have at most %(most)s characters.") % {"most": most}, f"{name}.invalid"
        )
        for name, most in LONGEST.items()
        if len(given.get(name) or "") > most
    ]
    rating = given.get("rating")
    if rating is not None and not 1 <= rating <= 10:
        message = _("One's own rating is a whole number from 1 to 10.")
        faults.append(FieldError(f"{at}rating", message, "rating.invalid"))
    fields.refuse(faults)


def _make(scope: Scope, items: Sequence[Row], given: Mapping[str, Any]) -> None:
    made = [(new_id(), item) for item in items]
    taken = Conflict(_("This title got an entry of yours in another request: try again."), code="entry.taken")
    with translating({"entry_works_once": taken}):
        tables.insert_many("entries", [{
            "id": entry_id, "user_id": scope.user_id, "title": item["title"], "year": item["year"],
            "kind": item["media_type"], "match_key": match_key(item["title"]),
            "visibility": default_visibility(scope), **given,
        } for entry_id, item in made])  # fmt: skip
        tables.insert_many("entry_works", [{
            "id": new_id(), "user_id": scope.user_id, "entry_id": entry_id, "work_id": item["work_id"],
            "work_owner": item["work_owner"],
        } for entry_id, item in made])  # fmt: skip


def default_visibility(scope: Scope) -> str:
    """Who sees a new entry, as the person prefers."""
    preferred = scope.preferences.get("default_visibility")
    return preferred if preferred in ("private", "shared") else "shared"
