"""The mapping step for programs: what a file is and how it would be read, and saved mappings (API.md)."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias, cast
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import File, Form, Router, Status, UploadedFile
from pydantic import Field, ValidationError

from mediatheque.core.api import In, Request, listing
from mediatheque.core.errors import FieldError, Malformed
from mediatheque.core.ids import typed
from mediatheque.intake import jobs_api, mappings, previewing, remapping

if TYPE_CHECKING:
    JobKey: TypeAlias = UUID
    LibraryKey: TypeAlias = UUID
    MappingKey: TypeAlias = UUID
    SpaceKey: TypeAlias = UUID
else:
    JobKey, LibraryKey, MappingKey, SpaceKey = (
        typed("job"),
        typed("library"),
        typed("mapping"),
        typed("space"),
    )

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
    refuse_unknown(request.POST, ("library", "mapping"))
    refuse_unknown(request.FILES, ("file",))
    mapping = read_mapping(form.mapping)
    return previewing.preview_file(request.scope, form.library, cast(BinaryIO, file), mapping)


@router.get("/sync-jobs/{job}/mapping", response=dict[str, Any])
def read_mapping_of_job(request: Request, job: JobKey) -> dict[str, Any]:
    """How a waiting plan reads the columns of its file, with the grounds and the saved mappings that fit."""
    return remapping.columns_of(request.scope, job)


@router.put("/sync-jobs/{job}/mapping", response={202: dict[str, Any]})
def change_mapping_of_job(request: Request, job: JobKey, body: MappingIn) -> Status[dict[str, Any]]:
    """Makes a waiting plan anew with another mapping; nothing of it is written yet."""
    remapping.remap(request.scope, job, body.model_dump(exclude_unset=True))
    return jobs_api.accepted(request, job, done=False)


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


def refuse_unknown(given: Iterable[str], known: Collection[str]) -> None:
    """A form field that does nothing would be believed to have done something. Raises Malformed."""
    faults = [
        FieldError(name[:100], _("There is no such field here."), "extra_forbidden")
        for name in given
        if name not in known and name != "csrfmiddlewaretoken"
    ]
    if faults:
        names = ", ".join(each.field for each in faults)
        raise Malformed(
            _("Check these fields: %(names)s.") % {"names": names}, code="body.invalid", errors=faults
        )
