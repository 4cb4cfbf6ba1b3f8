"""A person's own entries: what they plan, watch and have finished, in whichever space they stand (W1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.api import make_cursor, read_cursor
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, FieldError, NotFound, translating
from mediatheque.core.ids import NIL, new_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import match_key
from mediatheque.people.policy import personal

from . import entries, fields, queries, rules, tables

COLUMNS = (
    "id", "title", "year", "kind", "status", "rating", "notes", "visibility", "notes_visibility", "on_watchlist",
    "set_aside", "set_aside_reason", "last_watched_at", "added_at", "created_at", "updated_at",
)  # fmt: skip
# The work that is shown: the active space's before everybody's before one's own; parameters: the space.
SHOWN = """
left join lateral (
  select w.id as work_id, w.title as work_title, w.year as work_year, w.kind as work_kind
  from entry_works t join works w on w.owner_key = t.work_owner and w.id = t.work_id
  where t.user_id = e.user_id and t.entry_id = e.id
  order by w.owner_key = %s desc, w.owner_key = e.user_id, w.id limit 1
) w on true
"""
DEFAULTS = {
    "status": "not_watched",
    "visibility": "shared",
    "notes_visibility": "private",
    "on_watchlist": False,
}
TEXTS = ("notes", "set_aside_reason")


@dataclass(frozen=True, slots=True)
class Entries:
    """A part of one's entries, and the cursor after it."""

    rows: list[Row]
    next_cursor: str | None


def listed(
    scope: Scope, *, status: Sequence[str], on_watchlist: bool | None, limit: int, cursor: str | None = None
) -> Entries:
    """One's own entries, what was added last first. Raises Forbidden for a token of one space."""
    personal(scope)
    where = ["e.user_id = %s"]
    values: list[Any] = [scope.user_id]
    if status:
        where.append("e.status = any(%s)")
        values.append(list(status))
    if on_watchlist is not None:
        where.append("e.on_watchlist = %s")
        values.append(on_watchlist)
    if cursor:
        where.append("(e.added_at, e.id) < (%s, %s)")
        values += read_cursor(cursor, [datetime, UUID])
    rows = db.rows(
        f"select {_names()}, w.* from entries e {SHOWN} where {' and '.join(where)} "
        "order by e.added_at desc, e.id desc limit %s",
        [_here(scope), *values, limit + 1],
    )
    shown = rows[:limit]
    more = make_cursor([shown[-1]["added_at"].isoformat(), shown[-1]["id"]]) if len(rows) > limit else None
    return Entries(shown, more)


def entry(scope: Scope, entry_id: UUID) -> Row:
    """One's own entry. Raises NotFound, Forbidden for a token of one space."""
    personal(scope)
    found = db.row(
        f"select {_names()}, w.* from entries e {SHOWN} where e.user_id = %s and e.id = %s",
        [_here(scope), scope.user_id, entry_id],
    )
    if found is None:
        raise NotFound()
    return found


def create(scope: Scope, given: Mapping[str, Any]) -> Row:
    """An entry of a work one may see (`work`), or of a title typed in (`title`, `media_type`, `year`).

    A typed title is tied to the space's works of that title as well. Raises RuleBroken, NotFound at `work`,
    Conflict where the title has an entry already.
    """
    personal(scope)
    stored = _stored(given)
    if given.get("work"):
        works, title = _of_work(scope, given)
    else:
        works, title = _typed(scope, given)
    entry_id = new_id()
    visibility = {"visibility": entries.default_visibility(scope)} | stored
    with translating({"entry_works_once": _taken()}):
        mine = {"id": entry_id, "user_id": scope.user_id, "match_key": match_key(title["title"])}
        tables.insert("entries", {**mine, **title, **visibility})
        tables.insert_many("entry_works", [
            {"id": new_id(), "user_id": scope.user_id, "entry_id": entry_id, "work_id": work, "work_owner": owner}
            for work, owner in works
        ])  # fmt: skip
    return entry(scope, entry_id)


