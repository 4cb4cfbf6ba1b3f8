"""Exports for programs and browsers (API.md, I10)."""

from collections.abc import Iterable
from typing import Annotated, Literal

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from mediatheque.core.api import In, Request
from mediatheque.core.errors import RuleBroken
from mediatheque.core.scope import Scope
from mediatheque.intake import export_files, exporting

router = Router(tags=["exports"])


class ExportQuery(In):
    """`library` as in lists; `of=entries` is what one has seen and wishes to see, whatever the library."""

    format: Literal["csv", "json", "letterboxd"] = "json"
    of: Literal["media", "entries"] = "media"
    library: Annotated[str | None, Field(max_length=100)] = None
    images: bool = False


@router.get("/media/export", response={200: None})
def export(request: Request, query: Query[ExportQuery]) -> StreamingHttpResponse:
    """A library, all open libraries of the space (`library=all`), or one's own entries, as a file.

    `images=true` with JSON is a ZIP of the document and the pictures. Importing it gives the same again.
    """
    return file_of(request.scope, query.of, query.library, query.format, images=query.images)


def file_of(
    scope: Scope, of: exporting.Of, library: str | None, form: str, *, images: bool = False
) -> StreamingHttpResponse:
    """The export as an answer that browsers save. Raises NotFound, Forbidden, RuleBroken."""
    if images and (form != "json" or of != "media"):
        raise RuleBroken.at("images", _("Pictures go along with the JSON of media alone."), "images.format")
    found = exporting.export(scope, of, library)
    if images:
        return _file(export_files.as_zip(found), "application/zip", f"{found.name}.zip")
    if form == "csv":
        return _file(export_files.as_csv(found), "text/csv; charset=utf-8", f"{found.name}.csv")
    if form == "letterboxd":
        name = f"{found.name}-letterboxd.csv"
        return _file(export_files.as_letterboxd(found), "text/csv; charset=utf-8", name)
    return _file(export_files.as_json(found), "application/json", f"{found.name}.json")


def _file(pieces: Iterable[bytes], content_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
