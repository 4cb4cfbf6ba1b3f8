"""Tags of a space and of the install: listed, made, renamed, put below one another, deleted and brought back (T2).

Items bear names; which tags those are is the database's (migration 0011).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import clock, db
from mediatheque.core.db import Row
from mediatheque.core.errors import (
    Conflict,
    FieldError,
    Malformed,
    NotFound,
    Refusal,
    RuleBroken,
    translating,
)
from mediatheque.core.ids import NIL, new_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import has_unstorable, has_visible
from mediatheque.spaces import policy

from . import tables
from .derive import term_key

LONGEST_NAME, MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 100, 50, 100, 2000
# What a space sees: its own tags that stand in open libraries or were made for all of it, and the install's.
SEEN = """
from tags t left join tags p on p.id = t.parent_id and p.deleted_at is null
where (t.space_id is null or t.space_id = %s and (t.library_id is null or t.library_id = any(%s)
  or exists (select from media_tags l where l.tag_id = t.id and l.space_id = %s and l.library_id = any(%s))))
"""
# An item that bears several tags below one counts once.
SHOWN = """
select t.id, t.space_id, t.name, t.name_key, p.id as parent_id, p.name as parent_name, t.metadata, t.deleted_at,
  t.created_at, t.updated_at,
  (with recursive below as (select t.id union select c.id from tags c join below b on c.parent_id = b.id
     where c.deleted_at is null)
   select count(distinct l.media_id) from below b join media_tags l on l.tag_id = b.id
   where l.space_id = %s and l.library_id = any(%s)) as media
"""


def tags(scope: Scope, *, begins: str = "", limit: int, after: tuple[str, UUID] | None = None) -> list[Row]:
    """One more than `limit` of the tags that are not deleted, by name; `begins` is the beginning of one."""
    found = ""
    values: list[Any] = []
    if begins.strip():
        found, values = " and starts_with(t.name_key, %s)", [term_key(begins)]
    if after:
        found, values = f"{found} and (t.name_key, t.id) > (%s, %s)", [*values, *after]
    return db.rows(
        f"{SHOWN}{SEEN} and t.deleted_at is null{found} order by t.name_key, t.id limit %s",
        [*_here(scope), *_seen_by(scope), *values, limit + 1],
    )


def tag(scope: Scope, tag_id: UUID, *, deleted: bool = False) -> Row:
    """A tag that the space sees. Raises NotFound; a deleted one is found only by whoever asks for such."""
    found = db.row(
        f"{SHOWN}{SEEN} and t.id = %s and (t.deleted_at is not null) = %s",
        [*_here(scope), *_seen_by(scope), tag_id, deleted],
    )
    if found is None:
        raise NotFound()
    return found


def names_as_written(scope: Scope, names: Sequence[str]) -> list[str]:
    """The names as their tags are written, each once; those that no tag has yet as they were sent."""
    keys = {term_key(each): each.strip() for each in reversed(names)}
    rows = db.rows(
        f"select t.name_key, t.name {SEEN} and t.deleted_at is null and t.owner_key = any(%s) "
        "and t.name_key = any(%s) order by t.space_id nulls first",
        [*_seen_by(scope), [scope.space_id, NIL], list(keys)],
    )
    written = keys | {row["name_key"]: row["name"] for row in rows}
    return [written[key] for key in dict.fromkeys(map(term_key, names))]


def create_tag(scope: Scope, given: Mapping[str, Any]) -> Row:
    """A tag of the space, or of the whole install (`everywhere`). Raises RuleBroken, Conflict, NotFound at `parent`."""
    everywhere = bool(given.get("everywhere"))
    _require(scope, "tag.make", everywhere=everywhere)
    stored = _checked(scope, given)
    with translating(_refusals()):
        made = db.value(
            "select make_tag(%s, %s, %s, %s, %s, %s)",
            [new_id(), everywhere, stored["name"], stored["name_key"], stored.get("parent_id"),
             json.dumps(stored.get("metadata", {}))],
        )  # fmt: skip
    return tag(scope, made)


def update_tag(scope: Scope, tag_id: UUID, given: Mapping[str, Any]) -> Row:
    """A new name, place or metadata; items that bear it are called by the new name. Raises as `create_tag`."""
    before = tag(scope, tag_id)
    _require(scope, "tag.change", everywhere=before["space_id"] is None)
    _write(scope, before, _checked(scope, given))
    return tag(scope, tag_id)


def delete_tag(scope: Scope, tag_id: UUID) -> Row:
    """Items lose it until it is restored."""
    before = tag(scope, tag_id)
    _require(scope, "tag.change", everywhere=before["space_id"] is None)
    _write(scope, before, {"deleted_at": clock.now()})
    return before


def restore_tag(scope: Scope, tag_id: UUID) -> Row:
    """A deleted tag is back, on the items that bore it. Raises Conflict where another one has its name by now."""
    before = tag(scope, tag_id, deleted=True)
    _require(scope, "tag.change", everywhere=before["space_id"] is None)
    _write(scope, before, {"deleted_at": None})
    return tag(scope, tag_id)


def _write(scope: Scope, before: Row, stored: Mapping[str, Any]) -> None:
    if not stored:
        return
    with translating(_refusals()):
        if before["space_id"] is None:
            changes = json.dumps(stored, default=str)
            db.value("select change_tag_everywhere(%s, %s)", [before["id"], changes])
            return
        if not stored.get("deleted_at"):
            named = [stored.get(name, before[name]) for name in ("name_key", "name")]
            db.value("select take_hidden_tag(%s, %s, %s)", [before["id"], *named])
        tables.update("tags", scope.space_id, before["id"], {**stored, "library_id": None})


def _require(scope: Scope, act: str, *, everywhere: bool) -> None:
    """Raises Forbidden: the install's tags are its administrators', a space's go by role (P10, T2)."""
    if everywhere:
        policy.require_operator(scope)
    else:
        policy.require(scope, act)


