"""What people do with spaces: make, change, archive and delete them, and their people's roles."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.core import db
from mediatheque.core.errors import Conflict, Forbidden, NotFound, RuleBroken, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.people.actions import check_email, confirm_password
from mediatheque.people.policy import account_only, personal

from . import policy, queries, rules

ROLES = ("member", "manager", "admin")


@dataclass(frozen=True, slots=True)
class SpaceChanges:
    """What of a space shall change; None leaves it as it is."""

    name: str | None = None
    language: str | None = None
    time_zone: str | None = None
    contact: Mapping[str, str] | None = None
    metadata: Mapping[str, Any] | None = None
    default_library: UUID | None = None


def new_slug(name: str) -> str:
    """A slug with an ending that cannot be guessed."""
    return rules.slug(name, "".join(secrets.choice(rules.SLUG_ALPHABET) for _ in range(6)))


def create_space(
    scope: Scope,
    *,
    name: str,
    kind: str = "household",
    language: str | None = None,
    time_zone: str | None = None,
) -> dict[str, Any]:
    """A space with its default library and the person as admin; its facts (S1). Raises Forbidden, RuleBroken."""
    personal(scope)
    if scope.bound_space:
        raise Forbidden(_("This token opens its space alone."), code="token.scope")
    if kind == "studio" and not time_zone:
        raise RuleBroken.at("time_zone", _("A studio needs a time zone."), "time_zone.missing")
    _check_time_zone(time_zone)
    space_id = new_id()
    only_admins = Forbidden(
        _("Only an administrator of this install makes this kind of space."), code="space.kind"
    )
    with translating({"space.kind": only_admins}):
        answer = db.value(
            "select create_space(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                space_id, name, new_slug(name), kind, language or scope.preferences.get("language") or "en",
                time_zone or "UTC", new_id(), _("Library"), new_id(),
            ],
        )  # fmt: skip
    activity.record_of(
        "space.created", actor=scope.user_id, space_id=space_id, entity="space", entity_id=space_id,
        request_id=scope.request_id,
    )  # fmt: skip
    return facts_of(answer, space_id)


def facts_of(answer: Any, space_id: UUID) -> dict[str, Any]:
    """One space's facts from what `enter_person` answered."""
    found = json.loads(answer) if isinstance(answer, str) else answer
    return next(each for each in found["spaces"] if each["id"] == str(space_id))


def change_space(scope: Scope, changes: SpaceChanges) -> dict[str, Any]:
    """Sets what is given; the space as it then stands. Raises Forbidden, RuleBroken, NotFound."""
    policy.require(scope, "space.settings")
    _check_time_zone(changes.time_zone)
    if changes.contact and changes.contact.get("email"):
        check_email(changes.contact["email"], "contact.email")
    if changes.metadata is not None and not rules.fits(changes.metadata):
        raise RuleBroken.at("metadata", _("Metadata holds at most 16 kB."), "metadata.large")
    columns: dict[str, Any] = {
        name: value
        for name in ("name", "language", "time_zone")
        if (value := getattr(changes, name)) is not None
    }
    columns |= {f"contact_{part}": text for part, text in (changes.contact or {}).items()}
    if changes.metadata is not None:
        columns["metadata"] = json.dumps(changes.metadata)
    if columns:
        assignments = ", ".join(f"{name} = %s" for name in columns)
        db.execute(f"update spaces set {assignments} where id = %s", [*columns.values(), scope.space_id])
    if changes.default_library is not None:
        _make_default(scope, changes.default_library)
    activity.record(scope, "space.changed", entity="space", entity_id=scope.space_id)
    return queries.space(scope)


def _make_default(scope: Scope, library_id: UUID) -> None:
    chosen = next((each for each in scope.libraries if each.id == library_id), None)
    if chosen is None:
        raise NotFound.at("default_library")
    if chosen.archived or queries.library(scope, library_id)["limited"]:
        raise Conflict(
            _("The default library is everyone's and in use: choose another one."), code="library.default"
        )
    # One after the other: of two admins at once, the later one wins.
    db.execute("select 1 from spaces where id = %s for no key update", [scope.space_id])
    db.execute("update libraries set is_default = false where space_id = %s and is_default", [scope.space_id])
    db.execute(
        "update libraries set is_default = true where space_id = %s and id = %s", [scope.space_id, library_id]
    )


def _check_time_zone(name: str | None) -> None:
    if name is not None and not rules.is_time_zone(name):
        message = _("Choose a time zone by its IANA name, like Europe/Berlin.")
        raise RuleBroken.at("time_zone", message, "time_zone.unknown")


def archive_space(scope: Scope) -> dict[str, Any]:
    """Puts the space away; nothing in it is lost."""
    policy.require(scope, "space.archive")
    db.execute(
        "update spaces set archived_at = now() where id = %s and archived_at is null", [scope.space_id]
    )
    activity.record(scope, "space.archived", entity="space", entity_id=scope.space_id)
    return queries.space(scope)


