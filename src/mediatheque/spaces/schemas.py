"""What spaces, members, invitations and libraries are made and changed with, in the API and on pages."""

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from mediatheque.core.api import In, Name, Paging
from mediatheque.core.ids import typed
from mediatheque.core.languages import Language

if TYPE_CHECKING:
    LibraryId = UUID
    UserId = UUID
    SpaceId = UUID
else:
    LibraryId, UserId, SpaceId = typed("library"), typed("user"), typed("space")

Role = Literal["member", "manager", "admin"]
TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class NewSpace(In):
    name: Name
    kind: Literal["household", "studio", "client", "platform"] = "household"
    language: Language | None = None
    time_zone: TimeZone | None = None


class Contact(In):
    person: Annotated[str, StringConstraints(max_length=200)] | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    address: Annotated[str, StringConstraints(max_length=2000)] | None = None


class SpaceChangesIn(In):
    name: Name | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    contact: Contact | None = None
    metadata: dict[str, Any] | None = None
    default_library: LibraryId | None = None


class Confirmation(In):
    """In the body or in the query."""

    confirm_name: str = ""


class MemberChanges(In):
    role: Role | None = None
    suspended: bool | None = None


class NewMember(In):
    name: Name


class NewHouseholder(In):
    email: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    anyone: bool = False
    expires_in_days: int = 14


class NewInvitation(NewHouseholder):
    role: Role = "member"


class InvitationQuery(Paging):
    status: Literal["pending", "accepted", "declined", "revoked", "expired"] | None = None


class LibraryQuery(Paging):
    archived: bool | None = None


def each_once(names: list[str]) -> list[str]:
    """Raises PydanticCustomError for a name that comes twice."""
    if len(set(names)) < len(names):
        raise PydanticCustomError("columns.twice", "Name each column once.")
    return names


Description = Annotated[str, StringConstraints(max_length=5000)]
People = Annotated[list[UserId], Field(max_length=1000)]
MediaType = Literal["movie", "tv_series", "tv_episode", "book", "comic", "music", "game", "other"]


Column = Literal["people", "year", "type", "format", "location", "date_added", "rating"]
Columns = Annotated[list[Column], Field(max_length=7), AfterValidator(each_once)]


class NewLibrary(In):
    name: Name
    description: Description = ""
    template: Literal["films", "series", "books", "music", "games", "comics"] | None = None
    default_type: MediaType | None = None
    columns: Columns | None = None
    limited: bool = False
    members: People = []


class LibraryChanges(In):
    name: Name | None = None
    description: Description | None = None
    default_type: MediaType | None = None
    columns: Columns | None = None
    limited: bool | None = None
    members: People | None = None


class LibraryTransfer(In):
    """`dry_run` only looks at what would move and what would be cut."""

    to: SpaceId
    dry_run: bool = False


class LibraryDeletion(In):
    """In the body or in the query."""

    confirm_name: str = ""
    media: Literal["move", "delete"] | None = None
    to: LibraryId | None = None
