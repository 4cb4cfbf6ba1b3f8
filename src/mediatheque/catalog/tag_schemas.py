"""What the endpoints of tags take. Shapes only: what the values may be is in `tags`."""

from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from pydantic import Field, StrictBool

from mediatheque.core.api import MAX_LIMIT, In
from mediatheque.core.ids import typed

from .schemas import Changes

if TYPE_CHECKING:  # to mypy a type, to pydantic a reader of TypeIDs
    TagKey: TypeAlias = UUID
else:
    TagKey = typed("tag")


class TagPatch(Changes):
    """What is left out stays as it is."""

    name: str | None = Field(None, max_length=1000)
    parent: TagKey | None = Field(None, description="The tag it stands below; null for none.")
    metadata: dict[str, str] | None = None


class TagIn(TagPatch):
    name: str = Field(max_length=1000)
    everywhere: StrictBool = Field(
        False, alias="global", description="Of the whole install: for its administrators."
    )


class TagQuery(In):
    q: str = Field("", max_length=300, description="The beginning of the name.")
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=2000)
