"""Undo of an import, item by item, the last first: as a job that can be cut off and go on (I1, L1, L4).

An item goes, or is again as it was, with all that the job hung on it; where a person has changed it
since, it is kept, and the report says so. Marks go with it, so that the file can be imported again.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.catalog.history import derived_columns
from mediatheque.core import collisions, db
from mediatheque.core.clock import now
from mediatheque.core.errors import NotFound
from mediatheque.core.ids import show_id
from mediatheque.core.jobs import WorkerStops
from mediatheque.core.languages import spoken
from mediatheque.core.scope import Scope, of_person
from mediatheque.intake import batches, effects, entries, homes, putting_back
from mediatheque.intake.effects import REMOVED, RESTORED, Effect, Verdict
from mediatheque.intake.pipeline import Ended, OpenScope, traced_as
from mediatheque.spaces import policy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ITEMS_AT_ONCE = 500
LAST_ROW = 2**31 - 1
PARTS = ("loans", "variants", "seasons", "media_metadata", "origins")

Current = dict[UUID, dict[str, Any]]


def scopes_of(job_id: UUID, space_id: UUID, user_id: UUID) -> OpenScope:
    """Scopes of whoever undoes, or of the import's own person, each with what they may do by then."""
    request = undo_request(job_id)
    return lambda: of_person(user_id, space=space_id, request_id=request, writer="undo")


def undo_request(job_id: UUID) -> str:
    """The name under which the trail keeps what an undo does: not the import's own."""
    return f"{show_id('job', job_id)}.undo"


def run(
    job_id: UUID,
    open_scope: OpenScope,
    open_owner: OpenScope | None = None,
    *,
    stops: Callable[[], bool] = lambda: False,
    tell: Callable[[int], None] = lambda done: None,
) -> None:
    """Take the undo up and bring it to its end; `open_owner` opens the scopes of the import's person where
    somebody else undoes it. Raises WorkerStops, NotFound, Forbidden."""
    with open_scope():
        job = _take_up(job_id)
    below: int | None = LAST_ROW
    while job is not None and below is not None:
        try:
            below = collisions.again(partial(_undo_batch, open_scope, job, below))
        except Ended:
            return
        tell(below or 0)
        if stops():
            raise WorkerStops
    if job is None:
        return
    after: UUID | None = None
    with suppress(NotFound):  # the import's person may have left
        while job["user_id"]:
            after = collisions.again(partial(_undo_entries, open_owner or open_scope, job_id, after))
            if after is None:
                break
    with open_scope() as scope:
        _finish(scope, job_id)


def _undo_batch(open_scope: OpenScope, job: Mapping[str, Any], below: int) -> int | None:
    with open_scope() as scope, translation.override(spoken(scope.preferences)):
        if _hold(job["id"]):
            return undo_rows(scope, job, below)
    raise Ended  # after its stop is committed


def _undo_entries(open_scope: OpenScope, job_id: UUID, after: UUID | None) -> UUID | None:
    with open_scope():
        return undo_entries(job_id, after)


def run_inside(scope: Scope, job_id: UUID) -> None:
    """The whole undo of one's own import in the transaction that is open."""
    with traced_as(scope, undo_request(job_id), "undo"):
        run(job_id, lambda: nullcontext(scope))


def give_up(open_scope: OpenScope, job_id: UUID, reason: "str | _StrPromise") -> None:
    """The undo stops and may be asked for again; what was taken back stays so."""
    try:
        with open_scope() as scope, translation.override(spoken(scope.preferences)):
            _stop(job_id, [{"code": "undo.stopped", "message": str(reason)}])
    except NotFound:  # whoever asked is here no longer
        db.value("select abandon_undo(%s)", [job_id])


def undo_rows(scope: Scope, job: Mapping[str, Any], below: int) -> int | None:
    """Take back the next rows of the report, those with the highest numbers below `below`.

    Answers the number of the last row looked at, None when there are no more. Raises Forbidden for
    somebody who may no longer undo this import.
    """
    if job["user_id"] != scope.user_id:
        policy.require(scope, "import.undo_any")
    rows = db.rows(
        "select row, outcome, media_id from report_rows where job_id = %s and row < %s and undo is null "
        "order by row desc limit %s",
        [job["id"], below, ITEMS_AT_ONCE],
    )
    if not rows:
        return None
    items = sorted({each["media_id"] for each in rows if each["media_id"]})
    batches.lock_libraries([job["library_id"], *_libraries_of(items)])
    verdicts = _take_back(scope, job, items) if items else {}
    _tell(job["id"], verdicts, [each["row"] for each in rows if each["media_id"] is None])
    return int(rows[-1]["row"])


