"""Rate limits, counted in PostgreSQL so that several processes agree (L5)."""

import hashlib
from datetime import datetime, timedelta

from . import db
from .clock import now
from .errors import TooMany

SLICES = 15


def take(name: str, subject: str, *, limit: int, window: timedelta) -> None:
    """Counts one attempt of `subject`; raises TooMany beyond `limit` within any window.

    The window slides in fifteenths. Call it outside a scope (in autocommit): a refused request rolls its
    scope back, and the count must stay.
    """
    bucket, slice_start = _bucket(name, subject), _slice_start(window)
    db.execute(
        "insert into rate_counts (bucket, window_start, attempts) values (%s, %s, 1) "
        "on conflict (bucket, window_start) do update set attempts = rate_counts.attempts + 1",
        [bucket, slice_start],
    )
    counted = db.row(
        "select sum(attempts) as attempts, min(window_start) as oldest from rate_counts "
        "where bucket = %s and window_start > %s and attempts > 0",
        [bucket, slice_start - window],
    )
    assert counted is not None
    if counted["attempts"] > limit:
        raise TooMany(int((counted["oldest"] + window - now()).total_seconds()) + 1)


def give_back(name: str, subject: str, *, window: timedelta) -> None:
    """The attempt succeeded: it does not count."""
    db.execute(
        "update rate_counts set attempts = attempts - 1 where bucket = %s and window_start = %s and attempts > 0",
        [_bucket(name, subject), _slice_start(window)],
    )


def forget_old(before: datetime) -> int:
    """Removes counts of slices that began before; how many."""
    return db.execute("delete from rate_counts where window_start < %s", [before])


def _slice_start(window: timedelta) -> datetime:
    instant = now()
    seconds = max(1, int(window.total_seconds()) // SLICES)
    return datetime.fromtimestamp(int(instant.timestamp()) // seconds * seconds, tz=instant.tzinfo)


def _bucket(name: str, subject: str) -> str:
    return hashlib.sha256(f"{name}\x00{subject}".encode()).hexdigest()
