"""One's own sessions and tokens."""

import json
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.errors import NotFound
from mediatheque.core.scope import Scope

from .policy import personal


def sessions(scope: Scope) -> list[dict[str, Any]]:
    """One's live sessions, the latest seen first."""
    personal(scope)
    found = db.rows("select id, created_at, last_seen_at, expires_at, user_agent, address from my_sessions()")
    return [row | {"current": row["id"] == scope.session_id} for row in found]


def api_tokens(scope: Scope) -> list[dict[str, Any]]:
    """One's personal tokens that are not revoked, the newest first; never their text."""
    personal(scope)
    found = db.rows(
        "select id, name, scopes::text as scopes, space_id, created_at, expires_at, last_used_at from my_tokens()"
    )
    return [row | {"scopes": json.loads(row["scopes"])} for row in found]


def api_token(scope: Scope, token_id: UUID) -> dict[str, Any]:
    """One of them. Raises NotFound."""
    found = next((row for row in api_tokens(scope) if row["id"] == token_id), None)
    if found is None:
        raise NotFound()
    return found


def anyone_registered() -> bool:
    """Whether the install has anyone; without one the first to come becomes its administrator."""
    return bool(db.value("select exists (select id from users)"))
