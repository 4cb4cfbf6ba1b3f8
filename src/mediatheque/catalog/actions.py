"""Writes of media items: create, change, delete. Each checks who may, then lets the database decide."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, NotFound, RuleBroken, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope
from mediatheque.spaces import policy

from . import derive as derived
from . import entries, episodes, fields, queries, rules, tables, tags
from .derive import derive
from .shapes import decode

LIBRARY_GONE = {"media_library": NotFound.at("library"), "works_library": NotFound.at("library")}
DERIVED_FROM = frozenset(
    {"title", "original_title", "sort_title", "year", "people", "overview", "genres", "tags", "external_ids"}
)


def create_media(scope: Scope, given: Mapping[str, Any]) -> Row:
    """A new item with a work of the space, in the library named or the active one (C2).

    `given` are the fields of API.md (`library` and an episode's `series` UUIDs, `own` the person's entry).
    Raises RuleBroken, NotFound at `library` or `series`, Conflict for an archived library.
    """
    policy.require(scope, "media.add")
    library = queries.library(scope, given.get("library"))
    if library.archived:
        raise Conflict(_("This library is archived: restore it to add to it."), code="library.archived")
    fields.check(given)
    stored = columns(scope, given)
    stored |= derive(stored, language_of(scope))
    work_id = new_id()
    item = stored | {"id": new_id(), "space_id": scope.space_id, "library_id": library.id,
                     "added_by": scope.user_id}  # fmt: skip
    with translating(LIBRARY_GONE, savepoint=False):
        if given.get("series"):
            series = episodes.series_of(scope, library.id, given["series"])
            row = _insert(item | episodes.tie(series, stored.get("details", {})))
        else:
            row = _insert(item | {"work_id": work_id, "work_owner": scope.space_id}, _work(item, work_id))
    if given.get("format"):
        _first_format(scope, row["id"], library.id, given["format"])
    if given.get("own"):
        entries.set_own(scope, [row], given["own"])
    if given.get("format") or given.get("own") or given.get("series"):
        return queries.whole(scope, row["id"])
    return row | queries.NOTHING_YET | {"added_by_name": scope.user.name}


def update_media(scope: Scope, media_id: UUID, given: Mapping[str, Any]) -> Row:
    """Changes the fields that are given; `own` changes the asking person's entry and nothing else (C2).

    Raises NotFound, Forbidden for others' additions, RuleBroken.
    """
    before = changeable(scope, media_id) if set(given) - {"own"} else locked(scope, media_id)
    fields.check(judged(before, given), partial=True)
    writer, setters = before["writer"], (before["person_fields"], before["import_fields"])
    stored = fields.writable(columns(scope, given), writer, *setters)
    if DERIVED_FROM & set(stored):
        stored |= derived_again(scope, before, stored)
    tied = _tied_again(scope, before, stored, given)
    if stored or tied:
        tables.update("media", scope.space_id, media_id, stored | tied)
        if "work_id" not in tied:
            _update_work(scope, before, stored)
    if "format" in given:
        _first_format(scope, media_id, before["library_id"], given["format"] or "")
    if given.get("own"):
        entries.set_own(scope, [before | stored | tied], given["own"])
    return queries.whole(scope, media_id)


def _tied_again(
    scope: Scope, before: Row, stored: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The columns that tie an episode to its series, where the change touches them."""
    kind = stored.get("media_type", before["media_type"])
    if kind != before["media_type"] == "tv_series" and episodes.has_parts(scope, before["id"]):
        raise lost_parts()
    wanted = given.get("series", before["series_id"]) if kind == "tv_episode" else None
    if wanted is None and before["series_id"] is None:
        return {}
    if wanted is None:
        return {"series_id": None} | episodes.untie(scope, {**before, "media_type": kind, **stored})
    if wanted == before["series_id"] and "details" not in stored:
        return {}
    details = stored.get("details", _document(before["details"]))
    tied = episodes.tie(episodes.series_of(scope, before["library_id"], wanted), details)
    return {name: value for name, value in tied.items() if value != before[name]}


