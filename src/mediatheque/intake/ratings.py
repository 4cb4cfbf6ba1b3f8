"""A rating in a file becomes the importing person's own (I3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.intake import bulk
from mediatheque.intake.merging import Item


@dataclass(slots=True)
class Entry:
    """The person's entry of a work, as far as an import sets it."""

    id: UUID
    rating: int | None
    person_fields: frozenset[str]


@dataclass(slots=True)
class Ratings:
    """The person's entries of the works of a batch, and what it changes of them."""

    entries: dict[UUID, Entry] = field(default_factory=dict)
    new: dict[UUID, tuple[Item, int]] = field(default_factory=dict)
    changed: dict[UUID, Entry] = field(default_factory=dict)

    def of(self, item: Item) -> int | None:
        """The person's rating of an item's work."""
        entry = self.entries.get(item.work_id)
        return entry.rating if entry else None

    def give(self, item: Item, rating: int | None, *, fills: bool) -> bool:
        """Rate an item's work; whether that changes anything. `fills`: only where there is no rating."""
        if rating is None:
            return False
        entry = self.entries.get(item.work_id)
        if entry is None:
            self.new[item.work_id] = (item, rating)
            self.entries[item.work_id] = Entry(new_id(), rating, frozenset())
            return True
        if entry.rating == rating or "rating" in entry.person_fields or (fills and entry.rating is not None):
            return False
        entry.rating = rating
        self.changed[item.work_id] = entry
        return True


def of_works(scope: Scope, work_ids: Iterable[UUID]) -> Ratings:
    """The person's entries of these works."""
    found = db.rows(
        "select t.work_id, e.id, e.rating, e.person_fields from unnest(%s::uuid[]) x(id) "
        "join entry_works t on t.user_id = %s and t.work_id = x.id "
        "join entries e on e.user_id = t.user_id and e.id = t.entry_id",
        [list(work_ids), scope.user_id],
    )
    entries = {
        each["work_id"]: Entry(each["id"], each["rating"], frozenset(each["person_fields"])) for each in found
    }
    return Ratings(entries)


def write(scope: Scope, ratings: Ratings) -> None:
    """New entries with their ties, and changed ratings."""
    bulk.insert("entries", [_entry(scope, ratings, item, rating) for item, rating in ratings.new.values()])
    bulk.insert(
        "entry_works",
        [
            {"id": new_id(), "user_id": scope.user_id, "entry_id": ratings.entries[item.work_id].id,
             "work_id": item.work_id, "work_owner": item.work_owner}
            for item, _ in ratings.new.values()
        ],
    )  # fmt: skip
    changed = {work: entry for work, entry in ratings.changed.items() if work not in ratings.new}
    bulk.update("entries", [{"id": each.id, "rating": each.rating} for each in changed.values()])


def _entry(scope: Scope, ratings: Ratings, item: Item, rating: int) -> dict[str, Any]:
    preferred = scope.preferences.get("default_visibility")
    return {
        "id": ratings.entries[item.work_id].id,
        "user_id": scope.user_id,
        "title": item.columns["title"],
        "year": item.columns.get("year"),
        "kind": item.columns["media_type"],
        "visibility": preferred if preferred in ("private", "shared") else "shared",
        "rating": rating,
    }
