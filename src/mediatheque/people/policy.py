"""Which programs may touch an account."""

from django.utils.translation import gettext as _

from mediatheque.core.errors import Forbidden
from mediatheque.core.scope import Scope


def account_only(scope: Scope) -> None:
    """Accounts are managed by their people: a personal token opens none of that. Raises Forbidden."""
    if scope.token_scopes:
        raise Forbidden(_("A personal token cannot do this: sign in."), code="token.scope")


def opens_personal(scope: Scope) -> bool:
    """Whether one's own records open, too: not to a token bound to a space without that scope (S1)."""
    return scope.bound_space is None or "personal" in (scope.token_scopes or ())


def personal(scope: Scope) -> None:
    """A token bound to a space opens nothing of one's own unless its scope says so (S1)."""
    if not opens_personal(scope):
        raise Forbidden(_("This token opens its space alone."), code="token.scope")
