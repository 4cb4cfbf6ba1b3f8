"""Many rows into one table: COPY into a temporary table, then one statement (JOINTS, *Audit and bulk*).

COPY into a table under row security is refused, and one statement fires the audit once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model
from django.db.models.fields import NOT_PROVIDED

from mediatheque.catalog.models import Entry, EntryWork, Loan, Media, MediaMetadata, Season, Variant, Work
from mediatheque.core import db
from mediatheque.intake.models import EntryFingerprint, EntryOrigin, Fingerprint, Origin, PlanRow, ReportRow

Rows = Sequence[Mapping[str, Any]]
MODELS: dict[str, type[Model]] = {
    str(model._meta.db_table): model
    for model in (
        Entry, EntryWork, Loan, Media, MediaMetadata, Season, Variant, Work, EntryFingerprint, EntryOrigin,
        Fingerprint, Origin, PlanRow, ReportRow,
    )
}  # fmt: skip
TEMPORARY = "rows_on_their_way"


def insert(table: str, rows: Rows, *, known: bool = False) -> None:
    """New rows; columns that are not given hold their model's default. `known` ones are left as they are."""
    if not rows:
        return
    names = list(dict.fromkeys([*(name for row in rows for name in row), *defaults(table)]))
    _copy(table, names, rows)
    wanted = ", ".join(names)
    conflict = " on conflict do nothing" if known else ""
    db.execute(f"insert into {table} ({wanted}) select {wanted} from {TEMPORARY}{conflict}")
    db.execute(f"drop table {TEMPORARY}")


def update(table: str, rows: Rows) -> None:
    """Rows with their id and all the same columns; what stays the same is not written."""
    if not rows:
        return
    names = list(rows[0])
    _copy(table, names, rows)
    columns = [name for name in names if name != "id"]
    given = ", ".join(f"given.{name}" for name in columns)
    standing = ", ".join(f"standing.{name}" for name in columns)
    db.execute(
        f"update {table} standing set ({', '.join(columns)}) = row({given}) from {TEMPORARY} given "
        f"where standing.id = given.id and ({standing}) is distinct from ({given})"
    )
    db.execute(f"drop table {TEMPORARY}")


def _copy(table: str, names: Sequence[str], rows: Rows) -> None:
    wanted = ", ".join(names)
    db.execute(
        f"create temporary table {TEMPORARY} on commit drop as select {wanted} from {table} with no data"
    )
    with connection.cursor() as cursor, cursor.copy(f"copy {TEMPORARY} ({wanted}) from stdin") as copy:
        for values in _values(table, names, rows):
            copy.write_row(values)


def _values(table: str, names: Sequence[str], rows: Rows) -> Iterable[list[Any]]:
    standard, documents = defaults(table), _documents(table)
    for row in rows:
        values = [row[name] if name in row else standard.get(name) for name in names]
        yield [
            json.dumps(value, ensure_ascii=False) if name in documents and value is not None else value
            for name, value in zip(names, values, strict=True)
        ]


@cache
def defaults(table: str) -> dict[str, Any]:
    return {
        str(each.column): each.get_default()
        for each in MODELS[table]._meta.local_concrete_fields
        if not each.primary_key and not each.generated and each.default is not NOT_PROVIDED
    }


@cache
def _documents(table: str) -> frozenset[str]:
    fields = MODELS[table]._meta.local_concrete_fields
    return frozenset(str(each.column) for each in fields if isinstance(each, JSONField))


@cache
def lengths(table: str) -> dict[str, int]:
    """How many characters each text column of a table holds."""
    return {
        str(each.column): each.max_length
        for each in MODELS[table]._meta.local_concrete_fields
        if each.max_length is not None
    }
