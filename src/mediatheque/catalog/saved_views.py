"""Saved views: lists that a person comes back to, and those others share with the space (C3)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, FieldError, NotFound, RuleBroken, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import has_unstorable, match_key
from mediatheque.people.policy import personal
from mediatheque.spaces import policy

from . import queries, tables

LONGEST_NAME, MOST_VIEWS = 100, 200
SEEN = (
    "select v.id, v.library_id, v.name, v.query, v.layout, v.shared, v.user_id, u.name as user_name, "
    "v.created_at, v.updated_at from saved_views v join users u on u.id = v.user_id "
    "where v.space_id = %s and (v.library_id is null or v.library_id = any(%s)) and (v.user_id = %s or v.shared)"
)


def saved_views(scope: Scope, *, limit: int, after: tuple[str, UUID] | None = None) -> list[Row]:
    """One more than `limit` of one's own views and the shared ones, by name; `after` is a name's key and an id."""
    personal(scope)
    further = " and (v.name_key, v.id) > (%s, %s)" if after else ""
    return db.rows(
        SEEN.replace("select ", "select v.name_key, ", 1) + further + " order by v.name_key, v.id limit %s",
        [*_seen_by(scope), *(after or ()), limit + 1],
    )


def saved_view(scope: Scope, view_id: UUID) -> Row:
    """One's own view, or a shared one. Raises NotFound."""
    personal(scope)
    found = db.row(f"{SEEN} and v.id = %s", [*_seen_by(scope), view_id])
    if found is None:
        raise NotFound()
    return found


def create_saved_view(scope: Scope, given: Mapping[str, Any]) -> Row:
    """Keeps a list under a name. Raises RuleBroken, Conflict for a name one has already, NotFound at `library`."""
    personal(scope)
    stored = _checked(scope, given)
    _keep_bounds(scope)
    identity = new_id()
    with translating({"saved_views_once": _taken()}):
        tables.insert("saved_views", {
            **stored, "id": identity, "space_id": scope.space_id, "user_id": scope.user_id,
        })  # fmt: skip
    return saved_view(scope, identity)


def update_saved_view(scope: Scope, view_id: UUID, given: Mapping[str, Any]) -> Row:
    """Changes one's own view. Raises NotFound for another's, Forbidden to share for whoever may not."""
    _own(scope, view_id)
    stored = _checked(scope, given)
    if stored:
        with translating({"saved_views_once": _taken()}):
            tables.update("saved_views", scope.space_id, view_id, stored)
    return saved_view(scope, view_id)


def delete_saved_view(scope: Scope, view_id: UUID) -> None:
    _own(scope, view_id)
    db.execute(
        "delete from saved_views where space_id = %s and user_id = %s and id = %s",
        [scope.space_id, scope.user_id, view_id],
    )


def _own(scope: Scope, view_id: UUID) -> None:
    if saved_view(scope, view_id)["user_id"] != scope.user_id:
        raise NotFound()


def _seen_by(scope: Scope) -> list[Any]:
    return [scope.space_id, list(scope.library_ids), scope.user_id]


def _checked(scope: Scope, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of what was given. Raises RuleBroken, Forbidden, NotFound at `library`."""
    empty = [name for name in ("name", "query", "layout", "shared") if name in given and given[name] is None]
    if empty:
        message = _("This cannot be empty: leave it out to keep what it is.")
        raise RuleBroken(message, errors=[FieldError(name, message, f"{name}.required") for name in empty])
    stored = {name: given[name] for name in ("query", "layout", "shared") if name in given}
    if "name" in given:
        stored |= _named(given["name"])
    if "library" in given:
        library = given["library"]
        stored["library_id"] = queries.library(scope, library).id if library else None
    for each in (given.get("query") or {}).get("library", ()):
        _open_library(scope, each)
    if given.get("shared"):
        policy.require(scope, "view.share")
    return stored


def _open_library(scope: Scope, wanted: str) -> None:
    """Raises NotFound at `query.library`."""
    try:
        queries.library(scope, None if wanted == "all" else wanted)
    except NotFound:
        raise NotFound.at("query.library") from None


def _named(name: str) -> dict[str, str]:
    if has_unstorable(name):
        raise RuleBroken.at("name", _("Remove the character that cannot be stored."), "unstorable_text")
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        message = _("A name has 1 to %(most)s characters.") % {"most": LONGEST_NAME}
        raise RuleBroken.at("name", message, "name.invalid")
    return {"name": name, "name_key": match_key(name)}


def _keep_bounds(scope: Scope) -> None:
    """Not a guarantee: two at once may pass the bound by one."""
    count = db.value(
        "select count(*) from saved_views where space_id = %s and user_id = %s",
        [scope.space_id, scope.user_id],
    )
    if count >= MOST_VIEWS:
        raise RuleBroken(_("Delete a view first: there are %(most)s.") % {"most": MOST_VIEWS})


def _taken() -> Conflict:
    message = _("You have a view of this name: choose another.")
    return Conflict(message, code="view.taken", errors=[FieldError("name", message, "view.taken")])
