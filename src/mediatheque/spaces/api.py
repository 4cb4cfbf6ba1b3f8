"""Spaces, their people and invitations in the API (API.md)."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from mediatheque.core.api import Paging, Request, listing, paged
from mediatheque.core.ids import typed

from . import actions, joining, queries
from .schemas import (
    Confirmation,
    InvitationQuery,
    MemberChanges,
    NewHouseholder,
    NewInvitation,
    NewMember,
    NewSpace,
    SpaceChangesIn,
)
from .shapes import invitation_json, member_json, space_json, whole_member_json

if TYPE_CHECKING:
    SpaceId = UUID
    MembershipId = UUID
    InvitationId = UUID
else:
    SpaceId = typed("space")
    MembershipId, InvitationId = typed("membership"), typed("invitation")

router = Router(tags=["spaces"])


@router.get("/spaces")
def spaces(request: Request, query: Query[Paging]) -> dict[str, Any]:
    """One's spaces, the one joined first at the head."""
    facts = [each.facts for each in request.scope.spaces]
    return paged(facts, query, lambda row: (row["joined_at"], row["id"]), space_json, kinds=[str, str])


@router.post("/spaces", response={201: dict[str, Any]})
def create_space(request: Request, body: NewSpace) -> Status[dict[str, Any]]:
    return Status(201, space_json(actions.create_space(request.scope, **dict(body))))


@router.get("/spaces/{space}")
def space(request: Request, space: SpaceId) -> dict[str, Any]:
    return space_json(queries.space(request.scope))


@router.patch("/spaces/{space}")
def change_space(request: Request, space: SpaceId, body: SpaceChangesIn) -> dict[str, Any]:
    contact = body.contact.model_dump(exclude_none=True) if body.contact else None
    changes = actions.SpaceChanges(**{**dict(body), "contact": contact})
    return space_json(actions.change_space(request.scope, changes))


@router.delete("/spaces/{space}", response={204: None})
def delete_space(
    request: Request, space: SpaceId, query: Query[Confirmation], body: Confirmation | None = None
) -> Status[None]:
    actions.delete_space(request.scope, (body or query).confirm_name)
    return Status(204, None)


@router.post("/spaces/{space}/archive")
def archive_space(request: Request, space: SpaceId) -> dict[str, Any]:
    return space_json(actions.archive_space(request.scope))


@router.post("/spaces/{space}/restore")
def restore_space(request: Request, space: SpaceId) -> dict[str, Any]:
    return space_json(actions.restore_space(request.scope))


@router.post("/spaces/{space}/select")
def select_space(request: Request, space: SpaceId) -> dict[str, Any]:
    actions.select_space(request.scope)
    return space_json(queries.space(request.scope))


@router.get("/spaces/{space}/members")
def members(request: Request, space: SpaceId, query: Query[Paging]) -> dict[str, Any]:
    """The people of the space, who joined first first."""
    return paged(queries.members(request.scope), query, joined, member_json, kinds=[str, str])


@router.post("/spaces/{space}/members", response={201: dict[str, Any]})
def keep_person(request: Request, space: SpaceId, body: NewMember) -> Status[dict[str, Any]]:
    return Status(201, member_json(actions.keep_person(request.scope, body.name)))


@router.get("/spaces/{space}/members/{member}")
def member(request: Request, space: SpaceId, member: MembershipId) -> dict[str, Any]:
    """With profile and, for managers and oneself, what they do here."""
    return _whole(request, member)


@router.patch("/spaces/{space}/members/{member}")
def change_member(
    request: Request, space: SpaceId, member: MembershipId, body: MemberChanges
) -> dict[str, Any]:
    actions.change_member(request.scope, member, role=body.role, suspended=body.suspended)
    return _whole(request, member)


def _whole(request: Request, member: UUID) -> dict[str, Any]:
    row = queries.member(request.scope, member)
    return whole_member_json(row, queries.member_activity(request.scope, member))


