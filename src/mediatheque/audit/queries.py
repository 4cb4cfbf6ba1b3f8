"""What the trail and the log show in a scope."""

import json
import re
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
_CHANGES = (
    "select c.id, c.table_name, c.row_id, c.action, c.old::text as old, c.new::text as new, c.actor_id, "
    "u.name as actor_name, c.request_id, c.at from audit_changes c left join users u on u.id = c.actor_id"
)


def space_events(
    space_id: UUID, *, action: str | None, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Events of the space, newest first, at most `limit`."""
    found = db.rows(
        f"{_EVENTS} where e.space_id = %s and (%s::text is null or e.action = %s) "
        "and (%s::uuid is null or e.id < %s) order by e.id desc limit %s",
        [space_id, action, action, before, before, limit],
    )
    return [_event(each) for each in found]


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
