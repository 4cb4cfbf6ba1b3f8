"""Stored files behind Django's storage interface: named by their content, on local disk."""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import IntegrityError, transaction

from . import db

# Whoever keeps a file holds this until its reference stands; whoever sweeps it waits for that.
LOCK = "hashtextextended('stored_files.' || %s, 0)"


class ContentStorage(FileSystemStorage):
    """Files at `ab/cd/<sha256>`. What has the same name has the same content, so writing twice is harmless."""

    def _save(self, name: str, content: "File[bytes]") -> str:
        path = Path(self.path(name))
        if path.exists():
            return name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f"{path.name}.{os.getpid()}.{id(content)}.part")
        try:
            with partial.open("wb") as target:
                os.chmod(partial, 0o600)
                for chunk in content.chunks():
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name


def keep(content: bytes | IO[bytes], content_type: str) -> str:
    """Stores the bytes and their row; the SHA-256 that names them. The row goes with its transaction,
    the file stays for the sweep."""
    sha256, size = _measure(content)
    db.execute(f"select pg_advisory_xact_lock_shared({LOCK})", [sha256])
    source: Any = _Bytes(content) if isinstance(content, bytes) else File(content)
    storages["default"].save(name_of(sha256), source)
    db.execute(
        "insert into stored_files (sha256, size, content_type) values (%s, %s, %s) on conflict do nothing",
        [sha256, size, content_type],
    )
    return sha256


def open_file(sha256: str) -> "File[bytes]":
    """The stored bytes. Raises FileNotFoundError."""
    return storages["default"].open(name_of(sha256))


def sweep(sha256: str) -> bool:
    """Inside a transaction: takes an unreferenced file away, row and bytes; False if something refers to it."""
    db.execute(f"select pg_advisory_xact_lock({LOCK})", [sha256])
    try:
        with transaction.atomic():
            db.execute("delete from stored_files where sha256 = %s", [sha256])
    except IntegrityError:
        return False
    storages["default"].delete(name_of(sha256))
    return True


def kept_names() -> Iterator[tuple[str, datetime]]:
    """Every file in the storage and when it was written; names of crashed writes as well."""
    store = storages["default"]
    for outer in sorted(store.listdir("")[0]):
        for inner in sorted(store.listdir(outer)[0]):
            for name in sorted(store.listdir(f"{outer}/{inner}")[1]):
                yield f"{outer}/{inner}/{name}", store.get_modified_time(f"{outer}/{inner}/{name}")


def name_of(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _measure(content: bytes | IO[bytes]) -> tuple[str, int]:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    content.seek(0)
    hasher, size = hashlib.sha256(), 0
    while piece := content.read(1024 * 1024):
        hasher.update(piece)
        size += len(piece)
    content.seek(0)
    return hasher.hexdigest(), size


class _Bytes(File):  # type: ignore[type-arg]  # generic only in the stubs
    def __init__(self, content: bytes) -> None:
        super().__init__(None)
        self._content = content

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield self._content
