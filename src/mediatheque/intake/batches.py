"""One batch of rows: match, plan, write, report, all in the transaction that is open (I1, I3)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mediatheque.catalog.actions import language_of
from mediatheque.core import db
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.intake import (
    bulk,
    differences,
    entries,
    known,
    known_entries,
    matching,
    merging,
    plans,
    standing,
    writing,
)
from mediatheque.intake.differences import NOTHING, Change, changes
from mediatheque.intake.drafts import Drafts
from mediatheque.intake.entries import Entries
from mediatheque.intake.known import Place, Shelf
from mediatheque.intake.matching import Match
from mediatheque.intake.merging import Item, Limits
from mediatheque.intake.pictures import Pictures
from mediatheque.intake.records import Record

log = structlog.get_logger("intake")


@dataclass(slots=True)
class Line:
    """What one row became; `changes` only where somebody asks for them."""

    record: Record
    outcome: str = "failed"
    match: Match | None = None
    target: UUID | None = None
    copy_ids: Sequence[UUID] = ()
    is_of_draft: bool = False
    leaves_marks: bool = False
    entry_id: UUID | None = None
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a batch of rows makes of the library; nothing of it is written yet."""

    lines: list[Line]
    items: dict[UUID, Item]
    own: Entries


def import_rows(
    scope: Scope, place: Place, job_id: UUID, records: Sequence[Record], pictures: Pictures
) -> Counter[str]:
    """The rows' whole effect and their report; how many had which outcome.

    A row that cannot be imported is found by halving the batch, and fails alone. Where a plan was made
    before, the report says which rows were decided anew.
    """
    planned = plans.of_rows(job_id, records)

    def write(some: Sequence[Record]) -> list[Line]:
        decided = _decide(scope, place, job_id, some, tells=bool(planned))
        writing.write(scope, place, decided.items.values(), language_of(scope))
        entries.write(decided.own, place, job_id)
        _write_marks(place, job_id, decided.lines)
        return decided.lines

    lines = _with_bad_rows_apart(records, write)
    pictures.give(
        scope,
        [
            (line.record, line.target)
            for line in lines
            if line.target and line.outcome == "created" and _is_new(line)
        ],
    )
    for line in lines:
        if (before := planned.get(line.record.row)) is not None:
            plans.tell_difference(before, _planned(place, job_id, line), line.record)
    bulk.insert("report_rows", [_reported(place, job_id, line) for line in lines])
    return Counter(line.outcome for line in lines)


def plan_rows(
    scope: Scope, place: Place, job_id: UUID, records: Sequence[Record], drafts: Drafts
) -> Counter[str]:
    """What the rows would do, kept as the job's plan; how many would have which outcome."""

    def draft(some: Sequence[Record]) -> list[Line]:
        decided = _decide(scope, place, job_id, some, tells=True, drafts=drafts)
        taken = [(line.record, line.target) for line in decided.lines if line.target and line.match]
        drafts.keep(place.library_id, decided.items, taken)
        drafts.keep_entries(decided.own.touched())
        return decided.lines

    lines = _with_bad_rows_apart(records, draft)
    bulk.insert("plan_rows", [_planned(place, job_id, line) for line in lines])
    return Counter(line.outcome for line in lines)


