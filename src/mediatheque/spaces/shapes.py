"""How people, spaces and libraries look in the API (API.md, *Shapes of the collection*)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from mediatheque.core.clock import written
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Person, Scope
from mediatheque.people.avatars import avatar_url

SPACE_FIELDS = (
    "name", "slug", "kind", "role", "language", "time_zone", "contact", "metadata", "archived_at",
    "created_at", "updated_at",
)  # fmt: skip
LIBRARY_FIELDS = (
    "name", "description", "template", "default_type", "columns", "limited", "archived_at", "created_at",
    "updated_at",
)  # fmt: skip


def user_json(person: Person) -> dict[str, Any]:
    return {
        "id": show_id("user", person.id),
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "bio": person.bio,
        "avatar_url": avatar_url(person.id, person.avatar),
        "preferences": dict(person.preferences),
    }


def space_json(facts: Mapping[str, Any]) -> dict[str, Any]:
    """From a space's row as the scope or `queries.space` gives it."""
    times = {field: facts[field] for field in ("archived_at", "created_at", "updated_at")}
    return {
        "id": shown("space", facts["id"]),
        **{field: facts[field] for field in SPACE_FIELDS},
        **{field: written(time) if isinstance(time, str) else time for field, time in times.items()},
        "default_library": shown("library", facts["default_library"]),
        "created_by": shown("user", facts["created_by"]),
    }


def library_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": shown("library", row["id"]),
        **{field: row[field] for field in LIBRARY_FIELDS},
        "created_by": shown("user", row["created_by"]),
    }


def member_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": shown("membership", row["id"]),
        "user": {"id": shown("user", row["user_id"]), "name": row["name"], "email": row["email"]},
        "role": row["role"],
        "joined_at": row["joined_at"],
        "suspended_at": row["suspended_at"],
    }


def whole_member_json(row: Mapping[str, Any], activity: Mapping[str, Any] | None) -> dict[str, Any]:
    """A member with profile and activity summary."""
    profile = {"bio": row["bio"], "avatar_url": avatar_url(row["user_id"], row["avatar"])}
    return member_json(row) | {"profile": profile, "activity": activity}


def invitation_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": shown("invitation", row["id"]),
        "space": shown("space", row["space_id"]),
        **{
            field: row[field]
            for field in ("email", "role", "anyone", "status", "expires_at", "accepted_at", "created_at")
        },
        "accepted_by": shown("user", row["accepted_by"]),
        "created_by": shown("user", row["created_by"]),
    }


def me_json(scope: Scope, library: Mapping[str, Any] | None) -> dict[str, Any]:
    """The person, their spaces, and where they stand."""
    active = scope.active_space
    return {
        "user": user_json(scope.user),
        "spaces": [space_json(each.facts) for each in scope.spaces],
        "active": {
            "space": space_json(active.facts) if active else None,
            "library": library_json(library) if library else None,
        },
    }


def shown(kind: str, value: UUID | str | None) -> str | None:
    """The TypeID of an id that may be missing."""
    return show_id(kind, value if isinstance(value, UUID) else UUID(value)) if value else None
