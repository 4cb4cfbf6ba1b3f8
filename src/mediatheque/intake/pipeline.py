"""An import from its file to its last row: batch by batch, each in one transaction (I1, L4).

A batch's effect, report and progress are committed together, so that a killed worker's job goes on
exactly after the last one: the file is read again, and what was done is passed over.
"""

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.core import collisions, db, storage
from mediatheque.core.clock import now
from mediatheque.core.errors import Forbidden, NotFound
from mediatheque.core.ids import show_id
from mediatheque.core.jobs import WorkerStops
from mediatheque.core.languages import spoken
from mediatheque.core.scope import LibraryFacts, Scope, Writer, of_person, writing_as
from mediatheque.intake import batches, homes, plans
from mediatheque.intake.drafts import Drafts
from mediatheque.intake.known import Place
from mediatheque.intake.models import OUTCOMES
from mediatheque.intake.pictures import Pictures, pictures_of
from mediatheque.intake.reading import Row
from mediatheque.intake.recognising import options_of, refusing
from mediatheque.intake.records import Record
from mediatheque.intake.sources import SOURCES, Options, opened
from mediatheque.intake.sources.sheets import content_size
from mediatheque.spaces import policy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

BATCH_ROWS = 1000
BATCH_LENGTH = 4 * 1024 * 1024  # characters
PICTURE_LENGTH = BATCH_LENGTH // 100  # what a picture costs is time
SMALL_CATALOGUE = 20_000
MEASURED_AFTER = frozenset({2, 8, 32})  # batches: small files leave it to PostgreSQL
SMALL_BYTES = 512 * 1024
SMALL_ROWS = 1000

OpenScope = Callable[[], AbstractContextManager[Scope]]


class Ended(Exception):
    """The job is no longer ours to run: it has ended, or another worker went on with it."""


class Cancelled(Exception):
    """Its person asked for the job to stop."""


@dataclass(frozen=True, slots=True)
class Import:
    """A job as it was when it was taken up."""

    id: UUID
    library_id: UUID
    provider: str
    file: str
    mapping: dict[str, Any] | None
    is_personal: bool
    is_by_name: bool
    homes: Mapping[str, UUID] | None
    rows_done: int
    stage: str


@dataclass(frozen=True, slots=True)
class Watch:
    """`stops` is asked between batches and ends in WorkerStops; `tell` hears how many rows are done."""

    stops: Callable[[], bool]
    tell: Callable[[int], None]

    def look(self, done: int) -> None:
        self.tell(done)
        if self.stops():
            raise WorkerStops


def scopes_of(job_id: UUID, space_id: UUID, user_id: UUID) -> OpenScope:
    """Scopes of the person who started the job, each with what they may do by then."""
    return lambda: of_person(user_id, space=space_id, request_id=show_id("job", job_id), writer="import")


def run(
    job_id: UUID,
    open_scope: OpenScope,
    *,
    stops: Callable[[], bool] = lambda: False,
    tell: Callable[[int], None] = lambda done: None,
) -> None:
    """Take the job up and bring it to its end; one that has ended is left as it is.

    `stops` is asked between batches and ends in WorkerStops; `tell` hears how many rows are done.
    Raises NotFound and Forbidden when the person may no longer import there.
    """
    with open_scope() as scope:
        taken, language = _take_up(scope, job_id), spoken(scope.preferences)
    if taken is None:
        return
    with translation.override(language):  # the report is the person's to read
        _run(taken, open_scope, Watch(stops, tell))


def _run(taken: Import, open_scope: OpenScope, watch: Watch) -> None:
    try:
        with storage.open_file(taken.file) as stored:
            file = cast(BinaryIO, stored)
            taken, options = _survey(open_scope, taken, file)
            work = _plan if taken.stage == "plan" else _import
            with closing(_ahead(_batches(file, options, taken.rows_done))) as all_rows:
                work(open_scope, taken, all_rows, watch)
    except Ended:
        return
    except Cancelled:
        _end(open_scope, taken, "cancelled")


def run_inside(scope: Scope, job_id: UUID) -> None:
    """The whole job in the transaction that is open, traced as the job's own."""
    with traced_as(scope, show_id("job", job_id), "import"):
        run(job_id, lambda: nullcontext(scope))


def is_small(file: BinaryIO) -> bool:
    """Whether somebody can wait for the file's import, by what is in it. Raises RuleBroken, WrongKind."""
    with refusing():
        if content_size(file) > SMALL_BYTES:
            return False
        return sum(1 for _row in islice(opened(file).rows(), SMALL_ROWS + 1)) <= SMALL_ROWS


