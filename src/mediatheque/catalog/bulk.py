"""Many items at once: edited, moved, deleted, in one transaction; each that may not be is told of (C2, P10).

Statements are set-wise: the same few for one item and for twenty thousand.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, FieldError, NotFound, Refusal, RuleBroken, translating
from mediatheque.core.ids import UnknownId, new_id, read_id, show_id
from mediatheque.core.scope import LibraryFacts, Scope
from mediatheque.spaces import policy

from . import actions, entries, fields, lists, queries, tables
from .filters import Filters
from .rules import normal_format

MOST = 50_000
# What is judged by the item's own kind, and so for each item.
JUDGED = ("media_type", "year", "details")
DERIVED = {"sort_title": "text", "sort_key": "text", "match_key": "text", "year_key": "int",
           "word_list": "text[]", "terms": "jsonb"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one item was left as it was."""

    id: str
    code: str
    message: str


@dataclass(slots=True)
class Outcome:
    """How many items were done, and which were not."""

    done: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, media_id: UUID | str, refusal: Refusal) -> None:
        shown = media_id if isinstance(media_id, str) else show_id("media", media_id)
        self.refused.append(Refused(shown, refusal.code, refusal.detail))


def chosen(
    scope: Scope, ids: Sequence[str] | None, filters: Filters | None, library: Sequence[str]
) -> Sequence[str | UUID]:
    """The ids that were sent, or of everything the list's filters find. Raises RuleBroken unless it is one."""
    if (ids is None) == (filters is None):
        raise RuleBroken.at("ids", _("Send either ids or a filter."), "bulk.which")
    if filters is None:
        return ids or ()
    return lists.all_ids(scope, lists.libraries(scope, library), filters, MOST + 1)


def carry_out(scope: Scope, action: str, ids: Sequence[str | UUID], given: Mapping[str, Any]) -> Outcome:
    """Edits, moves or deletes, as asked; `given` is what to set. Raises RuleBroken for what it does not take."""
    library, rest = given.get("library"), {name: value for name, value in given.items() if name != "library"}
    if action == "tag":
        raise RuleBroken.at("action", _("Tags are not there yet: edit, move or delete."), "bulk.no_tags")
    if action == "edit" and "library" in given:
        raise RuleBroken.at("set.library", _("To change the library, move."), "bulk.set")
    if "series" in rest:
        raise RuleBroken.at("set.series", _("Episodes are tied to a series one by one."), "bulk.set")
    if action != "edit" and rest:
        message = _("This action does not set fields: edit.")
        raise RuleBroken(
            message, errors=[FieldError(name, message, "bulk.set") for name in _leaves(rest, "set")]
        )
    if action == "delete":
        if "library" in given:
            raise RuleBroken.at("set.library", _("Deleting sets nothing."), "bulk.set")
        return delete(scope, ids)
    if action == "move":
        if library is None:
            raise RuleBroken.at("set.library", _("Say which library to move to."), "bulk.nothing")
        return move(scope, ids, library)
    return edit(scope, ids, rest)


def _leaves(given: Mapping[str, Any], at: str) -> Iterator[str]:
    """The places of all values: `set.own.rating`."""
    for name, value in given.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{at}.{name}")
        else:
            yield f"{at}.{name}"


def edit(scope: Scope, ids: Sequence[str | UUID], given: Mapping[str, Any]) -> Outcome:
    """Sets the fields on every item the person may change; `own` is the person's own entry of each.

    `ids` are TypeIDs as they were sent, or ids that a filter found. Raises RuleBroken for a value that no
    item may have.
    """
    if not given:
        raise RuleBroken.at("set", _("Say what to change."), "bulk.nothing")
    with _under_set():
        fields.check({name: value for name, value in given.items() if name not in JUDGED}, partial=True)
        entries.check(given.get("own") or {})
    outcome = Outcome()
    rows = _changeable(scope, ids, outcome, only_own=set(given) == {"own"})
    rows = _fitting(scope, rows, given, outcome)
    if rows:
        _write(scope, rows, given)
    outcome.done = len(rows)
    _record(scope, "edited", outcome)
    return outcome


