"""What a page says to people, and which of it is still English."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

from .texts import translated

SAID = ("aria-label", "placeholder", "title", "alt", "data-failed")
SILENT = ("script", "style", "svg", "code", "kbd")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.texts += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def texts_of(page: str) -> list[str]:
    """Every text of the page that somebody sees or hears, blanks folded."""
    reader = _Reader()
    reader.feed(page)
    folded = (" ".join(text.split()) for text in reader.texts)
    return [text for text in folded if text]


def english_in(page: str, language: str = "de") -> list[str]:
    """The page's texts that are an English message with another translation."""
    plain, patterns = _english(language)
    found = []
    for text in texts_of(page):
        for part in (text, *text.split(" · ")):
            if part in plain or any(pattern.fullmatch(part) for pattern in patterns):
                found.append(part)
    return list(dict.fromkeys(found))


@cache
def _english(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    catalog = translated(language)
    german = {text for message in catalog for text in _forms(message.string)}
    plain, patterns = set(), []
    for message in catalog:
        if not any(_forms(message.string)):
            continue  # not translated yet: another test's business
        for text in _forms(message.id):
            if not text or text in german:
                continue
            if "%(" not in text:
                plain.add(" ".join(text.split()))
            elif len(re.findall(r"[A-Za-z]{2,}", re.sub(r"%\(\w+\)s", "", text))) > 1:
                pattern = re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(text))
                patterns.append(re.compile(pattern))
    return frozenset(plain), tuple(patterns)


def _forms(texts: str | tuple[str, ...] | list[str]) -> Iterator[str]:
    yield from (texts,) if isinstance(texts, str) else texts
