"""Languages of titles, spaces and people. Which of them the interface speaks is a setting of Django's."""

from collections.abc import Mapping
from typing import Any, Literal

from django.conf import settings
from django.utils.translation import get_language

Language = Literal["en", "de", "fr", "es"]
LANGUAGES: list[tuple[str, str]] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
]


def spoken(preferences: Mapping[str, Any]) -> str:
    """The language in which a person is told something: their own choice, else the one at hand."""
    chosen = preferences.get("language")
    return str(chosen) if chosen in dict(settings.LANGUAGES) else get_language() or settings.LANGUAGE_CODE
