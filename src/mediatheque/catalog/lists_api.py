"""The endpoints round the list: facets and saved views. Mounted at /api, before the catalogue's own."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from mediatheque.core.api import Request, listing, make_cursor, read_cursor

from . import facets, lists, saved_views, shapes
from .schemas import FilterQuery, PlaceQuery, ViewIn, ViewKey, ViewPatch
from .shapes import json_answer

router = Router(tags=["catalogue"])


@router.get("/media/facets")
def media_facets(request: Request, query: Query[FilterQuery]) -> HttpResponse:
    """How many items each value has, under the list's own filters.

    `{"facets": {"media_type": [{"value", "count"}], "genre", "decade", "format", "ownership",
    "resolution"}, "total": n}`. Each facet is counted with the other facets' filters, so that its counts say
    what choosing another of its values gives. `decade` is the first year, `null` where no year is known.
    """
    scope = request.scope
    places, filters = lists.libraries(scope, query.library), query.filters()
    found = facets.facets(scope, places, filters)
    return json_answer({"facets": found, "total": lists.total(scope, places, filters)})


@router.get("/saved-views")
def list_saved_views(request: Request, query: Query[PlaceQuery]) -> HttpResponse:
    """One's own views and those shared with the space, by name."""
    after = read_cursor(query.cursor, [str, UUID]) if query.cursor else None
    rows = saved_views.saved_views(
        request.scope, limit=query.limit, after=(after[0], after[1]) if after else None
    )
    items = [shapes.saved_view(row) for row in rows[: query.limit]]
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    cursor = make_cursor([last["name_key"], last["id"]]) if last else None
    return json_answer(listing(items, limit=query.limit, next_cursor=cursor))


@router.post("/saved-views")
def create_saved_view(request: Request, body: ViewIn) -> HttpResponse:
    """Only `name` must be there. `query` takes the list's filters, `sort` and `dir`; `library` null means all."""
    return json_answer(shapes.saved_view(saved_views.create_saved_view(request.scope, body.fields())), 201)


@router.get("/saved-views/{view}")
def saved_view(request: Request, view: ViewKey) -> HttpResponse:
    return json_answer(shapes.saved_view(saved_views.saved_view(request.scope, view)))


@router.patch("/saved-views/{view}")
def update_saved_view(request: Request, view: ViewKey, body: ViewPatch) -> HttpResponse:
    """Only one's own. What is left out stays as it is."""
    row = saved_views.update_saved_view(request.scope, view, body.fields())
    return json_answer(shapes.saved_view(row))


@router.delete("/saved-views/{view}")
def delete_saved_view(request: Request, view: ViewKey) -> HttpResponse:
    saved_views.delete_saved_view(request.scope, view)
    return HttpResponse(status=204)
