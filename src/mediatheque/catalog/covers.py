"""An item's own cover: taken in, kept in three widths, served to those who may see the item (C11)."""

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

ROLE = "poster"


@dataclass(frozen=True, slots=True)
class Cover:
    """A stored picture: the name of its bytes, and the version that its address carries."""

    sha256: str
    version: str


def take_in(request: HttpRequest, scope: Scope, media_id: UUID) -> None:
    """The uploaded picture becomes the item's cover; who may not change the item is told so first."""
    actions.changeable(scope, media_id)
    set_cover(scope, media_id, uploads.uploaded(request))


def set_cover(scope: Scope, media_id: UUID, content: bytes) -> None:
    """Stores the picture in its widths and makes it the item's poster. Raises as `images.render`."""
    item = actions.changeable(scope, media_id)
    rendered = images.render(content)
    sizes = {str(width): storage.keep(webp, images.CONTENT_TYPE) for width, webp in rendered.items()}
    _forget_files(scope, media_id)
    for width, sha256 in sizes.items():
        db.execute(
            "insert into file_references (id, space_id, library_id, sha256, role, record_id) "
            "values (%s, %s, %s, %s, %s, %s)",
            [new_id(), scope.space_id, item["library_id"], sha256, f"{ROLE}-{width}", media_id],
        )
    poster = {"sizes": sizes, "placeholder": images.placeholder(rendered[images.WIDTHS[0]])}
    _store(scope, media_id, json.dumps(poster))


def remove_cover(scope: Scope, media_id: UUID) -> None:
    """The item shows a generated cover again."""
    actions.changeable(scope, media_id)
    _forget_files(scope, media_id)
    _store(scope, media_id, None)


def cover(scope: Scope, media_id: UUID, width: int) -> Cover:
    """The stored cover in one of the widths. Raises NotFound where there is none."""
    poster = queries.media(scope, media_id)["poster"]
    if poster is None:
        raise NotFound()
    stored = decode(poster)
    return Cover(stored["sizes"][str(width)], version_of(stored))


def served(request: HttpRequest, found: Cover) -> HttpResponse:
    """The picture: for ever under its own version, else asked for again each time."""
    return uploads.served(request, found.sha256, lasting=request.GET.get("v") == found.version)


def _forget_files(scope: Scope, media_id: UUID) -> None:
    db.execute(
        "delete from file_references where space_id = %s and record_id = %s and role like %s",
        [scope.space_id, media_id, f"{ROLE}-%"],
    )


def _store(scope: Scope, media_id: UUID, poster: str | None) -> None:
    db.execute(
        "update media set poster = %s where space_id = %s and id = %s", [poster, scope.space_id, media_id]
    )
