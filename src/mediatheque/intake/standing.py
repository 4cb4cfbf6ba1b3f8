"""Items that a batch changes, as they stand: read whole, and held until the batch is committed."""

import json
from collections.abc import Iterable
from uuid import UUID

from mediatheque.core import db
from mediatheque.core.scope import Scope
from mediatheque.intake.merging import CHANGEABLE, COPY_DETAILS, Item
from mediatheque.intake.records import Season
from mediatheque.spaces import policy

DOCUMENTS = frozenset({"people", "details", "signed", "value", "external_ids"})
COPY_FIELDS = ("format", "edition", "barcode", *COPY_DETAILS)


def items(scope: Scope, ids: Iterable[UUID], job_id: UUID, *, holds: bool = True) -> dict[UUID, Item]:
    """These items with everything that hangs on them; `holds` locks them in the order of their ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    names = ", ".join(f"m.{name}" for name in CHANGEABLE)
    found = db.rows(
        f"select m.id, m.work_id, m.work_owner, m.person_fields, m.added_by, {names} from unnest(%s::uuid[]) x(id) "
        f"join media m on m.id = x.id order by m.id{' for update of m' if holds else ''}",
        [wanted],
    )
    any_ones = policy.allows(scope, "media.change_others")
    standing = {each["id"]: _item(each, any_ones or each["added_by"] == scope.user_id) for each in found}
    _add_copies(standing)
    _add_seasons(standing)
    _add_metadata(standing)
    touched = db.rows(
        "select distinct media_id from report_rows where job_id = %s and media_id = any(%s) "
        "and outcome in ('created', 'updated')",
        [job_id, wanted],
    )
    for each in touched:
        if each["media_id"] in standing:
            standing[each["media_id"]].of_this_job = True
    return standing


def _item(row: db.Row, is_theirs: bool) -> Item:
    columns = {
        name: json.loads(row[name]) if name in DOCUMENTS and row[name] is not None else row[name]
        for name in CHANGEABLE
    }
    return Item(
        id=row["id"],
        work_id=row["work_id"],
        work_owner=row["work_owner"],
        is_new=False,
        columns=columns,
        person_fields=frozenset(row["person_fields"]),
        is_theirs=is_theirs,
    )


def _add_copies(standing: dict[UUID, Item]) -> None:
    names = ", ".join(f"v.{name}" for name in COPY_FIELDS)
    for each in _hanging("variants v", f"v.id, v.media_id, {names}", standing):
        standing[each["media_id"]].copies[each["id"]] = {name: each[name] for name in COPY_FIELDS}


def _add_seasons(standing: dict[UUID, Item]) -> None:
    for each in _hanging("seasons v", "v.media_id, v.number", standing):
        standing[each["media_id"]].seasons[each["number"]] = Season(each["number"])


def _add_metadata(standing: dict[UUID, Item]) -> None:
    for each in _hanging("media_metadata v", "v.media_id, v.key, v.value", standing):
        standing[each["media_id"]].metadata[each["key"]] = each["value"]


def _hanging(table: str, columns: str, standing: dict[UUID, Item]) -> list[db.Row]:
    return db.rows(
        f"select {columns} from unnest(%s::uuid[]) x(id) join {table} on v.media_id = x.id", [list(standing)]
    )
