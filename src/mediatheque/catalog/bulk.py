"""Many items at once: edited, moved, deleted, tagged, in one transaction; each that may not be is told of (C2, P10).

Statements are set-wise: the same few for one item and for twenty thousand.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.errors import FieldError, RuleBroken
from mediatheque.core.scope import Scope
from mediatheque.spaces import policy

from .bulk_chosen import Outcome, changeable, record
from .bulk_edit import edit
from .bulk_move import move
from .bulk_tag import tag


def carry_out(scope: Scope, action: str, ids: Sequence[str | UUID], given: Mapping[str, Any]) -> Outcome:
    """Edits, moves, deletes or tags, as asked; `given` is what to set. Raises RuleBroken for what it does not take."""
    _refuse_other(action, given)
    if action == "delete":
        return delete(scope, ids)
    if action == "move":
        if given.get("library") is None:
            raise RuleBroken.at("set.library", _("Say which library to move to."), "bulk.nothing")
        return move(scope, ids, given["library"])
    if action == "tag":
        return tag(scope, ids, given.get("tags") or (), given.get("remove_tags") or ())
    return edit(scope, ids, given)


def _refuse_other(action: str, given: Mapping[str, Any]) -> None:
    """Raises RuleBroken for everything that the action does not set."""
    if action == "edit" and "library" in given:
        raise RuleBroken.at("set.library", _("To change the library, move."), "bulk.set")
    if action == "delete" and "library" in given:
        raise RuleBroken.at("set.library", _("Deleting sets nothing."), "bulk.set")
    if action == "edit" and "remove_tags" in given:
        raise RuleBroken.at("set.remove_tags", _("To remove tags, tag."), "bulk.set")
    if "series" in given:
        raise RuleBroken.at("set.series", _("Episodes are tied to a series one by one."), "bulk.set")
    taken = {"move": ("library",), "tag": ("tags", "remove_tags"), "delete": ()}.get(action, tuple(given))
    if rest := {name: value for name, value in given.items() if name not in taken}:
        message = _("This action does not set fields: edit.")
        raise RuleBroken(
            message, errors=[FieldError(name, message, "bulk.set") for name in _leaves(rest, "set")]
        )


def _leaves(given: Mapping[str, Any], at: str) -> Iterator[str]:
    """The places of all values: `set.own.rating`."""
    for name, value in given.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{at}.{name}")
        else:
            yield f"{at}.{name}"


def delete(scope: Scope, ids: Sequence[str | UUID]) -> Outcome:
    """The items go with everything that hangs on them. Raises Forbidden below a manager."""
    policy.require(scope, "media.delete_bulk")
    outcome = Outcome()
    found = [row["id"] for row in changeable(scope, ids, outcome)]
    for table in ("loans", "variants", "seasons", "media_metadata"):
        db.execute(
            f"delete from {table} t using unnest(%s::uuid[]) x(id) where t.space_id = %s and t.media_id = x.id",
            [found, scope.space_id],
        )
    db.execute(
        "delete from file_references t using unnest(%s::uuid[]) x(id) where t.space_id = %s and t.record_id = x.id",
        [found, scope.space_id],
    )
    db.execute(
        "delete from media t using unnest(%s::uuid[]) x(id) where t.space_id = %s and t.id = x.id",
        [found, scope.space_id],
    )
    outcome.done = len(found)
    record(scope, "deleted", outcome)
    return outcome
