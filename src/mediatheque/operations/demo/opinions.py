"""What the demonstration's people think of their titles: seen, begun, wished for, rated."""

from random import Random
from typing import Any

from mediatheque.catalog import actions as catalog
from mediatheque.core.db import Row
from mediatheque.operations.demo.founding import House
from mediatheque.operations.demo.plan import Person, Plan
from mediatheque.operations.demo.titles import titles_of

USUAL = 75  # a title without a rating, in tenths
BEGUN, WISHED = 0.08, 0.12  # of what somebody knows


def give_opinions(house: House, plan: Plan, random: Random) -> None:
    """Everybody's own record of the titles they know (W1)."""
    closed = {house.libraries[library.name] for library in plan.libraries if library.admits}
    for person in plan.people:
        if not person.known:
            continue
        known = [row for row in titles_of(house, person.name) if random.random() < person.known]
        known = [row for row in known if row["library_id"] not in closed]  # presents are not opened yet
        with house.acting(person.name) as scope:
            for row in known:
                catalog.update_media(scope, row["id"], {"own": _opinion(row, person, random)})


def _opinion(row: Row, person: Person, random: Random) -> dict[str, Any]:
    chance = random.random()
    if chance < BEGUN:
        return {"status": "watching"}
    if chance < BEGUN + WISHED:
        return {"on_watchlist": True}
    liked = any(genre in person.likes for genre in row["genres"])
    rating = round((row["rating"] or USUAL) / 10 + random.uniform(-2, 0.8) + liked)
    return {"status": "completed", "rating": min(max(rating, 1), 10)}
