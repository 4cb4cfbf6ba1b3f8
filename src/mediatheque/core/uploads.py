"""Pictures on their way in as multipart bodies, and stored files on their way out."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _

from . import images, storage
from .errors import FieldError, Malformed, NotFound, TooLarge

FOR_EVER = "private, max-age=31536000, immutable"


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


def served(request: HttpRequest, sha256: str, *, lasting: bool) -> HttpResponse:
    """A stored picture of ours: kept for ever (`lasting`, its address changes with it), else asked for again."""
    etag = f'"{sha256[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(_content(sha256), content_type=images.CONTENT_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER if lasting else "private, no-cache"
    return response


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
