"""The activity log: named events inside a scope, and outcomes of requests after it has closed (L2)."""

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mediatheque.core import db
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope

_RECORD = "select record_event(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def record(
    scope: Scope,
    action: str,
    *,
    entity: str | None = None,
    entity_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    private: bool = False,
) -> None:
    """A named event of the active space, or (private) of the person alone."""
    space_id = None if private or scope.active_space is None else scope.active_space.id
    owner_id = scope.user_id if space_id is None else None
    _insert(
        action, scope.user_id, space_id, owner_id, entity, entity_id, details, request_id=scope.request_id
    )


def record_of(
    action: str,
    *,
    actor: UUID | None = None,
    space_id: UUID | None = None,
    owner_id: UUID | None = None,
    entity: str | None = None,
    entity_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    request_id: str = "",
) -> None:
    """A named event where no scope is open: registering, signing in, claiming."""
    _insert(action, actor, space_id, owner_id, entity, entity_id, details, request_id=request_id)


def record_outcome(request: HttpRequest, response: HttpResponseBase) -> None:
    """How a request ended, with method, path, status and its error's code."""
    scope: Scope | None = getattr(request, "scope", None)
    space = scope.active_space if scope else None
    _insert(
        "request.failed" if response.status_code >= 400 else "request.done",
        scope.user_id if scope else None,
        space.id if space else None,
        scope.user_id if scope and not space else None,
        None,
        None,
        {"error": _code(response)},
        request_id=getattr(request, "request_id", ""),
        method=request.method,
        path=shown_path(request.path),
        status=response.status_code,
    )


def shown_path(path: str) -> str:
    """The path as it may be kept: storable, and without the token of an invitation."""
    storable = path[:500].encode("utf-8", "replace").decode().replace("\x00", "")
    return re.sub(r"(/invitations/)(?!inv_)[^/]+", r"\1…", storable)


def _code(response: HttpResponseBase) -> str | None:
    if not str(response.get("Content-Type", "")).startswith("application/problem"):
        return None
    return str(json.loads(getattr(response, "content", b"{}")).get("code", "")) or None


def _insert(
    action: str,
    actor: UUID | None,
    space_id: UUID | None,
    owner_id: UUID | None,
    entity: str | None,
    entity_id: UUID | None,
    details: Mapping[str, Any] | None,
    *,
    request_id: str,
    method: str | None = None,
    path: str | None = None,
    status: int | None = None,
) -> None:
    values = [
        new_id(),
        action,
        actor,
        space_id,
        owner_id,
        entity,
        entity_id,
        json.dumps(details or {}, default=str),
    ]
    db.execute(_RECORD, [*values, method, path, status, request_id or None])
