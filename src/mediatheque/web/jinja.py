"""The engine of all pages: templates in the dialect of Jinja, rendered by minijinja (ADR 0008)."""

import threading
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import TemplateDoesNotExist
from django.template.backends.base import BaseEngine
from django.templatetags.static import static as static_url
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import conditional_escape, format_html
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from minijinja import Environment

HIDDEN = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'


class Templates(BaseEngine):
    """Django's view of the engine. Options: `context_processors`, as its own engines have them."""

    app_dirname = "templates"

    def __init__(self, params: Mapping[str, Any]) -> None:
        params = dict(params)
        options = params.pop("OPTIONS")
        super().__init__(params)
        self._processors = options["context_processors"]
        self._folders = tuple(Path(each) for each in self.dirs)
        self._threads = threading.local()

    def get_template(self, template_name: str) -> "Page":
        _source(template_name, self._folders)  # found, or TemplateDoesNotExist
        return Page(self, template_name)

    def render(self, name: str, context: Mapping[str, Any]) -> SafeString:
        rendered: str = self._environment(get_language()).render_template(name, **context)
        # It escapes slashes as well, which no HTML needs: an address is shown as it is.
        return mark_safe(rendered.replace("&#x2f;", "/"))  # noqa: S308 - it escapes

    def _environment(self, language: str | None) -> Environment:
        """Each lane has one of its own for each language: rendering holds it, and it keeps its texts."""
        found: dict[str | None, Environment] | None = getattr(self._threads, "environments", None)
        if found is None:
            found = self._threads.environments = {}
        if language not in found:
            found[language] = _environment(self._folders)
        return found[language]

    @cached_property
    def processors(self) -> list[Callable[[HttpRequest], dict[str, Any]]]:
        return [import_string(each) for each in self._processors]


class Page:
    """One template."""

    def __init__(self, engine: Templates, name: str) -> None:
        self._engine, self._name = engine, name

    def render(self, context: Mapping[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        given = dict(context or {})
        if request is not None:
            token = get_token(request)
            given |= {"request": request, "csrf_token": token, "csrf_input": format_html(HIDDEN, token)}
            for processor in self._engine.processors:
                given |= processor(request)
        return self._engine.render(self._name, given)


def _environment(folders: tuple[Path, ...]) -> Environment:
    """Strict about missing names; every text goes through gettext; whatever is not marked safe is escaped."""
    translated = lru_cache(4096)(gettext)

    def text(message: str, **values: Any) -> str:
        return _filled(translated(message), values)

    return Environment(
        loader=lambda name: _source(name, folders),
        auto_escape_callback=lambda name: True,
        undefined_behavior="strict",
        trim_blocks=True,
        lstrip_blocks=True,
        globals={"static": static, "url": url, "language": get_language, "_": text, "ngettext": counted},
    )


@lru_cache
def _source(name: str, folders: tuple[Path, ...]) -> str:
    for folder in folders:
        file = folder / name
        if file.is_file():
            return file.read_text()
    raise TemplateDoesNotExist(name)


def counted(one: str, many: str, number: int, **values: Any) -> str:
    """The text of this number, which it may name as `num`, as the language writes it."""
    return _filled(ngettext(one, many, number), {"num": number_format(number, force_grouping=True)} | values)


def _filled(text: str, values: Mapping[str, Any]) -> str:
    """The text with values in its places; it is escaped where it is put."""
    if not values:
        return text
    if any(hasattr(value, "__html__") for value in values.values()):
        return mark_safe(conditional_escape(text) % {n: conditional_escape(v) for n, v in values.items()})  # noqa: S308
    return text % values


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
