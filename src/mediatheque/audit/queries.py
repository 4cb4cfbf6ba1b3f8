"""What the trail and the log show in a scope."""

import json
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.ids import show_id

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
        "old": json.loads(found["old"]) if found["old"] else None,
        "new": json.loads(found["new"]) if found["new"] else None,
        "actor": _actor(found),
        "request_id": found["request_id"],
        "at": found["at"],
    }


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
