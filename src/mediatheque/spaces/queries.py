"""Spaces, their people, invitations and libraries, as far as the scope opens them."""

import json
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.errors import NotFound
from mediatheque.core.scope import Scope, digest

LIBRARY_COLUMNS = (
    "id, space_id, name, description, template, default_type, columns::text as columns, limited, is_default, "
    "created_by, archived_at, created_at, updated_at"
)
INVITATION_COLUMNS = (
    "id, space_id, email, role, anyone, expires_at, accepted_at, accepted_by, created_by, created_at, "
    "case when status = 'pending' and expires_at <= now() then 'expired' else status end as status"
)
MEMBER_COLUMNS = "id, user_id, name, email, role, joined_at, suspended_at, avatar, bio"
SPACE_SQL = """
select s.id, s.name, s.slug, s.kind, m.role, s.language, s.time_zone, s.metadata::text as metadata, s.created_by,
  s.archived_at, s.created_at, s.updated_at, s.contact_person, s.contact_email, s.contact_address,
  (select l.id from libraries l where l.space_id = s.id and l.is_default) as default_library
from spaces s join memberships m on m.space_id = s.id and m.user_id = %s where s.id = %s
"""


def space(scope: Scope) -> dict[str, Any]:
    """The active space as it stands now."""
    found = db.row(SPACE_SQL, [scope.user_id, scope.space_id])
    if found is None:
        raise NotFound()
    contact = {part: found.pop(f"contact_{part}") for part in ("person", "email", "address")}
    # A limited default library is not shown to those it does not admit.
    return found | {"contact": contact, "metadata": json.loads(found["metadata"])}


def libraries(scope: Scope, *, archived: bool | None = None) -> list[dict[str, Any]]:
    """The active space's libraries that admit the person: the default one first, then by name."""
    found = db.rows(
        f"select {LIBRARY_COLUMNS} from libraries where space_id = %s order by is_default desc, name, id",
        [scope.space_id],
        prepared=True,
    )
    if archived is not None:
        found = [row for row in found if (row["archived_at"] is not None) == archived]
    return [_library(row) for row in found]


def library(scope: Scope, library_id: UUID) -> dict[str, Any]:
    """One library of the active space. Raises NotFound, also for one that does not admit the person."""
    found = db.row(
        f"select {LIBRARY_COLUMNS} from libraries where space_id = %s and id = %s",
        [scope.space_id, library_id],
        prepared=True,
    )
    if found is None:
        raise NotFound()
    return _library(found)


def active_library(scope: Scope) -> dict[str, Any] | None:
    """The library the person last stood in, or the default one."""
    if scope.active_space is None or scope.active_library is None:
        return None
    return library(scope, scope.active_library.id)


def _library(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"columns": json.loads(row["columns"])}


def admitted(scope: Scope, library_id: UUID) -> list[UUID]:
    """Whom a limited library admits besides the space's admins."""
    found = db.rows(
        "select user_id from library_members where space_id = %s and library_id = %s order by user_id",
        [scope.space_id, library_id],
    )
    return [row["user_id"] for row in found]


def members(scope: Scope) -> list[dict[str, Any]]:
    """The people of the active space, who joined first first."""
    return db.rows(f"select {MEMBER_COLUMNS} from space_members(null)")


def member(scope: Scope, membership_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    found = db.row(f"select {MEMBER_COLUMNS} from space_members(%s)", [membership_id])
    if found is None:
        raise NotFound()
    return found


def member_activity(scope: Scope, membership_id: UUID) -> dict[str, Any] | None:
    """When they signed in and edited last, how much they added, their contribution score; None to those whom it
    does not concern (P8)."""
    found = db.value("select member_activity(%s)", [membership_id])
    answer: dict[str, Any] | None = json.loads(found) if isinstance(found, str) else found
    return answer


def invitations(scope: Scope, *, status: str | None = None) -> list[dict[str, Any]]:
    """The active space's invitations, the newest first."""
    found = db.rows(
        f"select {INVITATION_COLUMNS} from invitations where space_id = %s order by created_at desc, id desc",
        [scope.space_id],
    )
    return [row for row in found if status in (None, row["status"])]


def invitation(scope: Scope, invitation_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    found = db.row(
        f"select {INVITATION_COLUMNS} from invitations where space_id = %s and id = %s",
        [scope.space_id, invitation_id],
    )
    if found is None:
        raise NotFound()
    return found


def install_invitations() -> list[dict[str, Any]]:
    """Invitations to the install; none for whoever does not administer it."""
    return db.rows(f"select {INVITATION_COLUMNS} from install_invitations(null)")


def install_invitation(invitation_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    found = db.row(f"select {INVITATION_COLUMNS} from install_invitations(%s)", [invitation_id])
    if found is None:
        raise NotFound()
    return found


def invitation_of(token: str) -> dict[str, Any]:
    """What an invitation link invites to; whoever holds it may know. Raises NotFound."""
    found = db.value("select invitation_of(%s)", [digest(token)])
    if found is None:
        raise NotFound()
    answer: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return answer
