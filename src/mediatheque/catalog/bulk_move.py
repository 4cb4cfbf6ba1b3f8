"""Many items moved to another library at once (C2, S2)."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, Refusal, translating
from mediatheque.core.scope import LibraryFacts, Scope
from mediatheque.spaces import policy

from . import queries
from .bulk_chosen import Outcome, changeable, record, shared_works, under_set


def move(scope: Scope, ids: Sequence[str | UUID], library_id: UUID) -> Outcome:
    """Every item the person may change stands in the library afterwards, with everything that hangs on it.

    A series takes its episodes along. Raises NotFound at `set.library`, Conflict for an archived one.
    """
    with under_set():
        target = queries.library(scope, library_id)
    if target.archived:
        raise Conflict(_("This library is archived: restore it to add to it."), code="library.archived")
    outcome = Outcome()
    rows = _movable(scope, changeable(scope, ids, outcome), target, outcome)
    try:
        _move(scope, rows, target)
        outcome.done = len(rows)
    except SameRow:
        for row in rows:
            try:
                _move(scope, [row], target)
                outcome.done += 1
            except SameRow as refusal:
                outcome.refuse(row["id"], refusal)
    record(scope, "moved", outcome)
    return outcome


class SameRow(Conflict):
    """The target holds what came from the same row of the same file."""

    def __init__(self) -> None:
        message = _("What came from the same row of a file is there already: merge or delete one of the two.")
        super().__init__(message, code="media.same_row")


def _movable(scope: Scope, rows: list[Row], target: LibraryFacts, outcome: Outcome) -> list[Row]:
    """Without episodes whose series stays behind, and series whose episodes the person may not change."""
    moving = {row["id"] for row in rows}
    stands = {row["id"]: row["library_id"] for row in rows}
    others: set[UUID] = set()
    if not policy.allows(scope, "media.change_others"):
        found = db.rows(
            "select distinct m.series_id from media m where m.space_id = %s and m.series_id = any(%s) "
            "and m.added_by is distinct from %s",
            [scope.space_id, list(moving), scope.user_id],
        )
        others = {each["series_id"] for each in found}
    kept = []
    for row in rows:
        if row["series_id"] and row["series_id"] not in moving and stands[row["id"]] != target.id:
            message = _("An episode stands with its series: move the series, and it goes along.")
            outcome.refuse(row["id"], Conflict(message, code="episode.of_series"))
        elif row["id"] in others:
            outcome.refuse(row["id"], Refusal(policy.needs("manager"), code="permission.role"))
        else:
            kept.append(row)
    return kept


def _move(scope: Scope, rows: Sequence[Row], target: LibraryFacts) -> None:
    ids = [row["id"] for row in rows]
    works = [row["work_id"] for row in rows if row["work_owner"] == scope.space_id]
    with translating({"fingerprints_pkey": SameRow(), "origins_once": SameRow()}):
        db.execute(
            "update media m set library_id = %s from unnest(%s::uuid[]) x(id) "
            "where m.space_id = %s and m.id = x.id and m.library_id <> %s",
            [target.id, ids, scope.space_id, target.id],
        )
        # The database took variants, seasons, loans, metadata and episodes along.
        shared = shared_works(scope, works, "bool_or(o.library_id <> %s)", target.id)
        db.execute(
            "update works w set library_id = %s from unnest(%s::uuid[]) x(id) "
            "where w.id = x.id and w.owner_space = %s and w.library_id <> %s",
            [target.id, [each for each in works if each not in shared], scope.space_id, target.id],
        )
        db.execute(
            "update file_references f set library_id = m.library_id from unnest(%s::uuid[]) x(id) "
            "join media m on m.id = x.id or m.series_id = x.id "
            "where m.space_id = %s and f.space_id = m.space_id and f.record_id = m.id and f.library_id <> m.library_id",
            [ids, scope.space_id],
        )
