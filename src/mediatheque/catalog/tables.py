"""Rows in and out of the catalogue's tables: inserts that know the models' defaults, and restoring."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import JSONField, Model
from django.db.models.fields import NOT_PROVIDED

from mediatheque.core import db
from mediatheque.core.models import FileReference

from .models import Entry, EntryWork, Loan, Media, MediaMetadata, SavedView, Season, Tag, Variant, Work

BY_TABLE: dict[str, type[Model]] = {
    str(model._meta.db_table): model
    for model in (
        Entry,
        EntryWork,
        FileReference,
        Loan,
        Media,
        MediaMetadata,
        SavedView,
        Season,
        Tag,
        Variant,
        Work,
    )
}


def insert(table: str, values: Mapping[str, Any]) -> None:
    """One row; columns that are not given hold their model's default."""
    db.execute(*insertion(table, values))


def insertion(table: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """SQL and parameters that insert such a row."""
    stored = {**_defaults(table), **values}
    sql = f"insert into {table} ({', '.join(stored)}) values ({', '.join(['%s'] * len(stored))})"
    return sql, parameters(table, stored)


def insert_many(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that have the same columns, in one statement; columns that are not given hold their model's default."""
    if not rows:
        return
    stored = [{**_defaults(table), **row} for row in rows]
    names = ", ".join(stored[0])
    db.execute(
        f"insert into {table} ({names}) select {names} from jsonb_populate_recordset(null::{table}, %s)",
        [json.dumps(stored, default=str)],
    )


def update(table: str, space_id: UUID, identity: UUID, values: Mapping[str, Any]) -> int:
    """One row of the space; how many there were."""
    return db.execute(
        f"update {table} set {', '.join(f'{name} = %s' for name in values)} where space_id = %s and id = %s",
        [*parameters(table, values), space_id, identity],
    )


def restore(table: str, old: Mapping[str, Any]) -> None:
    """A deleted row as the audit trail kept it, under its old id."""
    columns = [name for name in columns_of(table) if name in old]
    names = ", ".join(columns)
    db.execute(
        f"insert into {table} ({names}) select {names} from jsonb_populate_record(null::{table}, %s)",
        [json.dumps(old)],
    )


@cache
def columns_of(table: str) -> tuple[str, ...]:
    """The columns that can be written."""
    fields = BY_TABLE[table]._meta.local_concrete_fields
    return tuple(str(field.column) for field in fields if not field.generated)


@cache
def _documents(table: str) -> frozenset[str]:
    fields = BY_TABLE[table]._meta.local_concrete_fields
    return frozenset(str(field.column) for field in fields if isinstance(field, JSONField))


@cache
def _defaults(table: str) -> dict[str, Any]:
    fields = BY_TABLE[table]._meta.local_concrete_fields
    return {
        str(field.column): field.get_default()
        for field in fields
        if not field.primary_key and not field.generated and field.default is not NOT_PROVIDED
    }


def parameters(table: str, values: Mapping[str, Any]) -> list[Any]:
    """The values as the driver takes them: documents as JSON."""
    documents = _documents(table)
    return [
        json.dumps(value) if name in documents and value is not None else value
        for name, value in values.items()
    ]