def move(scope: Scope, ids: Sequence[str | UUID], library_id: UUID) -> Outcome:
    """Every item the person may change stands in the library afterwards, with everything that hangs on it.

    A series takes its episodes along. Raises NotFound at `set.library`, Conflict for an archived one.
    """
    with _under_set():
        target = queries.library(scope, library_id)
    if target.archived:
        raise Conflict(_("This library is archived: restore it to add to it."), code="library.archived")
    outcome = Outcome()
    rows = _movable(scope, _changeable(scope, ids, outcome), target, outcome)
    try:
        _move(scope, [row["id"] for row in rows], target)
        outcome.done = len(rows)
    except SameRow:
        for row in rows:
            try:
                _move(scope, [row["id"]], target)
                outcome.done += 1
            except SameRow as refusal:
                outcome.refuse(row["id"], refusal)
    _record(scope, "moved", outcome)
    return outcome


def delete(scope: Scope, ids: Sequence[str | UUID]) -> Outcome:
    """The items go with everything that hangs on them. Raises Forbidden below a manager."""
    policy.require(scope, "media.delete_bulk")
    outcome = Outcome()
    found = [row["id"] for row in _changeable(scope, ids, outcome)]
    for table in ("loans", "variants", "seasons", "media_metadata"):
        _execute(f"delete from {table} t using unnest(%s::uuid[]) x(id) where t.space_id = %s and t.media_id = x.id",
                 found, scope.space_id)  # fmt: skip
    _execute("delete from file_references t using unnest(%s::uuid[]) x(id) "
             "where t.space_id = %s and t.record_id = x.id", found, scope.space_id)  # fmt: skip
    _execute(
        "delete from media t using unnest(%s::uuid[]) x(id) where t.space_id = %s and t.id = x.id",
        found,
        scope.space_id,
    )
    outcome.done = len(found)
    _record(scope, "deleted", outcome)
    return outcome


class SameRow(Conflict):
    """The target holds what came from the same row of the same file."""

    def __init__(self) -> None:
        message = _("What came from the same row of a file is there already: merge or delete one of the two.")
        super().__init__(message, code="media.same_row")


def _changeable(
    scope: Scope, ids: Sequence[str | UUID], outcome: Outcome, *, only_own: bool = False
) -> list[Row]:
    """The items, locked, that the person may change; the others are refused. Raises RuleBroken for too many."""
    if len(ids) > MOST:
        message = _("At most %(most)s at once: narrow it down.") % {"most": f"{MOST:,}"}
        raise RuleBroken.at("ids", message, "bulk.too_many")
    wanted = dict.fromkeys(filter(None, (_read(each, outcome) for each in ids)))
    names = ", ".join(f"m.{name}" for name in (*queries.COLUMNS, "work_owner", "series_id"))
    found = {
        row["id"]: row
        for row in db.rows(
            f"select {names} from unnest(%s::uuid[]) x(id) join media m on m.id = x.id "
            "where m.space_id = %s and m.library_id = any(%s) order by m.id for update of m",
            [list(wanted), scope.space_id, list(scope.library_ids)],
        )
    }
    others = only_own or policy.allows(scope, "media.change_others")
    needs = Refusal(policy.needs("manager"), code="permission.role")
    rows = []
    for identity in wanted:
        row = found.get(identity)
        if row is None:
            outcome.refuse(show_id("media", identity), NotFound())
        elif not others and row["added_by"] != scope.user_id:
            outcome.refuse(identity, needs)
        else:
            rows.append(row)
    return rows


def _read(wanted: str | UUID, outcome: Outcome) -> UUID | None:
    """An id of another kind reads like one that does not exist."""
    if isinstance(wanted, UUID):
        return wanted
    try:
        return read_id("media", wanted)
    except UnknownId:
        outcome.refuse(wanted[:100], NotFound())
        return None


