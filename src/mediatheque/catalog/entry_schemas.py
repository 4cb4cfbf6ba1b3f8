"""What the endpoints of a person's entries take. Shapes only."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from mediatheque.core.api import MAX_LIMIT, In

from .schemas import Changes, WorkKey

KNOWN_YEARS = range(2, 9999)


def _written(value: Any) -> Any:
    """A number would be read as seconds since 1970."""
    if isinstance(value, int | float):
        raise PydanticCustomError("instant", "Write a time with its offset: 2026-11-21T20:15:00+01:00.")
    return value


def _known(value: datetime | None) -> datetime | None:
    """Near the calendar's ends an offset leads to a year that cannot be read again."""
    if value is not None and value.year not in KNOWN_YEARS:
        raise PydanticCustomError("instant", "Write a time of the years 2 to 9998.")
    return value


class EntryPatch(Changes):
    status: str | None = None
    rating: StrictInt | None = None
    notes: str | None = None
    visibility: str | None = None
    notes_visibility: str | None = None
    on_watchlist: StrictBool | None = None
    set_aside: str | None = None
    set_aside_reason: str | None = None
    last_watched_at: Annotated[AwareDatetime | None, BeforeValidator(_written), AfterValidator(_known)] = None


class EntryIn(EntryPatch):
    work: WorkKey | None = None
    title: str | None = None
    media_type: str | None = None
    year: StrictInt | None = None


class WatchlistQuery(In):
    status: list[Literal["not_watched", "watching", "completed"]] = []
    on_watchlist: bool | None = None
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=200)
