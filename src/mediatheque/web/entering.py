"""Who asks, and where they stand: found from cookie or token, before the view (ARCHITECTURE, *One way*)."""

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from mediatheque.core import scope
from mediatheque.core.api import Request
from mediatheque.core.errors import FieldError, Forbidden, Malformed, NotFound, NotSignedIn
from mediatheque.core.ids import UnknownId, read_id

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def asking(request: Request, wanted: str | None) -> scope.Scope | None:
    """The scope of whoever asks, opened in the transaction that is open; None for nobody.

    `wanted` is the space that they name. Raises NotSignedIn, Forbidden for a token that may not.
    """
    bearer = _bearer(request)
    if bearer is None or request.path == "/metrics":
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        return scope.of_session(key, space=wanted, request_id=request.request_id) if key else None
    found = scope.of_token(bearer, space=wanted, request_id=request.request_id)
    if found is None:
        raise NotSignedIn(_("This token is unknown, expired or revoked."), code="token.invalid")
    _check_scopes(request, found)
    return found


def admit(request: Request, found: scope.Scope, wanted: str | None) -> None:
    """The request goes on in this scope. Raises NotFound where the space that is named is none of theirs."""
    if wanted and found.active_space is None:
        raise NotFound()
    request.scope = found
    structlog.contextvars.bind_contextvars(user_id=str(found.user_id))


def language(request: Request) -> str:
    """What the answer speaks: the person's language, the browser's while nobody is known."""
    who: scope.Scope | None = getattr(request, "scope", None)
    preferred = who.preferences.get("language") if who else None
    if preferred in dict(settings.LANGUAGES):
        return str(preferred)
    return translation.get_language_from_request(request)


def wanted_space(request: HttpRequest) -> str | None:
    """The space that the address or the X-Space header names. Raises Malformed when they disagree."""
    header = request.headers.get("X-Space")
    named = _space_id(header) if header else None
    parts = request.path.split("/")
    if len(parts) > 2 and parts[1] == "s":
        return parts[2] or None
    if request.path.startswith("/api/spaces/spc_"):
        in_path = _space_id(parts[3])
        if named and named != in_path:
            message = _("The header names another space than the address.")
            raise Malformed(message, errors=[FieldError("X-Space", message, "space.contradicts")])
        return in_path
    return named


def _space_id(text: str) -> str:
    try:
        return str(read_id("space", text))
    except UnknownId:
        raise NotFound() from None


def _bearer(request: HttpRequest) -> str | None:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _check_scopes(request: HttpRequest, found: scope.Scope) -> None:
    """A personal token does what its scopes say: `read`, `write` (P4). An access token does everything."""
    scopes = found.token_scopes or ()
    if not scopes:
        return
    needed = "read" if request.method in SAFE else "write"
    if needed not in scopes and "write" not in scopes:
        raise Forbidden(_("This token may only read."), code="token.scope")