def lost_parts() -> RuleBroken:
    """Why a series with seasons or episodes cannot become something else."""
    message = _("It has seasons or episodes, which only a series has: delete or untie them first.")
    return RuleBroken.at("media_type", message, "media_type.has_seasons")


def delete_media(scope: Scope, media_id: UUID) -> None:
    """The item goes with everything that hangs on it; its work goes with its last item (C2)."""
    changeable(scope, media_id)
    place = [scope.space_id, media_id]
    for table in ("loans", "variants", "seasons", "media_metadata"):
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
    more = ("work_owner", "series_id", "match_key")
    names = ", ".join(dict.fromkeys((*queries.COLUMNS, *more)))
    found = db.row(
        f"select {names}, person_fields, import_fields, current_setting('app.writer', true) as writer from media "
        "where id = %s and space_id = %s and library_id = any(%s) for update",
        [media_id, scope.space_id, list(scope.library_ids)],
    )
    if found is None:
        raise NotFound()
    return found


def columns(scope: Scope, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of checked fields; tags as the space writes them."""
    stored = fields.columns(given)
    if stored.get("tags"):
        stored["tags"] = tags.names_as_written(scope, stored["tags"])
    return stored


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


def _work(item: Mapping[str, Any], work_id: UUID) -> dict[str, Any]:
    """The space's own work of a new item."""
    return {
        "id": work_id, "owner_space": item["space_id"], "library_id": item["library_id"],
        "kind": item["media_type"], "title": item["title"], "original_title": item.get("original_title", ""),
        "year": item.get("year"), "match_key": item["match_key"],
    }  # fmt: skip


def _insert(item: Mapping[str, Any], work: Mapping[str, Any] | None = None) -> Row:
    """An item with its work, in one statement; the item's own columns as `queries.whole` shows them."""
    sql, values = tables.insertion("media", item)
    sql += f" returning {', '.join((*queries.COLUMNS, 'work_owner', 'series_id'))}"
    if work is not None:
        before, work_values = tables.insertion("works", work)
        sql, values = f"with work as ({before}) {sql}", [*work_values, *values]
    row = db.row(sql, values)
    assert row is not None
    return row


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


def judged(before: Row, given: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with the kind they are judged by; a change of kind judges year and details again.

    Raises RuleBroken for a change of kind that would lose details nobody let go.
    """
    if "media_type" not in given:
        return {**given, "media_type": before["media_type"]}
    details = _document(before["details"])
    lost = [name for name in details if name not in rules.DETAILS.get(given["media_type"] or "", {})]
    if lost and "details" not in given and given["media_type"] in rules.MEDIA_TYPES:
        message = _(
            "It would lose what only its kind has: %(names)s. Send details without them to let them go."
        )
        raise RuleBroken.at("media_type", message % {"names": ", ".join(lost)}, "media_type.loses")
    return {"year": before["year"], "details": details, **given}


def derived_again(scope: Scope, before: Row, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Derived columns after a change. A sort title that followed the title goes on following it."""
    documents = {name: _document(before[name]) for name in ("people", "external_ids")}
    after = {**before, **documents, **stored}
    if "sort_title" not in stored and derived.is_derived(before["sort_title"], before["title"]):
        after["sort_title"] = ""
    return derive(after, language_of(scope))


def terms_again(before: Row, stored: Mapping[str, Any]) -> list[list[str]]:
    """The terms after a change."""
    documents = {name: _document(before[name]) for name in ("people", "external_ids")}
    return derived.terms({**before, **documents, **stored})


def _document(text: Any) -> Any:
    return decode(text) if isinstance(text, str) else text


def _first_format(scope: Scope, media_id: UUID, library_id: UUID, wanted: str) -> None:
    """Naming an item's format names its first variant's."""
    normal = rules.normal_format(wanted)
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