def fail(open_scope: OpenScope, job_id: UUID, error: "str | _StrPromise") -> None:
    """The job ends with a reason, in the person's language; what was imported stays."""
    try:
        with open_scope() as scope, translation.override(spoken(scope.preferences)):
            ended = db.execute(
                "update sync_jobs set status = 'failed', error = %s, finished_at = %s "
                "where id = %s and status in ('idle', 'running')",
                [str(error), now(), job_id],
            )
            if ended:
                activity.record(scope, "import.failed", entity="job", entity_id=job_id)
    except NotFound:
        db.value("select abandon_import(%s, %s)", [job_id, str(error)])


def _take_up(scope: Scope, job_id: UUID) -> Import | None:
    """A plan that was cut off begins anew: what its rows would have made is not kept."""
    found = db.row(
        "update sync_jobs set status = 'running', started_at = coalesce(started_at, %s), attempts = attempts + 1, "
        "rows_done = case when stage = 'plan' then 0 else rows_done end "
        "where id = %s and status in ('idle', 'running') and stage <> 'planned' "
        "returning library_id, provider, file, options::text as options, rows_done, stage",
        [now(), job_id],
    )
    if found is None:
        return None
    if found["stage"] == "plan":
        plans.forget(job_id)
    options = json.loads(found.pop("options"))
    homes_found = options.get("homes") if found["stage"] == "import" else None
    return Import(
        id=job_id,
        mapping=options.get("mapping"),
        is_personal=options.get("personal", True),
        is_by_name=options.get("by_name", False),
        homes={name: UUID(each) for name, each in homes_found.items()} if homes_found is not None else None,
        **found,
    )


def _survey(open_scope: OpenScope, taken: Import, file: BinaryIO) -> tuple[Import, Options]:
    """One walk over the file: how it is read, how long it is, what goes to metadata, which libraries it fills.

    Those are found, and made, once: the job keeps them.
    """
    with open_scope() as scope:
        default_type = _library(scope, taken.library_id).default_type
    options = options_of(file, taken.provider, taken.mapping, default_type)
    if taken.homes is not None:
        return taken, options
    with open_scope() as scope:
        named = options.libraries if taken.is_by_name else ()
        found = homes.find(scope, named, makes=taken.stage == "import")
        kept = {"homes": {name: str(each) for name, each in found.ids.items()}}
        db.execute(
            "update sync_jobs set rows_total = %s, notices = %s, options = options || %s where id = %s",
            [
                options.rows,
                json.dumps(_notices(taken, options) + found.notices),
                json.dumps(kept if taken.stage == "import" else {}),
                taken.id,
            ],
        )
    return replace(taken, homes=found.ids), options


def _notices(taken: Import, options: Options) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if not taken.is_personal:
        told = _(
            "Ratings, notes and what was seen stay out: the token that began this import opens its space alone."
        )
        found.append({"code": "entries.left_out", "message": told})
    columns = options.without_field
    if not columns:
        return found
    message = _("These columns have no field of their own and were kept as metadata: %(columns)s.") % {
        "columns": ", ".join(columns)
    }
    return [*found, {"code": "columns.metadata", "columns": columns, "message": message}]


def _batches(file: BinaryIO, options: Options, done: int) -> Iterator[list[Record]]:
    """Batches of rows, smaller ones where the rows are very long."""
    batch: list[Record] = []
    length = 0
    for row in islice(opened(file).rows(), done, None):
        batch.append(_record(row, options))
        length += row.length + (PICTURE_LENGTH if batch[-1].image else 0)
        if len(batch) == BATCH_ROWS or length > BATCH_LENGTH:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _ahead(batches_of: Iterator[list[Record]]) -> Generator[list[Record], None, None]:
    """The batches, each parsed while the database still works at the one before."""
    language = translation.get_language()  # a thread begins without one
    with ThreadPoolExecutor(1, initializer=translation.activate, initargs=(language,)) as parser:
        following = parser.submit(next, batches_of, None)
        while records := following.result():
            following = parser.submit(next, batches_of, None)
            yield records


def _record(row: Row, options: Options) -> Record:
    if row.problem is not None:
        return Record(row.number, problem=row.problem)
    record = SOURCES[options.source].parse(row.number, row.cells, options)
    record.messages[:0] = row.messages
    return record


def _import(open_scope: OpenScope, taken: Import, all_rows: Iterator[list[Record]], watch: Watch) -> None:
    done = taken.rows_done
    with pictures_of(taken.file) as pictures:
        for count, records in enumerate(all_rows, 1):
            done = _import_batch(open_scope, taken, records, done, pictures)
            if count in MEASURED_AFTER:
                _measure(open_scope)
            watch.look(done)
    _end(open_scope, taken, "succeeded")


