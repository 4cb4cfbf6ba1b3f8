"""Generated covers: addresses that carry what is drawn, signed, so that no look-up and no scope is needed.

Whoever holds an address knows the title already; nobody can make this install draw words of their own.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from mediatheque.core.errors import NotFound

from .cover_art import LONGEST_BYLINE, LONGEST_TITLE, cover_name, cover_svg

SEPARATOR = "\x1f"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def address(kind: str, title: str, byline: str) -> str:
    """Where the cover of this title is drawn; it changes with anything on it, and with the drawing."""
    title, byline = title[: LONGEST_TITLE + 1], byline[: LONGEST_BYLINE + 1]
    words = SEPARATOR.join((kind, title, byline)).encode("utf-8", "replace")
    return f"/covers/{_signature(kind, title, byline)}/{urlsafe_b64encode(words).decode().rstrip('=')}.svg"


def draw(request: HttpRequest, signature: str, words: str) -> HttpResponse:
    """The cover as SVG that can run nothing and load nothing."""
    kind, title, byline = _read(words)
    if not constant_time_compare(signature, _signature(kind, title, byline)):
        raise NotFound()
    response = HttpResponse(cover_svg(kind, title, byline), content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = POLICY
    return response


def _signature(kind: str, title: str, byline: str) -> str:
    return hmac.digest(_key(), cover_name(kind, title, byline).encode(), "sha256").hex()[:24]


@lru_cache(1)
def _key() -> bytes:
    """Of the install's secret, for covers alone: making it for each cover cost more than signing."""
    return salted_hmac("mediatheque.covers", "key", algorithm="sha256").digest()


def _read(words: str) -> tuple[str, str, str]:
    try:
        text = urlsafe_b64decode(words.encode() + b"=" * (-len(words) % 4)).decode()
        kind, title, byline = text.split(SEPARATOR)
    except (ValueError, binascii.Error):
        raise NotFound() from None
    return kind, title, byline
