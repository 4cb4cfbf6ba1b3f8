"""The clock of the house: one place to ask, one place for a test to set it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_now: ContextVar[Callable[[], datetime]] = ContextVar("clock")


def now() -> datetime:
    """The instant, in UTC."""
    return _now.get(lambda: datetime.now(UTC))()


def written(stored: str | None) -> str | None:
    """A time as the database writes it in JSON, as every answer writes it: UTC is `Z`, fractions have six digits."""
    if not stored or not stored.endswith("+00:00"):
        return stored
    seconds, point, fraction = stored[:-6].partition(".")
    return f"{seconds}{point}{fraction.ljust(6, '0') if point else ''}Z"


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Inside, `now()` is this instant."""
    token = _now.set(lambda: instant)
    try:
        yield
    finally:
        _now.reset(token)
