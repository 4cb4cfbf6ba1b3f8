"""A library goes to another space: a look at what that cuts, and the move itself (S2)."""

import json
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.core import db
from mediatheque.core.errors import Conflict, Forbidden, NotFound, Refusal, RuleBroken, translating
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope

from . import policy, queries

# Whoever moves a whole shelf waits longer than whoever turns a page.
PATIENCE = "set local statement_timeout = '600s'"


def contents(scope: Scope, library_id: UUID) -> dict[str, int]:
    """How much stands in the library: media, variants, seasons, covers. Raises NotFound."""
    queries.library(scope, library_id)
    return dict(_json(db.value("select library_contents(%s)", [library_id])))


def look(scope: Scope, library_id: UUID, to: UUID) -> dict[str, Any]:
    """What would move to the other space, and what would be cut; changes nothing. Raises as `transfer`."""
    return _asked(scope, "select look_at_transfer(%s, %s)", library_id, to)


def transfer(scope: Scope, library_id: UUID, to: UUID) -> dict[str, Any]:
    """Moves the library with everything under it; what moved and what was cut.

    Raises Forbidden (not admin of both), NotFound (also at `to`), Conflict (the default library, an import under
    way, an archived space), RuleBroken (the same space).
    """
    before = queries.library(scope, library_id)
    db.execute(PATIENCE)
    found = _asked(scope, "select transfer_library(%s, %s)", library_id, to)
    details = {"name": before["name"], "from": str(scope.space_id), "to": str(to)}
    for space_id in (scope.space_id, to):
        activity.record_of(
            "library.transferred", actor=scope.user_id, space_id=space_id, entity="library", entity_id=library_id,
            details=details, request_id=scope.request_id,
        )  # fmt: skip
    return found


def _asked(scope: Scope, sql: str, library_id: UUID, to: UUID) -> dict[str, Any]:
    queries.library(scope, library_id)
    policy.require(scope, "library.transfer")
    with translating(_refusals()):
        found = _json(db.value(sql, [library_id, to]))
    return {
        "library": show_id("library", library_id),
        "to": show_id("space", to),
        "moved": found["moved"],
        "cut": [_shown(each) for each in found["cut"]],
    }


def _refusals() -> dict[str, Refusal]:
    return {
        "space.unknown": NotFound.at("to"),
        "space.not_admin": Forbidden(
            _("Only an admin of both spaces may do this: ask one of the other space’s admins."),
            code="permission.role",
        ),
        "space.same": RuleBroken.at("to", _("The library is in this space already."), "space.same"),
        "space.archived": Conflict(_("That space is archived: restore it first."), code="space.archived"),
        "library.default": Conflict(
            _("The default library stays: make another one the default first."), code="library.default"
        ),
        "library.importing": Conflict(
            _("An import into this library is under way: wait for it, or cancel it."),
            code="library.importing",
        ),
    }


def _shown(cut: dict[str, Any]) -> dict[str, Any]:
    """A cut link with ids as people and programs know them."""
    found = {name: show_id(name, UUID(value)) if name in ("media", "user", "job") and isinstance(value, str) else value
             for name, value in cut.items()}  # fmt: skip
    if "with" in cut:
        found["with"] = {
            "media": show_id("media", UUID(cut["with"]["media"])),
            "title": cut["with"]["title"],
            "library": {"id": show_id("library", UUID(cut["with"]["library"])), "name": cut["with"]["name"]},
        }
    return found


def _json(answer: Any) -> Any:
    if answer is None:
        raise NotFound()
    return json.loads(answer) if isinstance(answer, str) else answer
