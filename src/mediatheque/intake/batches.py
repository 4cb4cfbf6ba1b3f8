"""One batch of rows: match, plan, write, report, all in the transaction that is open (I1, I3)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from mediatheque.catalog.actions import language_of
from mediatheque.core import db
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.intake import bulk, known, matching, merging, ratings, standing, writing
from mediatheque.intake.known import Place, Shelf
from mediatheque.intake.matching import Match
from mediatheque.intake.merging import Item, Limits
from mediatheque.intake.ratings import Ratings
from mediatheque.intake.records import Record

log = structlog.get_logger("intake")


@dataclass(slots=True)
class Line:
    """What one row became."""

    record: Record
    outcome: str = "failed"
    match: Match | None = None
    target: UUID | None = None
    copy_ids: Sequence[UUID] = ()


def import_rows(scope: Scope, place: Place, job_id: UUID, records: Sequence[Record]) -> Counter[str]:
    """The rows' whole effect and their report; how many had which outcome.

    A row that cannot be imported is found by halving the batch, and fails alone.
    """
    lines = _with_bad_rows_apart(scope, place, job_id, records)
    bulk.insert("report_rows", [_reported(place, job_id, line) for line in lines])
    return Counter(line.outcome for line in lines)


def lock_library(library_id: UUID) -> None:
    """Until the transaction ends: batches of one library come one after another, so that each sees the last."""
    db.value("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(library_id)])


def _with_bad_rows_apart(scope: Scope, place: Place, job_id: UUID, records: Sequence[Record]) -> list[Line]:
    before = [len(record.messages) for record in records]
    try:
        with transaction.atomic():
            return _import(scope, place, job_id, records)
    except OperationalError:
        raise
    except Exception as error:  # whatever a row does, it does not stop the others (I1)
        for record, count in zip(records, before, strict=True):
            del record.messages[count:]
        if len(records) == 1:
            log.exception("row.refused", row=records[0].row, error=type(error).__name__)
            records[0].fail("row.refused", "", "The row could not be stored.")
            return [Line(records[0])]
    middle = len(records) // 2
    return [
        *_with_bad_rows_apart(scope, place, job_id, records[:middle]),
        *_with_bad_rows_apart(scope, place, job_id, records[middle:]),
    ]


def _import(scope: Scope, place: Place, job_id: UUID, records: Sequence[Record]) -> list[Line]:
    usable = [record for record in records if record.problem is None]
    shelf = known.load(place, usable)
    lines = [_matched(shelf, record) for record in records]
    items = standing.items({line.target for line in lines if line.target and not _is_new(line)}, job_id)
    limits = Limits(bulk.lengths("media"), bulk.lengths("variants"))
    rated = [items[line.target].work_id for line in lines if line.record.own_rating and line.target in items]
    own = ratings.of_works(scope, rated)
    for line in lines:
        _take(scope, line, items, own, limits)
    writing.write(scope, place, items.values(), language_of(scope))
    ratings.write(scope, own)
    _write_marks(place, lines)
    return lines


def _matched(shelf: Shelf, record: Record) -> Line:
    """What the row is, with all rows before it in mind."""
    if record.problem is not None:
        return Line(record)
    match = matching.match(record, shelf.known)
    if match.kind == "same":
        return Line(record, "skipped", match, match.target if isinstance(match.target, UUID) else None)
    target = match.target if isinstance(match.target, UUID) else new_id()
    return Line(record, "created", match, target, shelf.take_in(record, match, target))


def _is_new(line: Line) -> bool:
    return line.match is not None and line.match.kind in ("none", "review")


def _take(scope: Scope, line: Line, items: dict[UUID, Item], own: Ratings, limits: Limits) -> None:
    """Put the row into its item and say what that made of it."""
    if line.match is None or line.target is None or line.match.kind == "same":
        return
    if _is_new(line):
        item = items[line.target] = Item(line.target, new_id(), scope.space_id)
        merging.begin(item, line.record, line.copy_ids, limits)
        own.give(item, line.record.own_rating, fills=False)
        return
    item = items[line.target]
    fills = item.of_this_job
    changed = merging.merge(item, line.record, line.match, line.copy_ids, limits)
    rated = own.give(item, line.record.own_rating, fills=fills)
    line.outcome = "updated" if changed or rated else "skipped"


def _write_marks(place: Place, lines: Sequence[Line]) -> None:
    """Fingerprints and origins, by which the next run knows these rows."""
    taken = [line for line in lines if line.target and line.match and line.match.kind != "same"]
    where = {"space_id": place.space_id, "library_id": place.library_id}
    bulk.insert(
        "fingerprints",
        [
            where | {"source": place.source, "fingerprint": line.record.fingerprint, "media_id": line.target}
            for line in taken
        ],
        known=True,
    )
    bulk.insert(
        "origins",
        [
            where | {"id": new_id(), "media_id": line.target, **line.record.origin._asdict()}
            for line in taken
            if line.record.origin is not None
        ],
        known=True,
    )


def _reported(place: Place, job_id: UUID, line: Line) -> dict[str, Any]:
    record, match = line.record, line.match
    messages = [*([record.problem] if record.problem else []), *record.messages]
    told = [{"code": each.code, "field": each.field or None, "message": each.message} for each in messages]
    if match is not None and (sentence := _SENTENCES.get(match.reason)) is not None:
        told.append({"code": f"match.{match.reason}", "field": None, "message": sentence})
    return {
        "space_id": place.space_id,
        "library_id": place.library_id,
        "job_id": job_id,
        "row": record.row,
        "outcome": line.outcome,
        "title": record.title[: bulk.lengths("report_rows")["title"]],
        "media_id": line.target,
        "needs_review": match is not None and match.kind == "review",
        "messages": told,
    }


_SENTENCES = {
    "fingerprint": "This very row came before.",
    "origin": "The same record over there was imported before.",
    "id": "An item with this id and title is there already.",
    "barcode": "An item with this barcode and title is there already.",
    "title": "An item with this title, year and type is there already.",
    "several": "Several items could be meant: it was added as it came and waits for review.",
    "origin_without_title": "Its old id belongs to another title: it was added as it came and waits for review.",
    "id_without_title": "Its id belongs to another title: it was added as it came and waits for review.",
    "barcode_without_title": "Its barcode belongs to another title: it was added as it came and waits for review.",
    "year_missing": "It may be an item whose year differs or is missing: it was added and waits for review.",
}
