"""What a job did to each row of the database, as the trail tells, and how it is taken back (I1, L1). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Kept by the database, and changed by every later hand: they are put back, and never stand in the way.
SETTERS = ("person_fields", "import_fields")
UNTRACED = frozenset({"updated_at", *SETTERS})


@dataclass(slots=True)
class Effect:
    """One row: whether the job made it, and its columns before and after the job."""

    table: str
    id: UUID
    made: bool = False
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def note(self, action: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """A further change of the job, in the order they were made."""
        self.made = self.made or action == "insert"
        for name, value in old.items():
            self.before.setdefault(name, value)
        self.after.update(new)

    def stands(self, current: Mapping[str, Any] | None) -> bool:
        """Whether the row is as the job left it. A series that went has untied its episodes, nobody else."""
        if current is None:
            return False
        return all(
            current.get(name) == value or (name == "series_id" and current.get(name) is None)
            for name, value in self.after.items()
            if name not in UNTRACED
        )

    def is_back(self, current: Mapping[str, Any]) -> bool:
        """Whether a row that was there is as before the job again: an undo was here already."""
        told = (name for name in self.before if name not in UNTRACED)
        return not self.made and all(current.get(name) == self.before[name] for name in told)

    def restored(self, current: Mapping[str, Any]) -> dict[str, Any]:
        """The row as it was before the job, with what others changed of other columns since."""
        values = {**current, **self.before}
        for name in SETTERS:
            if name in self.before and current[name] != self.after[name]:
                came = set(self.after[name]) - set(self.before[name])
                went = set(self.before[name]) - set(self.after[name])
                values[name] = sorted((set(current[name]) - came) | went)
        return values


def effects(changes: Iterable[Mapping[str, Any]]) -> dict[UUID, Effect]:
    """By row; `changes` are the job's own, the oldest first."""
    found: dict[UUID, Effect] = {}
    for each in changes:
        effect = found.setdefault(each["row_id"], Effect(each["table_name"], each["row_id"]))
        effect.note(each["action"], each["old"] or {}, each["new"] or {})
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an undo makes of an item: `undone`, or `kept` for a reason."""

    outcome: str
    code: str
    message: "str | _StrPromise"

    def told(self) -> dict[str, str]:
        return {"outcome": self.outcome, "code": self.code, "message": str(self.message)}


REMOVED = Verdict("undone", "undo.removed", gettext_lazy("It was removed again."))
RESTORED = Verdict("undone", "undo.restored", gettext_lazy("It is again as it was before."))
UNCHANGED = Verdict("undone", "undo.unchanged", gettext_lazy("The row had changed nothing."))
GONE = Verdict("undone", "undo.gone", gettext_lazy("It had gone already."))
CHANGED = Verdict("kept", "undo.changed", gettext_lazy("It was kept: somebody has changed it since."))
ADDED_TO = Verdict("kept", "undo.added_to", gettext_lazy("It was kept: something was added to it since."))
FORGOTTEN = Verdict(
    "kept", "undo.forgotten", gettext_lazy("It was kept: the trail no longer tells how it was before.")
)

ENTRY_CHANGED = Verdict(
    "kept",
    "undo.entry_changed",
    gettext_lazy("Your own rating or notes were kept: you have changed them since."),
)


def judge(
    item_id: UUID,
    created: bool,
    found: Iterable[Effect],
    parts: Iterable[UUID],
    now: Mapping[UUID, Mapping[str, Any]],
) -> Verdict:
    """An item's verdict: `found` are the job's effects on it and its parts, `parts` the parts it has or had,
    `now` the rows as they stand, `created` whether the report says that the job made it."""
    of_item = list(found)
    if item_id not in now:
        return GONE
    if created and not any(each.made and each.id == item_id for each in of_item):
        return FORGOTTEN
    if not all(each.stands(now.get(each.id)) for each in of_item):
        return CHANGED
    made = {str(each.id) for each in of_item if each.made}
    others = [now[each] for each in parts if each in now and str(each) not in made]
    if created:
        return ADDED_TO if others else REMOVED
    if any(each.get("variant_id") in made for each in others):  # a copy that came with the file, and is lent
        return ADDED_TO
    return RESTORED if of_item else UNCHANGED
