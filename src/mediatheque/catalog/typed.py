"""What is typed into a search becomes words, and the keys of words with one wrong letter (C4, ADR 0009). Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mediatheque.core.text import is_unspaced, words

MOST_SEARCHED_WORDS: Final = 12
TITLE, ORIGINAL_TITLE, PEOPLE, OVERVIEW = 3, 2, 1, 0
EVERYWHERE: Final = (TITLE, ORIGINAL_TITLE, PEOPLE, OVERVIEW)
# What an unfinished word is looked up in while it has one, two, three letters: one letter begins too much.
BEGUN_IN: Final = ((), (TITLE, ORIGINAL_TITLE), (TITLE, ORIGINAL_TITLE, PEOPLE), EVERYWHERE)
SHORTEST_MISSPELT: Final = 5
PAST_ALL: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word of a query: what it may begin (`unfinished`), and words a wrong letter away."""

    text: str
    unfinished: bool = False
    alike: tuple[str, ...] = ()

    @property
    def begun_in(self) -> Sequence[int]:
        """The weights among which words that it begins are looked for."""
        letters = len(self.text) * (3 if is_unspaced(self.text) else 1)
        return BEGUN_IN[min(letters, 3)] if self.unfinished else ()


def searched(q: str) -> list[Word]:
    """The folded words of a query, longest first; the last one typed may be unfinished."""
    typed = words(q)[:MOST_SEARCHED_WORDS]
    found = [Word(text, unfinished=text == typed[-1]) for text in typed]
    return sorted(found, key=lambda each: (each.unfinished, -len(each.text)))


def spellings(typed: str) -> Iterator[str]:
    """The keys under which the vocabulary holds every word that is one wrong letter away.

    It keeps a word as itself and, for each letter, as `<place>-<the word without it>`. A wrong letter: one too
    many, one missing, another one in its place, or two neighbours exchanged. Only words of five letters or
    more are looked for, and none with digits: 1984 is not 1985.
    """
    size = len(typed)
    if size < SHORTEST_MISSPELT - 1 or any(mark.isdigit() for mark in typed) or is_unspaced(typed):
        return
    yield from (f"{at + 1}-{typed}" for at in range(size + 1))
    if size < SHORTEST_MISSPELT:
        return
    without = [typed[:at] + typed[at + 1 :] for at in range(size)]
    yield from (f"{at + 1}-{rest}" for at, rest in enumerate(without))
    yield from (typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :] for at in range(size - 1))
    if size > SHORTEST_MISSPELT:
        yield from without