def readable(ids: Sequence[str | UUID]) -> list[UUID]:
    """Those of the ids that are ids of media."""
    return [found for found in (_read(each, Outcome()) for each in ids) if found]


def _fitting(scope: Scope, rows: list[Row], given: Mapping[str, Any], outcome: Outcome) -> list[Row]:
    """The items whose kind allows the values; the others are refused, each with its reason."""
    judged = {name: given[name] for name in JUDGED if name in given}
    if not judged:
        return rows
    fitting, parted = [], _with_parts(scope, rows) if "media_type" in given else set()
    for row in rows:
        try:
            _refuse_lost_tie(row, judged, parted)
            fields.check(actions.judged(row, judged), partial=True)
            fitting.append(row)
        except RuleBroken as refusal:
            outcome.refuse(row["id"], refusal)
    return fitting


def _with_parts(scope: Scope, rows: Sequence[Row]) -> set[UUID]:
    """The series among them that have seasons or episodes."""
    series = [row["id"] for row in rows if row["media_type"] == "tv_series"]
    found = db.rows(
        "select s.media_id as id from seasons s where s.space_id = %s and s.media_id = any(%s) "
        "union select m.series_id from media m where m.space_id = %s and m.series_id = any(%s)",
        [scope.space_id, series, scope.space_id, series],
    )
    return {row["id"] for row in found}


def _refuse_lost_tie(row: Row, judged: Mapping[str, Any], parted: set[UUID]) -> None:
    if row["series_id"] and {"media_type", "details"} & set(judged):
        message = _("It is tied to its series: change it on its own page.")
        raise RuleBroken.at("media_type", message, "episode.of_series")
    if row["id"] in parted and judged["media_type"] != "tv_series":
        raise actions.lost_parts()


def _write(scope: Scope, rows: Sequence[Row], given: Mapping[str, Any]) -> None:
    ids = [row["id"] for row in rows]
    stored = fields.columns(given)
    if stored:
        _update(scope, rows, stored)
    if actions.DERIVED_FROM & set(stored) or "media_type" in stored:
        _update_works(scope, ids)
    if "format" in given:
        _first_formats(scope, rows, normal_format(given["format"] or ""))
    if given.get("own"):
        entries.set_own(scope, rows, given["own"])


def _update(scope: Scope, rows: Sequence[Row], stored: Mapping[str, Any]) -> None:
    """One statement; derived columns, where they change, travel beside the ids."""
    plain = {name: value for name, value in stored.items() if name not in DERIVED}
    names = [f"{name} = %s" for name in plain]
    derived = []
    if actions.DERIVED_FROM & set(stored):
        names += [f"{name} = x.{name}" for name in DERIVED]
        derived = [{"id": str(row["id"])} | actions.derived_again(scope, row, stored) for row in rows]
    kinds = "".join(f", {name} {kind}" for name, kind in DERIVED.items()) if derived else ""
    told = derived or [{"id": str(row["id"])} for row in rows]
    db.execute(
        f"update media m set {', '.join(names)} from jsonb_to_recordset(%s) as x(id uuid{kinds}) "
        "where m.space_id = %s and m.id = x.id",
        [*tables.parameters("media", plain), json.dumps(told), scope.space_id],
    )


def _update_works(scope: Scope, ids: Sequence[UUID]) -> None:
    """A work of the space says what its only item says; one that several items share stays."""
    db.execute(
        "update works w set title = m.title, original_title = m.original_title, year = m.year, "
        "kind = m.media_type, match_key = m.match_key from unnest(%s::uuid[]) x(id) join media m on m.id = x.id "
        "where m.space_id = %s and w.id = m.work_id and w.owner_space = m.space_id and not exists "
        "(select from media o where o.work_id = w.id and o.id <> m.id)",
        [list(ids), scope.space_id],
    )


