"""What the search field in the top bar offers while a person types (C4)."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from mediatheque.core.api import signed_in
from mediatheque.core.db import Row
from mediatheque.core.scope import Scope

from . import cards, lists
from .filters import Filters
from .lists import CARD_COLUMNS
from .walking import Place

MOST_FINDS = 8
LONGEST = 500


@require_GET
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """The first few titles of the space that fit what was typed so far, as options of a list box."""
    scope = signed_in(request)
    typed = request.GET.get("q", "").strip()[:LONGEST]
    everything = reverse("catalog-all", args=[scope.space.slug])
    context: dict[str, Any] = {
        "typed": typed,
        "items": [cards.card(scope, row) for row in _first(scope, typed)],
        "all_url": f"{everything}?{urlencode({'q': typed})}",
    }
    return render(request, "catalog/_finds.html", context)


def _first(scope: Scope, typed: str) -> list[Row]:
    if not typed:
        return []
    place = Place(sort="relevance", limit=MOST_FINDS)
    return lists.media_list(scope, scope.library_ids, Filters(q=typed), place, CARD_COLUMNS).rows


urlpatterns = [path("s/<str:slug>/find", find, name="catalog-find")]
