"""The install's people and events in the API (API.md, `/api/admin`)."""

from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from ninja import Query, Router, Status

from mediatheque.core.api import In, Paging, Request, paged
from mediatheque.core.ids import show_id, typed

from . import operators, trail_api

if TYPE_CHECKING:
    UserId = UUID
else:
    UserId = typed("user")

router = Router(tags=["admin"])


class PeopleQuery(Paging):
    q: str | None = None
    is_banned: bool | None = None


class UserChanges(In):
    role: Literal["user", "manager", "admin"] | None = None
    is_banned: bool | None = None


@router.get("/admin/users")
def users(request: Request, query: Query[PeopleQuery]) -> dict[str, Any]:
    """Who registered first first; for administrators and managers of the install."""
    found = operators.people(request.scope, words=query.q, banned=query.is_banned)
    return paged(found, query, _place, person_json, kinds=[str, str])


@router.get("/admin/users/{user}")
def user(request: Request, user: UserId) -> dict[str, Any]:
    return person_json(operators.person(request.scope, user))


@router.patch("/admin/users/{user}")
def change_user(request: Request, user: UserId, body: UserChanges) -> dict[str, Any]:
    return person_json(operators.change_person(request.scope, user, role=body.role, banned=body.is_banned))


@router.delete("/admin/users/{user}", response={204: None})
def delete_user(request: Request, user: UserId) -> Status[None]:
    operators.delete_person(request.scope, user)
    return Status(204, None)


@router.get("/admin/activity")
def activity(request: Request, query: Query[trail_api.ActivityQuery]) -> dict[str, Any]:
    """The install's events, newest first, and no space's content."""
    wanted = trail_api.wanted(request.scope, query)
    found = operators.events(
        request.scope, wanted, before=trail_api.before(query.cursor), limit=query.limit + 1
    )
    return trail_api.page(found, query.limit)


def _place(row: dict[str, Any]) -> tuple[str, str]:
    return row["created_at"].isoformat(), str(row["id"])


def person_json(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": show_id("user", row["id"]),
        **{name: row[name] for name in ("name", "email", "role")},
        "is_banned": row["banned_at"] is not None,
        **{name: row[name] for name in ("banned_at", "created_at", "last_sign_in_at", "spaces")},
    }
