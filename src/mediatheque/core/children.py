"""How a child process is tied to its parent, and what it may not be (Linux)."""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
ORDINARY_ID = 1000


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Ask the kernel to send `number` to this process when the thread that forked it is gone."""
    _refusing(_LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0))
    # The parent may have gone between the fork and the request: then nobody would send anything.
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def tied(number: signal.Signals, before: Callable[[], None] | None = None) -> Callable[[], None]:
    """What a child runs between fork and exec: `before`, then `die_with_parent`."""
    parent = os.getpid()

    def between_fork_and_exec() -> None:
        if before is not None:
            before()
        # Last, because a change of credentials would undo it.
        die_with_parent(number, parent)

    return between_fork_and_exec


@dataclass(frozen=True, slots=True)
class OrdinaryUser:
    """Who a program runs as that refuses root: what its process does before exec, who must own its files."""

    before_exec: Callable[[], None] | None
    owner: int | None


def ordinary_user(program: Path) -> OrdinaryUser | None:
    """A way to run `program` as somebody else than root; None where there is none.

    A user namespace needs no change of files; another user is the second best.
    """
    if os.geteuid() != 0:
        return OrdinaryUser(None, None)
    if _runs(program, enter_user_namespace):
        return OrdinaryUser(enter_user_namespace, None)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            change = become(user.pw_uid, user.pw_gid)
            if _runs(program, change):
                return OrdinaryUser(change, user.pw_uid)
    return None


def _runs(program: Path, before_exec: Callable[[], None]) -> bool:
    try:
        answer = subprocess.run(
            [str(program), "--version"], capture_output=True, check=False, preexec_fn=before_exec
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0


def enter_user_namespace() -> None:
    """Give this process another user id in a namespace of its own, over the same files.

    Raises `OSError` where user namespaces are forbidden.
    """
    user, group = os.geteuid(), os.getegid()
    _refusing(_LIBC.unshare(_CLONE_NEWUSER))
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{ORDINARY_ID} {user} 1")
    _write("/proc/self/gid_map", f"{ORDINARY_ID} {group} 1")


def become(user: int, group: int) -> Callable[[], None]:
    """What a child of root runs to go on as an ordinary user."""

    def change() -> None:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)

    return change


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _refusing(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
