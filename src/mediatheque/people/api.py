"""Sessions and tokens in the API (API.md, `/api/auth`)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import AwareDatetime, Field, StringConstraints

from mediatheque.core import uploads
from mediatheque.core.api import In, Name, Paging, Request, paged
from mediatheque.core.clock import now
from mediatheque.core.ids import show_id, typed

from . import actions, avatars, preferences, queries
from .door import let_out, visit_of
from .profile import Credentials

if TYPE_CHECKING:
    SessionId = UUID
    TokenId = UUID
    SpaceId = UUID
    UserId = UUID
else:
    SessionId, TokenId, SpaceId = typed("session"), typed("token"), typed("space")
    UserId = typed("user")

router = Router(tags=["auth"])


class RefreshToken(In):
    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=400)]


class AnyToken(In):
    token: Annotated[str, StringConstraints(min_length=1, max_length=400)]


class NewToken(In):
    name: Name
    scopes: Annotated[list[Literal["read", "write", "personal"]], Field(min_length=1, max_length=3)] = [
        "read",
        "write",
    ]
    expires_at: AwareDatetime | None = None
    space: SpaceId | None = None


@router.post("/auth/logout", response={204: None})
def logout(request: Request, response: HttpResponse) -> Status[None]:
    actions.sign_out(request.scope)
    let_out(request, response)
    return Status(204, None)


@router.get("/auth/sessions")
def sessions(request: Request, query: Query[Paging]) -> dict[str, Any]:
    """Where one is signed in, the newest sign-in first."""
    found = queries.sessions(request.scope)
    return paged(found, query, _made, session_json, kinds=[str, str], descending=True)


def session_json(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"id": show_id("session", row["id"])}


def _made(row: dict[str, Any]) -> tuple[str, str]:
    return row["created_at"].isoformat(), str(row["id"])


@router.delete("/auth/sessions", response={204: None})
def end_sessions(request: Request, all: bool = False) -> Status[None]:
    actions.end_sessions(request.scope, all_of_them=all)
    return Status(204, None)


@router.delete("/auth/sessions/{session}", response={204: None})
def end_session(request: Request, session: SessionId) -> Status[None]:
    actions.end_session(request.scope, session)
    return Status(204, None)


@router.post("/auth/token", auth=None)
def token(request: HttpRequest, body: Credentials) -> actions.TokenPair:
    return actions.make_token_pair(body.email, body.password, visit_of(request))


@router.post("/auth/token/refresh", auth=None)
def refresh(request: HttpRequest, body: RefreshToken) -> actions.TokenPair:
    return actions.refresh_token_pair(body.refresh_token, visit_of(request))


@router.post("/auth/token/revoke", auth=None, response={204: None})
def revoke(request: HttpRequest, body: AnyToken) -> Status[None]:
    actions.revoke_token(body.token, visit_of(request))
    return Status(204, None)


@router.get("/auth/api-tokens")
def api_tokens(request: Request, query: Query[Paging]) -> dict[str, Any]:
    """One's personal tokens, the newest first."""
    found = queries.api_tokens(request.scope)
    return paged(found, query, _made, token_json, kinds=[str, str], descending=True)


@router.post("/auth/api-tokens", response={201: dict[str, Any]})
def create_api_token(request: Request, body: NewToken) -> Status[dict[str, Any]]:
    token_id, text = actions.create_api_token(
        request.scope, name=body.name, scopes=body.scopes, space_id=body.space, expires_at=body.expires_at
    )
    row = queries.api_token(request.scope, token_id)
    return Status(201, token_json(row) | {"token": text})


@router.delete("/auth/api-tokens/{token}", response={204: None})
def revoke_api_token(request: Request, token: TokenId) -> Status[None]:
    actions.revoke_api_token(request.scope, token)
    return Status(204, None)


@router.api_operation(["POST", "PUT"], "/auth/me/avatar")
def upload_avatar(request: Request) -> dict[str, Any]:
    """Takes multipart/form-data with the picture in `file`; keeps its middle square in three sizes (P6)."""
    avatars.set_avatar(request.scope, uploads.uploaded(request))
    kept = actions.refreshed(request.scope).user.avatar
    return {"avatar_url": avatars.avatar_url(request.scope.user_id, kept)}


@router.delete("/auth/me/avatar", response={204: None})
def delete_avatar(request: Request) -> Status[None]:
    avatars.remove_avatar(request.scope)
    return Status(204, None)


@router.get("/users/{user}/avatar")
def avatar(
    request: Request, user: UserId, size: Literal["64", "128", "256"] = "128", v: str = ""
) -> HttpResponse:
    """The picture of oneself, or of someone with whom one shares a space."""
    found = avatars.avatar(request.scope, user, int(size))
    return uploads.served(request, found, lasting=bool(v))


@router.get("/auth/preferences-schema", auth=None)
def preferences_schema(request: HttpRequest) -> dict[str, Any]:
    """The JSON schema of a person's preferences (P6)."""
    return preferences.SCHEMA


def token_json(row: dict[str, Any]) -> dict[str, Any]:
    expires: datetime | None = row["expires_at"]
    space = row["space_id"]
    return {
        "id": show_id("token", row["id"]),
        "name": row["name"],
        "scopes": row["scopes"],
        "space": show_id("space", space) if space else None,
        "created_at": row["created_at"],
        "expires_at": expires,
        "expired": expires is not None and expires <= now(),
        "last_used_at": row["last_used_at"],
    }