def undo_entries(job_id: UUID, after: UUID | None, size: int = 2000) -> UUID | None:
    """Take back what the import set of its own person's entries; entries changed since, and those of
    items that were kept, stay. Answers where to go on, None when there are no more."""
    changes = db.rows(
        "select id, row_id from audit_changes where request_id = %s and table_name in ('entries', 'entry_works') "
        "and (%s::uuid is null or id > %s) order by id limit %s",
        [show_id("job", job_id), after, after, size],
    )
    if not changes:
        return None
    found = _effects(job_id, {each["row_id"] for each in changes})
    kept = _kept_entries(job_id)
    for table in ("entry_works", "entries"):  # what stays loses its ties, what goes takes them along
        mine = [each for each in found.values() if each.table == table and _entry_of(each) not in kept]
        standing = putting_back.current(table, [each.id for each in mine], holds=True)
        untouched = [each for each in mine if each.stands(standing.get(each.id))]
        if table == "entries":
            changed = [each for each in mine if each.id in standing and each not in untouched]
            _tell_kept(job_id, [each.id for each in changed if not each.is_back(standing[each.id])])
        putting_back.write(table, [each.restored(standing[each.id]) for each in untouched if not each.made])
        putting_back.remove(table, [each.id for each in untouched if each.made])
    undone = {_entry_of(each) for each in found.values()} - kept
    entries.forget(show_id("job", job_id), job_id, [UUID(each) for each in sorted(undone)])
    return changes[-1]["id"]  # type: ignore[no-any-return]


def _tell_kept(job_id: UUID, kept: Sequence[UUID]) -> None:
    """The rows of entries that their person has changed since."""
    db.execute(
        "update report_rows set undo = %s where job_id = %s and entry_id = any(%s) "
        "and undo->>'outcome' is distinct from 'kept'",
        [json.dumps(effects.ENTRY_CHANGED.told()), job_id, list(kept)],
    )


def _finish(scope: Scope, job_id: UUID) -> None:
    """The job is undone, and says how many rows were kept."""
    kept = db.value(
        "select count(*) from report_rows where job_id = %s and undo->>'outcome' = 'kept'", [job_id]
    )
    told: list[dict[str, Any]] = []
    if kept:
        told.append({"code": "undo.kept", "rows": kept, "message": _kept_words(kept)})
    _stop(job_id, told + homes.remove_made(scope, job_id), undone_at=now())
    activity.record(scope, "import.undone", entity="job", entity_id=job_id, details={"kept": kept})


def _kept_entries(job_id: UUID) -> set[str]:
    """The person's entries of items that the undo kept."""
    found = db.rows(
        "select distinct t.entry_id from report_rows r join media m on m.id = r.media_id "
        "join entry_works t on t.work_id = m.work_id where r.job_id = %s and r.undo->>'outcome' = 'kept'",
        [job_id],
    )
    return {str(each["entry_id"]) for each in found}


def _entry_of(effect: Effect) -> str:
    return str(effect.after.get("entry_id") if effect.table == "entry_works" else effect.id)


def _take_up(job_id: UUID) -> dict[str, Any] | None:
    return db.row(
        "update sync_jobs set status = 'running', started_at = coalesce(started_at, %s), attempts = attempts + 1 "
        "where id = %s and stage = 'undo' and status in ('idle', 'running') returning id, user_id, library_id",
        [now(), job_id],
    )


def _hold(job_id: UUID) -> bool:
    """Keep the job for these rows; False where it is over, or was asked to stop and now has."""
    found = db.row(
        "select status, stage, cancel_requested_at from sync_jobs where id = %s for update", [job_id]
    )
    if found is None or (found["status"], found["stage"]) != ("running", "undo"):
        return False
    if found["cancel_requested_at"] is not None:
        _stop(
            job_id,
            [{"code": "undo.stopped", "message": _("The undo was stopped. Ask again, and it goes on.")}],
        )
        return False
    return True


def _stop(job_id: UUID, told: Sequence[Mapping[str, Any]], undone_at: datetime | None = None) -> None:
    """The job is again what it ended as, with what is to be said of the undo."""
    db.execute(
        "update sync_jobs set status = ended_as, ended_as = null, undone_at = %s, finished_at = %s, "
        "rows_done = (select count(*) from report_rows r where r.job_id = sync_jobs.id), notices = %s "
        "where id = %s and stage = 'undo' and ended_as is not null",
        [undone_at, now(), _notices(job_id, told), job_id],
    )


def _libraries_of(items: Sequence[UUID]) -> list[UUID]:
    found = db.rows("select distinct library_id from media where id = any(%s)", [list(items)])
    return [each["library_id"] for each in found]


