"""Pages of loans: what is lent out, lending a copy, taking it back (C6)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import has_unstorable
from mediatheque.people.forms import SeeOther

from . import actions, cards, forms, loans, queries
from .addresses import identity, item_url
from .forms import Field
from .part_pages import ITEM, form_page

ON_A_PAGE = 50
ON_HOME = 4


@require_GET
def lent(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything of the space that is in other hands."""
    scope = signed_in(request)
    found = loans.lent_out(scope, limit=ON_A_PAGE, cursor=request.GET.get("cursor"))
    here = reverse("catalog-lent", args=[slug])
    context = {
        "here": "lent",
        "crumbs": [(_("Library"), reverse("catalog-all", args=[slug]))],
        "lent": [shown(scope, each) for each in found.rows],
        "next_url": f"{here}?cursor={found.next_cursor}" if found.next_cursor else None,
        "first_url": here if "cursor" in request.GET else None,
    }
    return render(request, "catalog/lent.html", context)


def on_home(scope: Scope) -> list[dict[str, Any]]:
    """What is due back first."""
    return [shown(scope, each) for each in loans.lent_out(scope, limit=ON_HOME).rows]


def earlier(scope: Scope, media_id: UUID) -> list[tuple[str, str]]:
    """Who had a copy of the item, and from when to when."""
    found = [each for each in loans.loans(scope, media_id) if each["back"]]
    return [
        (each["borrower"], f"{cards.day(scope, each['since'])} – {cards.day(scope, each['back'])}")
        for each in found
    ]


def shown(scope: Scope, row: Row) -> dict[str, Any]:
    """A loan with its item, as lists of loans show it."""
    address = item_url(scope, row["media_id"])
    copy = f"{address}/variants/{show_id('variant', row['variant_id'])}"
    return cards.loan(scope, row["borrower"], row["since"], row["due"]) | {
        "title": row["title"],
        "edition": " · ".join(filter(None, (row["format"], row["edition"]))),
        "url": address,
        "return_url": f"{copy}/return" if cards.may_change(scope, row) else None,
    }


@require_http_methods(["GET", "POST"])
def lend(request: HttpRequest, slug: str, media_id: str, part_id: str) -> HttpResponse:
    """The form of a loan: a new one, or the open one to be changed."""
    scope = signed_in(request)
    item = actions.changeable(scope, identity("media", media_id))
    variant = queries.variant(scope, item["id"], identity("variant", part_id))
    loan = cards.open_loan(variant)
    values = {name: (loan or {}).get(name) or "" for name in ("to", "since", "due")}
    values["since"] = values["since"] or loans.today(scope).isoformat()
    errors: dict[str, str] = {}
    if request.method == "POST":
        values = {name: request.POST.get(name, "").strip() for name in values}
        try:
            _write(scope, item["id"], variant["id"], values, changes=loan is not None)
            messages.success(request, _("It is noted that %(name)s has it.") % {"name": values["to"]})
            return SeeOther(item_url(scope, item["id"]))
        except (RuleBroken, Conflict) as refusal:
            errors = forms.errors_of(refusal)
    fields = [
        (Field("to", _("Lent to")), values["to"]),
        (Field("since", _("Since"), "date"), values["since"]),
        (
            Field("due", _("To be back by"), "date", _("You are reminded once when this day has passed.")),
            values["due"],
        ),
    ]
    heading = _("Change the loan") if loan else _("Lend it")
    return form_page(request, scope, item, {"heading": heading, "fields": fields, "delete_url": None}, errors)


@require_POST
def take_back(request: HttpRequest, slug: str, media_id: str, part_id: str) -> HttpResponse:
    """The copy is here again."""
    scope = signed_in(request)
    item = identity("media", media_id)
    loans.take_back(scope, item, identity("variant", part_id), {})
    messages.success(request, _("It is back."))
    return SeeOther(reverse("catalog-lent", args=[slug]) if "list" in request.POST else item_url(scope, item))


def _write(scope: Scope, item: UUID, variant: UUID, values: Mapping[str, str], *, changes: bool) -> None:
    if any(has_unstorable(text) for text in values.values()):
        raise RuleBroken.at("to", _("Remove the character that cannot be stored."), "unstorable_text")
    given = {name: text or None for name, text in values.items()}
    (loans.change_loan if changes else loans.lend)(scope, item, variant, given)


urlpatterns = [
    path("s/<str:slug>/lent", lent, name="catalog-lent"),
    path(f"{ITEM}/variants/<str:part_id>/lend", lend, name="catalog-lend"),
    path(f"{ITEM}/variants/<str:part_id>/return", take_back, name="catalog-return"),
]
