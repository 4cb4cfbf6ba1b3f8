"""What the catalogue's endpoints take. Shapes only: what the values may be is in `rules` and `fields`."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import (
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    model_validator,
)

from mediatheque.core.api import MAX_LIMIT, In
from mediatheque.core.ids import typed

from .filters import Filters
from .typed import searched
from .walking import Place

if TYPE_CHECKING:  # to mypy a type, to pydantic a reader of TypeIDs
    EntryKey: TypeAlias = UUID
    LibraryKey: TypeAlias = UUID
    MediaKey: TypeAlias = UUID
    SeasonKey: TypeAlias = UUID
    UserKey: TypeAlias = UUID
    VariantKey: TypeAlias = UUID
    ViewKey: TypeAlias = UUID
    WorkKey: TypeAlias = UUID
else:
    LibraryKey, MediaKey, UserKey = typed("library"), typed("media"), typed("user")
    SeasonKey, VariantKey, WorkKey = typed("season"), typed("variant"), typed("work")
    EntryKey = typed("entry")
    ViewKey = typed("view")

Width = Literal["200", "400", "800"]
BackdropWidth = Literal["640", "1600"]
MediaType = Literal["movie", "tv_series", "tv_episode", "book", "comic", "music", "game", "other"]
Ownership = Literal["owned", "wanted", "ordered", "formerly_owned"]
Availability = Literal["on_shelf", "lent"]
Resolution = Literal["SD", "720p", "1080p", "4K"]
Sort = Literal["title", "year", "format", "date_added", "rating", "user_rating", "relevance"]
Direction = Literal["asc", "desc"]
Layout = Literal["grid", "table"]


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
        """What was sent, nothing else; ids stay ids."""
        ids = {name: getattr(self, name) for name in self.model_fields_set}
        return self.model_dump(exclude_unset=True) | {
            name: value for name, value in ids.items() if isinstance(value, UUID)
        }


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
    tags: list[str] | None = None
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
    series: MediaKey | None = None
    signed: SignedIn | None = None
    value: ValueIn | None = None
    external_ids: list[ExternalIdIn] | None = None
    source: SourceIn | None = None
    own: OwnIn | None = None


class MediaIn(MediaPatch):
    title: str
    media_type: str
    library: LibraryKey | None = None


class Narrowing(In):
    """What a list is narrowed to (C3, C4). Several values of one filter widen, several filters narrow."""

    q: str = Field(
        "",
        max_length=500,
        description="Words in titles, original titles, names and overviews; the last may be unfinished.",
    )
    media_type: list[MediaType] = []
    genre: list[str] = []
    director: list[str] = []
    cast: list[str] = []
    year_min: int | None = Field(None, ge=-30000, le=30000)
    year_max: int | None = Field(None, ge=-30000, le=30000)
    resolution: list[Resolution] = Field([], description="Of any of the item's copies.")
    format: list[str] = []
    rating_min: float | None = Field(None, ge=0, le=10)
    rating_max: float | None = Field(None, ge=0, le=10)
    user_rating_min: int | None = Field(None, ge=1, le=10, description="Your own rating, 1 to 10.")
    user_rating_max: int | None = Field(None, ge=1, le=10, description="Your own rating, 1 to 10.")
    ownership: list[Ownership] = []
    tag: list[str] = Field([], description="A tag stands for those below it as well.")
    availability: list[Availability] = Field(
        [], description="`on_shelf`: owned and no copy lent out; `lent`: a copy is lent out."
    )
    added_by: UserKey | None = None

    def filters(self) -> Filters:
        given: dict[str, Any] = {name: getattr(self, name) for name in Narrowing.model_fields}
        for name, values in given.items():
            given[name] = tuple(values) if isinstance(values, list) else values
        return Filters(**given)


class FilterQuery(Narrowing):
    """Filters and where they hold."""

    library: list[str] = Field(
        [], description="Libraries by id, or `all` open ones; without it the active one."
    )


class ViewQuery(FilterQuery):
    """Filters and order of a saved view; libraries where it is one of the whole space."""

    sort: Sort | None = None
    dir: Direction | None = None

    def kept(self) -> dict[str, Any]:
        """What was sent, as the list's address would say it."""
        return self.model_dump(mode="json", exclude_unset=True)


class ViewPatch(In):
    """What is left out stays as it is."""

    name: str | None = Field(None, max_length=1000)
    library: LibraryKey | None = Field(None, description="Without one it is a view of the whole space.")
    query: ViewQuery | None = None
    layout: Layout | None = None
    shared: StrictBool | None = Field(
        None, description="Managers and admins may share a view with the space."
    )

    def fields(self) -> dict[str, Any]:
        """What was sent, nothing else."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return sent | ({"query": self.query.kept()} if self.query else {})


class ViewIn(ViewPatch):
    name: str = Field(max_length=1000)


class MediaQuery(FilterQuery):
    """Filters, order and place of a list (C3)."""

    sort: Sort | None = Field(
        None,
        description="Without it by relevance where `q` is given, else by title. What is unknown (year, rating) "
        "counts as the lowest. By relevance the best comes first, whatever `dir` says, and the list ends "
        "after the best 2,000 hits of a single word.",
    )
    dir: Direction = "asc"
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=2000)
    page: int | None = Field(None, ge=1, le=100_000)
    total: bool = False

    def order(self) -> str:
        """What the list is sorted by: nothing is relevant where nothing was searched for."""
        if self.sort in (None, "relevance"):
            return "relevance" if searched(self.q) else "title"
        return str(self.sort)

    def place(self) -> Place:
        order = self.order()
        return Place(
            sort=order,
            descending=self.dir == "desc" and order != "relevance",
            limit=self.limit,
            cursor=self.cursor,
            page=self.page,
            with_total=self.total,
        )


class PlaceQuery(In):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=2000)


class BulkSet(MediaPatch):
    """What every item gets: its fields, for `move` the library, for `tag` the `tags` that are added to its own."""

    library: LibraryKey | None = None
    remove_tags: list[str] | None = None


def _or_one(schema: dict[str, Any]) -> None:
    """The document says that one value may stand for a list of one."""
    for field in schema.get("properties", {}).values():
        if field.get("type") == "array":
            field["anyOf"] = [{"type": field.pop("type"), "items": field.pop("items")}, {"type": "string"}]


class BulkFilter(FilterQuery):
    """The list's filters; a single value needs no brackets, as in an address."""

    model_config = ConfigDict(json_schema_extra=_or_one)

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: Any) -> Any:
        lists = {name for name, field in cls.model_fields.items() if isinstance(field.default, list)}
        data = getattr(data, "_obj", data)
        if not isinstance(data, dict):
            return data
        return {
            name: [each] if name in lists and isinstance(each, str) else each for name, each in data.items()
        }


class BulkIn(In):
    """Which items (`ids`, or a `filter` of the list's own parameters), and what to do with them."""

    ids: list[Annotated[str, StringConstraints(max_length=100)]] | None = None
    filter: BulkFilter | None = None
    action: Literal["edit", "move", "delete", "tag"]
    set: BulkSet | None = None


class HistoryQuery(In):
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=200)
