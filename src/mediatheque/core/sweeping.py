"""Stored files that nobody refers to any more: swept once undo can no longer want them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import structlog
from django.core.files.storage import storages
from django.db import transaction

from . import db, storage
from .clock import now
from .roles import KEEPER

AT_ONCE = 500
CRASHED = timedelta(days=1)  # no write takes that long
log = structlog.get_logger("core")


def sweep_files(retention: timedelta) -> int:
    """Takes away what lost its last reference longer ago than the trail reaches; how many files went."""
    before = now() - retention
    swept = 0
    while found := _unreferenced(before):
        gone = sum(_swept(sha256) for sha256 in found)
        swept += gone
        if gone < len(found):  # some were taken up again meanwhile; the next run looks anew
            break
    log.info("files.swept", swept=swept)
    return swept


def _unreferenced(before: datetime) -> list[str]:
    """As keeper, who sees hashes and times alone."""
    with transaction.atomic(durable=True):
        db.execute(f"set local role {KEEPER}")
        found = db.rows(
            "select s.sha256 from stored_files s where coalesce(s.released_at, s.created_at) < %s "
            "and not exists (select from file_references r where r.sha256 = s.sha256) limit %s",
            [before, AT_ONCE],
        )
    return [each["sha256"] for each in found]


def _swept(sha256: str) -> bool:
    with transaction.atomic(durable=True):
        return storage.sweep(sha256)


def sweep_crashed() -> int:
    """Takes away bytes whose row never came, or whose writing was never finished; how many."""
    waiting: list[str] = []
    swept = 0
    for name, written in storage.kept_names():
        if written < now() - CRASHED:
            waiting.append(name)
        if len(waiting) == AT_ONCE:
            swept += _sweep_rowless(waiting)
            waiting = []
    return swept + _sweep_rowless(waiting)


def _sweep_rowless(names: Sequence[str]) -> int:
    hashes = {PurePosixPath(name).name: name for name in names}
    rows = db.rows("select sha256 from stored_files where sha256 = any(%s)", [list(hashes)])
    rowless = [name for sha256, name in hashes.items() if sha256 not in {each["sha256"] for each in rows}]
    for name in rowless:
        if name.endswith(".part"):
            storages["default"].delete(name)
        else:
            _swept(PurePosixPath(name).name)
    return len(rowless)
