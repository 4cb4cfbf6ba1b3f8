"""What is computed from an item's fields, in one place for people, imports and undo (ADR 0004).

Pure but for one setting: whether overviews are searched (ADR 0009).
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from mediatheque.core import text

from .rules import year_key

MOST_WORDS = 60
MOST_OVERVIEW_WORDS = 100
LONGEST_OVERVIEW = 5000
SHORTEST_OVERVIEW_WORD = 3
DERIVATION = 1
LONGEST_TERM = 300
LANGUAGES = ("en", "de", "fr", "es", None)


def derive(fields: Mapping[str, Any], language: str | None) -> dict[str, Any]:
    """The derived columns of a media item: sort_title, sort_key, match_key, year_key, word_list, terms, derived.

    `fields` are the item's own (title, original_title, sort_title, year, people, overview, genres, tags,
    external_ids; only title must be there); `language` is the title's, else the person's, as a BCP 47 code. A sort
    title that is given is taken as it is.
    """
    title = fields["title"]
    own_sort_title = fields.get("sort_title") or ""
    return {
        "sort_title": own_sort_title or text.sort_title(title, language),
        "sort_key": text.sort_key(own_sort_title, None) if own_sort_title else text.sort_key(title, language),
        "match_key": text.match_key(title),
        "year_key": year_key(fields.get("year")),
        "word_list": word_list(fields),
        "terms": terms(fields),
        "derived": derivation(),
    }


def is_derived(sort_title: str, title: str) -> bool:
    """Whether the sort title is what some language makes of the title, not a person's own words."""
    return any(text.sort_title(title, language) == sort_title for language in LANGUAGES)


def derivation() -> int:
    """What a row is marked with that was derived as rows are now; others are derived anew (`jobs`)."""
    return 2 * DERIVATION + settings.SEARCH_OVERVIEWS


def word_list(fields: Mapping[str, Any]) -> list[str]:
    """Weight and word in one text; a word counts where it weighs most (C4)."""
    weights: dict[str, str] = dict.fromkeys(text.words(fields["title"], endings=True), "3")
    if original_title := fields.get("original_title"):
        for word in text.words(original_title, endings=True):
            weights.setdefault(word, "2")
    if people := fields.get("people"):
        for word in text.words(" | ".join([each["name"] for each in people])):
            weights.setdefault(word, "1")
    found = [weight + word for word, weight in weights.items()][:MOST_WORDS]
    return [*found, *_overview_words(fields.get("overview") or "", weights)]


def _overview_words(overview: str, known: Mapping[str, str]) -> list[str]:
    """The first words of a text that are worth a row each: most of the index is theirs."""
    if not settings.SEARCH_OVERVIEWS or not overview:
        return []
    found = [
        f"0{word}"
        for word in text.words(overview[:LONGEST_OVERVIEW])
        if word not in known and (len(word) >= SHORTEST_OVERVIEW_WORD or not word.isascii())
    ]
    return found[:MOST_OVERVIEW_WORDS]


def terms(fields: Mapping[str, Any]) -> list[list[str]]:
    """`[kind, key, term]` of each genre, tag, person in a role, and external id; what is written differently
    and folds alike is one term."""
    found: dict[tuple[str, str], str] = {}
    for genre in fields.get("genres") or ():
        found.setdefault(("genre", term_key(genre)), genre)
    for tag in fields.get("tags") or ():
        found.setdefault(("tag", term_key(tag)), tag)
    for person in fields.get("people") or ():
        name = person["name"]
        found.setdefault((person["role"], term_key(name)), name)
    for each in fields.get("external_ids") or ():
        found.setdefault((f"id:{each['provider']}:{each['kind']}", each["id"]), each["id"])
    return [[kind, key, term] for (kind, key), term in found.items()]


def term_key(term: str) -> str:
    """What a genre or a name is compared by in filters."""
    return text.fold(term)[:LONGEST_TERM]
