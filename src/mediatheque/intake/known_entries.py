"""The person's entries that a batch of rows may meet, found by the marks they left: never all of them at once."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.scope import Scope
from mediatheque.intake.drafts import Drafts
from mediatheque.intake.entries import FIELDS, Entries, marks_of, origins_of, title_key_of
from mediatheque.intake.known import Place
from mediatheque.intake.merging import Entry, Mark
from mediatheque.intake.records import Origin, Record

Marked = list[tuple[Mark, UUID]]


def load(
    scope: Scope,
    place: Place,
    job_id: UUID,
    records: Sequence[Record],
    works: Iterable[UUID],
    drafts: Drafts | None = None,
) -> Entries:
    """The person's entries that these rows may meet; `works` are those of items that the rows meet.

    With `drafts` it is for a plan, which finds what its earlier rows will have made and holds nothing. Else
    the person is held until the batch is committed, so that two jobs of theirs make one entry of one title.
    """
    found = Entries(scope)
    own = [each for each in records if each.is_entry or each.own_rating or each.own]
    if not own:
        return found
    if drafts is None:
        db.value("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(scope.user_id)])
    wanted = list(works)
    lone = [each for each in own if each.is_entry]
    marked = [*_of_works(scope, wanted), *_of_fingerprints(scope, place, lone), *_of_origins(scope, lone)]
    titled = _of_titles(scope, own)
    if drafts:
        asked: list[Mark] = [*wanted, *(mark for each in lone for mark in marks_of(each))]
        marked += drafts.marked(asked)
        titled += drafts.marked(title_key_of(each) for each in own)
    ids = {entry_id for _, entry_id in (*marked, *titled)}
    found.by_id = _standing(scope, job_id, ids) | (drafts.entries(ids) if drafts else {})
    for entry_id in sorted(found.by_id):
        found.note_title(found.by_id[entry_id])
    for mark, entry_id in marked:
        found.note(mark, found.by_id[entry_id])
    return found


def _standing(scope: Scope, job_id: UUID, ids: Collection[UUID]) -> dict[UUID, Entry]:
    names = ", ".join(f"e.{name}" for name in ("id", "title", "year", "kind", "person_fields", *FIELDS))
    rows = db.rows(
        f"select {names}, exists (select from entry_fingerprints f where f.entry_id = e.id and f.job_id = %s) "
        "as of_this_file from unnest(%s::uuid[]) x(id) join entries e on e.user_id = %s and e.id = x.id",
        [job_id, list(ids), scope.user_id],
    )
    return {each["id"]: _entry(each) for each in rows}


def _entry(row: dict[str, Any]) -> Entry:
    of_this_file = row.pop("of_this_file")
    return Entry(row["id"], row, frozenset(row["person_fields"]), of_this_file=of_this_file)


def _of_titles(scope: Scope, records: Sequence[Record]) -> Marked:
    """Two of a title are as good as all: of several none is chosen."""
    asked = {key for record in records if (key := title_key_of(record))[2] is not None}
    titles, kinds, years = zip(*asked, strict=True) if asked else ((), (), ())
    found = db.rows(
        "select x.title, x.kind, x.year, f.id from unnest(%s::text[], %s::text[], %s::int[]) x(title, kind, year), "
        "lateral (select e.id from entries e where e.user_id = %s and e.match_key = x.title and e.year = x.year "
        "and e.kind = x.kind limit 2) f",
        [list(titles), list(kinds), list(years), scope.user_id],
    )
    return [((each["title"], each["kind"], each["year"]), each["id"]) for each in found]


def _of_works(scope: Scope, works: Sequence[UUID]) -> Marked:
    ties = db.rows(
        "select t.work_id, t.entry_id from unnest(%s::uuid[]) x(id) join entry_works t on t.user_id = %s "
        "and t.work_id = x.id",
        [list(works), scope.user_id],
    )
    return [(each["work_id"], each["entry_id"]) for each in ties]


def _of_fingerprints(scope: Scope, place: Place, records: Sequence[Record]) -> Marked:
    seen = db.rows(
        "select f.fingerprint, f.entry_id from unnest(%s::bytea[]) x(fingerprint) join entry_fingerprints f "
        "on f.user_id = %s and f.source = %s and f.fingerprint = x.fingerprint",
        [[each.fingerprint for each in records], scope.user_id, place.source],
    )
    return [(bytes(each["fingerprint"]), each["entry_id"]) for each in seen]


def _of_origins(scope: Scope, records: Sequence[Record]) -> Marked:
    """What earlier imports left with the entries they made."""
    asked = {origin for record in records for origin in origins_of(record)}
    if not asked:
        return []
    sources, kinds, old_ids = zip(*asked, strict=True)
    known = db.rows(
        "select o.source, o.kind, o.old_id, o.entry_id from unnest(%s::text[], %s::text[], %s::text[]) "
        "x(source, kind, old_id) join entry_origins o on o.user_id = %s and o.source = x.source "
        "and o.kind = x.kind and o.old_id = x.old_id",
        [list(sources), list(kinds), list(old_ids), scope.user_id],
    )
    return [(Origin(each["source"], each["kind"], each["old_id"]), each["entry_id"]) for each in known]
