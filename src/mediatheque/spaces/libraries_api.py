"""Libraries in the API (API.md, `/api/libraries`)."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from ninja import Query, Router, Status

from mediatheque.core.api import Request, paged
from mediatheque.core.ids import typed

from . import queries, shelves, transferring
from .schemas import LibraryChanges, LibraryDeletion, LibraryQuery, LibraryTransfer, NewLibrary
from .shapes import library_json

if TYPE_CHECKING:
    LibraryId = UUID
else:
    LibraryId = typed("library")

router = Router(tags=["libraries"])


@router.get("/libraries")
def libraries(request: Request, query: Query[LibraryQuery]) -> dict[str, Any]:
    """The default one first, then by name."""
    found = queries.libraries(request.scope, archived=query.archived)
    return paged(found, query, _place, library_json, kinds=[int, str, str])


def _place(row: dict[str, Any]) -> tuple[int, str, str]:
    return 0 if row["is_default"] else 1, row["name"], str(row["id"])


@router.post("/libraries", response={201: dict[str, Any]})
def create_library(request: Request, body: NewLibrary) -> Status[dict[str, Any]]:
    return Status(201, library_json(shelves.create_library(request.scope, **dict(body))))


@router.get("/libraries/{library}")
def library(request: Request, library: LibraryId) -> dict[str, Any]:
    return library_json(queries.library(request.scope, library))


@router.patch("/libraries/{library}")
def change_library(request: Request, library: LibraryId, body: LibraryChanges) -> dict[str, Any]:
    changes = body.model_dump(include={"name", "description", "default_type", "columns"}, exclude_none=True)
    shelves.change_library(request.scope, library, changes)
    if body.limited is not None or body.members is not None:
        shelves.limit_library(request.scope, library, limited=body.limited is not False, members=body.members)
    return library_json(queries.library(request.scope, library))


@router.delete("/libraries/{library}", response={204: None})
def delete_library(
    request: Request, library: LibraryId, query: Query[LibraryDeletion], body: LibraryDeletion | None = None
) -> Status[None]:
    shelves.delete_library(request.scope, library, **dict(body or query))
    return Status(204, None)


@router.post("/libraries/{library}/archive")
def archive_library(request: Request, library: LibraryId) -> dict[str, Any]:
    return library_json(shelves.archive_library(request.scope, library))


@router.post("/libraries/{library}/restore")
def restore_library(request: Request, library: LibraryId) -> dict[str, Any]:
    return library_json(shelves.restore_library(request.scope, library))


@router.post("/libraries/{library}/select")
def select_library(request: Request, library: LibraryId) -> dict[str, Any]:
    return library_json(shelves.select_library(request.scope, library))


@router.get("/libraries/{library}/contents")
def library_contents(request: Request, library: LibraryId) -> dict[str, int]:
    """How much stands in it: what deleting takes, or transferring moves."""
    return transferring.contents(request.scope, library)


@router.post("/libraries/{library}/transfer")
def transfer_library(request: Request, library: LibraryId, body: LibraryTransfer) -> dict[str, Any]:
    """To another space that one administers as well; ids stay, links into other libraries are cut and listed."""
    act = transferring.look if body.dry_run else transferring.transfer
    return act(request.scope, library, body.to)
