"""Many items edited at once, set-wise: the same few statements for one item and for twenty thousand (C2)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import RuleBroken
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope

from . import actions, entries, fields, tables
from .bulk_chosen import Outcome, changeable, record, shared_works, under_set
from .rules import normal_format

# What is judged by the item's own kind, and so for each item.
JUDGED = ("media_type", "year", "details")
SAID_BY_WORKS = frozenset({"title", "original_title", "year", "media_type"})
# From what only terms are derived.
TERMED = frozenset({"genres", "tags", "external_ids"})
DERIVED = {"sort_title": "text", "sort_key": "text", "match_key": "text", "year_key": "int",
           "word_list": "text[]", "terms": "jsonb"}  # fmt: skip


def edit(scope: Scope, ids: Sequence[str | UUID], given: Mapping[str, Any]) -> Outcome:
    """Sets the fields on every item the person may change; `own` is the person's own entry of each.

    `ids` are TypeIDs as they were sent, or ids that a filter found. Raises RuleBroken for a value that no
    item may have.
    """
    if not given:
        raise RuleBroken.at("set", _("Say what to change."), "bulk.nothing")
    with under_set():
        fields.check({name: value for name, value in given.items() if name not in JUDGED}, partial=True)
        entries.check(given.get("own") or {})
    outcome = Outcome()
    rows = changeable(scope, ids, outcome, only_own=set(given) == {"own"})
    rows = _fitting(scope, rows, given, outcome)
    if rows:
        _write(scope, rows, given)
    outcome.done = len(rows)
    record(scope, "edited", outcome)
    return outcome


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
    stored = actions.columns(scope, given)
    if stored:
        _update(scope, rows, stored)
    if SAID_BY_WORKS & set(stored):
        _update_works(scope, rows)
    if "format" in given:
        _first_formats(scope, rows, normal_format(given["format"] or ""))
    if given.get("own"):
        entries.set_own(scope, rows, given["own"])


def _update(scope: Scope, rows: Sequence[Row], stored: Mapping[str, Any]) -> None:
    """One statement; derived columns, where they change, travel beside the ids."""
    plain = {name: value for name, value in stored.items() if name not in DERIVED}
    sources = actions.DERIVED_FROM & set(stored)
    derived = () if not sources else ("terms",) if sources <= TERMED else tuple(DERIVED)
    names = [*(f"{name} = %s" for name in plain), *(f"{name} = x.{name}" for name in derived)]
    kinds = "".join(f", {name} {DERIVED[name]}" for name in derived)
    told = [{"id": str(row["id"])} | _derived(scope, row, stored, derived) for row in rows]
    db.execute(
        f"update media m set {', '.join(names)} from jsonb_to_recordset(%s) as x(id uuid{kinds}) "
        "where m.space_id = %s and m.id = x.id",
        [*tables.parameters("media", plain), json.dumps(told), scope.space_id],
    )


def _derived(scope: Scope, row: Row, stored: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    if names == ("terms",):
        return {"terms": actions.terms_again(row, stored)}
    found = actions.derived_again(scope, row, stored) if names else {}
    return {name: found[name] for name in names}


def _update_works(scope: Scope, rows: Sequence[Row]) -> None:
    """A work of the space says what its only item says; one that several items share stays."""
    works = [row["work_id"] for row in rows if row["work_owner"] == scope.space_id]
    shared = shared_works(scope, works, "count(*) > 1")
    db.execute(
        "update works w set title = m.title, original_title = m.original_title, year = m.year, "
        "kind = m.media_type, match_key = m.match_key from unnest(%s::uuid[]) x(id) join media m on m.id = x.id "
        "where m.space_id = %s and w.id = m.work_id and w.owner_space = m.space_id",
        [[row["id"] for row in rows if row["work_id"] not in shared], scope.space_id],
    )


def _first_formats(scope: Scope, rows: Sequence[Row], wanted: str) -> None:
    """Naming items' format names their first variants'; an item without one gets one (C6)."""
    ids = [row["id"] for row in rows]
    first = ("select distinct on (v.media_id) v.id, v.media_id from unnest(%s::uuid[]) x(id) "
             "join variants v on v.media_id = x.id where v.space_id = %s order by v.media_id, v.id")  # fmt: skip
    having = {row["media_id"]: row["id"] for row in db.rows(first, [ids, scope.space_id])}
    db.execute(
        "update variants t set format = %s from unnest(%s::uuid[]) x(id) where t.space_id = %s and t.id = x.id",
        [wanted, list(having.values()), scope.space_id],
    )
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
