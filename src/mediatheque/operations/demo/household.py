"""The whole demonstration household, from the first person to the last opinion."""

from dataclasses import dataclass
from datetime import date
from random import Random

from mediatheque.operations.demo.founding import found_house
from mediatheque.operations.demo.opinions import give_opinions
from mediatheque.operations.demo.plan import Person, read_plan
from mediatheque.operations.demo.titles import fill_shelves
from mediatheque.people.actions import new_password

SEED = 11


@dataclass(frozen=True, slots=True)
class Made:
    """What the operator is told: the household, who signs in, and their password."""

    name: str
    people: tuple[Person, ...]
    password: str


def make_household(*, today: date, seed: int = SEED) -> Made:
    """The household on an install where nobody has registered; the same one for the same seed and day.

    The password is a new one each time. Raises LivedIn.
    """
    plan, random, password = read_plan(), Random(seed), new_password()  # noqa: S311 - tastes, no secrets
    house = found_house(plan, password)
    fill_shelves(house, plan, random, today)
    give_opinions(house, plan, random)
    return Made(plan.name, tuple(person for person in plan.people if person.email), password)
