"""What the catalogue's endpoints take. Shapes only: what the values may be is in `rules` and `fields`."""

from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from mediatheque.core.api import MAX_LIMIT, In
from mediatheque.core.ids import typed

if TYPE_CHECKING:  # to mypy a type, to pydantic a reader of TypeIDs
    LibraryKey: TypeAlias = UUID
    MediaKey: TypeAlias = UUID
    SeasonKey: TypeAlias = UUID
    UserKey: TypeAlias = UUID
    VariantKey: TypeAlias = UUID
    WorkKey: TypeAlias = UUID
else:
    LibraryKey, MediaKey, UserKey = typed("library"), typed("media"), typed("user")
    SeasonKey, VariantKey, WorkKey = typed("season"), typed("variant"), typed("work")

Width = Literal["200", "400", "800"]
Sort = Literal["title", "year", "date_added"]
Direction = Literal["asc", "desc"]


class PersonIn(In):
    name: str
    role: str
    character: str | None = None


class ExternalIdIn(In):
    provider: str
    kind: str = ""
    id: str


class SignedIn(In):
    by: str | None = None
    role: str | None = None
    on: str | None = None
    at: str | None = None
    proof: str | None = None


class ValueIn(In):
    low: StrictFloat | None = None
    mid: StrictFloat | None = None
    high: StrictFloat | None = None
    currency: str | None = None
    source: str | None = None
    date: str | None = None


class SourceIn(In):
    provider: str | None = None
    external_id: str | None = None
    import_source: str | None = Field(None, alias="import")


class OwnIn(In):
    """The asking person's own entry; what is left out stays as it is."""

    status: str = "not_watched"
    rating: StrictInt | None = None
    on_watchlist: StrictBool = False


class Changes(In):
    """A body that may leave fields out."""

    def fields(self) -> dict[str, Any]:
        """What was sent, nothing else."""
        return self.model_dump(exclude_unset=True)


class MediaPatch(Changes):
    """What is left out stays as it is; null clears."""

    title: str | None = None
    media_type: str | None = None
    original_title: str | None = None
    sort_title: str | None = None
    year: StrictInt | None = None
    release_date: str | None = None
    overview: str | None = None
    runtime: StrictInt | None = None
    genres: list[str] | None = None
    people: list[PersonIn] | None = None
    certification: str | None = None
    rating: StrictFloat | None = None
    network: str | None = None
    trailer_url: str | None = None
    format: str | None = None
    ownership: str | None = None
    location: str | None = None
    notes: str | None = None
    details: dict[str, Any] | None = None
    signed: SignedIn | None = None
    value: ValueIn | None = None
    external_ids: list[ExternalIdIn] | None = None
    source: SourceIn | None = None
    own: OwnIn | None = None


class MediaIn(MediaPatch):
    title: str
    media_type: str
    library: LibraryKey | None = None


class MediaQuery(In):
    """Filters, order and place of a list (C3)."""

    library: str | None = None
    q: str = Field("", max_length=500)
    media_type: list[str] = []
    genre: list[str] = []
    director: list[str] = []
    cast: list[str] = []
    year_min: int | None = Field(None, ge=-30000, le=30000)
    year_max: int | None = Field(None, ge=-30000, le=30000)
    ownership: list[str] = []
    format: list[str] = []
    added_by: UserKey | None = None
    sort: Sort = "title"
    dir: Direction = "asc"
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=2000)
    page: int | None = Field(None, ge=1, le=100_000)
    total: bool = False


class HistoryQuery(In):
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=200)


class VariantPatch(Changes):
    format: str | None = None
    edition: str | None = None
    resolution: str | None = None
    barcode: str | None = None
    path: str | None = None
    location: str | None = None
    condition: str | None = None
    purchased_on: str | None = None
    price: StrictFloat | None = None
    currency: str | None = None


class SeasonPatch(Changes):
    number: StrictInt | None = None
    title: str | None = None
    expected_episodes: StrictInt | None = None
    available_episodes: StrictInt | None = None
    is_complete: StrictBool | None = None


class SeasonIn(SeasonPatch):
    number: StrictInt