def update(scope: Scope, entry_id: UUID, given: Mapping[str, Any]) -> Row:
    """Changes what is given; null clears. Raises NotFound, RuleBroken."""
    entry(scope, entry_id)
    if stored := _stored(given):
        names = ", ".join(f"{name} = %s" for name in stored)
        db.execute(
            f"update entries set {names} where user_id = %s and id = %s",
            [*stored.values(), scope.user_id, entry_id],
        )
    return entry(scope, entry_id)


def delete(scope: Scope, entry_id: UUID) -> None:
    """The entry goes with its ties, and with works of one's own that nothing else refers to. Raises NotFound."""
    entry(scope, entry_id)
    db.execute("delete from entry_works where user_id = %s and entry_id = %s", [scope.user_id, entry_id])
    db.execute("delete from entries where user_id = %s and id = %s", [scope.user_id, entry_id])
    db.execute(
        "delete from works w where w.owner_user = %s and not exists "
        "(select from entry_works t where t.user_id = w.owner_user and t.work_id = w.id)",
        [scope.user_id],
    )


def _of_work(scope: Scope, given: Mapping[str, Any]) -> tuple[list[tuple[UUID, UUID]], dict[str, Any]]:
    typed = [name for name in ("title", "media_type", "year") if given.get(name) is not None]
    fields.refuse([FieldError(name, _("A work has its own: leave it out."), "entry.work") for name in typed])
    try:
        found = queries.work(scope, given["work"])
    except NotFound:
        raise NotFound.at("work") from None
    title = {"title": found["title"], "year": found["year"], "kind": found["kind"]}
    return [(found["id"], found["owner_key"])], title


def _typed(scope: Scope, given: Mapping[str, Any]) -> tuple[list[tuple[UUID, UUID]], dict[str, Any]]:
    said = {name: given.get(name) for name in ("title", "media_type", "year")}
    fields.refuse([FieldError(e.field, e.message, e.code) for e in rules.check_media(said)])
    title = {"title": said["title"], "year": said["year"], "kind": said["media_type"]}
    key = match_key(str(said["title"]))
    here = db.rows(
        "select w.id, w.owner_key from works w where w.owner_key = any(%s) and w.match_key = %s and w.kind = %s "
        "and w.year = %s",
        [[_here(scope), scope.user_id], key, title["kind"], title["year"]],
    )
    works = [(row["id"], row["owner_key"]) for row in here]
    if not any(owner == scope.user_id for _work, owner in works):
        own = {"id": new_id(), "owner_user": scope.user_id, "match_key": key, **title}
        tables.insert("works", own)
        works.append((own["id"], scope.user_id))
    return works, title


def _stored(given: Mapping[str, Any]) -> dict[str, Any]:
    """The entry's columns. Raises RuleBroken with every fault."""
    entries.check(given, "")
    stored = {name: given[name] for name in COLUMNS if name in given and name not in ("title", "year")}
    stored |= {name: stored[name] or "" for name in TEXTS if name in stored}
    stored |= {name: default for name, default in DEFAULTS.items() if stored.get(name, "") is None}
    return stored


def _names() -> str:
    return ", ".join(f"e.{name}" for name in COLUMNS)


def _here(scope: Scope) -> UUID:
    return scope.active_space.id if scope.active_space else NIL


def _taken() -> Conflict:
    return Conflict(_("This title has an entry of yours already: change that one."), code="entry.taken")


def shape(row: Row) -> dict[str, Any]:
    """A watch entry as API.md has it; its own title where no work of it is to be seen."""
    seen = row["work_id"] is not None
    work = {
        "id": show_id("work", row["work_id"]) if seen else None,
        "title": row["work_title"] if seen else row["title"],
        "year": row["work_year"] if seen else row["year"],
        "media_type": row["work_kind"] if seen else row["kind"],
    }
    rest = {name: row[name] for name in COLUMNS if name not in ("id", "title", "year", "kind")}
    return {"id": show_id("entry", row["id"]), "work": work, **rest}
