"""The catalogue's endpoints: JSON in and out, nothing else. Mounted at /api."""

from typing import Any, get_origin
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from ninja import Body, Query, Router

from mediatheque.core.api import MAX_LIMIT, In, Request, listing, make_cursor, read_cursor
from mediatheque.core.errors import FieldError, Malformed
from mediatheque.core.ids import read_id

from . import actions, bulk, bulk_chosen, covers, episodes, history, lists, parts, queries, shapes
from .part_schemas import SeasonIn, SeasonPatch, VariantPatch
from .schemas import (
    BackdropWidth,
    BulkIn,
    HistoryQuery,
    MediaIn,
    MediaKey,
    MediaPatch,
    MediaQuery,
    SeasonKey,
    VariantKey,
    Width,
    WorkKey,
)
from .shapes import json_answer

router = Router(tags=["catalogue"])
SEVERAL = {name for name, field in MediaQuery.model_fields.items() if get_origin(field.annotation) is list}


@router.get("/media")
def media_list(request: Request, query: Query[MediaQuery]) -> HttpResponse:
    """The active library's media, or another's, or the whole space's (`library=all`)."""
    refuse_unknown(request, MediaQuery)
    scope = request.scope
    places = lists.libraries(scope, query.library)
    found = lists.media_values(scope, places, query.filters(), query.place(), last=True)
    items = [shapes.listed(values) for values in found.rows]
    return json_answer(
        listing(items, limit=query.limit, next_cursor=found.next_cursor, page=query.page, total=found.total)
    )


def plain_list(request: Request) -> HttpResponse:
    """The list, for a door that has read nothing of the address. Raises ValueError where it cannot be read."""
    return media_list(request, MediaQuery.model_validate(sent(request.GET)))


@router.post("/media")
def create(request: Request, body: MediaIn) -> HttpResponse:
    """Only `title` and `media_type` must be there."""
    row = actions.create_media(request.scope, body.fields())
    return json_answer(shapes.whole(row), 201)


@router.post("/media/bulk")
def media_bulk(request: Request, body: BulkIn) -> HttpResponse:
    """Edits, moves or deletes many items in one transaction; those that may not be are named."""
    scope, given = request.scope, body.set.fields() if body.set else {}
    filters, places = (body.filter.filters(), body.filter.library) if body.filter else (None, [])
    found = bulk.carry_out(scope, body.action, bulk_chosen.chosen(scope, body.ids, filters, places), given)
    refused = [{"id": each.id, "code": each.code, "message": each.message} for each in found.refused]
    return json_answer({"done": found.done, "refused": refused})


@router.get("/media/{media_id}")
def media(request: Request, media_id: MediaKey) -> HttpResponse:
    """One item with its variants, seasons and metadata."""
    return json_answer(shapes.whole(queries.whole(request.scope, media_id)))


def plain_item(request: Request, media_id: str) -> HttpResponse:
    """The item, for a door that has read nothing of the address. Raises ValueError where it cannot be read."""
    if request.GET:
        raise ValueError(request.GET)
    return media(request, read_id("media", media_id))


@router.patch("/media/{media_id}")
def update(request: Request, media_id: MediaKey, body: MediaPatch) -> HttpResponse:
    """What is left out stays as it is; null clears."""
    row = actions.update_media(request.scope, media_id, body.fields())
    return json_answer(shapes.whole(row))


@router.delete("/media/{media_id}")
def delete(request: Request, media_id: MediaKey) -> HttpResponse:
    """Gone with everything that hangs on it, until it is undone."""
    actions.delete_media(request.scope, media_id)
    return HttpResponse(status=204)


@router.get("/media/{media_id}/variants")
def variants(request: Request, media_id: MediaKey) -> HttpResponse:
    queries.media(request.scope, media_id)
    return whole_list([shapes.variant(each) for each in queries.variants(request.scope, media_id)])


@router.post("/media/{media_id}/variants")
def create_variant(request: Request, media_id: MediaKey, body: VariantPatch) -> HttpResponse:
    row = parts.create_variant(request.scope, media_id, body.fields())
    return json_answer(shapes.variant(row), 201)


@router.patch("/media/{media_id}/variants/{variant_id}")
def update_variant(
    request: Request, media_id: MediaKey, variant_id: VariantKey, body: VariantPatch
) -> HttpResponse:
    row = parts.update_variant(request.scope, media_id, variant_id, body.fields())
    return json_answer(shapes.variant(row))


@router.delete("/media/{media_id}/variants/{variant_id}")
def delete_variant(request: Request, media_id: MediaKey, variant_id: VariantKey) -> HttpResponse:
    parts.delete_variant(request.scope, media_id, variant_id)
    return HttpResponse(status=204)


@router.get("/media/{media_id}/seasons")
def seasons(request: Request, media_id: MediaKey) -> HttpResponse:
    queries.media(request.scope, media_id)
    return whole_list([shapes.season(each) for each in queries.seasons(request.scope, media_id)])


@router.post("/media/{media_id}/seasons")
def create_season(request: Request, media_id: MediaKey, body: SeasonIn) -> HttpResponse:
    row = parts.create_season(request.scope, media_id, body.fields())
    return json_answer(shapes.season(row), 201)


@router.patch("/media/{media_id}/seasons/{season_id}")
def update_season(
    request: Request, media_id: MediaKey, season_id: SeasonKey, body: SeasonPatch
) -> HttpResponse:
    row = parts.update_season(request.scope, media_id, season_id, body.fields())
    return json_answer(shapes.season(row))


