"""The libraries that an import's rows go to where the file names them: found by name, else made (I10)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.errors import Forbidden, NotFound
from mediatheque.core.ids import new_id, read_id, show_id
from mediatheque.core.scope import LibraryFacts, Scope, with_library
from mediatheque.intake.records import NamedLibrary
from mediatheque.spaces import policy, shelves


@dataclass(slots=True)
class Homes:
    """Each named library's id, and what the job says of them; rows of other names go to the job's library."""

    ids: dict[str, UUID] = field(default_factory=dict)
    notices: list[dict[str, Any]] = field(default_factory=list)


def find(scope: Scope, named: Sequence[NamedLibrary], *, makes: bool) -> Homes:
    """Those open to the person by name, and new ones for the others where they may create libraries.

    Without `makes` the new ones have an id each and are not there: a plan's.
    """
    homes = Homes({each.name: each.id for each in reversed(scope.libraries) if not each.archived})
    missing = [each for each in named if each.name not in homes.ids]
    homes.ids = {each.name: homes.ids[each.name] for each in named if each not in missing}
    if not missing:
        return homes
    names = [each.name for each in missing]
    if not policy.allows(scope, "library.create"):
        told = _(
            "Managers and admins alone make libraries, so what is in these comes into the chosen one: %(names)s."
        )
        homes.notices.append(_notice("library.not_made", told, names))
        return homes
    for each in missing:
        if makes:
            scope = _make(scope, each)
        homes.ids[each.name] = scope.libraries[-1].id if makes else new_id()
    told = _("Libraries made for it: %(names)s.") if makes else _("Libraries that will be made: %(names)s.")
    homes.notices.append(_notice("library.made" if makes else "library.missing", told, names))
    return homes


def require_open(libraries: Sequence[UUID]) -> None:
    """Raises NotFound for a library that is no longer open to the person, Forbidden for an archived one."""
    found = db.rows("select archived_at from libraries where id = any(%s)", [list(libraries)])
    if len(found) < len(set(libraries)):
        raise NotFound.at("library")
    if any(each["archived_at"] for each in found):
        raise Forbidden(_("The library was archived."), code="library.archived")


def remove_made(scope: Scope, job_id: UUID) -> list[dict[str, Any]]:
    """The libraries that the job made go again where they are empty; what is to be said of those that stay."""
    made = db.rows(
        "select l.id, l.name from libraries l where l.space_id = %s and not l.is_default and l.id in (select row_id "
        "from audit_changes where request_id = %s and table_name = 'libraries' and action = 'insert') "
        "order by l.id for update of l",  # nothing comes in from here on
        [scope.space_id, show_id("job", job_id)],
    )
    kept = []
    for each in made:
        if _is_used(each["id"]) or not policy.allows(scope, "library.delete"):
            kept.append(each["name"])
            continue
        shelves.archive_library(scope, each["id"])
        shelves.delete_library(scope, each["id"], confirm_name=each["name"], media="delete", to=None)
    if not kept:
        return []
    told = _("Libraries that this import made and that stay, not empty or for an admin to delete: %(names)s.")
    return [_notice("undo.library_kept", told, kept)]


def _make(scope: Scope, named: NamedLibrary) -> Scope:
    """The scope with the new library as its last."""
    made = shelves.create_library(
        scope,
        name=named.name,
        description=named.description,
        template=named.template,
        default_type=named.default_type,
        columns=named.columns,
    )
    library_id = read_id("library", made["id"]) if isinstance(made["id"], str) else made["id"]
    return with_library(scope, LibraryFacts(library_id, named.name, False, made["default_type"], False))


def _is_used(library_id: UUID) -> bool:
    return bool(
        db.value(
            "select exists (select from media where library_id = %(id)s) "
            "or exists (select from sync_jobs where library_id = %(id)s)",
            {"id": library_id},
        )
    )


def _notice(code: str, told: str, names: Sequence[str]) -> dict[str, Any]:
    return {"code": code, "libraries": list(names), "message": told % {"names": ", ".join(names)}}
