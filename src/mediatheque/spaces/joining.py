"""How people come in: registering, inviting, claiming and declining (P1, P9)."""

import json
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.core import db, limits
from mediatheque.core import scope as scopes
from mediatheque.core.clock import now
from mediatheque.core.errors import Conflict, Forbidden, NotFound, Refusal, RuleBroken, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope, digest
from mediatheque.people import rules as people_rules
from mediatheque.people.actions import check_email, check_new_password, new_password, open_session
from mediatheque.people.door import Visit

from . import policy, queries
from .actions import facts_of, new_slug

KNOWN_ADDRESSES = 50
KNOWN_WINDOW = timedelta(hours=1)


def register(*, email: str, password: str, name: str, invitation: str | None, visit: Visit) -> str:
    """An account, signed in; its session's key.

    The first person of an install becomes its administrator; later ones need an invitation, unless
    registration is open. Raises Forbidden, NotFound, Conflict (a known address), RuleBroken, TooMany.
    """
    kept = check_email(email)
    check_new_password(password, kept)
    # Counted before anything is answered, and given back unless the address was known: no guessing.
    limits.take("register.known", visit.address, limit=KNOWN_ADDRESSES, window=KNOWN_WINDOW)
    try:
        key = _register(kept, make_password(password), name, invitation, visit)
    except Refusal as refusal:
        if refusal.code != "email.known":
            limits.give_back("register.known", visit.address, window=KNOWN_WINDOW)
        raise
    limits.give_back("register.known", visit.address, window=KNOWN_WINDOW)
    return key


def _register(email: str, password: str, name: str, invitation: str | None, visit: Visit) -> str:
    with scopes.nobody(visit.request_id), translating(_refusals()):
        user_id = new_id()
        joined = _insert(user_id, email, password, name, invitation, operator=False)
        key = open_session(user_id, visit)
        activity.record_of("register", actor=user_id, owner_id=user_id, request_id=visit.request_id)
        if joined["invitation"]:
            _record_claim(joined, UUID(joined["space"]), user_id, visit.request_id)
    return key


def create_admin(*, email: str, name: str, password: str | None = None) -> str:
    """For the operator: an install administrator with a household; their password (a new one if none is given).

    Raises Conflict (a known address), RuleBroken.
    """
    kept = check_email(email)
    chosen = password if password is not None else new_password()
    check_new_password(chosen, kept)
    user_id = new_id()
    with scopes.nobody("command"), translating(_refusals()):
        _insert(user_id, kept, make_password(chosen), name, None, operator=True)
        activity.record_of("register", owner_id=user_id, details={"by": "operator"}, request_id="command")
    return chosen


def _insert(
    user_id: UUID, email: str, password: str, name: str, invitation: str | None, *, operator: bool
) -> dict[str, Any]:
    space_name = (_("%(name)s’s household") % {"name": name})[:120]
    answer = db.value(
        "select register(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            user_id, email, people_rules.email_key(email), name, password,
            digest(invitation) if invitation else None, operator or settings.REGISTRATION == "open", operator,
            new_id(), space_name, new_slug(space_name), (get_language() or "en")[:2], new_id(), _("Library"), new_id(),
        ],
    )  # fmt: skip
    found: dict[str, Any] = json.loads(answer) if isinstance(answer, str) else answer
    return found


def _refusals() -> dict[str, Refusal]:
    return {
        "invitation.required": Forbidden(
            _("Registering here needs an invitation: ask who runs this install."), code="invitation.required"
        ),
        "invitation.unknown": NotFound.at("invite_token"),
        "users_email_key_key": Conflict(
            _("This address is registered already: sign in instead."), code="email.known"
        ),
    } | _claim_refusals()


def _claim_refusals() -> dict[str, Refusal]:
    return {
        "invitation.other_address": Forbidden(
            _("This invitation is for another address."), code="invitation.other_address"
        ),
        "invitation.spent": Conflict(
            _("This invitation has been used or has ended."), code="invitation.spent"
        ),
        "memberships_once": Conflict(_("You are in this space already."), code="member.already"),
        "memberships_one_client": Conflict(
            _("You belong to another client already."), code="member.one_client"
        ),
    }


def invite(
    scope: Scope,
    *,
    email: str,
    role: str = "member",
    anyone: bool = False,
    days: int = 14,
    to_install: bool = False,
) -> tuple[UUID, str]:
    """An invitation into the active space, or (install administrators) to the install; its id and token.

    The token is shown once. Raises Forbidden, Conflict (a member already, one pending already), RuleBroken.
    """
    if to_install:
        policy.require_operator(scope)
    else:
        policy.require(scope, "invitation.member" if role == "member" else "invitation.any_role")
    kept = check_email(email)
    invitation_id, token = new_id(), secrets.token_urlsafe(24)
    space_id = None if to_install else scope.space_id
    refusals: dict[str, Refusal] = {
        "invitations_one_pending": Conflict(
            _("This address has an open invitation already: revoke it first."), code="invitation.pending"
        ),
        "member.already": Conflict(_("This person is a member already."), code="member.already"),
        "permission.role": Forbidden(policy.needs("admin"), code="permission.role"),
    }
    with translating(refusals):
        db.execute(
            "select invite(%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                invitation_id, space_id, kept, people_rules.email_key(kept), role, anyone, digest(token),
                now() + timedelta(days=days),
            ],
        )  # fmt: skip
    activity.record(
        scope, "invite.created", entity="invitation", entity_id=invitation_id, private=to_install,
        details={"role": role},
    )  # fmt: skip
    return invitation_id, token


