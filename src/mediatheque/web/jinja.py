"""The Jinja environment of all pages."""

from functools import lru_cache
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static as static_url
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, StrictUndefined


def environment(**options: Any) -> Environment:
    """Strict about missing names; every text goes through gettext."""
    options |= {"undefined": StrictUndefined, "autoescape": True}
    env = Environment(**options, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])  # noqa: S701 - it is on, in the options
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals |= {"static": static, "url": url, "language": get_language, "get_messages": get_messages}
    return env


@lru_cache(4096)
def url(name: str, *args: str) -> str:
    """The address of a page; a frame names a dozen of them, the same on every page."""
    return reverse(name, args=args)


@lru_cache(256)
def static(path: str) -> str:
    """The address of a static file, which stays while the process lives."""
    return static_url(path)


def theme(request: HttpRequest) -> str:
    """`light`, `dark` or `system`, from the person's preferences."""
    scope = getattr(request, "scope", None)
    preferences = scope.preferences if scope else {}
    return str(preferences.get("theme", "system"))
