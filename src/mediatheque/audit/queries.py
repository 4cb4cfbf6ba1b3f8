"""What the trail and the log show in a scope."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.clock import written
from mediatheque.core.ids import show_id

# What the ids in a row's values are ids of: its own by table, others by column.
_ROWS = {
    "users": "user", "sessions": "session", "tokens": "token", "spaces": "space", "memberships": "membership",
    "invitations": "invitation", "libraries": "library", "works": "work", "media": "media", "variants": "variant",
    "seasons": "season", "loans": "loan", "entries": "entry", "sync_jobs": "job",
}  # fmt: skip
_REFERENCES = {
    "space_id": "space", "owner_space": "space", "library_id": "library", "default_library": "library",
    "last_library": "library", "user_id": "user", "owner_user": "user", "added_by": "user", "created_by": "user",
    "accepted_by": "user", "invited_by": "user", "work_id": "work", "merged_into": "work", "media_id": "media",
    "series_id": "media", "kept_by": "user", "variant_id": "variant", "entry_id": "entry", "job_id": "job",
}  # fmt: skip
_UNNAMED = ("id", "work_owner", "owner_key", "record_id")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_EVENTS = (
    "select e.id, e.action, e.actor_id, u.name as actor_name, e.entity, e.entity_id, e.details::text as details, "
    "e.method, e.path, e.status, e.request_id, e.at from events e left join users u on u.id = e.actor_id"
)
_TOLD = (
    "concat_ws(' ', e.action, replace(replace(e.action, '.', ' '), '_', ' '), e.entity, e.method, e.path, e.status, "
    "e.details, u.name)"
)
_CHANGES = (
    "select c.id, c.table_name, c.row_id, c.action, c.old::text as old, c.new::text as new, c.actor_id, "
    "u.name as actor_name, c.request_id, c.at from audit_changes c left join users u on u.id = c.actor_id"
)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted (L2); `words` stand in action, path, details or the actor's name."""

    action: str | None = None
    entity: str | None = None
    actor: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None


def space_events(
    space_id: UUID, wanted: EventFilter, *, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Events of the space, newest first, at most `limit`."""
    tests: dict[str, Any] = {
        "e.space_id = %s": space_id,
        "e.id < %s": before,
        "e.action = %s": wanted.action,
        "e.entity = %s": wanted.entity,
        "e.actor_id = %s": wanted.actor,
        "e.at >= %s": wanted.since,
        "e.at < %s": wanted.until,
    }
    asked = [(test, value) for test, value in tests.items() if value is not None]
    asked += [(f"position(%s in lower({_TOLD})) > 0", word) for word in (wanted.words or "").lower().split()]
    found = db.rows(
        f"{_EVENTS} where {' and '.join(test for test, _ in asked)} order by e.id desc limit %s",
        [*(value for _, value in asked), limit],
    )
    return [_event(each) for each in found]


def install_events(wanted: EventFilter, *, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Events of no space, newest first, at most `limit`; none for whoever does not run the install."""
    found = db.rows(
        "select * from install_events(%s, %s, %s, %s, %s, %s, %s, %s)",
        [before, wanted.action, wanted.entity, wanted.actor, wanted.since, wanted.until,
         (wanted.words or "").lower().split(), limit],
    )  # fmt: skip
    return [_event(each) for each in found]


def kinds_of_events(space_id: UUID) -> tuple[list[str], list[str]]:
    """The actions and entities that the space's events have."""
    found = db.rows(
        "select distinct action, entity from events where space_id = %s order by action, entity", [space_id]
    )
    actions = dict.fromkeys(row["action"] for row in found)
    return list(actions), sorted({row["entity"] for row in found if row["entity"]})


def space_changes(
    space_id: UUID, *, row_id: UUID | None, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Row changes of the space, newest first, at most `limit`."""
    found = db.rows(
        f"{_CHANGES} where c.space_id = %s and (%s::uuid is null or c.row_id = %s) "
        "and (%s::uuid is null or c.id < %s) order by c.id desc limit %s",
        [space_id, row_id, row_id, before, before, limit],
    )
    return [change(each) for each in found]


def change(found: db.Row) -> dict[str, Any]:
    """A row of the trail as programs see it."""
    return {
        "id": show_id("audit", found["id"]),
        "table": found["table_name"],
        "action": found["action"],
        "old": _shown(found["table_name"], found["old"]),
        "new": _shown(found["table_name"], found["new"]),
        "actor": _actor(found),
        "request_id": found["request_id"],
        "at": found["at"],
    }


def _shown(table: str, values: str | None) -> dict[str, Any] | None:
    """A row's values with TypeIDs for ids; an id of what has no TypeID says nothing to a program and is left out."""
    if values is None:
        return None
    found = {}
    for column, value in json.loads(values).items():
        kind = _ROWS.get(table) if column == "id" else _REFERENCES.get(column)
        if not isinstance(value, str):
            found[column] = value
        elif kind and _UUID.fullmatch(value):
            found[column] = show_id(kind, UUID(value))
        elif column not in _UNNAMED:
            found[column] = written(value) if column.endswith("_at") else value
    return found


def _event(found: db.Row) -> dict[str, Any]:
    return {
        "id": show_id("event", found["id"]),
        "action": found["action"],
        "actor": _actor(found),
        "entity": found["entity"],
        "details": json.loads(found["details"]),
        "method": found["method"],
        "path": found["path"],
        "status": found["status"],
        "request_id": found["request_id"],
        "at": found["at"],
    }


def _actor(found: db.Row) -> dict[str, Any] | None:
    if found["actor_id"] is None:
        return None
    return {"id": show_id("user", found["actor_id"]), "name": found["actor_name"]}
