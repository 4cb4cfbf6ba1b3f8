"""Secrets that are made once and kept as files only their owner can read."""

import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex


def kept_key(folder: Path, name: str, make: Callable[[], str]) -> str:
    """The secret kept as `folder/name`; made and kept if it is not there yet.

    Several processes may ask at the same moment: the first one's secret is everybody's.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        _keep(path, make())
    return path.read_text().strip()


def _keep(path: Path, secret: str) -> None:
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link is made whole or not at all, and never replaces what another process kept.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
