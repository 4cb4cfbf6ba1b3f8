"""An item's own pictures, cover and background: taken in, kept in some widths, served to those who may see it (C11)."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from mediatheque.core import db, images, storage, uploads
from mediatheque.core.errors import NotFound
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope

from . import actions, queries
from .shapes import decode, version_of


@dataclass(frozen=True, slots=True)
class Kind:
    """Which picture of an item: its column, and the widths it is kept in, the narrowest first."""

    column: str
    widths: tuple[int, ...]


COVER = Kind("poster", images.WIDTHS)
BACKDROP = Kind("backdrop", (640, 1600))


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture: the name of its bytes, and the version that its address carries."""

    sha256: str
    version: str


def take_in(request: HttpRequest, scope: Scope, media_id: UUID, kind: Kind) -> None:
    """The uploaded picture becomes the item's; who may not change the item is told so first.

    Raises as `images.render`.
    """
    actions.changeable(scope, media_id)
    put(scope, media_id, kind, uploads.uploaded(request))


def put(scope: Scope, media_id: UUID, kind: Kind, content: bytes) -> None:
    """Stores the picture in its widths and makes it the item's. Raises as `images.render`."""
    item = actions.changeable(scope, media_id)
    rendered = images.render(content, kind.widths)
    sizes = {str(width): storage.keep(webp, images.CONTENT_TYPE) for width, webp in rendered.items()}
    _forget_files(scope, media_id, kind)
    for width, sha256 in sizes.items():
        db.execute(
            "insert into file_references (id, space_id, library_id, sha256, role, record_id) "
            "values (%s, %s, %s, %s, %s, %s)",
            [new_id(), scope.space_id, item["library_id"], sha256, f"{kind.column}-{width}", media_id],
        )
    kept = {"sizes": sizes, "placeholder": images.placeholder(rendered[kind.widths[0]])}
    _store(scope, media_id, kind, json.dumps(kept))


def remove(scope: Scope, media_id: UUID, kind: Kind) -> None:
    """The item is without it: a generated cover is shown, or no background."""
    actions.changeable(scope, media_id)
    _forget_files(scope, media_id, kind)
    _store(scope, media_id, kind, None)


def picture(scope: Scope, media_id: UUID, kind: Kind, width: int) -> Picture:
    """The stored picture in one of its widths. Raises NotFound where there is none."""
    kept = queries.media(scope, media_id)[kind.column]
    if kept is None:
        raise NotFound()
    stored = decode(kept)
    return Picture(stored["sizes"][str(width)], version_of(stored, kind.widths[-1]))


def served(request: HttpRequest, found: Picture) -> HttpResponse:
    """The picture: for ever under its own version, else asked for again each time."""
    return uploads.served(request, found.sha256, lasting=request.GET.get("v") == found.version)


def _forget_files(scope: Scope, media_id: UUID, kind: Kind) -> None:
    db.execute(
        "delete from file_references where space_id = %s and record_id = %s and role like %s",
        [scope.space_id, media_id, f"{kind.column}-%"],
    )


def _store(scope: Scope, media_id: UUID, kind: Kind, kept: str | None) -> None:
    db.execute(
        f"update media set {kind.column} = %s where space_id = %s and id = %s",
        [kept, scope.space_id, media_id],
    )