def _import_batch(
    open_scope: OpenScope, taken: Import, records: Sequence[Record], done: int, pictures: Pictures
) -> int:
    """The rows' effect, their report and the job's progress, together; how many rows are done then."""
    said = [len(record.messages) for record in records]

    def work() -> None:
        for record, count in zip(records, said, strict=True):
            del record.messages[count:]
        with open_scope() as scope:
            parted = _parted(scope, taken, records)
            batches.lock_libraries(place.library_id for place, _some in parted)
            _hold(taken.id, done)
            counts = Counter(dict.fromkeys(OUTCOMES, 0))
            for place, some in parted:
                counts += batches.import_rows(scope, place, taken.id, some, pictures)
            _advance(taken.id, counts)

    collisions.again(work)
    return done + len(records)


def _plan(open_scope: OpenScope, taken: Import, all_rows: Iterator[list[Record]], watch: Watch) -> None:
    """Every row's outcome without any effect; then the job waits for a yes."""
    done, counts = 0, Counter(dict.fromkeys(OUTCOMES, 0))
    with closing(Drafts()) as drafts:
        for records in all_rows:
            with open_scope() as scope:
                parted = _parted(scope, taken, records)
                _hold(taken.id, done)
                for place, some in parted:
                    counts += batches.plan_rows(scope, place, taken.id, some, drafts)
                done += len(records)
                db.execute("update sync_jobs set rows_done = %s where id = %s", [done, taken.id])
            watch.look(done)
    with open_scope() as scope:
        _hold(taken.id, done)
        db.execute(
            "update sync_jobs set status = 'idle', stage = 'planned', plan = %s where id = %s",
            [json.dumps({outcome: counts[outcome] for outcome in OUTCOMES}), taken.id],
        )
        activity.record(scope, "import.planned", entity="job", entity_id=taken.id, details=dict(counts))


def _parted(scope: Scope, taken: Import, records: Sequence[Record]) -> list[tuple[Place, Sequence[Record]]]:
    """Where which rows go, once it is sure that the person may still import there."""
    policy.require(scope, "media.import")
    _library(scope, taken.library_id)
    by_library: dict[UUID, list[Record]] = {}
    for record in records:
        by_library.setdefault((taken.homes or {}).get(record.library, taken.library_id), []).append(record)
    if taken.stage == "import":
        homes.require_open(list(by_library))
    return [
        (Place(scope.space_id, each, taken.library_id, taken.provider, taken.is_personal), some)
        for each, some in by_library.items()
    ]


def _library(scope: Scope, library_id: UUID) -> LibraryFacts:
    found = next((each for each in scope.libraries if each.id == library_id), None)
    if found is None:
        raise NotFound.at("library")
    if found.archived:
        raise Forbidden(_("The library was archived."), code="library.archived")
    return found


def _hold(job_id: UUID, done: int) -> None:
    """Keep the job for this batch. Raises Cancelled, and Ended where another worker went on."""
    found = db.row(
        "select status, rows_done, cancel_requested_at from sync_jobs where id = %s for update", [job_id]
    )
    if found is None or found["status"] != "running" or found["rows_done"] != done:
        raise Ended
    if found["cancel_requested_at"] is not None:
        raise Cancelled


def _measure(open_scope: OpenScope) -> None:
    """Statistics of tables that were nearly empty a moment ago.

    Without them the foreign keys' look-ups walk a whole library, until PostgreSQL takes them by itself. A
    large catalogue has them already, and taking them again would cost ten seconds.
    """
    with open_scope():
        if db.value("select reltuples < %s from pg_class where oid = 'media'::regclass", [SMALL_CATALOGUE]):
            db.value("select measure_catalogue()")


def _advance(job_id: UUID, counts: Counter[str]) -> None:
    db.execute(
        "update sync_jobs set rows_done = rows_done + %s, created = created + %s, updated = updated + %s, "
        "skipped = skipped + %s, failed = failed + %s where id = %s",
        [counts.total(), counts["created"], counts["updated"], counts["skipped"], counts["failed"], job_id],
    )


def _end(open_scope: OpenScope, taken: Import, status: str) -> None:
    with open_scope() as scope:
        ended = db.row(
            "update sync_jobs set status = %s, finished_at = %s where id = %s and status = 'running' "
            "returning created, updated, skipped, failed",
            [status, now(), taken.id],
        )
        if ended is not None:
            activity.record(scope, f"import.{status}", entity="job", entity_id=taken.id, details=ended)


@contextmanager
def traced_as(scope: Scope, request_id: str, writer: Writer) -> Iterator[None]:
    """What is written belongs to the job's request, so that it can be undone as one."""
    db.execute("select set_config('app.request_id', %s, true)", [request_id])
    try:
        with writing_as(writer):
            yield
    finally:
        db.execute("select set_config('app.request_id', %s, true)", [scope.request_id])
