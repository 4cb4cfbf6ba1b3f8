"""The catalogue's endpoints: JSON in and out, nothing else. Mounted at /api."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from mediatheque.core.api import Request, listing
from mediatheque.core.db import Row
from mediatheque.core.errors import FieldError, Malformed
from mediatheque.core.scope import Scope

from . import actions, queries, shapes
from .filters import Filters
from .queries import Place
from .schemas import MediaIn, MediaKey, MediaPatch, MediaQuery
from .shapes import json_answer

router = Router(tags=["catalogue"])


@router.get("/media")
def media_list(request: Request, query: Query[MediaQuery]) -> HttpResponse:
    """The active library's media, or another's, or the whole space's (`library=all`)."""
    refuse_unknown(request, MediaQuery)
    scope = request.scope
    found = queries.media_list(
        scope, queries.libraries(scope, query.library), filters_of(query), place_of(query)
    )
    items = [shapes.media(row) for row in found.rows]
    return json_answer(
        listing(items, limit=query.limit, next_cursor=found.next_cursor, page=query.page, total=found.total)
    )


@router.post("/media")
def create(request: Request, body: MediaIn) -> HttpResponse:
    """Only `title` and `media_type` must be there."""
    row = actions.create_media(request.scope, body.fields())
    return json_answer(single(request.scope, row), 201)


@router.get("/media/{media_id}")
def media(request: Request, media_id: MediaKey) -> HttpResponse:
    """One item with its variants, seasons and metadata."""
    return json_answer(single(request.scope, queries.media(request.scope, media_id)))


@router.patch("/media/{media_id}")
def update(request: Request, media_id: MediaKey, body: MediaPatch) -> HttpResponse:
    """What is left out stays as it is; null clears."""
    row = actions.update_media(request.scope, media_id, body.fields())
    return json_answer(single(request.scope, row))


@router.delete("/media/{media_id}")
def delete(request: Request, media_id: MediaKey) -> HttpResponse:
    """Gone with everything that hangs on it, until it is undone."""
    actions.delete_media(request.scope, media_id)
    return HttpResponse(status=204)


def single(scope: Scope, row: Row) -> dict[str, Any]:
    """An item as the single answers show it."""
    media_id = row["id"]
    return shapes.media(row) | {
        "variants": [shapes.variant(each) for each in queries.variants(scope, media_id)],
        "seasons": [shapes.season(each) for each in queries.seasons(scope, media_id)],
        "metadata": queries.metadata(scope, media_id),
    }


def refuse_unknown(request: Request, query: type[MediaQuery]) -> None:
    """A misspelt filter must not show everything. Raises Malformed."""
    unknown = [name for name in request.GET if name not in query.model_fields]
    if unknown:
        message = _("There is no such parameter.")
        raise Malformed(message, errors=[FieldError(name, message, "parameter.unknown") for name in unknown])


def filters_of(query: MediaQuery) -> Filters:
    return Filters(
        q=query.q,
        media_type=query.media_type,
        genre=query.genre,
        director=query.director,
        cast=query.cast,
        year_min=query.year_min,
        year_max=query.year_max,
        ownership=query.ownership,
        format=query.format,
        added_by=query.added_by,
    )


def place_of(query: MediaQuery) -> Place:
    return Place(
        sort=query.sort,
        descending=query.dir == "desc",
        limit=query.limit,
        cursor=query.cursor,
        page=query.page,
        with_total=query.total,
    )
