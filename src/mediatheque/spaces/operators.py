"""What those who run the install see and do: its people and its events, and no space's content (P7, L2)."""

import json
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.audit import queries as trail
from mediatheque.core import db
from mediatheque.core.errors import Conflict, NotFound, Refusal, translating
from mediatheque.core.scope import Scope

from . import policy

COLUMNS = "id, name, email, role, banned_at, created_at, last_sign_in_at, spaces"


def people(scope: Scope, *, words: str | None = None, banned: bool | None = None) -> list[dict[str, Any]]:
    """Everyone with an account, the first first; `words` stand in name or address. Raises Forbidden."""
    policy.require_overseer(scope)
    found = db.rows(f"select {COLUMNS} from people_of_the_install(null)")
    wanted = (words or "").casefold().split()
    return [
        row for row in found
        if all(word in f"{row['name']} {row['email']}".casefold() for word in wanted)
        and banned in (None, row["banned_at"] is not None)
    ]  # fmt: skip


def person(scope: Scope, user_id: UUID) -> dict[str, Any]:
    """Raises Forbidden, NotFound."""
    policy.require_overseer(scope)
    found = db.row(f"select {COLUMNS} from people_of_the_install(%s)", [user_id])
    if found is None:
        raise NotFound()
    return found


def change_person(scope: Scope, user_id: UUID, *, role: str | None, banned: bool | None) -> dict[str, Any]:
    """Role in the install, and whether they are banned: then they are out at once, with every session and token.

    Raises Forbidden, NotFound, Conflict (the last administrator, banning oneself).
    """
    policy.require_operator(scope)
    with translating(_refusals()):
        answer = db.value("select change_user(%s, %s, %s)", [user_id, role, banned])
    before = json.loads(answer) if isinstance(answer, str) else answer
    if role not in (None, before["role"]):
        _record(scope, "user.role_changed", user_id, {"before": before["role"], "after": role})
    if banned not in (None, before["banned"]):
        _record(scope, "user.banned" if banned else "user.unbanned", user_id, {})
    return person(scope, user_id)


def delete_person(scope: Scope, user_id: UUID) -> None:
    """The account goes with what is theirs alone; what they added to others' spaces stays.

    Raises Forbidden, NotFound, Conflict (the last admin of a space with others, oneself, the last administrator).
    """
    policy.require_operator(scope)
    with translating(_refusals()):
        db.execute("select delete_user(%s)", [user_id])
    _record(scope, "person.deleted", user_id, {})


def events(
    scope: Scope, wanted: trail.EventFilter, *, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """The install's events, newest first. Raises Forbidden."""
    policy.require_overseer(scope)
    return trail.install_events(wanted, before=before, limit=limit)


def _refusals() -> dict[str, Refusal]:
    return {
        "user.last_admin": Conflict(
            _("The install keeps at least one administrator: make someone else administrator first."),
            code="user.last_admin",
        ),
        "user.oneself": Conflict(_("Not to oneself: another administrator can."), code="user.oneself"),
        "member.last_admin": Conflict(
            _(
                "They are the last admin of a space with other members: someone there must become admin first."
            ),
            code="member.last_admin",
        ),
    }


def _record(scope: Scope, action: str, user_id: UUID, details: dict[str, Any]) -> None:
    activity.record(scope, action, entity="user", entity_id=user_id, details=details, private=True)
