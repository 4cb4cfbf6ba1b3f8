"""What is computed from an item's fields, in one place for people, imports and undo (ADR 0004). Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from mediatheque.core import text

from .rules import year_key

MOST_WORDS = 60
LONGEST_TERM = 300
LANGUAGES = ("en", "de", "fr", "es", None)


def derive(fields: Mapping[str, Any], language: str | None) -> dict[str, Any]:
    """The derived columns of a media item: sort_title, sort_key, match_key, year_key, word_list, terms.

    `fields` are the item's own (title, original_title, sort_title, year, people, genres, external_ids;
    only title must be there); `language` is the title's, else the person's, as a BCP 47 code. A sort
    title that is given is taken as it is.
    """
    title = fields["title"]
    own_sort_title = fields.get("sort_title") or ""
    return {
        "sort_title": own_sort_title or text.sort_title(title, language),
        "sort_key": text.sort_key(own_sort_title, None) if own_sort_title else text.sort_key(title, language),
        "match_key": text.match_key(title),
        "year_key": year_key(fields.get("year")),
        "word_list": _word_list(title, fields.get("original_title") or "", fields.get("people") or ()),
        "terms": _terms(fields),
    }


def is_derived(sort_title: str, title: str) -> bool:
    """Whether the sort title is what some language makes of the title, not a person's own words."""
    return any(text.sort_title(title, language) == sort_title for language in LANGUAGES)


def _word_list(title: str, original_title: str, people: Sequence[Mapping[str, Any]]) -> list[str]:
    """Weight and word in one text; a word counts where it weighs most (C4)."""
    weights: dict[str, str] = dict.fromkeys(text.words(title), "3")
    if original_title:
        for word in text.words(original_title):
            weights.setdefault(word, "2")
    if people:
        for word in text.words(" | ".join([each["name"] for each in people])):
            weights.setdefault(word, "1")
    return [weight + word for word, weight in weights.items()][:MOST_WORDS]


def _terms(fields: Mapping[str, Any]) -> list[list[str]]:
    """`[kind, key, term]` of each genre, person in a role, and external id; what is written differently
    and folds alike is one term."""
    found: dict[tuple[str, str], str] = {}
    for genre in fields.get("genres") or ():
        found.setdefault(("genre", term_key(genre)), genre)
    for person in fields.get("people") or ():
        name = person["name"]
        found.setdefault((person["role"], term_key(name)), name)
    for each in fields.get("external_ids") or ():
        found.setdefault((f"id:{each['provider']}:{each['kind']}", each["id"]), each["id"])
    return [[kind, key, term] for (kind, key), term in found.items()]


def term_key(term: str) -> str:
    """What a genre or a name is compared by in filters."""
    return text.fold(term)[:LONGEST_TERM]
