"""Undo: a change, or all changes of a request, taken back where nothing newer stands in the way (L1).

The trail leaves derived and secret columns out. A room that derives columns registers how to make them
again, so that what comes back is whole.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, ProgrammingError, transaction
from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.errors import Conflict, Forbidden, NotFound
from mediatheque.core.scope import Scope, writing_as

Derive = Callable[[Scope, Mapping[str, Any]], Mapping[str, Any]]

# A row that this one refers to, or is seen by, is still missing.
NOT_YET = ("23503", "42501")

# Which tables can be undone, and what each derives from a row's values.
_derivations: dict[str, Derive] = {}


def undoable(table: str, derive: Derive = lambda scope, values: {}) -> None:
    """Registers a table; `derive` gives the columns that the trail leaves out."""
    _derivations[table] = derive


def known(table: str) -> bool:
    """Whether changes of this table can be undone."""
    return table in _derivations


def undo_change(scope: Scope, change_id: UUID, *, others: bool) -> None:
    """Takes one change back. `others` says whether the person may undo other people's.

    Raises NotFound, Forbidden, Conflict.
    """
    changes = _changes("id = %s", [change_id])
    if not changes:
        raise NotFound()
    _take_back(scope, changes, others=others)


def undo_request(scope: Scope, request_id: str, *, others: bool) -> int:
    """Takes back all changes of one request, the last first; how many. Raises NotFound, Forbidden, Conflict."""
    changes = _changes("request_id = %s", [request_id])
    if not changes:
        raise NotFound()
    _take_back(scope, changes, others=others)
    return len(changes)


def _changes(where: str, params: Sequence[Any]) -> list[db.Row]:
    """Changes the scope shows, the newest first."""
    return db.rows(
        "select id, table_name, row_id, action, old::text as old, new::text as new, actor_id, space_id "
        f"from audit_changes where {where} order by id desc",
        params,
    )


def _take_back(scope: Scope, changes: Sequence[db.Row], *, others: bool) -> None:
    _check(scope, changes, others)
    inserted = [c for c in changes if c["action"] == "delete"]
    rest = [c for c in changes if c["action"] != "delete"]
    try:
        with writing_as("undo"), transaction.atomic():
            _until_all_are(_revert, scope, rest)
            _until_all_are(_insert, scope, inserted)
    except IntegrityError as error:
        raise Conflict(_("Something newer stands in the way of this undo."), code="undo.blocked") from error


def _check(scope: Scope, changes: Sequence[db.Row], others: bool) -> None:
    for change in changes:
        if change["table_name"] not in _derivations:
            raise Conflict(_("A change of this kind cannot be undone."), code="undo.kind")
        if change["action"] == "update" and {"space_id", "owner_space"} & set(json.loads(change["old"])):
            raise Conflict(
                _("What moved to another space is moved back by transferring it."), code="undo.kind"
            )
        if change["actor_id"] != scope.user_id and not others:
            raise Forbidden(
                _("Only admins of this space may undo other people's changes."), code="permission.role"
            )


def _until_all_are(
    undone: Callable[[Scope, Mapping[str, Any]], bool], scope: Scope, changes: Sequence[Mapping[str, Any]]
) -> None:
    """Undoes each change once nothing that refers to its row, or that its row refers to, is in its way.

    One statement may make two rows, and the trail does not say which of them came first.
    """
    waiting = list(changes)
    while waiting:
        later = [change for change in waiting if not undone(scope, change)]
        if len(later) == len(waiting):
            raise Conflict(_("What this record belonged to is gone."), code="undo.blocked")
        waiting = later


def _revert(scope: Scope, change: Mapping[str, Any]) -> bool:
    """An insert goes, an update gets its old values; refused where the row is not as the change left it.

    False where something still refers to the row.
    """
    table, row_id = change["table_name"], change["row_id"]
    current = _current(table, row_id)
    after = json.loads(change["new"])
    if current is None and change["action"] == "insert" and _went_with_this_undo(scope, row_id):
        return True
    if current is None or any(current.get(name) != value for name, value in after.items()):
        raise Conflict(_("It has been changed since: undo the newer change first."), code="undo.newer")
    if change["action"] == "insert":
        return _written(f'delete from "{table}" where id = %s', [row_id])
    before = json.loads(change["old"])
    values = before | dict(_derivations[table](scope, current | before))
    columns = _writable(table, values)
    db.execute(
        f'update "{table}" t set ({", ".join(columns)}) = (select {", ".join(columns)} '
        f'from jsonb_populate_record(null::"{table}", %s)) where id = %s',
        [json.dumps(values, default=str), row_id],
    )
    return True


def _went_with_this_undo(scope: Scope, row_id: UUID) -> bool:
    """What hung on a row that was just removed went with it, as a work does with its last item."""
    return bool(
        db.value(
            "select true from audit_changes where row_id = %s and action = 'delete' and request_id = %s limit 1",
            [row_id, scope.request_id],
        )
    )


def _insert(scope: Scope, change: Mapping[str, Any]) -> bool:
    """Puts a deleted row back under its old id; False when something it refers to is still missing."""
    table, before = change["table_name"], json.loads(change["old"])
    values = before | dict(_derivations[table](scope, before))
    columns = _writable(table, values)
    return _written(
        f'insert into "{table}" ({", ".join(columns)}) select {", ".join(columns)} '
        f'from jsonb_populate_record(null::"{table}", %s)',
        [json.dumps(values, default=str)],
    )


def _written(sql: str, params: Sequence[Any]) -> bool:
    """Whether the statement could be run now; False where a row that refers to another stands in its way."""
    try:
        with transaction.atomic():
            db.execute(sql, params)
    except (IntegrityError, ProgrammingError) as error:
        if getattr(error.__cause__, "sqlstate", "") in NOT_YET:
            return False
        raise
    return True


def _current(table: str, row_id: UUID) -> dict[str, Any] | None:
    found = db.value(f'select to_jsonb(t)::text from "{table}" t where id = %s for update', [row_id])
    return json.loads(found) if found else None


def _writable(table: str, values: Mapping[str, Any]) -> list[str]:
    return [name for name in _columns(table) if name in values]


@cache
def _columns(table: str) -> tuple[str, ...]:
    """The columns one can write: not the generated ones."""
    found = db.rows(
        "select column_name from information_schema.columns where table_schema = 'public' "
        "and table_name = %s and is_generated = 'NEVER' order by ordinal_position",
        [table],
    )
    return tuple(each["column_name"] for each in found)
