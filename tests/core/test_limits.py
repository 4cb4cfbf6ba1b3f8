"""Rate limits (L5): a window that slides, counts that processes share, success given back."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from mediatheque.core import clock, jobs, limits
from mediatheque.core.errors import TooMany
from tests.support import everything

WINDOW = timedelta(minutes=15)
START = datetime(2031, 5, 1, 12, 0, 30, tzinfo=UTC)


def take(subject, minutes=0.0):
    with clock.at(START + timedelta(minutes=minutes)):
        limits.take("test", subject, limit=10, window=WINDOW)


def test_the_eleventh_attempt_is_refused_and_says_when_to_come_again():
    subject = str(uuid4())
    for _ in range(10):
        take(subject)
    with pytest.raises(TooMany) as refusal:
        take(subject, 5)
    assert 0 < int(refusal.value.headers["Retry-After"]) <= 10 * 60 + 60


def test_no_window_of_fifteen_minutes_holds_more_than_ten():
    subject = str(uuid4())
    for _ in range(10):
        take(subject, 14)
    with pytest.raises(TooMany):
        take(subject, 16)
    take(subject, 31)


def test_others_are_not_counted_and_success_is_given_back():
    subject = str(uuid4())
    for _ in range(30):
        take(subject)
        with clock.at(START):
            limits.give_back("test", subject, window=WINDOW)
    take(str(uuid4()))


def test_old_counts_are_forgotten():
    take(str(uuid4()), -60 * 24 * 365 * 40)
    assert limits.forget_old(START - timedelta(days=365 * 39)) >= 1


def test_the_sweep_forgets_answers_kept_longer_than_a_day(alice):
    answer = alice.post("/libraries", {"name": "Attic"}, Idempotency_Key="one")
    again = alice.post("/libraries", {"name": "Attic"}, Idempotency_Key="one")
    assert (answer.status_code, again.json()) == (201, answer.json())
    with clock.at(datetime.now(UTC) + timedelta(days=2)):
        jobs.forget_old(timestamp=0)
    assert everything("select count(*) from kept_answers where user_id = %s", [alice.user_id]) == [(0,)]
