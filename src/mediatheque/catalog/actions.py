"""Writes of media items: create, change, delete. Each checks who may, then lets the database decide."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, NotFound, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.spaces import policy

from . import derive as derived
from . import entries, fields, queries, tables
from .derive import derive
from .rules import normal_format
from .shapes import decode

LIBRARY_GONE = {"media_library": NotFound.at("library"), "works_library": NotFound.at("library")}
DERIVED_FROM = frozenset(
    {"title", "original_title", "sort_title", "year", "people", "genres", "external_ids"}
)


def create_media(scope: Scope, given: Mapping[str, Any]) -> Row:
    """A new item with a work of the space, in the library named or the active one (C2).

    `given` are the fields of API.md (`library` a UUID, `own` the person's entry). Raises RuleBroken,
    NotFound at `library`, Conflict for an archived library.
    """
    policy.require(scope, "media.add")
    library = queries.library(scope, given.get("library"))
    if library.archived:
        raise Conflict(_("This library is archived: restore it to add to it."), code="library.archived")
    fields.check(given)
    stored = fields.columns(given)
    stored |= derive(stored, language_of(scope))
    media_id, work_id = new_id(), new_id()
    with translating(LIBRARY_GONE):
        _insert_work(scope, work_id, library.id, stored)
        tables.insert("media", stored | {
            "id": media_id, "space_id": scope.space_id, "library_id": library.id, "work_id": work_id,
            "work_owner": scope.space_id, "added_by": scope.user_id,
        })  # fmt: skip
    if given.get("format"):
        _first_format(scope, media_id, library.id, given["format"])
    if given.get("own"):
        entries.set_own(scope, queries.media(scope, media_id), given["own"])
    return queries.whole(scope, media_id)


def update_media(scope: Scope, media_id: UUID, given: Mapping[str, Any]) -> Row:
    """Changes the fields that are given; `own` changes the asking person's entry and nothing else (C2).

    Raises NotFound, Forbidden for others' additions, RuleBroken.
    """
    before = changeable(scope, media_id) if set(given) - {"own"} else locked(scope, media_id)
    fields.check(_judged(before, given), partial=True)
    writer, setters = before["writer"], (before["person_fields"], before["import_fields"])
    stored = fields.writable(fields.columns(given), writer, *setters)
    if DERIVED_FROM & set(stored):
        stored |= _derived_again(scope, before, stored)
    if stored:
        tables.update("media", scope.space_id, media_id, stored)
        _update_work(scope, before, stored)
    if "format" in given:
        _first_format(scope, media_id, before["library_id"], given["format"] or "")
    if given.get("own"):
        entries.set_own(scope, before | stored, given["own"])
    return queries.whole(scope, media_id)


def delete_media(scope: Scope, media_id: UUID) -> None:
    """The item goes with everything that hangs on it; its work goes with its last item (C2)."""
    changeable(scope, media_id)
    place = [scope.space_id, media_id]
    for table in ("variants", "seasons", "media_metadata"):
        db.execute(f"delete from {table} where space_id = %s and media_id = %s", place)
    db.execute("delete from file_references where space_id = %s and record_id = %s", place)
    db.execute("delete from media where space_id = %s and id = %s", place)


def changeable(scope: Scope, media_id: UUID) -> Row:
    """The item, locked, if the person may change it: own additions, or others' by role (P10)."""
    found = locked(scope, media_id)
    own = found["added_by"] == scope.user_id
    policy.require(scope, "media.change_own" if own else "media.change_others")
    return found


def locked(scope: Scope, media_id: UUID) -> Row:
    """The item's row, held until the request ends. Raises NotFound."""
    names = ", ".join(dict.fromkeys((*queries.COLUMNS, "work_owner")))
    found = db.row(
        f"select {names}, person_fields, import_fields, current_setting('app.writer', true) as writer from media "
        "where id = %s and space_id = %s and library_id = any(%s) for update",
        [media_id, scope.space_id, list(scope.library_ids)],
    )
    if found is None:
        raise NotFound()
    return found


def language_of(scope: Scope) -> str:
    """The language in which a title's article is left out: the person's, else the space's (C3)."""
    return str(scope.preferences.get("language") or scope.space.language)


def keep_format(scope: Scope, media_id: UUID) -> None:
    """The item's format is its first variant's, stored (C6)."""
    db.execute(
        "update media m set format = f.format from (select coalesce((select v.format from variants v "
        "where v.space_id = %s and v.media_id = %s order by v.id limit 1), '') as format) f "
        "where m.space_id = %s and m.id = %s and m.format <> f.format",
        [scope.space_id, media_id, scope.space_id, media_id],
    )


def _insert_work(scope: Scope, work_id: UUID, library_id: UUID, stored: Mapping[str, Any]) -> None:
    tables.insert("works", {
        "id": work_id, "owner_space": scope.space_id, "library_id": library_id, "kind": stored["media_type"],
        "title": stored["title"], "original_title": stored.get("original_title", ""),
        "year": stored.get("year"), "match_key": stored["match_key"],
    })  # fmt: skip


def _update_work(scope: Scope, before: Row, stored: Mapping[str, Any]) -> None:
    """A work of the space says what its only item says; one that several items share stays."""
    names = {"title": "title", "original_title": "original_title", "year": "year", "media_type": "kind",
             "match_key": "match_key"}  # fmt: skip
    changed = {names[name]: value for name, value in stored.items() if name in names}
    if changed:
        db.execute(
            f"update works w set {', '.join(f'{name} = %s' for name in changed)} "
            "where w.id = %s and w.owner_space = %s and not exists "
            "(select from media m where m.work_id = w.id and m.id <> %s)",
            [*changed.values(), before["work_id"], scope.space_id, before["id"]],
        )


def _judged(before: Row, given: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with the kind they are judged by; a change of kind judges year and details again."""
    if "media_type" not in given:
        return {**given, "media_type": before["media_type"]}
    return {"year": before["year"], "details": _document(before["details"]), **given}


def _derived_again(scope: Scope, before: Row, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Derived columns after a change. A sort title that followed the title goes on following it."""
    documents = {name: _document(before[name]) for name in ("people", "external_ids")}
    after = {**before, **documents, **stored}
    if "sort_title" not in stored and derived.is_derived(before["sort_title"], before["title"]):
        after["sort_title"] = ""
    return derive(after, language_of(scope))


def _document(text: Any) -> Any:
    return decode(text) if isinstance(text, str) else text


def _first_format(scope: Scope, media_id: UUID, library_id: UUID, wanted: str) -> None:
    """Naming an item's format names its first variant's."""
    normal = normal_format(wanted)
    changed = db.execute(
        "update variants set format = %s where id = (select id from variants "
        "where space_id = %s and media_id = %s order by id limit 1)",
        [normal, scope.space_id, media_id],
    )
    if not changed and normal:
        tables.insert("variants", {
            "id": new_id(), "space_id": scope.space_id, "library_id": library_id, "media_id": media_id,
            "format": normal,
        })  # fmt: skip
    keep_format(scope, media_id)
