"""Languages of titles, spaces and people. Which of them the interface speaks is a setting of Django's."""

from typing import Literal

Language = Literal["en", "de", "fr", "es"]
LANGUAGES: list[tuple[str, str]] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
]
