"""The mapping step for programs: what a file is and how it would be read, and saved mappings (API.md)."""

from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias, cast
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import File, Form, Router, Status, UploadedFile
from pydantic import Field, ValidationError

from mediatheque.core.api import In, Request, listing
from mediatheque.core.errors import FieldError, Malformed
from mediatheque.core.ids import typed
from mediatheque.intake import mappings, previewing

if TYPE_CHECKING:
    LibraryKey: TypeAlias = UUID
    MappingKey: TypeAlias = UUID
    SpaceKey: TypeAlias = UUID
else:
    LibraryKey, MappingKey, SpaceKey = typed("library"), typed("mapping"), typed("space")

router = Router(tags=["imports"])


class MappingIn(In):
    """How the columns of a file are read; what is left out is guessed."""

    columns: dict[str, str | None] = {}
    scales: dict[str, Literal[5, 10, 100]] = {}
    dates: Literal["DMY", "MDY", "YMD"] | None = None


class PreviewForm(In):
    library: LibraryKey | None = None
    mapping: str | None = Field(None, max_length=500_000, description="JSON, as API.md says")


class SavedMappingPatch(In):
    name: str | None = None
    mapping: MappingIn | None = None


class SavedMappingIn(SavedMappingPatch):
    name: str
    mapping: MappingIn


@router.post("/media/import/preview", response=dict[str, Any])
def preview(request: Request, file: File[UploadedFile], form: Form[PreviewForm]) -> dict[str, Any]:
    """What a file is, how its columns would be read, and its first rows as they would become."""
    mapping = read_mapping(form.mapping)
    return previewing.preview_file(request.scope, form.library, cast(BinaryIO, file), mapping)


@router.get("/spaces/{space}/import-mappings", response=dict[str, Any])
def list_mappings(request: Request, space: SpaceKey) -> dict[str, Any]:
    """The space's saved mappings."""
    found = mappings.saved(request.scope)
    return listing(found, limit=len(found))


@router.post("/spaces/{space}/import-mappings", response={201: dict[str, Any]})
def save_mapping(request: Request, space: SpaceKey, body: SavedMappingIn) -> Status[dict[str, Any]]:
    """Keeps a mapping under a name; it is proposed for files that have its columns."""
    return Status(201, mappings.save(request.scope, body.name, body.mapping.model_dump(exclude_unset=True)))


@router.patch("/spaces/{space}/import-mappings/{mapping}", response=dict[str, Any])
def change_mapping(
    request: Request, space: SpaceKey, mapping: MappingKey, body: SavedMappingPatch
) -> dict[str, Any]:
    """Another name or another mapping."""
    return mappings.change(request.scope, mapping, body.model_dump(exclude_unset=True))


@router.delete("/spaces/{space}/import-mappings/{mapping}", response={204: None})
def forget_mapping(request: Request, space: SpaceKey, mapping: MappingKey) -> Status[None]:
    mappings.forget(request.scope, mapping)
    return Status(204, None)


def read_mapping(text: str | None) -> dict[str, Any] | None:
    """The `mapping` of a form. Raises Malformed, naming the field."""
    if not text:
        return None
    try:
        return MappingIn.model_validate_json(text).model_dump(exclude_unset=True)
    except ValidationError as error:
        faults = [
            FieldError(".".join(["mapping", *map(str, each["loc"])]), each["msg"], each["type"])
            for each in error.errors()
        ]
        raise Malformed(_("The mapping cannot be read."), code="body.invalid", errors=faults) from error
