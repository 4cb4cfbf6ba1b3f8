"""What people do with libraries: make, rename, limit, archive, restore and delete them (S2)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.core import db
from mediatheque.core import scope as scopes
from mediatheque.core.errors import Conflict, Forbidden, NotFound, RuleBroken, translating
from mediatheque.core.ids import new_id
from mediatheque.core.scope import LibraryFacts, Scope

from . import policy, queries, rules
from .actions import require_name


def create_library(
    scope: Scope,
    *,
    name: str,
    description: str = "",
    template: str | None = None,
    default_type: str | None = None,
    columns: Sequence[str] | None = None,
    limited: bool = False,
    members: Sequence[UUID] = (),
) -> dict[str, Any]:
    """A library in the active space; a limited one admits `members` and the admins (S2).

    The template sets default type and columns where they are not given. Raises Forbidden, NotFound.
    """
    policy.require(scope, "library.create")
    if limited:
        policy.require(scope, "library.limit")
    default_type = default_type or rules.TEMPLATES.get(template or "", "movie")
    shown = list(rules.COLUMNS_OF_TEMPLATES.get(template or "", ()) if columns is None else columns)
    library = LibraryFacts(new_id(), name, False, default_type, False)
    scope = scopes.with_library(scope, library)
    db.execute(
        "insert into libraries (id, space_id, name, description, template, default_type, columns, limited, is_default, "
        "created_by) values (%s, %s, %s, %s, %s, %s, %s, false, false, %s)",
        [
            library.id, scope.space_id, name, description, template or "", default_type, json.dumps(shown),
            scope.user_id,
        ],
    )  # fmt: skip
    if limited:
        limit_library(scope, library.id, limited=True, members=members)
    _record(scope, "library.created", library.id)
    return queries.library(scope, library.id)


def change_library(scope: Scope, library_id: UUID, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Sets name, description, default type or columns. Raises Forbidden, NotFound."""
    found = queries.library(scope, library_id)
    policy.require(scope, "library.rename")
    wanted = {name: value for name, value in changes.items() if value != found[name]}
    if wanted:
        assignments = ", ".join(f"{name} = %s" for name in wanted)
        db.execute(
            f"update libraries set {assignments} where space_id = %s and id = %s",
            [
                *(json.dumps(v) if isinstance(v, list) else v for v in wanted.values()),
                scope.space_id,
                library_id,
            ],
        )
        _record(scope, "library.changed", library_id)
    return queries.library(scope, library_id)


def limit_library(
    scope: Scope, library_id: UUID, *, limited: bool, members: Sequence[UUID] | None = None
) -> None:
    """Admits exactly these members (None: the same as before) and the admins, or everyone.

    Raises Forbidden, NotFound (at `members`), Conflict (the default library).
    """
    queries.library(scope, library_id)
    policy.require(scope, "library.limit")
    if members is None:
        members = queries.admitted(scope, library_id)
    default = Conflict(_("The default library is everyone's."), code="library.default")
    with translating({"member.unknown": NotFound.at("members"), "library.default": default}):
        db.execute("select limit_library(%s, %s, %s)", [library_id, limited, list(members)])
    _record(scope, "library.limited", library_id, {"limited": limited})


def archive_library(scope: Scope, library_id: UUID) -> dict[str, Any]:
    """Puts a library away. Raises Forbidden, NotFound, Conflict (the default one)."""
    found = queries.library(scope, library_id)
    policy.require(scope, "library.archive")
    if found["is_default"]:
        raise Conflict(
            _("The default library stays: make another one the default first."), code="library.default"
        )
    _set_archived(scope, library_id, "coalesce(archived_at, now())")
    _record(scope, "library.archived", library_id)
    return queries.library(scope, library_id)


def restore_library(scope: Scope, library_id: UUID) -> dict[str, Any]:
    """Takes a library out again. Raises Forbidden, NotFound."""
    queries.library(scope, library_id)
    policy.require(scope, "library.archive")
    _set_archived(scope, library_id, "null")
    _record(scope, "library.restored", library_id)
    return queries.library(scope, library_id)


def _set_archived(scope: Scope, library_id: UUID, value: str) -> None:
    db.execute(
        f"update libraries set archived_at = {value} where space_id = %s and id = %s",
        [scope.space_id, library_id],
    )


def delete_library(
    scope: Scope, library_id: UUID, *, confirm_name: str, media: str | None, to: UUID | None
) -> None:
    """Deletes an archived library, its media moved to another one or deleted with it.

    Raises Forbidden, NotFound, Conflict (not archived yet), RuleBroken (name, what happens to the media).
    """
    found = queries.library(scope, library_id)
    policy.require(scope, "library.delete")
    if found["archived_at"] is None:
        raise Conflict(_("Archive this library first."), code="library.not_archived")
    require_name(confirm_name, found["name"])
    target = _target(scope, library_id, to) if media == "move" else None
    if media not in ("move", "delete"):
        message = _("Say what happens to its media: move or delete.")
        raise RuleBroken.at("media", message, "media.undecided")
    with translating({"permission.role": Forbidden(policy.needs("admin"), code="permission.role")}):
        db.execute("select delete_library(%s, %s)", [library_id, target])
    _record(scope, "library.deleted", library_id, {"media": media})


def _target(scope: Scope, library_id: UUID, to: UUID | None) -> UUID:
    if to is None or to == library_id:
        raise RuleBroken.at("to", _("Choose the library its media move to."), "library.target")
    if to not in scope.library_ids:
        raise NotFound.at("to")
    return to


def select_library(scope: Scope, library_id: UUID) -> dict[str, Any]:
    """The session remembers the library as the last one. Raises NotFound."""
    found = queries.library(scope, library_id)
    db.execute("select select_place(%s, %s)", [scope.session_id, library_id])
    return found


def _record(scope: Scope, action: str, library_id: UUID, details: Mapping[str, Any] | None = None) -> None:
    activity.record(scope, action, entity="library", entity_id=library_id, details=details)