def _first_formats(scope: Scope, rows: Sequence[Row], wanted: str) -> None:
    """Naming items' format names their first variants'; an item without one gets one (C6)."""
    ids = [row["id"] for row in rows]
    first = ("select distinct on (v.media_id) v.id, v.media_id from unnest(%s::uuid[]) x(id) "
             "join variants v on v.media_id = x.id where v.space_id = %s order by v.media_id, v.id")  # fmt: skip
    having = {row["media_id"]: row["id"] for row in db.rows(first, [ids, scope.space_id])}
    _execute("update variants t set format = %s from unnest(%s::uuid[]) x(id) where t.space_id = %s and t.id = x.id",
             wanted, list(having.values()), scope.space_id)  # fmt: skip
    lacking = [row for row in rows if row["id"] not in having] if wanted else []
    tables.insert_many("variants", [
        {"id": new_id(), "space_id": scope.space_id, "library_id": row["library_id"], "media_id": row["id"],
         "format": wanted} for row in lacking
    ])  # fmt: skip
    db.execute(
        "update media m set format = %s from unnest(%s::uuid[]) x(id) "
        "where m.space_id = %s and m.id = x.id and m.format <> %s",
        [wanted, ids, scope.space_id, wanted],
    )


def _movable(scope: Scope, rows: list[Row], target: LibraryFacts, outcome: Outcome) -> list[Row]:
    """Without episodes whose series stays behind, and series whose episodes the person may not change."""
    moving = {row["id"] for row in rows}
    stands = {row["id"]: row["library_id"] for row in rows}
    others: set[UUID] = set()
    if not policy.allows(scope, "media.change_others"):
        found = db.rows(
            "select distinct m.series_id from media m where m.space_id = %s and m.series_id = any(%s) "
            "and m.added_by is distinct from %s",
            [scope.space_id, list(moving), scope.user_id],
        )
        others = {each["series_id"] for each in found}
    kept = []
    for row in rows:
        if row["series_id"] and row["series_id"] not in moving and stands[row["id"]] != target.id:
            message = _("An episode stands with its series: move the series, and it goes along.")
            outcome.refuse(row["id"], Conflict(message, code="episode.of_series"))
        elif row["id"] in others:
            outcome.refuse(row["id"], Refusal(policy.needs("manager"), code="permission.role"))
        else:
            kept.append(row)
    return kept


def _move(scope: Scope, ids: Sequence[UUID], target: LibraryFacts) -> None:
    with translating({"fingerprints_pkey": SameRow(), "origins_once": SameRow()}):
        db.execute(
            "update media m set library_id = %s from unnest(%s::uuid[]) x(id) "
            "where m.space_id = %s and m.id = x.id and m.library_id <> %s",
            [target.id, list(ids), scope.space_id, target.id],
        )
        # The database took variants, seasons, loans, metadata and episodes along.
        db.execute(
            "update works w set library_id = %s from unnest(%s::uuid[]) x(id) join media m on m.id = x.id "
            "where m.space_id = %s and w.id = m.work_id and w.owner_space = m.space_id and w.library_id <> %s "
            "and not exists (select from media o where o.work_id = w.id and o.library_id <> %s)",
            [target.id, list(ids), scope.space_id, target.id, target.id],
        )
        db.execute(
            "update file_references f set library_id = m.library_id from unnest(%s::uuid[]) x(id) "
            "join media m on m.id = x.id or m.series_id = x.id "
            "where m.space_id = %s and f.space_id = m.space_id and f.record_id = m.id and f.library_id <> m.library_id",
            [list(ids), scope.space_id],
        )


@contextmanager
def _under_set() -> Iterator[None]:
    """Faults are told at the place where the values were sent: `set.year`."""
    try:
        yield
    except (RuleBroken, NotFound) as refusal:
        errors = [FieldError(f"set.{each.field}", each.message, each.code) for each in refusal.errors]
        raise type(refusal)(refusal.detail, code=refusal.code, errors=errors) from None


def _execute(sql: str, *params: Any) -> None:
    db.execute(sql, params)


def _record(scope: Scope, what: str, outcome: Outcome) -> None:
    if outcome.done:
        activity.record(scope, f"media.bulk_{what}", entity="media", details={"done": outcome.done})
