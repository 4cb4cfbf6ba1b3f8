"""A person's picture: taken in square, served to those who share a space with them (P6)."""

from uuid import UUID

from mediatheque.audit import activity
from mediatheque.core import db, images, storage
from mediatheque.core.errors import NotFound
from mediatheque.core.ids import new_id, show_id
from mediatheque.core.scope import Scope

from .policy import personal

SIDES = (64, 128, 256)  # pixels
ROLE = "avatar"


def set_avatar(scope: Scope, content: bytes) -> None:
    """The picture becomes the person's, in its sizes. Raises as `images.render`, Forbidden."""
    personal(scope)
    drawn = {side: storage.keep(webp, images.CONTENT_TYPE)
             for side, webp in images.render_square(content, SIDES).items()}  # fmt: skip
    _forget_files(scope)
    for side, sha256 in drawn.items():
        db.execute(
            "insert into file_references (id, user_id, sha256, role, record_id) values (%s, %s, %s, %s, %s)",
            [new_id(), scope.user_id, sha256, f"{ROLE}-{side}", scope.user_id],
        )
    db.execute("select set_avatar(%s)", [drawn[max(SIDES)]])
    activity.record(scope, "profile.changed", details={"avatar": "set"}, private=True)


def remove_avatar(scope: Scope) -> None:
    """The person is shown by their initials again."""
    personal(scope)
    _forget_files(scope)
    db.execute("select set_avatar(null)")
    activity.record(scope, "profile.changed", details={"avatar": "removed"}, private=True)


def avatar(scope: Scope, user_id: UUID, side: int) -> str:
    """The name of the picture's bytes. Raises NotFound, also for people with whom one shares no space."""
    found = db.value("select avatar_of(%s, %s)", [user_id, f"{ROLE}-{side}"])
    if found is None:
        raise NotFound()
    return str(found)


def avatar_url(user_id: UUID, kept: str | None, side: int | None = None) -> str | None:
    """Where the picture is to be had, by an address that changes with it; `kept` is the person's `avatar`."""
    if kept is None:
        return None
    wanted = f"&size={side}" if side else ""
    return f"/api/users/{show_id('user', user_id)}/avatar?v={kept[:12]}{wanted}"


def _forget_files(scope: Scope) -> None:
    db.execute(
        "delete from file_references where user_id = %s and record_id = %s and role like %s",
        [scope.user_id, scope.user_id, f"{ROLE}-%"],
    )
