"""Transactions that ran into each other: PostgreSQL ended one of them, and the same again will do."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

DEADLOCK, SERIALIZATION = "40P01", "40001"
PAUSES = (0.05, 0.1, 0.2, 0.4)  # seconds
Done = TypeVar("Done")


def is_collision(error: BaseException) -> bool:
    """Whether the transaction ended through no fault of its own."""
    return getattr(error.__cause__, "sqlstate", None) in (DEADLOCK, SERIALIZATION)


def again(work: Callable[[], Done]) -> Done:
    """Does a whole transaction, a few times where it collides; inside an open one only once."""
    pauses = [] if connection.in_atomic_block else PAUSES
    for pause in pauses:
        try:
            return work()
        except OperationalError as error:
            if not is_collision(error):
                raise
            time.sleep(pause)
    return work()
