"""An item's own cover: taken in, kept in three widths, served to those who may see the item (C11)."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _

from mediatheque.core import db, images, storage
from mediatheque.core.errors import FieldError, Malformed, NotFound, TooLarge
from mediatheque.core.ids import new_id
from mediatheque.core.scope import Scope

from . import actions, queries
from .shapes import decode, version_of

ROLE = "poster"
FOR_EVER = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Cover:
    """A stored picture: the name of its bytes, and the version that its address carries."""

    sha256: str
    version: str


def take_in(request: HttpRequest, scope: Scope, media_id: UUID) -> None:
    """The uploaded picture becomes the item's cover; who may not change the item is told so first."""
    actions.changeable(scope, media_id)
    set_cover(scope, media_id, uploaded(request))


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
    etag = f'"{found.sha256[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(_content(found.sha256), content_type=images.CONTENT_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER if request.GET.get("v") == found.version else "private, no-cache"
    return response


def uploaded(request: HttpRequest) -> bytes:
    """The bytes of the multipart field `file`, whichever verb sent it. Raises Malformed, TooLarge."""
    try:
        files: Any = request.FILES if request.method == "POST" else _parsed(request)
    except MultiPartParserError as error:
        raise Malformed(_("The upload cannot be read: send it again.")) from error
    file = files.get("file")
    if file is None:
        message = _("Choose a file: it travels as multipart/form-data in the field “file”.")
        raise Malformed(message, errors=[FieldError("file", message, "file.missing")])
    if file.size > images.MOST_BYTES:
        raise TooLarge(_("A picture may have at most 25 MB."), code="image.too_large")
    return bytes(file.read())


def _parsed(request: HttpRequest) -> Any:
    if request.content_type != "multipart/form-data":
        return {}
    return MultiPartParser(request.META, request, request.upload_handlers).parse()[1]


def _content(sha256: str) -> bytes:
    try:
        with storage.open_file(sha256) as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise NotFound() from None


def _forget_files(scope: Scope, media_id: UUID) -> None:
    db.execute(
        "delete from file_references where space_id = %s and record_id = %s and role like %s",
        [scope.space_id, media_id, f"{ROLE}-%"],
    )


def _store(scope: Scope, media_id: UUID, poster: str | None) -> None:
    db.execute(
        "update media set poster = %s where space_id = %s and id = %s", [poster, scope.space_id, media_id]
    )
