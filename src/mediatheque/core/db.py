"""Raw rows: hot reads and set-wise writes speak SQL; values always travel as parameters."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

from .reading import current

Params = Sequence[Any] | Mapping[str, Any] | None
Row = dict[str, Any]
NAMED = re.compile(r"%\((\w+)\)s")


def rows(sql: str, params: Params = None, *, prepared: bool = False, last: bool = False) -> list[Row]:
    """Every row as a dict of its columns.

    In a reading, a `prepared` statement is planned once for all values rather than for each, and nothing
    may come after the `last` one.
    """
    if reading := current():
        return reading.rows(reading.run(*_in_order(sql, params), prepared=prepared, last=last))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def tuples(
    sql: str, params: Params = None, *, prepared: bool = False, last: bool = False
) -> list[tuple[Any, ...]]:
    """Every row as its values in order: for long rows of which many are read."""
    if reading := current():
        return reading.tuples(reading.run(*_in_order(sql, params), prepared=prepared, last=last))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def row(sql: str, params: Params = None, *, prepared: bool = False) -> Row | None:
    """The first row, or None."""
    found = rows(sql, params, prepared=prepared)
    return found[0] if found else None


def value(sql: str, params: Params = None, *, prepared: bool = False) -> Any:
    """The first column of the first row, or None."""
    if reading := current():
        return reading.value(reading.run(*_in_order(sql, params), prepared=prepared))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
        return found[0] if found else None


def execute(sql: str, params: Params = None) -> int:
    """Runs a statement; the number of rows it touched."""
    if reading := current():
        return reading.run(*_in_order(sql, params), prepared=False).command_tuples or 0
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _in_order(sql: str, params: Params) -> tuple[str, Sequence[Any] | None]:
    """A reading knows parameters by their place alone."""
    if not isinstance(params, Mapping):
        return sql, params
    placed, names = _placed(sql)
    return placed, [params[name] for name in names]


@lru_cache(128)
def _placed(sql: str) -> tuple[str, list[str]]:
    return NAMED.sub("%s", sql), NAMED.findall(sql)
