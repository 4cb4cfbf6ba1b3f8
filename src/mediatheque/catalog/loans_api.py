"""Loans over the API: a copy is lent, taken back, and what is out is listed. Mounted at /api."""

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from mediatheque.core.api import MAX_LIMIT, Request, listing
from mediatheque.core.ids import show_id

from . import loans, shapes
from .part_schemas import LentQuery, LoanIn, LoanPatch, ReturnIn
from .schemas import MediaKey, VariantKey
from .shapes import json_answer

router = Router(tags=["catalogue"])
COPY = "/media/{media_id}/variants/{variant_id}"


@router.get("/loans")
def lent_out(request: Request, query: Query[LentQuery]) -> HttpResponse:
    """What of the space is lent out, what is due first first."""
    found = loans.lent_out(request.scope, limit=query.limit, cursor=query.cursor)
    items = [_lent(request, each) for each in found.rows]
    return json_answer(listing(items, limit=query.limit, next_cursor=found.next_cursor))


@router.get("/media/{media_id}/loans")
def of_item(request: Request, media_id: MediaKey) -> HttpResponse:
    """Every loan of the item's copies, newest first."""
    found = [shapes.loan(each) for each in loans.loans(request.scope, media_id)]
    return json_answer(listing(found, limit=MAX_LIMIT))


@router.post(f"{COPY}/loan")
def lend(request: Request, media_id: MediaKey, variant_id: VariantKey, body: LoanIn) -> HttpResponse:
    """Lends the copy to `to`; answers with the copy."""
    return json_answer(shapes.variant(loans.lend(request.scope, media_id, variant_id, body.fields())), 201)


@router.patch(f"{COPY}/loan")
def change(request: Request, media_id: MediaKey, variant_id: VariantKey, body: LoanPatch) -> HttpResponse:
    """Changes the open loan: another due date, a name corrected."""
    return json_answer(shapes.variant(loans.change_loan(request.scope, media_id, variant_id, body.fields())))


@router.post(f"{COPY}/return")
def take_back(
    request: Request, media_id: MediaKey, variant_id: VariantKey, body: ReturnIn | None = None
) -> HttpResponse:
    """The copy is here again, today unless `back` says when."""
    given = body.fields() if body else {}
    return json_answer(shapes.variant(loans.take_back(request.scope, media_id, variant_id, given)))


def _lent(request: Request, row: Any) -> dict[str, Any]:
    item = {"id": show_id("media", row["media_id"]), "title": row["title"], "media_type": row["media_type"]}
    return shapes.loan(row) | {"media": item, "overdue": loans.is_overdue(request.scope, row["due"])}
