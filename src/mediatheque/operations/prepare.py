"""What must be right before anyone is served: tables, the application's role, static files."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from mediatheque.core.roles_check import refuse_unsafe_role

OWNER_ALIAS = "owner"
MIGRATION_LOCK = 0x6D656469_61746865  # "mediathe"


class PreparationFailed(Exception):
    """The install cannot start; the message says why."""


def prepare() -> None:
    """Migrate, refuse an application's role that passes row security, make the static files.

    Raises `PreparationFailed` or `UnsafeRole`.
    """
    migrate()
    with connections["default"].cursor():  # opens it
        refuse_unsafe_role(connections["default"])
    collect_static()


def migrate() -> None:
    """Apply what is pending as the owner, one process at a time; raises `PreparationFailed`."""
    try:
        with _migration_lock():
            if _pending():
                call_command("migrate", database=OWNER_ALIAS, interactive=False)
    except (DatabaseError, psycopg.Error) as error:
        raise PreparationFailed(
            f"A migration failed, and nothing was started: {_without_detail(error)}. What it had begun was "
            "rolled back; docs/migrations.md says how to go on."
        ) from None


def collect_static() -> None:
    """Copy, name by content and compress the static files, unless that was done for these very files."""
    target = Path(settings.STATIC_ROOT)
    stamp, digest = target / ".made-of", _static_digest()
    if stamp.is_file() and stamp.read_text() == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    target.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


@contextmanager
def _migration_lock() -> Iterator[None]:
    """Held by a session of its own, so that it lasts over the migrations' transactions."""
    lock = connections.create_connection(OWNER_ALIAS)
    try:
        with lock.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        yield
    finally:
        lock.close()


def _pending() -> bool:
    executor = MigrationExecutor(connections[OWNER_ALIAS])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _without_detail(error: Exception) -> str:
    """The first line of the database's complaint; the owner's DETAIL could show anyone's values."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if isinstance(cause, psycopg.Error) and cause.diag.message_primary:
        return cause.diag.message_primary
    return str(error).split("\n", 1)[0]


def _static_digest() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{file.st_size}\0{file.st_mtime_ns}\0".encode())
    return digest.hexdigest()
