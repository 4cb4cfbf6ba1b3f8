"""What happened to an item, and bringing a deleted one back, both from the audit trail (C5, L1)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, NotFound, translating
from mediatheque.core.scope import Scope, writing_as
from mediatheque.spaces import policy

from . import actions, queries, tables
from .derive import derive, is_derived
from .shapes import decode

ENTITIES = {
    "media": "media", "variants": "variant", "loans": "loan", "seasons": "season", "media_metadata": "metadata",
}  # fmt: skip
# Columns that say nothing to a person.
INTERNAL = frozenset({
    "id", "space_id", "library_id", "work_id", "work_owner", "media_id", "series_id", "person_fields",
    "variant_id", "reminded_for", "import_fields", "created_at", "added_by",
})  # fmt: skip
PARTS = ("variants", "loans", "seasons", "media_metadata", "file_references")  # loans after their copies


def history(scope: Scope, media_id: UUID, *, limit: int, before: UUID | None = None) -> list[Row]:
    """Changes of the item and of what hung on it, newest first; one more than `limit` where there are more."""
    queries.media(scope, media_id)
    return db.rows(
        "select c.id, c.at, c.table_name, c.row_id, c.action, c.old, c.new, c.actor_id, u.name as actor_name, "
        "c.request_id from audit_changes c left join users u on u.id = c.actor_id "
        "where c.space_id = %s and c.library_id = any(%s) "
        "and c.row_id = any(array(select parts_ever(%s)) || %s::uuid) "
        f"{'and c.id < %s ' if before else ''}order by c.id desc limit %s",
        [
            scope.space_id,
            list(scope.library_ids),
            media_id,
            media_id,
            *([before] if before else []),
            limit + 1,
        ],
    )


def changes(row: Row) -> list[dict[str, Any]]:
    """The fields that one change touched, in words of the API."""
    old, new = (decode(row[name]) if row[name] else {} for name in ("old", "new"))
    touched = [name for name in {**old, **new} if name not in INTERNAL]
    found = [{"field": n, "old": _shown(n, old.get(n)), "new": _shown(n, new.get(n))} for n in touched]
    empty: tuple[Any, ...] = (None, "", [], {}, False)
    return [each for each in found if each["old"] not in empty or each["new"] not in empty]


def undo_delete(scope: Scope, media_id: UUID) -> Row:
    """Brings a deleted item back under its old id, with its work, copies, seasons, metadata and cover (L1).

    One's own deletions; others' by who may undo others' changes (P10). Raises NotFound, Forbidden, and
    Conflict where the item is there again or its library is gone.
    """
    deletion = _deletion(scope, "media", media_id)
    if deletion is None:
        raise NotFound()
    if deletion["actor_id"] != scope.user_id:
        policy.require(scope, "space.audit")
    old = decode(deletion["old"])
    gone = Conflict(_("What it belonged to is gone: it cannot be brought back."), code="undo.gone")
    there = Conflict(_("It is there already."), code="undo.not_deleted")
    refusals = {"media_library": gone, "media_work": gone, "works_library": gone, "media_pkey": there}
    with writing_as("undo"), translating(refusals):
        _restore_work(scope, UUID(old["work_id"]))
        tables.restore("media", _standing(old) | derived_columns(scope, old))
        _restore_parts(scope, media_id, deletion["request_id"])
    return queries.whole(scope, media_id)


def undo_deletions(scope: Scope, request_id: str) -> int:
    """Brings back every item that one request deleted, series before their episodes; how many.

    Raises as `undo_delete`, NotFound where the request deleted nothing the person may see.
    """
    found = db.rows(
        "select row_id from audit_changes where request_id = %s and table_name = 'media' and action = 'delete' "
        "and space_id = %s and library_id = any(%s) order by old->>'series_id' nulls first, id",
        [request_id, scope.space_id, list(scope.library_ids)],
    )
    if not found:
        raise NotFound()
    for each in found:
        undo_delete(scope, each["row_id"])
    return len(found)


def _deletion(scope: Scope, table: str, row_id: UUID) -> Row | None:
    return db.row(
        "select old, actor_id, request_id from audit_changes where row_id = %s and table_name = %s "
        "and action = 'delete' and space_id = %s and library_id = any(%s) order by id desc limit 1",
        [row_id, table, scope.space_id, list(scope.library_ids)],
    )


def _restore_work(scope: Scope, work_id: UUID) -> None:
    """The work that went with its last item, and everybody's ties to it; one that stands is left alone."""
    if db.value("select true from works where id = %s", [work_id]):
        return
    deletion = _deletion(scope, "works", work_id)
    if deletion is None:
        return
    tables.restore("works", decode(deletion["old"]))
    db.value("select restore_ties(%s, %s)", [deletion["request_id"], work_id])
    db.value("select restore_work_parts(%s, %s)", [deletion["request_id"], work_id])


def _restore_parts(scope: Scope, media_id: UUID, request_id: str) -> None:
    """What the deleting request took with the item, as far as nothing newer stands in its place."""
    found = db.rows(
        "select table_name, old from audit_changes where request_id = %s and action = 'delete' "
        "and space_id = %s and table_name = any(%s) and coalesce(old->>'media_id', old->>'record_id') = %s "
        "order by array_position(%s::text[], table_name::text)",
        [request_id, scope.space_id, list(PARTS), str(media_id), list(PARTS)],
    )
    for each in found:
        tables.restore(each["table_name"], decode(each["old"]))
    db.execute(
        "update media m set series_id = %s from audit_changes c where c.request_id = %s "
        "and c.table_name = 'media' and c.action = 'update' and c.old->>'series_id' = %s and m.id = c.row_id "
        "and m.space_id = %s and m.series_id is null",
        [media_id, request_id, str(media_id), scope.space_id],
    )


def _standing(old: Mapping[str, Any]) -> dict[str, Any]:
    """The old row without references to what has gone since."""
    kept = dict(old)
    if old["added_by"] and not db.value("select true from users where id = %s", [old["added_by"]]):
        kept["added_by"] = None
    if old["series_id"] and not db.value("select true from media where id = %s", [old["series_id"]]):
        kept["series_id"] = None
    return kept


def derived_columns(scope: Scope, old: Mapping[str, Any]) -> dict[str, Any]:
    """Derived columns never reach the trail; the sort title does, and stays as it was."""
    language = actions.language_of(scope)
    own = not is_derived(old["sort_title"], old["title"])
    found = derive({**old, "sort_title": old["sort_title"] if own else ""}, language)
    return found | {"sort_title": old["sort_title"]}


def _shown(name: str, value: Any) -> Any:
    if name in ("poster", "backdrop"):
        return bool(value)
    if name == "rating" and isinstance(value, int):
        return value / 10
    return value
