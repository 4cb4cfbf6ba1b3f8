"""Which of many items are meant, which of them a person may change, and what became of them (C2, P10)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import FieldError, NotFound, Refusal, RuleBroken
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.spaces import policy

from . import lists, queries
from .filters import Filters

MOST = 50_000


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one item was left as it was."""

    id: str
    code: str
    message: str


@dataclass(slots=True)
class Outcome:
    """How many items were done, and which were not."""

    done: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, media_id: UUID | str, refusal: Refusal) -> None:
        shown = media_id if isinstance(media_id, str) else show_id("media", media_id)
        self.refused.append(Refused(shown, refusal.code, refusal.detail))


def chosen(
    scope: Scope, ids: Sequence[str] | None, filters: Filters | None, library: Sequence[str]
) -> Sequence[str | UUID]:
    """The ids that were sent, or of everything the list's filters find. Raises RuleBroken unless it is one."""
    if (ids is None) == (filters is None):
        raise RuleBroken.at("ids", _("Send either ids or a filter."), "bulk.which")
    if filters is None:
        return ids or ()
    return lists.all_ids(scope, lists.libraries(scope, library), filters, MOST + 1)


def changeable(
    scope: Scope, ids: Sequence[str | UUID], outcome: Outcome, *, only_own: bool = False
) -> list[Row]:
    """The items, locked, that the person may change; the others are refused. Raises RuleBroken for too many."""
    if len(ids) > MOST:
        message = _("At most %(most)s at once: narrow it down.") % {"most": f"{MOST:,}"}
        raise RuleBroken.at("ids", message, "bulk.too_many")
    wanted = dict.fromkeys(filter(None, (_read(each, outcome) for each in ids)))
    names = ", ".join(f"m.{name}" for name in (*queries.COLUMNS, "work_owner", "series_id"))
    found = {
        row["id"]: row
        for row in db.rows(
            f"select {names} from unnest(%s::uuid[]) x(id) join media m on m.id = x.id "
            "where m.space_id = %s and m.library_id = any(%s) order by m.id for update of m",
            [list(wanted), scope.space_id, list(scope.library_ids)],
        )
    }
    others = only_own or policy.allows(scope, "media.change_others")
    needs = Refusal(policy.needs("manager"), code="permission.role")
    rows = []
    for identity in wanted:
        row = found.get(identity)
        if row is None:
            outcome.refuse(show_id("media", identity), NotFound())
        elif not others and row["added_by"] != scope.user_id:
            outcome.refuse(identity, needs)
        else:
            rows.append(row)
    return rows


def _read(wanted: str | UUID, outcome: Outcome) -> UUID | None:
    """An id of another kind reads like one that does not exist."""
    if isinstance(wanted, UUID):
        return wanted
    try:
        return read_id("media", wanted)
    except UnknownId:
        outcome.refuse(wanted[:100], NotFound())
        return None


def readable(ids: Sequence[str | UUID]) -> list[UUID]:
    """Those of the ids that are ids of media."""
    return [found for found in (_read(each, Outcome()) for each in ids) if found]


def shared_works(scope: Scope, works: Sequence[UUID], which: str, *values: UUID) -> set[UUID]:
    """Those of the works of which the space's items are `which` (SQL over the items `o`, with its parameters).

    Asked by itself: within an update the planner takes such works for few, and then took minutes for 20,000.
    """
    found = db.rows(
        "select o.work_id from unnest(%s::uuid[]) x(id) join media o on o.work_id = x.id where o.space_id = %s "
        f"group by o.work_id having {which}",
        [list(dict.fromkeys(works)), scope.space_id, *values],
    )
    return {row["work_id"] for row in found}


@contextmanager
def under_set() -> Iterator[None]:
    """Faults are told at the place where the values were sent: `set.year`."""
    try:
        yield
    except (RuleBroken, NotFound) as refusal:
        errors = [FieldError(f"set.{each.field}", each.message, each.code) for each in refusal.errors]
        raise type(refusal)(refusal.detail, code=refusal.code, errors=errors) from None


def record(scope: Scope, what: str, outcome: Outcome) -> None:
    if outcome.done:
        activity.record(scope, f"media.bulk_{what}", entity="media", details={"done": outcome.done})
