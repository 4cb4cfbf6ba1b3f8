"""Rows of any table as the trail knows them: read, written back and removed, set by set."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from mediatheque.core import db


def current(table: str, ids: Sequence[UUID], *, holds: bool = False) -> dict[UUID, dict[str, Any]]:
    """These rows as they stand, in the trail's own form; `holds` locks them in the order of their ids."""
    found = db.rows(
        f'select t.id, to_jsonb(t)::text as content from unnest(%s::uuid[]) x(id) join "{table}" t on t.id = x.id '
        f"order by t.id{' for update of t' if holds else ''}",
        [sorted(ids)],
    )
    return {each["id"]: json.loads(each["content"]) for each in found}


def write(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that stand get these values; each holds every column."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in _columns(table))
    given = ", ".join(f'r."{name}"' for name in _columns(table))
    db.execute(
        f'update "{table}" t set ({names}) = row({given}) from jsonb_populate_recordset(null::"{table}", %s) r '
        "where t.id = r.id",
        [json.dumps(list(rows), default=str)],
    )


def remove(table: str, ids: Sequence[UUID]) -> None:
    if ids:
        db.execute(f'delete from "{table}" where id = any(%s)', [list(ids)])


@cache
def _columns(table: str) -> tuple[str, ...]:
    """The columns one can write, but the id."""
    found = db.rows(
        "select column_name from information_schema.columns where table_schema = 'public' and table_name = %s "
        "and is_generated = 'NEVER' and column_name not in ('id', 'created_at', 'updated_at') "
        "order by ordinal_position",
        [table],
    )
    return tuple(each["column_name"] for each in found)
