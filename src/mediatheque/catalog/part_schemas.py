"""What the endpoints of copies, loans and seasons take. Shapes only."""

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from mediatheque.core.api import MAX_LIMIT, In

from .schemas import Changes


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


class LoanPatch(Changes):
    to: str | None = None
    since: str | None = None
    due: str | None = None


class LoanIn(LoanPatch):
    to: str


class ReturnIn(Changes):
    back: str | None = None


class LentQuery(In):
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=200)


class SeasonPatch(Changes):
    number: StrictInt | None = None
    title: str | None = None
    expected_episodes: StrictInt | None = None
    available_episodes: StrictInt | None = None
    is_complete: StrictBool | None = None


class SeasonIn(SeasonPatch):
    number: StrictInt