def revoke_invitation(scope: Scope, invitation_id: UUID) -> dict[str, Any]:
    """Ends a pending invitation. Raises Forbidden, NotFound, Conflict."""
    policy.require(scope, "invitation.member")
    higher = Forbidden(policy.needs("admin"), code="permission.role")
    with translating({"invitation.spent": _not_open(), "permission.role": higher}):
        db.execute("select revoke_invitation(%s)", [invitation_id])
    activity.record(scope, "invite.revoked", entity="invitation", entity_id=invitation_id)
    return queries.invitation(scope, invitation_id)


def resend_invitation(scope: Scope, invitation_id: UUID, *, days: int = 14) -> str:
    """A new link in place of the old one, which is dead from here on; its token (P9).

    Raises Forbidden, NotFound, Conflict (used, declined or revoked already).
    """
    policy.require(scope, "invitation.member")
    token = secrets.token_urlsafe(24)
    spent = Conflict(_("Only an open invitation can be sent again."), code="invitation.spent")
    higher = Forbidden(policy.needs("admin"), code="permission.role")
    refusals: dict[str, Refusal] = {"invitation.spent": spent, "permission.role": higher}
    refusals["invitations_one_pending"] = Conflict(
        _("This address has an open invitation already: revoke it first."), code="invitation.pending"
    )
    with translating(refusals):
        values = [invitation_id, digest(token), now() + timedelta(days=days)]
        db.execute("select resend_invitation(%s, %s, %s)", values)
    activity.record(scope, "invite.resent", entity="invitation", entity_id=invitation_id)
    return token


def _not_open() -> Conflict:
    return Conflict(_("Only an open invitation can be revoked."), code="invitation.spent")


def open_invitations(scope: Scope, status: str | None) -> list[dict[str, Any]]:
    """The space's invitations, for those who may invite."""
    policy.require(scope, "invitation.member")
    return queries.invitations(scope, status=status)


def invitations_to_install(scope: Scope, status: str | None) -> list[dict[str, Any]]:
    """For the install's administrators. Raises Forbidden."""
    policy.require_operator(scope)
    return [row for row in queries.install_invitations() if status in (None, row["status"])]


def revoke_install_invitation(scope: Scope, invitation_id: UUID) -> dict[str, Any]:
    """Ends a pending invitation to the install. Raises Forbidden, NotFound, Conflict."""
    policy.require_operator(scope)
    with translating({"invitation.spent": _not_open()}):
        db.execute("select revoke_install_invitation(%s)", [invitation_id])
    activity.record(scope, "invite.revoked", entity="invitation", entity_id=invitation_id, private=True)
    return queries.install_invitation(invitation_id)


def shown_to_holder(invitation: dict[str, Any]) -> dict[str, Any]:
    """What the holder of a link is told."""
    return {name: value for name, value in invitation.items() if name != "id"}


def claim(scope: Scope, token: str) -> dict[str, Any]:
    """Joins the inviting space, exactly once; its facts. Raises NotFound, Forbidden, Conflict."""
    if scope.bound_space:
        raise Forbidden(_("This token opens its space alone."), code="token.scope")
    with translating(_claim_refusals()):
        answer = db.value("select claim_invitation(%s, %s)", [digest(token), new_id()])
    found = json.loads(answer) if isinstance(answer, str) else answer
    space_id = UUID(found["space"])
    _record_claim(found, space_id, scope.user_id, scope.request_id)
    return facts_of(found, space_id)


def decline(token: str, request_id: str, actor: UUID | None) -> None:
    """The invited person does not come. Raises NotFound, Forbidden, Conflict."""
    with translating(_claim_refusals()):
        answer = db.value("select decline_invitation(%s)", [digest(token)])
    found = json.loads(answer) if isinstance(answer, str) else answer
    space_id = UUID(found["space"]) if found["space"] else None
    activity.record_of(
        "invite.declined", actor=actor, space_id=space_id, entity="invitation",
        entity_id=UUID(found["invitation"]), request_id=request_id,
    )  # fmt: skip


def _record_claim(found: dict[str, Any], space_id: UUID, user_id: UUID, request_id: str) -> None:
    activity.record_of(
        "invite.claimed", actor=user_id, space_id=space_id, entity="invitation",
        entity_id=UUID(found["invitation"]), details={"creator": found["invited_by"]}, request_id=request_id,
    )  # fmt: skip


def invitation_path(token: str) -> str:
    """The page where an invitation is taken up."""
    return f"/invitations/{token}"


def check_days(days: int) -> int:
    """Raises RuleBroken for an invitation that ends at once or stands for months."""
    if not 1 <= days <= 90:
        raise RuleBroken.at("expires_in_days", _("Choose from 1 to 90 days."), "expiry.range")
    return days