def _take_back(scope: Scope, job: Mapping[str, Any], items: Sequence[UUID]) -> dict[UUID, Verdict]:
    held = putting_back.current("media", items, holds=True)
    owners = _parts(items)
    found = _effects(job["id"], {*items, *owners})
    by_item: dict[UUID, list[Effect]] = defaultdict(list)
    for effect in found.values():
        by_item[owners.get(effect.id, effect.id)].append(effect)
    standing = held | _standing(found, owners)
    created = _created(job["id"], items)
    parts: dict[UUID, list[UUID]] = defaultdict(list)
    for part, item in owners.items():
        parts[item].append(part)
    verdicts = {
        each: effects.judge(each, each in created, by_item[each], parts[each], standing) for each in items
    }
    undone = [each for each in items if verdicts[each].outcome == "undone" and each in held]
    _forget_marks(job["id"], undone)
    restored = [each for each in undone if verdicts[each] is RESTORED]
    _restore(scope, [effect for each in restored for effect in by_item[each]], standing)
    gone = [each for each in undone if verdicts[each] is REMOVED]
    for table in PARTS:
        db.execute(f"delete from {table} where media_id = any(%s)", [gone])
    db.execute("delete from file_references where record_id = any(%s) and role like 'poster-%%'", [gone])
    putting_back.remove("media", gone)
    return verdicts


def _parts(items: Sequence[UUID]) -> dict[UUID, UUID]:
    """The parts that these items have or had, and whose they are."""
    found = db.rows(
        "select x.id as media_id, part from unnest(%s::uuid[]) x(id), lateral parts_ever(x.id) part "
        "union select media_id, id from origins where media_id = any(%s)",
        [list(items), list(items)],
    )
    return {each["part"]: each["media_id"] for each in found}


def _effects(job_id: UUID, rows: Iterable[UUID]) -> dict[UUID, Effect]:
    changes = db.rows(
        "select table_name, row_id, action, old::text as old, new::text as new from audit_changes "
        "where row_id = any(%s) and request_id = %s order by id",
        [sorted(rows), show_id("job", job_id)],
    )
    for each in changes:
        each["old"], each["new"] = (json.loads(each[name]) if each[name] else None for name in ("old", "new"))
    return effects.effects(changes)


def _standing(found: Mapping[UUID, Effect], parts: Mapping[UUID, UUID]) -> Current:
    """The parts as they stand; those the job never touched count as well."""
    tables = {*PARTS, *(each.table for each in found.values())} - {"media"}
    standing: Current = {}
    for table in sorted(tables):
        standing |= putting_back.current(table, list(parts))
    return standing


def _created(job_id: UUID, items: Sequence[UUID]) -> set[UUID]:
    found = db.rows(
        "select distinct media_id from report_rows where job_id = %s and media_id = any(%s) and outcome = 'created'",
        [job_id, list(items)],
    )
    return {each["media_id"] for each in found}


def _forget_marks(job_id: UUID, items: Sequence[UUID]) -> None:
    """Without its marks the file can be imported again."""
    db.execute("delete from fingerprints where media_id = any(%s) and job_id = %s", [list(items), job_id])


def _restore(scope: Scope, of_items: Sequence[Effect], standing: Current) -> None:
    tables = sorted({each.table for each in of_items})
    for table in tables:
        mine = [each for each in of_items if each.table == table]
        rows = [each.restored(standing[each.id]) for each in mine if not each.made]
        if table == "media":
            rows = [each | derived_columns(scope, each) for each in rows]
        putting_back.write(table, rows)
        putting_back.remove(table, [each.id for each in mine if each.made])


def _tell(job_id: UUID, verdicts: Mapping[UUID, Verdict], without_item: Sequence[int]) -> None:
    """Every row of an item learns what became of it, wherever in the file it stands."""
    told = [{"media_id": str(item), "undo": verdict.told()} for item, verdict in verdicts.items()]
    done = db.execute(
        "update report_rows r set undo = x.undo from jsonb_to_recordset(%s) x(media_id uuid, undo jsonb) "
        "where r.job_id = %s and r.media_id = x.media_id and r.undo is null",
        [json.dumps(told), job_id],
    )
    done += db.execute(
        "update report_rows set undo = %s where job_id = %s and row = any(%s)",
        [json.dumps(effects.UNCHANGED.told()), job_id, list(without_item)],
    )
    db.execute("update sync_jobs set rows_done = rows_done + %s where id = %s", [done, job_id])


def _notices(job_id: UUID, more: Sequence[Mapping[str, Any]]) -> str:
    told = json.loads(db.value("select notices::text from sync_jobs where id = %s", [job_id]))
    return json.dumps([each for each in told if not each["code"].startswith("undo.")] + list(more))


def _kept_words(kept: int) -> str:
    return f"{kept:,} rows were kept by the undo, because somebody has changed their items since."
