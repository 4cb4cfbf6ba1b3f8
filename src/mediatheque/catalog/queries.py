"""Reads of the catalogue: one statement each, space and library always named (S4)."""

from collections.abc import Sequence
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import NotFound
from mediatheque.core.ids import NIL, UnknownId, read_id
from mediatheque.core.scope import LibraryFacts, Scope
from mediatheque.people.policy import opens_personal

COLUMNS = (
    "id", "library_id", "work_id", "media_type", "title", "original_title", "sort_title", "year",
    "release_date", "overview", "runtime", "genres", "tags", "people", "certification", "rating", "network",
    "trailer_url", "poster", "backdrop", "format", "ownership", "location", "notes", "details", "signed",
    "value", "external_ids", "source_provider", "source_external_id", "import_source", "added_by", "added_at",
    "created_at", "updated_at",
)  # fmt: skip

# The columns of a list's rows, in this order: an item's, one's own entry, who added it.
OF_OWN = ("own_status", "own_rating", "own_on_watchlist")
LISTED = (*COLUMNS, *OF_OWN, "added_by_name")

# One's own entry of an item's work; parameters: the person.
OWN = """
left join lateral (
  select e.status as own_status, e.rating as own_rating, e.on_watchlist as own_on_watchlist
  from entry_works t join entries e on e.user_id = t.user_id and e.id = t.entry_id
  where t.user_id = %s and t.work_id = m.work_id limit 1
) own on true
"""

VARIANT = (
    "id", "format", "edition", "resolution", "barcode", "path", "location", "condition", "purchased_on", "price",
    "currency",
)  # fmt: skip
SEASON = ("id", "number", "title", "expected_episodes", "available_episodes", "is_complete")
OF_ITEM = "p.space_id = m.space_id and p.library_id = m.library_id and p.media_id = m.id"


LOAN = (
    "(select jsonb_build_object('to', l.borrower, 'since', l.since, 'due', l.due) from loans l "
    "where l.space_id = p.space_id and l.library_id = p.library_id and l.variant_id = p.id and l.back is null)"
)


def _parts(table: str, columns: Sequence[str], order: str, more: str = "") -> str:
    pairs = ", ".join(f"'{name}', p.{name}" for name in columns) + more
    rows = f"jsonb_agg(jsonb_build_object({pairs}) order by p.{order})"
    return f"coalesce((select {rows} from {table} p where {OF_ITEM}), '[]') as {table}"


PARTS = (
    _parts("variants", VARIANT, "id", f", 'loan', {LOAN}"),
    _parts("seasons", SEASON, "number"),
    f"coalesce((select jsonb_object_agg(p.key, p.value) from media_metadata p where {OF_ITEM}), '{{}}') as metadata",
)


# What `whole` says beside the columns of an item on which nothing hangs.
NOTHING_YET: Row = {
    "own_status": None, "own_rating": None, "own_on_watchlist": None,
    "variants": "[]", "seasons": "[]", "metadata": "{}",
}  # fmt: skip


def library(scope: Scope, wanted: str | UUID | None) -> LibraryFacts:
    """An open library of the active space. Raises NotFound at `library`."""
    if wanted is None:
        found = scope.active_library
    else:
        try:
            identity = wanted if isinstance(wanted, UUID) else read_id("library", wanted)
        except UnknownId:
            raise NotFound.at("library") from None
        found = next((each for each in scope.libraries if each.id == identity), None)
    if found is None:
        raise NotFound.at("library")
    return found


def media(scope: Scope, media_id: UUID) -> Row:
    """One item with everything a list shows of it. Raises NotFound."""
    return _one(scope, media_id, "")


def whole(scope: Scope, media_id: UUID) -> Row:
    """One item with its variants, seasons and metadata as JSON, in one statement. Raises NotFound."""
    return _one(scope, media_id, f", {', '.join(PARTS)}")


def wholes(scope: Scope, library_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """A library's next items by id, each as `whole` gives it: for writing all of them out, piece by piece."""
    names = ", ".join(f"m.{name}" for name in COLUMNS)
    return db.rows(
        f"select {names}, m.work_owner, m.series_id, own.*, u.name as added_by_name, {', '.join(PARTS)}, "
        "(select s.title from media s where s.id = m.series_id) as series_title from ("
        "select * from media where space_id = %s and library_id = %s and id > %s order by id limit %s) m "
        f"{OWN} left join users u on u.id = m.added_by order by m.id",
        [scope.space_id, library_id, after or NIL, limit, own_entries_of(scope)],
    )


def _one(scope: Scope, media_id: UUID, parts: str) -> Row:
    names = ", ".join(f"m.{name}" for name in COLUMNS)
    found = db.row(
        f"select {names}, m.work_owner, m.series_id, own.*, u.name as added_by_name{parts} from media m {OWN} "
        "left join users u on u.id = m.added_by "
        "where m.id = %s and m.space_id = %s and m.library_id = any(%s)",
        [own_entries_of(scope), media_id, scope.space_id, list(scope.library_ids)],
        prepared=True,
    )
    if found is None:
        raise NotFound()
    return found


def variants(scope: Scope, media_id: UUID) -> list[Row]:
    """The item's copies, editions and files, first one first, each with its open loan as JSON."""
    return db.rows(
        f"select {', '.join(VARIANT)}, {LOAN} as loan from variants p "
        "where space_id = %s and library_id = any(%s) and media_id = %s order by id",
        [scope.space_id, list(scope.library_ids), media_id],
    )


def variant(scope: Scope, media_id: UUID, variant_id: UUID) -> Row:
    """One copy of the item. Raises NotFound."""
    found = next((each for each in variants(scope, media_id) if each["id"] == variant_id), None)
    if found is None:
        raise NotFound()
    return found


def seasons(scope: Scope, media_id: UUID) -> list[Row]:
    return db.rows(
        f"select {', '.join(SEASON)} from seasons "
        "where space_id = %s and library_id = any(%s) and media_id = %s order by number",
        [scope.space_id, list(scope.library_ids), media_id],
    )


def metadata(scope: Scope, media_id: UUID) -> dict[str, str]:
    """The item's keys and values, by key (C9)."""
    found = db.rows(
        "select key, value from media_metadata "
        'where space_id = %s and library_id = any(%s) and media_id = %s order by key collate "C"',
        [scope.space_id, list(scope.library_ids), media_id],
    )
    return {each["key"]: each["value"] for each in found}


def work(scope: Scope, work_id: UUID) -> Row:
    """A work that is nobody's, the space's or the person's own, with its texts. Raises NotFound."""
    found = db.row(
        "select w.id, w.owner_key, w.title, w.original_title, w.year, w.kind, w.provider, w.provider_kind, "
        "w.provider_id, "
        "coalesce((select jsonb_agg(jsonb_build_object('language', t.language, 'title', t.title, "
        "'overview', t.overview) order by t.language) from work_texts t where t.work_id = w.id), '[]') as texts "
        "from works w where w.id = %s and w.owner_key = any(%s)",
        [work_id, [NIL, scope.user_id, *([scope.active_space.id] if scope.active_space else [])]],
    )
    if found is None:
        raise NotFound()
    return found


def own_entries_of(scope: Scope) -> UUID:
    """Whose entries are shown beside the items: nobody's to a token that opens its space alone (S1)."""
    return scope.user_id if opens_personal(scope) else NIL
