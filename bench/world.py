"""The made-up collection that is measured: words, people and titles, the same in every run."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from uuid import UUID

from mediatheque.core.text import fold, words

GENRES = (
    "Action", "Adventure", "Animation", "Biography", "Comedy", "Crime", "Documentary", "Drama", "Family",
    "Fantasy", "History", "Horror", "Music", "Mystery", "Romance", "Science Fiction", "Sport", "Thriller",
    "War", "Western",
)  # fmt: skip
FORMATS = ("Blu-ray", "DVD", "4K UHD", "Digital", "VHS", "LaserDisc")
FIRST_YEAR, LAST_YEAR = 1930, 2025
DIRECTORS, ACTORS = 8_000, 40_000
CHOSEN = 64  # so many values of each filter are asked for in turn
_SYLLABLES = [a + b for a in "bdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "il", "or")]


@dataclass(frozen=True, slots=True)
class Size:
    """How many items the large library holds, how many other spaces there are, and how many items in each."""

    large: int
    others: int
    each: int
    imported: int


FULL = Size(large=200_000, others=50, each=2_000, imported=50_000)
SMALL = Size(large=2_000, others=5, each=200, imported=1_000)


class Vocabulary:
    """Words as a language has them: a few very often, most of them rarely."""

    def __init__(self, count: int = 4_000) -> None:
        rng = random.Random(1)
        found: dict[str, None] = {}
        while len(found) < count:
            found["".join(rng.choices(_SYLLABLES, k=rng.choice((1, 2, 2, 3, 3))))] = None
        self.words = list(found)
        self.first_names = [word.capitalize() for word in rng.sample(self.words, 400)]
        self.last_names = [word.capitalize() for word in rng.sample(self.words, 1_000)]
        self._weights = list(accumulate(1 / (rank + 10) for rank in range(count)))

    def some(self, rng: random.Random, count: int) -> list[str]:
        return rng.choices(self.words, cum_weights=self._weights, k=count)

    def person(self, number: int) -> str:
        """The name with this number; no two numbers under 400,000 share one."""
        return f"{self.first_names[number % 400]} {self.last_names[number // 400]}"


VOCABULARY = Vocabulary()


def item(number: int) -> dict[str, Any]:
    """What a person could have typed in of the title with this number."""
    rng = random.Random(number)
    director = VOCABULARY.person(rng.randrange(DIRECTORS))
    actors = [VOCABULARY.person(DIRECTORS + rng.randrange(ACTORS)) for _ in range(5)]
    return {
        "media_type": "movie",
        "title": " ".join(VOCABULARY.some(rng, rng.choice((1, 2, 2, 3, 3, 4, 5)))).capitalize(),
        "year": rng.randint(FIRST_YEAR, LAST_YEAR),
        "runtime": rng.randint(70, 180),
        "rating": rng.randint(20, 95) / 10,
        "overview": " ".join(VOCABULARY.some(rng, 45)).capitalize() + ".",
        "genres": rng.sample(GENRES, 2),
        "people": [
            {"name": director, "role": "director", "character": None},
            *({"name": name, "role": "actor", "character": VOCABULARY.some(rng, 1)[0]} for name in actors),
        ],
        "format": rng.choice(FORMATS),
        "location": f"Shelf {rng.randint(1, 40)}",
    }


def identity(kind: int, number: int) -> UUID:
    """An id in the order of its making, as UUIDv7 are; `bare/item.sql` makes the same of a number."""
    return UUID(f"01980000-0000-7{kind:03x}-8000-{number:012x}")


def genre_keys() -> list[str]:
    return [fold(genre) for genre in GENRES]


def director_names() -> list[str]:
    return [VOCABULARY.person(number) for number in range(0, DIRECTORS, DIRECTORS // CHOSEN)][:CHOSEN]


def searched_words() -> list[str]:
    """From the most frequent to the rarest."""
    step = len(VOCABULARY.words) // CHOSEN
    return [words(VOCABULARY.words[rank * step])[0] for rank in range(CHOSEN)]


def unknown_words() -> list[str]:
    return [f"q{word}x" for word in searched_words()]


def as_array(values: Sequence[object]) -> str:
    """A PostgreSQL array of texts without commas, quotes or braces."""
    return "{" + ",".join(str(value) for value in values) + "}"