@router.delete("/media/{media_id}/seasons/{season_id}")
def delete_season(request: Request, media_id: MediaKey, season_id: SeasonKey) -> HttpResponse:
    parts.delete_season(request.scope, media_id, season_id)
    return HttpResponse(status=204)


@router.get("/media/{media_id}/episodes")
def episodes_of(request: Request, media_id: MediaKey) -> HttpResponse:
    """The series' episodes that are owned singly, by season and number."""
    return whole_list([shapes.media(each) for each in episodes.episodes(request.scope, media_id)])


@router.get("/media/{media_id}/metadata")
def metadata(request: Request, media_id: MediaKey) -> HttpResponse:
    queries.media(request.scope, media_id)
    return json_answer(queries.metadata(request.scope, media_id))


@router.patch("/media/{media_id}/metadata")
def change_metadata(request: Request, media_id: MediaKey, body: Body[dict[str, str | None]]) -> HttpResponse:
    """Sets the keys that are sent; null removes one."""
    return json_answer(parts.set_metadata(request.scope, media_id, body, whole=False))


@router.put("/media/{media_id}/metadata")
def replace_metadata(request: Request, media_id: MediaKey, body: Body[dict[str, str | None]]) -> HttpResponse:
    """Afterwards the item has these keys and no others."""
    return json_answer(parts.set_metadata(request.scope, media_id, body, whole=True))


@router.get("/media/{media_id}/cover")
def cover(request: Request, media_id: MediaKey, size: Width = "800", v: str = "") -> HttpResponse:
    """The stored cover, 200, 400 or 800 pixels wide. `v` only makes the address new when the picture is."""
    return covers.served(request, covers.picture(request.scope, media_id, covers.COVER, int(size)))


@router.api_operation(["POST", "PUT"], "/media/{media_id}/cover")
def upload_cover(request: Request, media_id: MediaKey) -> HttpResponse:
    """Takes multipart/form-data with the picture in `file`."""
    covers.take_in(request, request.scope, media_id, covers.COVER)
    return json_answer(shapes.whole(queries.whole(request.scope, media_id)))


@router.delete("/media/{media_id}/cover")
def delete_cover(request: Request, media_id: MediaKey) -> HttpResponse:
    covers.remove(request.scope, media_id, covers.COVER)
    return HttpResponse(status=204)


@router.get("/media/{media_id}/backdrop")
def backdrop(request: Request, media_id: MediaKey, size: BackdropWidth = "1600", v: str = "") -> HttpResponse:
    """The stored background, 640 or 1600 pixels wide. `v` only makes the address new when the picture is."""
    return covers.served(request, covers.picture(request.scope, media_id, covers.BACKDROP, int(size)))


@router.api_operation(["POST", "PUT"], "/media/{media_id}/backdrop")
def upload_backdrop(request: Request, media_id: MediaKey) -> HttpResponse:
    """Takes multipart/form-data with the picture in `file`."""
    covers.take_in(request, request.scope, media_id, covers.BACKDROP)
    return json_answer(shapes.whole(queries.whole(request.scope, media_id)))


@router.delete("/media/{media_id}/backdrop")
def delete_backdrop(request: Request, media_id: MediaKey) -> HttpResponse:
    covers.remove(request.scope, media_id, covers.BACKDROP)
    return HttpResponse(status=204)


@router.get("/media/{media_id}/history")
def item_history(request: Request, media_id: MediaKey, query: Query[HistoryQuery]) -> HttpResponse:
    """Who changed what, newest first."""
    refuse_unknown(request, HistoryQuery)
    before = read_cursor(query.cursor, [UUID])[0] if query.cursor else None
    rows = history.history(request.scope, media_id, limit=query.limit, before=before)
    items = [
        shapes.change(row, history.ENTITIES[row["table_name"]], history.changes(row))
        for row in rows[: query.limit]
    ]
    cursor = make_cursor([rows[query.limit - 1]["id"]]) if len(rows) > query.limit else None
    return json_answer(listing(items, limit=query.limit, next_cursor=cursor))


@router.post("/media/{media_id}/undo-delete")
def undo_delete(request: Request, media_id: MediaKey) -> HttpResponse:
    """The deleted item as it was, under its old id."""
    row = history.undo_delete(request.scope, media_id)
    return json_answer(shapes.whole(row))


@router.get("/works/{work_id}")
def work(request: Request, work_id: WorkKey) -> HttpResponse:
    """A work of nobody, of the space or of the person."""
    return json_answer(shapes.work(queries.work(request.scope, work_id)))


def whole_list(items: list[dict[str, Any]]) -> HttpResponse:
    """A list that is short by nature, all of it at once."""
    return json_answer(listing(items, limit=MAX_LIMIT))


def sent(given: QueryDict) -> dict[str, Any]:
    """An address's parameters as `MediaQuery` wants them: what may have several values has a list."""
    return {name: values if name in SEVERAL else values[-1] for name, values in given.lists()}


def refuse_unknown(request: Request, query: type[In]) -> None:
    """A misspelt filter must not show everything. Raises Malformed."""
    unknown = [name for name in request.GET if name not in query.model_fields]
    if unknown:
        message = _("There is no such parameter.")
        raise Malformed(message, errors=[FieldError(name, message, "parameter.unknown") for name in unknown])
