"""What a browser brings to the door and takes away: its address, its cookie, its CSRF token."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import rotate_token

Answer = TypeVar("Answer", bound=HttpResponseBase)


@dataclass(frozen=True, slots=True)
class Visit:
    """From where somebody signs in; `before` is the session key their browser already had."""

    address: str
    user_agent: str
    request_id: str
    before: str | None = None


def visit_of(request: HttpRequest) -> Visit:
    return Visit(
        address=client_address(request),
        user_agent=_printable(request.headers.get("User-Agent", ""))[:300],
        request_id=getattr(request, "request_id", ""),
        before=request.COOKIES.get(settings.SESSION_COOKIE_NAME),
    )


def client_address(request: HttpRequest) -> str:
    """The client's address; behind TRUST_PROXY hops the one that the outermost of them wrote."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    named = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
    if settings.TRUST_PROXY and named:
        address = named[-min(settings.TRUST_PROXY, len(named))]
    try:
        return str(ip_address(address))
    except ValueError:
        return str(request.META.get("REMOTE_ADDR", ""))[:45]


def let_in(request: HttpRequest, response: Answer, key: str) -> Answer:
    """Gives the browser its session; its old CSRF token is worth nothing any more (P2)."""
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        key,
        max_age=settings.SESSION_DAYS * 86400,
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    rotate_token(request)
    return response


def let_out(request: HttpRequest, response: Answer) -> Answer:
    """Takes the browser's session away."""
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Strict")
    rotate_token(request)
    return response


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
