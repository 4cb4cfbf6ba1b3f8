"""One's own entries over the API (W1). Mounted at /api/watchlist."""

from django.http import HttpResponse
from ninja import Query, Router

from mediatheque.core.api import Request, listing

from . import watchlist
from .entry_schemas import EntryIn, EntryPatch, WatchlistQuery
from .schemas import EntryKey
from .shapes import json_answer

router = Router(tags=["watching"])


@router.get("")
def listed(request: Request, query: Query[WatchlistQuery]) -> HttpResponse:
    """One's own entries, what was added last first."""
    found = watchlist.listed(
        request.scope,
        status=query.status,
        on_watchlist=query.on_watchlist,
        limit=query.limit,
        cursor=query.cursor,
    )
    items = [watchlist.shape(each) for each in found.rows]
    return json_answer(listing(items, limit=query.limit, next_cursor=found.next_cursor))


@router.post("")
def create(request: Request, body: EntryIn) -> HttpResponse:
    """Of a `work`, or of a `title` with its `media_type` and perhaps `year`."""
    return json_answer(watchlist.shape(watchlist.create(request.scope, body.fields())), 201)


@router.get("/{entry_id}")
def entry(request: Request, entry_id: EntryKey) -> HttpResponse:
    return json_answer(watchlist.shape(watchlist.entry(request.scope, entry_id)))


@router.patch("/{entry_id}")
def update(request: Request, entry_id: EntryKey, body: EntryPatch) -> HttpResponse:
    """What is left out stays as it is; null clears."""
    return json_answer(watchlist.shape(watchlist.update(request.scope, entry_id, body.fields())))


@router.delete("/{entry_id}")
def delete(request: Request, entry_id: EntryKey) -> HttpResponse:
    watchlist.delete(request.scope, entry_id)
    return HttpResponse(status=204)