def lock_libraries(libraries: Iterable[UUID]) -> None:
    """Until the transaction ends: batches of one library come one after another, so that each sees the last."""
    for each in sorted(set(libraries)):
        db.value("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(each)])


def _with_bad_rows_apart(
    records: Sequence[Record], work: Callable[[Sequence[Record]], list[Line]]
) -> list[Line]:
    before = [len(record.messages) for record in records]
    try:
        with transaction.atomic():
            return work(records)
    except OperationalError:
        raise
    except Exception as error:  # whatever a row does, it does not stop the others (I1)
        for record, count in zip(records, before, strict=True):
            del record.messages[count:]
        if len(records) == 1:
            log.exception("row.refused", row=records[0].row, error=type(error).__name__)
            records[0].fail("row.refused", "", _("The row could not be stored."))
            return [Line(records[0])]
    middle = len(records) // 2
    return [*_with_bad_rows_apart(records[:middle], work), *_with_bad_rows_apart(records[middle:], work)]


def _decide(
    scope: Scope,
    place: Place,
    job_id: UUID,
    records: Sequence[Record],
    *,
    tells: bool,
    drafts: Drafts | None = None,
) -> Decided:
    """`tells` asks for the fields that change; with `drafts` it is a plan, which holds nothing."""
    whole = [record for record in records if record.problem is None]
    usable = [record for record in whole if not record.is_entry]
    shelf = known.load(place, usable, drafts)
    if not place.is_personal:
        _leave_entries_out(whole)
    lines = [_matched(shelf, record) for record in records]
    wanted = {line.target for line in lines if line.target and not _is_new(line)}
    items = drafts.items(wanted) if drafts else {}
    items |= standing.items(scope, wanted - items.keys(), job_id, holds=drafts is None)
    works = [items[line.target].work_id for line in lines if line.target in items]
    own = known_entries.load(scope, place, job_id, whole, works, drafts)
    limits = Limits(bulk.lengths("media"), bulk.lengths("variants"))
    for line in lines:
        _take(scope, place, line, items, own, limits, tells=tells)
        line.is_of_draft = line.target in items and items[line.target].is_new
        line.leaves_marks = line.target in items and items[line.target].is_theirs
        line.entry_id = own.set_by(line.record)
    return Decided(lines, items, own)


def _matched(shelf: Shelf, record: Record) -> Line:
    """What the row is, with all rows before it in mind."""
    if record.problem is not None or record.is_entry:
        return Line(record)
    match = matching.match(record, shelf.known)
    if match.kind == "same":
        return Line(record, "skipped", match, match.target if isinstance(match.target, UUID) else None)
    target = match.target if isinstance(match.target, UUID) else new_id()
    return Line(record, "created", match, target, shelf.take_in(record, match, target))


def _is_new(line: Line) -> bool:
    return line.match is not None and line.match.kind in ("none", "review")


def _take(
    scope: Scope,
    place: Place,
    line: Line,
    items: dict[UUID, Item],
    own: Entries,
    limits: Limits,
    *,
    tells: bool,
) -> None:
    """Put the row into its item, or into an entry of the person, and say what that made of it."""
    if line.record.is_entry and line.record.problem is None:
        line.outcome, line.changes = own.take(line.record) if place.is_personal else ("skipped", [])
    if line.match is None or line.target is None or line.match.kind == "same":
        return
    if _is_new(line):
        item = items[line.target] = Item(line.target, new_id(), scope.space_id)
        merging.begin(item, line.record, line.copy_ids, limits)
        own.give(item, line.record, fills=False)
        if tells:
            line.changes = changes(NOTHING, item, (None, line.record.own_rating))
        return
    item = items[line.target]
    before, rating = differences.standing(item) if tells else NOTHING, own.of(item)
    fills = item.of_this_job
    changed = False
    if item.is_theirs:
        changed = merging.merge(item, line.record, line.match, line.copy_ids, limits)
    else:
        line.record.say("kept.not_yours", "", _("Kept: not yours to change. Ask a manager of the space."))
    rated = own.give(item, line.record, fills=fills)
    line.outcome = "updated" if changed or rated else "skipped"
    if tells:
        line.changes = changes(before, item, (rating, own.of(item)))


def _leave_entries_out(records: Sequence[Record]) -> None:
    """What a row says of the person is not for a token that opens a space alone."""
    for record in records:
        if record.is_entry or record.own_rating or record.own:
            message = _(
                "Kept out: the token that began this import opens its space alone, nothing of your own."
            )
            record.say("entries.left_out", "", message)
        record.own_rating = record.own = None


def _write_marks(place: Place, job_id: UUID, lines: Sequence[Line]) -> None:
    """Fingerprints and origins, by which the next run knows these rows."""
    taken = [line for line in lines if line.target and line.match and line.leaves_marks]
    where = {"space_id": place.space_id, "library_id": place.library_id}
    bulk.insert(
        "fingerprints",
        [
            where
            | {"source": place.source, "fingerprint": line.record.fingerprint, "media_id": line.target}
            | {"job_id": job_id}
            for line in taken
        ],
        known=True,
    )
    bulk.insert(
        "origins",
        [
            where | {"id": new_id(), "media_id": line.target, **origin._asdict()}
            for line in taken
            for origin in (line.record.origin, *line.record.earlier_origins)
            if origin is not None
        ],
        known=True,
    )


def _planned(place: Place, job_id: UUID, line: Line) -> dict[str, Any]:
    """An item that is only planned has no id yet that means anything."""
    found = _reported(place, job_id, line) | {"changes": line.changes}
    return found | {"media_id": None} if line.is_of_draft else found


def _reported(place: Place, job_id: UUID, line: Line) -> dict[str, Any]:
    record, match = line.record, line.match
    messages = [*([record.problem] if record.problem else []), *record.messages]
    told = [{"code": each.code, "field": each.field or None, "message": each.message} for each in messages]
    if match is not None and (sentence := _SENTENCES.get(match.reason)) is not None:
        told.append({"code": f"match.{match.reason}", "field": None, "message": str(sentence)})
    return {
        "space_id": place.space_id,
        "library_id": place.job_library_id,
        "job_id": job_id,
        "row": record.row,
        "outcome": line.outcome,
        "title": record.title[: bulk.lengths("report_rows")["title"]],
        "media_id": line.target,
        "needs_review": match is not None and match.kind == "review",
        "is_entry": record.is_entry,
        "entry_id": line.entry_id,
        "messages": told,
    }


_SENTENCES = {
    "fingerprint": gettext_lazy("This very row came before."),
    "origin": gettext_lazy("The same record over there was imported before."),
    "id": gettext_lazy("An item with this id and title is there already."),
    "barcode": gettext_lazy("An item with this barcode and title is there already."),
    "title": gettext_lazy("An item with this title, year and type is there already."),
    "several": gettext_lazy("Several items could be meant: it was added as it came and waits for review."),
    "origin_without_title": gettext_lazy(
        "Its old id belongs to another title: it was added as it came and waits for review."
    ),
    "id_without_title": gettext_lazy(
        "Its id belongs to another title: it was added as it came and waits for review."
    ),
    "barcode_without_title": gettext_lazy(
        "Its barcode belongs to another title: it was added as it came and waits for review."
    ),
    "year_missing": gettext_lazy(
        "It may be an item whose year differs or is missing: it was added and waits for review."
    ),
}
