"""Who may do what in a space: the one table that code, docs, interface and proofs read (P10)."""

from django.utils.translation import gettext as _

from mediatheque.core.errors import Forbidden
from mediatheque.core.scope import Scope
from mediatheque.people.policy import account_only

RANK = {"member": 1, "manager": 2, "admin": 3}

# The least role of each act. Acts on one's own additions are `member`'s; see `may_change`.
LEAST_ROLE = {
    "media.see": "member",
    "media.add": "member",
    "media.change_own": "member",
    "media.import": "member",
    "change.undo_own": "member",
    "tag.make": "member",
    "media.change_others": "manager",
    "media.delete_bulk": "manager",
    "view.share": "manager",
    "tag.change": "manager",
    "import.undo_any": "manager",
    "library.create": "manager",
    "library.rename": "manager",
    "library.archive": "manager",
    "invitation.member": "manager",
    "space.activity": "manager",
    "library.delete": "admin",
    "library.limit": "admin",
    "library.transfer": "admin",
    "member.role": "admin",
    "member.remove": "admin",
    "member.suspend": "admin",
    "member.keep": "admin",
    "invitation.any_role": "admin",
    "space.settings": "admin",
    "space.audit": "admin",
    "space.archive": "admin",
    "space.delete": "admin",
}


def allows(scope: Scope, act: str) -> bool:
    """Whether the person's role in the active space reaches the act."""
    return RANK.get(scope.role or "", 0) >= RANK[LEAST_ROLE[act]]


def require(scope: Scope, act: str) -> None:
    """Raises Forbidden, saying who can help; NotFound for someone in no space."""
    assert scope.space
    if not allows(scope, act):
        raise Forbidden(needs(LEAST_ROLE[act]), code="permission.role")


def operates(scope: Scope) -> bool:
    """Whether the person administers the install."""
    return scope.user.role == "admin"


def require_operator(scope: Scope) -> None:
    """Raises Forbidden for everyone but the install's administrators, signed in themselves (P7)."""
    account_only(scope)
    if not operates(scope):
        raise Forbidden(
            _("Only administrators of this install may do this: ask one of them."), code="permission.role"
        )


def oversees(scope: Scope) -> bool:
    """Whether the person sees the install's people and events."""
    return scope.user.role in ("admin", "manager")


def require_overseer(scope: Scope) -> None:
    """Raises Forbidden for everyone but the install's administrators and managers (P7)."""
    account_only(scope)
    if not oversees(scope):
        raise Forbidden(
            _("Only administrators and managers of this install may see this."), code="permission.role"
        )


def acts(scope: Scope) -> frozenset[str]:
    """Every act open to the person, for the interface."""
    return frozenset(act for act in LEAST_ROLE if allows(scope, act))


def needs(role: str) -> str:
    words = {
        "member": _("Only members of this space may do this."),
        "manager": _("Only managers and admins of this space may do this: ask one of them."),
        "admin": _("Only admins of this space may do this: ask one of them."),
    }
    return words[role]
