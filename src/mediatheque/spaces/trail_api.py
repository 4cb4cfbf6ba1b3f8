"""The space's activity and trail, and undo of a change (L1, L2); who may see them is the space's policy."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from mediatheque.audit import queries, undo
from mediatheque.core.api import In, Request, listing, make_cursor, read_cursor
from mediatheque.core.ids import TypedId, read_id

from . import policy

router = Router(tags=["activity"])
SpaceId = Annotated[UUID, TypedId("space")]
ChangeId = Annotated[UUID, TypedId("audit")]


class ActivityQuery(In):
    action: str | None = None
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AuditQuery(In):
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class UndoQuery(In):
    request_id: str


@router.get("/{space}/activity")
def activity(request: Request, space: SpaceId, query: Query[ActivityQuery]) -> dict[str, Any]:
    """What happened in the space, newest first; for managers."""
    policy.require(request.scope, "space.activity")
    found = queries.space_events(
        request.scope.space_id, action=query.action, before=_before(query.cursor), limit=query.limit + 1
    )
    return _page(found, query.limit)


@router.get("/{space}/audit")
def audit(request: Request, space: SpaceId, query: Query[AuditQuery]) -> dict[str, Any]:
    """Every change of the space's rows, newest first; for admins."""
    policy.require(request.scope, "space.audit")
    found = queries.space_changes(
        request.scope.space_id, row_id=None, before=_before(query.cursor), limit=query.limit + 1
    )
    return _page(found, query.limit)


@router.post("/{space}/audit/undo")
def undo_request(request: Request, space: SpaceId, query: Query[UndoQuery]) -> dict[str, Any]:
    """Takes back every change of one request: one's own, or for admins anyone's."""
    others = policy.allows(request.scope, "space.audit")
    return {"undone": undo.undo_request(request.scope, query.request_id, others=others)}


@router.post("/{space}/audit/{change}/undo")
def undo_change(request: Request, space: SpaceId, change: ChangeId) -> dict[str, Any]:
    """Takes back one change: one's own, or for admins anyone's."""
    others = policy.allows(request.scope, "space.audit")
    undo.undo_change(request.scope, change, others=others)
    return {"undone": 1}


def _before(cursor: str | None) -> UUID | None:
    return read_cursor(cursor, [UUID])[0] if cursor else None


def _page(found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    shown = found[:limit]
    kind = "event" if shown and shown[-1]["id"].startswith("evt") else "audit"
    more = make_cursor([read_id(kind, shown[-1]["id"])]) if len(found) > limit else None
    return listing(shown, limit=limit, next_cursor=more)
