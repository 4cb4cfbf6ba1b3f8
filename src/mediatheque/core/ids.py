"""Ids: UUIDv7 in the database, TypeIDs for people and programs (REQUIREMENTS, *One vocabulary*)."""

from typing import Annotated, Any, NewType
from uuid import UUID

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typeid.codecs import base32
from uuid6 import uuid7 as _uuid7

PREFIXES = {
    "user": "usr", "session": "ses", "token": "tok", "space": "spc", "membership": "mbr",
    "invitation": "inv", "library": "lib", "work": "wrk", "media": "med", "variant": "var",
    "season": "sea", "loan": "loa", "entry": "ent", "job": "job", "event": "evt", "audit": "aud", "view": "viw",
    "mapping": "map", "tag": "tag",
}  # fmt: skip

UserId = NewType("UserId", UUID)
SpaceId = NewType("SpaceId", UUID)
LibraryId = NewType("LibraryId", UUID)
MediaId = NewType("MediaId", UUID)
WorkId = NewType("WorkId", UUID)
JobId = NewType("JobId", UUID)

NIL = UUID(int=0)


class UnknownId(ValueError):
    """The text is not an id of the wanted kind; answered exactly like an id that does not exist."""


def new_id() -> UUID:
    """A new primary key; ids are always made by us, never chosen by a client."""
    return UUID(int=_uuid7().int)


def show_id(kind: str, value: UUID) -> str:
    """`show_id("media", uuid)` is `med_…`."""
    return f"{PREFIXES[kind]}_{base32.encode(value.int.to_bytes(16, 'big'))}"


def read_id(kind: str, text: str) -> UUID:
    """The UUID in a TypeID of that kind. Raises UnknownId for anything else."""
    prefix, _, suffix = text.partition("_")
    if prefix != PREFIXES[kind] or len(suffix) != 26 or suffix[0] > "7" or suffix != suffix.lower():
        raise UnknownId(text)
    try:
        return UUID(bytes=base32.decode(suffix))
    except Exception as error:  # the library raises bare exceptions of several kinds
        raise UnknownId(text) from error


class TypedId:
    """Pydantic's view of ids of one kind: `Annotated[UUID, TypedId("media")]` is TypeID text outside, UUID
    inside. Text of another kind, or no id at all, reads like an id that does not exist."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            self._read,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: show_id(self.kind, value)
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "examples": [f"{PREFIXES[self.kind]}_01jd7qk2m8e5vtx9m4r0c6w3zb"]}

    def _read(self, value: object) -> UUID:
        if isinstance(value, UUID):
            return value
        try:
            return read_id(self.kind, value if isinstance(value, str) else "")
        except UnknownId:
            raise PydanticCustomError("unknown_id", "There is no such record.") from None


def typed(kind: str) -> Any:
    """`Annotated[UUID, TypedId(kind)]`, for pydantic models made at run time."""
    return Annotated[UUID, TypedId(kind)]