@router.delete("/spaces/{space}/members/{member}", response={204: None})
def remove_member(request: Request, space: SpaceId, member: MembershipId) -> Status[None]:
    actions.remove_member(request.scope, member)
    return Status(204, None)


@router.get("/spaces/{space}/invitations")
def invitations(request: Request, space: SpaceId, query: Query[InvitationQuery]) -> dict[str, Any]:
    """The newest first."""
    found = joining.open_invitations(request.scope, query.status)
    return paged(found, query, made, invitation_json, kinds=[str, str], descending=True)


@router.post("/spaces/{space}/invitations", response={201: dict[str, Any]})
def invite(request: Request, space: SpaceId, body: NewInvitation) -> Status[dict[str, Any]]:
    invitation_id, token = joining.invite(
        request.scope, email=body.email, role=body.role, anyone=body.anyone,
        days=joining.check_days(body.expires_in_days),
    )  # fmt: skip
    shown = invitation_json(queries.invitation(request.scope, invitation_id))
    return Status(201, shown | _secret(request, token))


@router.post("/spaces/{space}/invitations/{invitation}/revoke")
def revoke_invitation(request: Request, space: SpaceId, invitation: InvitationId) -> dict[str, Any]:
    return invitation_json(joining.revoke_invitation(request.scope, invitation))


@router.post("/spaces/{space}/invitations/{invitation}/resend")
def resend_invitation(request: Request, space: SpaceId, invitation: InvitationId) -> dict[str, Any]:
    """A new link, shown once; the old one is dead."""
    token = joining.resend_invitation(request.scope, invitation)
    return invitation_json(queries.invitation(request.scope, invitation)) | _secret(request, token)


@router.post("/invitations", response={201: dict[str, Any]})
def invite_to_install(request: Request, body: NewHouseholder) -> Status[dict[str, Any]]:
    """An install administrator's: whoever registers with it gets a household of their own (P1)."""
    days = joining.check_days(body.expires_in_days)
    invitation_id, token = joining.invite(
        request.scope, email=body.email, anyone=body.anyone, days=days, to_install=True
    )
    shown = invitation_json(queries.install_invitation(invitation_id))
    return Status(201, shown | _secret(request, token))


@router.get("/invitations")
def install_invitations(request: Request, query: Query[InvitationQuery]) -> dict[str, Any]:
    """Invitations to the install, the newest first; for its administrators."""
    found = joining.invitations_to_install(request.scope, query.status)
    return paged(found, query, made, invitation_json, kinds=[str, str], descending=True)


@router.post("/invitations/{invitation}/revoke")
def revoke_install_invitation(request: Request, invitation: InvitationId) -> dict[str, Any]:
    return invitation_json(joining.revoke_install_invitation(request.scope, invitation))


@router.get("/invitations/{token}", auth=None)
def invitation_of(request: HttpRequest, token: str) -> dict[str, Any]:
    return joining.shown_to_holder(queries.invitation_of(token))


@router.post("/invitations/{token}/claim")
def claim(request: Request, token: str) -> dict[str, Any]:
    return {"space": space_json(joining.claim(request.scope, token))}


@router.post("/invitations/{token}/decline", auth=None, response={204: None})
def decline(request: Request, token: str) -> Status[None]:
    joining.decline(token, request.request_id, request.scope.user_id if request.scope else None)
    return Status(204, None)


def _secret(request: HttpRequest, token: str) -> dict[str, str]:
    """What an invitation answers once."""
    return {"token": token, "url": request.build_absolute_uri(joining.invitation_path(token))}


def joined(row: dict[str, Any]) -> tuple[str, str]:
    return row["joined_at"].isoformat(), str(row["id"])


def made(row: dict[str, Any]) -> tuple[str, str]:
    return row["created_at"].isoformat(), str(row["id"])


def whole_list(items: list[Any]) -> dict[str, Any]:
    """A list that is never long: all of it, in one page."""
    return listing(items, limit=max(len(items), 50), total=len(items))