def _checked(scope: Scope, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of what was given. Raises RuleBroken, Malformed, NotFound at `parent`."""
    stored: dict[str, Any] = {}
    if "name" in given:
        stored |= _named(given["name"])
    if "metadata" in given:
        stored["metadata"] = _metadata(given["metadata"] or {})
    if "parent" in given:
        stored["parent_id"] = _parent(scope, given["parent"]) if given["parent"] else None
    return stored


def _named(name: str | None) -> dict[str, str]:
    name = " ".join((name or "").split())
    if has_unstorable(name):
        raise RuleBroken.at("name", _("Remove the character that cannot be stored."), "unstorable_text")
    if len(name) > LONGEST_NAME or not has_visible(name):
        message = _("A name has 1 to %(most)s characters.") % {"most": LONGEST_NAME}
        raise RuleBroken.at("name", message, "name.invalid")
    return {"name": name, "name_key": term_key(name)}


def _metadata(given: Mapping[str, str]) -> dict[str, str]:
    if any(has_unstorable(key) or has_unstorable(value) for key, value in given.items()):
        raise Malformed(_("Remove the character that cannot be stored."), code="unstorable_text")
    if len(given) > MOST_KEYS:
        message = _("A tag has at most %(most)s keys.") % {"most": MOST_KEYS}
        raise RuleBroken.at("metadata", message, "metadata.too_many")
    for key, value in given.items():
        if len(key.strip()) > LONGEST_KEY or not has_visible(key) or len(value) > LONGEST_VALUE:
            message = _("A key has 1 to %(key)s characters, a value at most %(value)s.")
            named = message % {"key": LONGEST_KEY, "value": f"{LONGEST_VALUE:,}"}
            raise RuleBroken.at("metadata", named, "metadata.invalid")
    return {key.strip(): value for key, value in given.items()}


def _parent(scope: Scope, parent_id: UUID) -> UUID:
    try:
        return UUID(str(tag(scope, parent_id)["id"]))
    except NotFound:
        raise NotFound.at("parent") from None


def _refusals() -> dict[str, Refusal]:
    taken = _("There is a tag of this name: choose another, or use that one.")
    below = _("A tag cannot stand below itself: choose another parent.")
    apart = _("A space’s tags stand below tags of the space, the install’s below the install’s.")
    return {
        "tag.taken": Conflict(taken, code="tag.taken", errors=[FieldError("name", taken, "tag.taken")]),
        "tags_once": Conflict(taken, code="tag.taken", errors=[FieldError("name", taken, "tag.taken")]),
        "tag.cycle": RuleBroken.at("parent", below, "tag.cycle"),
        "tags_parent": RuleBroken.at("parent", apart, "tag.parent"),
    }


def _here(scope: Scope) -> list[Any]:
    return [scope.space_id, list(scope.library_ids)]


def _seen_by(scope: Scope) -> list[Any]:
    return [*_here(scope), *_here(scope)]
