"""What people do with their accounts: sign in and out, change profile and password, keep tokens.

Signing in, refreshing and revoking open their own transactions: an answer of 401 must not undo what was
counted or revoked on the way.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mediatheque.audit import activity
from mediatheque.core import db, limits
from mediatheque.core import scope as scopes
from mediatheque.core.clock import now
from mediatheque.core.errors import FieldError, NotFound, NotSignedIn, RuleBroken, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope, digest

from . import rules
from .door import Visit
from .policy import account_only, personal

WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 50
ACCESS_LIFE = timedelta(minutes=30)
LONGEST_TOKEN_LIFE = timedelta(days=3653)
REFRESH_LIFE = timedelta(days=60)


class SignInFailed(NotSignedIn):
    """Unknown address, wrong password and banned account answer alike."""

    code, title = "auth.failed", gettext_lazy("The e-mail or the password is wrong.")


@dataclass(frozen=True, slots=True)
class TokenPair:
    access_token: str
    refresh_token: str
    expires_in: int


def sign_in(email: str, password: str, visit: Visit) -> str:
    """Opens a session; its key (P2). Raises SignInFailed, TooMany."""
    user_id = verify(email, password, visit)
    with scopes.nobody(visit.request_id):
        key = open_session(user_id, visit)
        activity.record_of("sign_in", actor=user_id, owner_id=user_id, request_id=visit.request_id)
    return key


def verify(email: str, password: str, visit: Visit) -> UUID:
    """Whose e-mail and password these are. Ten failures in 15 minutes close an account's door for a while.

    Raises SignInFailed, TooMany.
    """
    key = rules.email_key(email)
    limits.take("sign-in.account", key, limit=FAILURES_PER_ACCOUNT, window=WINDOW)
    limits.take("sign-in.address", visit.address, limit=FAILURES_PER_ADDRESS, window=WINDOW)
    with scopes.nobody(visit.request_id):
        found = _json(db.value("select find_credentials(%s)", [key]))
    if not _opens(found, password):
        owner = UUID(found["id"]) if found else None
        activity.record_of("sign_in.failed", owner_id=owner, request_id=visit.request_id)
        raise SignInFailed()
    limits.give_back("sign-in.account", key, window=WINDOW)
    limits.give_back("sign-in.address", visit.address, window=WINDOW)
    return UUID(found["id"])


def _opens(found: Mapping[str, Any] | None, password: str) -> bool:
    """Takes as long for an unknown address as for a wrong password."""
    if found is None or found["password"] is None:
        make_password(password)
        return False
    right = check_password(password, found["password"], setter=lambda raw: _upgrade(found, raw))
    return right and not found["banned"]


def _upgrade(found: Mapping[str, Any], password: str) -> None:
    with scopes.nobody():
        values = [found["id"], found["password"], make_password(password)]
        db.execute("select upgrade_password(%s, %s, %s)", values)


def open_session(user_id: UUID, visit: Visit) -> str:
    """Inside a transaction: a new session in place of the browser's old one; its key."""
    key = secrets.token_urlsafe(32)
    db.execute(
        "select open_session(%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            new_id(), user_id, digest(key), digest(visit.before) if visit.before else None, visit.user_agent,
            visit.address, now() + timedelta(days=settings.SESSION_DAYS), settings.MAX_SESSIONS_PER_PERSON,
        ],
    )  # fmt: skip
    return key


def sign_out(scope: Scope) -> None:
    """Ends this session, or revokes the token that was used."""
    activity.record(scope, "sign_out", private=True)
    if scope.session_id:
        db.execute("select end_sessions(%s, null)", [scope.session_id])
    elif scope.token_id:
        db.execute("select revoke_used_token(%s)", [scope.token_id])


def end_session(scope: Scope, session_id: UUID) -> None:
    """Ends one of one's own sessions. Raises NotFound."""
    account_only(scope)
    if not db.value("select end_sessions(%s, null)", [session_id]):
        raise NotFound()
    activity.record(scope, "session.revoked", entity="session", entity_id=session_id, private=True)


def end_sessions(scope: Scope, *, all_of_them: bool) -> int:
    """Ends one's other sessions, or all; how many."""
    account_only(scope)
    kept = None if all_of_them else scope.session_id
    ended = int(db.value("select end_sessions(null, %s)", [kept]))
    activity.record(scope, "session.revoked", details={"ended": ended}, private=True)
    return ended


def change_profile(
    scope: Scope, *, name: str | None, bio: str | None, preferences: Mapping[str, Any] | None
) -> None:
    """Sets what is given; a preference given as null is forgotten."""
    personal(scope)
    chosen = json.dumps(dict(preferences)) if preferences is not None else None
    db.execute("select change_profile(%s, %s, %s)", [name, bio, chosen])
    activity.record(scope, "profile.changed", details={"password_changed": False}, private=True)


def refreshed(scope: Scope) -> Scope:
    """The scope with the person's profile as it now stands."""
    found = _json(db.value("select my_profile()"))
    return replace(scope, user=replace(scope.user, **found))


def change_password(scope: Scope, current: str, password: str) -> None:
    """Sets a new password; every other session and token pair ends. Raises RuleBroken."""
    account_only(scope)
    confirm_password(scope, current, "current_password")
    check_new_password(password, scope.user.email or "")
    db.execute(
        "select change_password(%s, %s)", [make_password(password), scope.session_id or scope.token_id]
    )
    activity.record(scope, "profile.changed", details={"password_changed": True}, private=True)


