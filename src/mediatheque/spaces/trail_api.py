"""The space's activity and trail, and undo of a change (L1, L2); who may see them is the space's policy."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from mediatheque.audit import queries, undo
from mediatheque.core.api import In, Request, listing, make_cursor, read_cursor
from mediatheque.core.ids import TypedId, read_id
from mediatheque.core.scope import Scope

from . import policy

router = Router(tags=["activity"])
SpaceId = Annotated[UUID, TypedId("space")]
UserId = Annotated[UUID, TypedId("user")]
ChangeId = Annotated[UUID, TypedId("audit")]


def _moment(given: Any) -> Any:
    """A day, or an instant with its zone. Raises PydanticCustomError."""
    try:
        if isinstance(given, str) and len(given) == 10:
            return date.fromisoformat(given)
        found = datetime.fromisoformat(given)
        if found.tzinfo is None:
            raise ValueError
        return found
    except (TypeError, ValueError):
        message = _("Write a day like 2026-03-30, or an instant with its zone.")
        raise PydanticCustomError("time.invalid", "{message}", {"message": message}) from None


Moment = Annotated[
    Any, BeforeValidator(_moment), WithJsonSchema({"type": "string", "examples": ["2026-03-30"]})
]


class ActivityQuery(In):
    """`from` and `to` are days (of the person's time zone, `to` included) or instants."""

    action: Annotated[str, Field(max_length=60)] | None = None
    entity: Annotated[str, Field(max_length=30)] | None = None
    user_id: UserId | None = None
    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    q: Annotated[str, Field(max_length=200)] | None = None
    cursor: Annotated[str, Field(max_length=200)] | None = None
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
        request.scope.space_id,
        wanted(request.scope, query),
        before=before(query.cursor),
        limit=query.limit + 1,
    )
    return page(found, query.limit)


def wanted(scope: Scope, query: ActivityQuery) -> queries.EventFilter:
    """The filter that a query means to this person."""
    return queries.EventFilter(
        action=query.action, entity=query.entity, actor=query.user_id, since=_instant(scope, query.since),
        until=_instant(scope, query.until, end=True), words=query.q,
    )  # fmt: skip


def _instant(scope: Scope, given: date | datetime | None, *, end: bool = False) -> datetime | None:
    if given is None or isinstance(given, datetime):
        return given
    day = given + timedelta(days=1) if end and given < date.max else given
    return datetime.combine(day, time.min, zone_of(scope))


@router.get("/{space}/audit")
def audit(request: Request, space: SpaceId, query: Query[AuditQuery]) -> dict[str, Any]:
    """Every change of the space's rows, newest first; for admins."""
    policy.require(request.scope, "space.audit")
    found = queries.space_changes(
        request.scope.space_id, row_id=None, before=before(query.cursor), limit=query.limit + 1
    )
    return page(found, query.limit)


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


def zone_of(scope: Scope) -> ZoneInfo:
    """The time zone in which the person reads times here."""
    here = scope.active_space.time_zone if scope.active_space else "UTC"
    return ZoneInfo(str(scope.preferences.get("time_zone") or here))


def before(cursor: str | None) -> UUID | None:
    return read_cursor(cursor, [UUID])[0] if cursor else None


def page(found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    shown = found[:limit]
    kind = "event" if shown and shown[-1]["id"].startswith("evt") else "audit"
    more = make_cursor([read_id(kind, shown[-1]["id"])]) if len(found) > limit else None
    return listing(shown, limit=limit, next_cursor=more)