def restore_space(scope: Scope) -> dict[str, Any]:
    """Takes the space out again."""
    policy.require(scope, "space.archive")
    db.execute("update spaces set archived_at = null where id = %s", [scope.space_id])
    activity.record(scope, "space.restored", entity="space", entity_id=scope.space_id)
    return queries.space(scope)


def delete_space(scope: Scope, confirm_name: str) -> None:
    """Deletes the space with everything in it, once its name was typed. Raises Forbidden, RuleBroken."""
    policy.require(scope, "space.delete")
    require_name(confirm_name, scope.space.name)
    with translating({}):
        db.execute("select delete_space(%s)", [scope.space_id])
    activity.record_of(
        "space.deleted", actor=scope.user_id, owner_id=scope.user_id, entity="space", entity_id=scope.space_id,
        details={"name": scope.space.name}, request_id=scope.request_id,
    )  # fmt: skip


def require_name(typed_name: str, name: str) -> None:
    """Raises RuleBroken unless the name was typed as it is."""
    if typed_name.strip() != name:
        message = _("Type the name “%(name)s” to confirm.") % {"name": name}
        raise RuleBroken.at("confirm_name", message, "confirm.name")


def select_space(scope: Scope) -> None:
    """The session remembers the active space as the last one."""
    db.execute("select select_place(%s, null)", [scope.session_id])


def last_admin() -> Conflict:
    return Conflict(
        _("A space keeps at least one admin: make someone else admin first."), code="member.last_admin"
    )


def change_role(scope: Scope, membership_id: UUID, role: str) -> dict[str, Any]:
    """Sets a member's role. Raises Forbidden, NotFound, Conflict (the last admin)."""
    policy.require(scope, "member.role")
    with translating({"member.last_admin": last_admin()}):
        answer = db.value("select set_member_role(%s, %s)", [membership_id, role])
    changed = json.loads(answer) if isinstance(answer, str) else answer
    activity.record(
        scope, "member.role_changed", entity="membership", entity_id=membership_id,
        details={"user": changed["user"], "before": changed["before"], "after": role},
    )  # fmt: skip
    return queries.member(scope, membership_id)


def change_member(scope: Scope, membership_id: UUID, *, role: str | None, suspended: bool | None) -> None:
    """Role and suspension, each only where given. Raises as `change_role` and `suspend_member`."""
    if role is not None:
        change_role(scope, membership_id, role)
    if suspended is not None:
        suspend_member(scope, membership_id, suspended=suspended)


def suspend_member(scope: Scope, membership_id: UUID, *, suspended: bool) -> dict[str, Any]:
    """The membership opens nothing until it is lifted (P8). Raises Forbidden, NotFound, Conflict."""
    policy.require(scope, "member.suspend")
    oneself = Conflict(_("Nobody suspends themselves: another admin can."), code="member.oneself")
    with translating({"member.last_admin": last_admin(), "member.oneself": oneself}):
        changed = db.value("select suspend_member(%s, %s)", [membership_id, suspended])
    found = queries.member(scope, membership_id)
    if changed:
        activity.record(
            scope, "member.suspended" if suspended else "member.lifted", entity="membership",
            entity_id=membership_id, details={"user": str(found["user_id"])},
        )  # fmt: skip
    return found


def remove_member(scope: Scope, membership_id: UUID) -> None:
    """Takes a member out, or leaves oneself. Raises Forbidden, NotFound, Conflict (the last admin)."""
    found = queries.member(scope, membership_id)
    if found["user_id"] != scope.user_id:
        policy.require(scope, "member.remove")
    with translating({"member.last_admin": last_admin()}):
        db.execute("select remove_member(%s)", [membership_id])
    action = "member.left" if found["user_id"] == scope.user_id else "member.removed"
    activity.record(
        scope, action, entity="membership", entity_id=membership_id, details={"user": str(found["user_id"])}
    )


def keep_person(scope: Scope, name: str) -> dict[str, Any]:
    """A member without e-mail or sign-in, kept by the household (P6). Raises Forbidden, Conflict."""
    policy.require(scope, "member.keep")
    membership_id, user_id = new_id(), new_id()
    households = Conflict(_("Only households keep people without sign-in."), code="member.households_only")
    with translating({"member.households_only": households}):
        db.execute("select keep_person(%s, %s, %s)", [user_id, name, membership_id])
    activity.record(scope, "member.kept", entity="membership", entity_id=membership_id)
    return queries.member(scope, membership_id)


def delete_account(scope: Scope, password: str) -> None:
    """Deletes the person with what is theirs alone (P6). Raises Conflict while others depend on them."""
    account_only(scope)
    confirm_password(scope, password)
    alone = Conflict(
        _("You are the last admin of a space with other members: make someone else admin first."),
        code="member.last_admin",
    )
    activity.record_of(
        "person.deleted", actor=scope.user_id, entity="user", entity_id=scope.user_id,
        request_id=scope.request_id,
    )  # fmt: skip
    with translating({"member.last_admin": alone}):
        db.execute("select delete_account()")
