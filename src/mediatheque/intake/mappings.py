"""Saved mappings of a space: how the columns of a kind of file are read, kept for the next time (I2)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.errors import Conflict, FieldError, NotFound, RuleBroken, translating
from mediatheque.core.ids import new_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import fold
from mediatheque.intake.sources import UnknownField
from mediatheque.intake.sources.mapping import settled
from mediatheque.spaces import policy

LONGEST_NAME = 200
_COLUMNS = (
    "select id, name, mapping::text as mapping, created_by, created_at, updated_at from import_mappings"
)


def saved(scope: Scope) -> list[dict[str, Any]]:
    """The space's mappings by name."""
    policy.require(scope, "media.import")
    found = db.rows(f'{_COLUMNS} where space_id = %s order by name_key collate "C"', [scope.space_id])
    return [_shape(each) for each in found]


def save(scope: Scope, name: str, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps a mapping. Raises RuleBroken at a name or a mapping that cannot be, Conflict for a taken name."""
    policy.require(scope, "media.import")
    values = {"name": name, "mapping": mapping}
    identity = new_id()
    with _name_taken():
        db.execute(
            "insert into import_mappings (id, space_id, created_by, name, name_key, mapping) "
            "values (%(id)s, %(space)s, %(me)s, %(name)s, %(name_key)s, %(mapping)s)",
            {"id": identity, "space": scope.space_id, "me": scope.user_id, **_stored(values)},
        )
    return _shape(_one(scope, identity))


def change(scope: Scope, mapping_id: UUID, given: Mapping[str, Any]) -> dict[str, Any]:
    """Another name or another mapping; one's own, a manager's anyone's. Raises as `save`, and NotFound."""
    _may_change(scope, _one(scope, mapping_id))
    values = _stored({name: value for name, value in given.items() if value is not None})
    if values:
        names = ", ".join(f"{name} = %({name})s" for name in values)
        with _name_taken():
            db.execute(
                f"update import_mappings set {names} where space_id = %(space)s and id = %(id)s",
                {**values, "space": scope.space_id, "id": mapping_id},
            )
    return _shape(_one(scope, mapping_id))


def forget(scope: Scope, mapping_id: UUID) -> None:
    """Deletes a mapping; one's own, a manager's anyone's. Raises NotFound, Forbidden."""
    _may_change(scope, _one(scope, mapping_id))
    db.execute("delete from import_mappings where space_id = %s and id = %s", [scope.space_id, mapping_id])


def fitting(scope: Scope, header: Sequence[str]) -> list[dict[str, Any]]:
    """The mappings whose columns are all in the header, the one that names most of it first."""
    there = set(header)
    found = [each for each in saved(scope) if there >= set(each["mapping"].get("columns") or {"": None})]
    return sorted(found, key=lambda each: -len(each["mapping"]["columns"]))


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of what is given, once it is something to keep."""
    stored: dict[str, Any] = {}
    if "name" in values:
        name = " ".join(values["name"].split())
        if not name or len(name) > LONGEST_NAME:
            message = _("A name has from 1 to %(most)s characters.") % {"most": LONGEST_NAME}
            raise RuleBroken.at("name", message, "name.invalid")
        stored |= {"name": name, "name_key": fold(name)[:LONGEST_NAME]}
    if "mapping" in values:
        mapping = values["mapping"]
        columns = mapping.get("columns") or {}
        try:
            settled(list(columns), {}, mapping)
        except UnknownField as error:
            fault = FieldError(error.field, error.message, error.code)
            raise RuleBroken(error.message, code=error.code, errors=[fault]) from error
        if not columns:
            message = _("Name at least the column that holds titles.")
            raise RuleBroken.at("mapping.columns", message, "mapping.empty")
        stored["mapping"] = json.dumps(mapping)
    return stored


def _name_taken() -> Any:
    message = _("The space has a mapping of that name already.")
    fault = FieldError("name", message, "mapping.name_taken")
    return translating({"import_mappings_name": Conflict(message, code="mapping.name_taken", errors=[fault])})


def _may_change(scope: Scope, row: db.Row) -> None:
    own = row["created_by"] == scope.user_id
    policy.require(scope, "media.import" if own else "media.change_others")


def _one(scope: Scope, mapping_id: UUID) -> db.Row:
    found = db.row(f"{_COLUMNS} where space_id = %s and id = %s", [scope.space_id, mapping_id])
    if found is None:
        raise NotFound()
    return found


def _shape(row: db.Row) -> dict[str, Any]:
    return {
        "id": show_id("mapping", row["id"]),
        "name": row["name"],
        "mapping": json.loads(row["mapping"]),
        "created_by": show_id("user", row["created_by"]) if row["created_by"] else None,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