def confirm_password(scope: Scope, password: str, field: str = "password") -> None:
    """Raises RuleBroken at the field unless it is the person's own password."""
    found = _json(db.value("select my_credentials()"))
    if not check_password(password, str(found["password"])):
        raise RuleBroken.at(field, _("That is not your password."), "password.wrong")


def check_new_password(password: str, email: str, field: str = "password") -> None:
    """Raises RuleBroken at the field for a password that is too short, too long, or the e-mail."""
    words = {
        "password.short": _("Use at least %(number)s characters.") % {"number": rules.SHORTEST_PASSWORD},
        "password.long": _("Use at most %(number)s characters.") % {"number": rules.LONGEST_PASSWORD},
        "password.email": _("Use something else than your e-mail."),
    }
    fault = rules.password_fault(password, email)
    if fault:
        raise RuleBroken.at(field, words[fault], fault)


def check_email(email: str, field: str = "email") -> str:
    """The address as it is kept. Raises RuleBroken at the field."""
    try:
        validate_email(email)
    except ValidationError:
        raise RuleBroken.at(
            field, _("Write an e-mail address, like name@example.org."), "email.invalid"
        ) from None
    if len(email) > 254 or len(rules.email_key(email)) > 254:
        raise RuleBroken.at(field, _("Use at most 254 characters."), "email.long")
    return email


def make_token_pair(email: str, password: str, visit: Visit) -> TokenPair:
    """An access and a refresh token of a new family (P4). Raises SignInFailed, TooMany."""
    user_id = verify(email, password, visit)
    pair, values = _new_pair()
    with scopes.nobody(visit.request_id):
        db.execute("select keep_token_pair(%s, %s, %s, %s, %s, %s, %s, %s)", [user_id, new_id(), *values])
        activity.record_of("token.created", actor=user_id, owner_id=user_id, request_id=visit.request_id)
    return pair


def refresh_token_pair(refresh_token: str, visit: Visit) -> TokenPair:
    """A new pair for an unspent refresh token; a spent one revokes its whole family. Raises NotSignedIn."""
    limits.take("token.refresh", visit.address, limit=300, window=WINDOW)
    pair, values = _new_pair()
    with scopes.nobody(visit.request_id):
        spent = _json(
            db.value("select spend_refresh(%s, %s, %s, %s, %s, %s, %s)", [digest(refresh_token), *values])
        )
        if spent and spent["reused"]:
            owner = UUID(spent["user"])
            activity.record_of("token.reused", owner_id=owner, request_id=visit.request_id)
    if spent is None or spent["reused"]:
        raise NotSignedIn(
            _("This token is unknown, expired or revoked: sign in again."), code="token.invalid"
        )
    return pair


def revoke_token(token: str, visit: Visit) -> None:
    """Revokes a token with its family; silent about unknown ones."""
    with scopes.nobody(visit.request_id):
        owner = db.value("select revoke_token_family(%s)", [digest(token)])
        if owner:
            activity.record_of("token.revoked", actor=owner, owner_id=owner, request_id=visit.request_id)


def _new_pair() -> tuple[TokenPair, list[Any]]:
    access, refresh = f"mda_{secrets.token_urlsafe(32)}", f"mdr_{secrets.token_urlsafe(32)}"
    instant = now()
    values = [
        new_id(), digest(access), instant + ACCESS_LIFE,
        new_id(), digest(refresh), instant + REFRESH_LIFE,
    ]  # fmt: skip
    return TokenPair(access, refresh, int(ACCESS_LIFE.total_seconds())), values


def create_api_token(
    scope: Scope, *, name: str, scopes: Sequence[str], space_id: UUID | None, expires_at: datetime | None
) -> tuple[UUID, str]:
    """A personal token's id and its text, which is never shown again. Raises NotFound at `space`."""
    account_only(scope)
    if expires_at is not None and not now() < expires_at < now() + LONGEST_TOKEN_LIFE:
        raise RuleBroken.at("expires_at", _("Choose a time within the next ten years."), "expiry.range")
    token_id, token = new_id(), f"mdq_{secrets.token_urlsafe(32)}"
    with translating({"space.unknown": NotFound.at("space")}):
        db.execute(
            "select keep_api_token(%s, %s, %s, %s, %s, %s)",
            [token_id, digest(token), name, json.dumps(list(scopes)), space_id, expires_at],
        )
    activity.record(
        scope, "token.created", entity="token", entity_id=token_id, details={"name": name}, private=True
    )
    return token_id, token


def revoke_api_token(scope: Scope, token_id: UUID) -> None:
    """Raises NotFound."""
    account_only(scope)
    if not db.value("select revoke_api_token(%s)", [token_id]):
        raise NotFound()
    activity.record(scope, "token.revoked", entity="token", entity_id=token_id, private=True)


def reset_password(email: str, password: str | None = None) -> str:
    """For the operator: sets the password (a new random one if none is given) and returns it.

    Every session and token pair of the person ends. Raises NotFound for an unknown address.
    """
    chosen = password if password is not None else new_password()
    check_new_password(chosen, email)
    with scopes.nobody("command"):
        person = db.value("select reset_password(%s, %s)", [rules.email_key(email), make_password(chosen)])
        if person is None:
            missing = _("Nobody here has this address.")
            raise NotFound(missing, errors=[FieldError("email", missing, "email.unknown")])
        activity.record_of(
            "password.reset", owner_id=person, details={"by": "operator"}, request_id="command"
        )
    return chosen


def new_password() -> str:
    """A password to be used once and changed."""
    return secrets.token_urlsafe(12)


def _json(answer: Any) -> Any:
    return json.loads(answer) if isinstance(answer, str | bytes) else answer
