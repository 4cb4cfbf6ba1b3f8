"""Raw rows: hot reads and set-wise writes speak SQL; values always travel as parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

Params = Sequence[Any] | Mapping[str, Any] | None
Row = dict[str, Any]


def rows(sql: str, params: Params = None) -> list[Row]:
    """Every row as a dict of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def row(sql: str, params: Params = None) -> Row | None:
    """The first row, or None."""
    found = rows(sql, params)
    return found[0] if found else None


def value(sql: str, params: Params = None) -> Any:
    """The first column of the first row, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
        return found[0] if found else None


def execute(sql: str, params: Params = None) -> int:
    """Runs a statement; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)
