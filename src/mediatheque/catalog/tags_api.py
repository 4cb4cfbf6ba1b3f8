"""The endpoints of tags. Mounted at /api."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from mediatheque.core.api import Request, listing, make_cursor, read_cursor

from . import shapes, tags
from .shapes import json_answer
from .tag_schemas import TagIn, TagKey, TagPatch, TagQuery

router = Router(tags=["catalogue"])


@router.get("/tags")
def list_tags(request: Request, query: Query[TagQuery]) -> HttpResponse:
    """The space's tags and the install's, by name, each with how many items that one sees bear it or one below it."""
    after = read_cursor(query.cursor, [str, UUID]) if query.cursor else None
    rows = tags.tags(
        request.scope, begins=query.q, limit=query.limit, after=(after[0], after[1]) if after else None
    )
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    cursor = make_cursor([last["name_key"], last["id"]]) if last else None
    items = [shapes.tag(row) for row in rows[: query.limit]]
    return json_answer(listing(items, limit=query.limit, next_cursor=cursor))


@router.post("/tags")
def create_tag(request: Request, body: TagIn) -> HttpResponse:
    """Only `name` must be there. `global` makes a tag of the whole install, for its administrators."""
    return json_answer(shapes.tag(tags.create_tag(request.scope, body.fields())), 201)


@router.get("/tags/{tag}")
def one_tag(request: Request, tag: TagKey) -> HttpResponse:
    return json_answer(shapes.tag(tags.tag(request.scope, tag)))


@router.patch("/tags/{tag}")
def update_tag(request: Request, tag: TagKey, body: TagPatch) -> HttpResponse:
    """What is left out stays as it is; `parent` null lets it stand by itself."""
    return json_answer(shapes.tag(tags.update_tag(request.scope, tag, body.fields())))


@router.delete("/tags/{tag}")
def delete_tag(request: Request, tag: TagKey) -> HttpResponse:
    """Items lose it, until it is restored."""
    tags.delete_tag(request.scope, tag)
    return HttpResponse(status=204)


@router.post("/tags/{tag}/restore")
def restore_tag(request: Request, tag: TagKey) -> HttpResponse:
    """The deleted tag is back, on the items that bore it."""
    return json_answer(shapes.tag(tags.restore_tag(request.scope, tag)))
