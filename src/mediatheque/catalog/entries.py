"""A person's own record of a work, as far as the catalogue shows and sets it (W1)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, FieldError, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.people.policy import personal

from . import fields, tables
from .models import STATUSES


def set_own(scope: Scope, item: Row, given: Mapping[str, Any]) -> None:
    """Makes or changes the person's entry of the item's work; fields not given stay as they are."""
    personal(scope)
    _check(given)
    entry_id = db.value(
        "select entry_id from entry_works where user_id = %s and work_id = %s",
        [scope.user_id, item["work_id"]],
    )
    if entry_id is None:
        _make(scope, item, given)
    elif given:
        names = ", ".join(f"{name} = %s" for name in given)
        db.execute(
            f"update entries set {names} where user_id = %s and id = %s",
            [*given.values(), scope.user_id, entry_id],
        )


def _check(given: Mapping[str, Any]) -> None:
    faults = []
    if given.get("status", "not_watched") not in STATUSES:
        message = _("It must be one of %(words)s.") % {"words": ", ".join(STATUSES)}
        faults.append(FieldError("own.status", message, "status.invalid"))
    rating = given.get("rating")
    if rating is not None and not 1 <= rating <= 10:
        message = _("One's own rating is a whole number from 1 to 10.")
        faults.append(FieldError("own.rating", message, "rating.invalid"))
    fields.refuse(faults)


def _make(scope: Scope, item: Row, given: Mapping[str, Any]) -> None:
    entry_id = new_id()
    taken = Conflict(_("This title got an entry of yours in another request: try again."), code="entry.taken")
    with translating({"entry_works_once": taken}):
        tables.insert("entries", {
            "id": entry_id, "user_id": scope.user_id, "title": item["title"], "year": item["year"],
            "kind": item["media_type"], "visibility": _visibility(scope), **given,
        })  # fmt: skip
        tables.insert("entry_works", {
            "id": new_id(), "user_id": scope.user_id, "entry_id": entry_id, "work_id": item["work_id"],
            "work_owner": item["work_owner"],
        })  # fmt: skip


def _visibility(scope: Scope) -> str:
    preferred = scope.preferences.get("default_visibility")
    return preferred if preferred in ("private", "shared") else "shared"
