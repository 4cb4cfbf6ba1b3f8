"""The pages of lists: a library or all of them, narrowed, ordered, counted (C3, S3)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mediatheque.core.api import signed_in
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.spaces import queries as spaces
from mediatheque.spaces import shelves

from . import asked, bar, bulk_pages, cards, facets, lists
from .addresses import identity, library_url
from .lists import BESIDE, CARD_COLUMNS
from .schemas import MediaQuery
from .view_pages import offered
from .walking import Place

CARD_NAMES = (*CARD_COLUMNS, *BESIDE)
NOT_DRAWN = ("library_id", "work_id")  # stand after the id; comparing them costs more than the rest of a card
DRAWN = tuple(name for name in CARD_NAMES if name not in NOT_DRAWN)
AT_ONCE = 12  # covers that a window shows without scrolling: they load first
HIGHEST_FIRST = ("year", "date_added", "rating", "user_rating")


@require_GET
def everything(request: HttpRequest, slug: str) -> HttpResponse:
    """All libraries of the space that are open to the person."""
    scope = signed_in(request)
    context: dict[str, Any] = {"here": "library", "title": _("All libraries"), "crumbs": [], "library": None}
    return _list(request, scope, _among(scope, asked.query(request.GET).library), context)


@require_GET
def library(request: HttpRequest, slug: str, library_id: str) -> HttpResponse:
    """One library's titles."""
    scope = signed_in(request)
    facts = spaces.library(scope, identity("library", library_id))
    if scope.session_id and scope.last_library != facts["id"]:
        shelves.select_library(scope, facts["id"])
    address = library_url(scope, facts["id"])
    shown = {
        "name": facts["name"],
        "description": facts["description"],
        "archived": facts["archived_at"] is not None,
        "add_url": f"{address}/add",
        "import_url": f"/s/{scope.space.slug}/import?library={library_id}",
        "export_url": f"/s/{scope.space.slug}/export?what={library_id}",
    }
    crumbs = [(_("Library"), reverse("catalog-all", args=[scope.space.slug]))]
    context = {"here": library_id, "title": facts["name"], "crumbs": crumbs, "library": shown}
    return _list(request, scope, [facts["id"]], context, facts["columns"])


@require_GET
def counts(request: HttpRequest, slug: str, library_id: str = "") -> HttpResponse:
    """What the bar of a list offers, each choice with how many titles it leaves."""
    scope = signed_in(request)
    query = asked.query(request.GET)
    filters = query.filters()
    places = (
        [spaces.library(scope, identity("library", library_id))["id"]]
        if library_id
        else _among(scope, query.library)
    )
    found = facets.facets(scope, places, filters)
    listed = request.path.removesuffix("/facets")
    context = bar.counted(listed, request.GET, found) | {
        "total": lists.total(scope, places, filters),
        "views": offered(scope),
    }
    return render(request, "catalog/_facets.html", context)


def _list(
    request: HttpRequest,
    scope: Scope,
    library_ids: list[UUID],
    context: dict[str, Any],
    columns: Sequence[str] = (),
) -> HttpResponse:
    query = asked.query(request.GET)
    sort, direction = query.order(), _direction(request.GET, query)
    place = Place(sort, direction == "desc" and sort != "relevance", query.limit, query.cursor)
    filters = query.filters()
    found = lists.media_values(scope, library_ids, filters, place, CARD_COLUMNS)
    places = (
        [] if context["library"] else [(show_id("library", each.id), each.name) for each in scope.libraries]
    )
    steps = bar.context(request.path, request.GET, sort, direction, columns, places)
    picking = bulk_pages.bar(scope, request.GET, context["library"] and context["here"])
    context |= steps | {
        "items": _shown(scope, found.rows, steps["view"], as_cards=not picking),
        "facets_url": f"{request.path}/facets",
        "picking": picking,
        "next_url": bar.next_url(request.path, request.GET, found.next_cursor),
        "any_media": bool(found.rows) or lists.any_media(scope, library_ids),
    }
    return varied(render(request, f"catalog/{_template(request, query)}", context))


def _among(scope: Scope, wanted: Sequence[str]) -> list[UUID]:
    """The open libraries that were chosen; all where none is, or none of them is open any more."""
    chosen = [each.id for each in scope.libraries if show_id("library", each.id) in wanted]
    return chosen or list(scope.library_ids)


def _shown(scope: Scope, rows: Sequence[Sequence[Any]], view: str, *, as_cards: bool) -> list[Any]:
    """What the template puts in place: rows of a table, titles to tick, or cards that are drawn already."""
    listed = [row[: len(CARD_NAMES)] for row in rows]
    if view == "grid" and as_cards:
        drawn = [(row[0], *row[len(NOT_DRAWN) + 1 :]) for row in listed]
        return cards.drawn(scope, DRAWN, drawn, AT_ONCE)
    shown = cards.table_row if view == "table" else cards.card
    return [shown(scope, dict(zip(CARD_NAMES, row, strict=True))) for row in listed]


def _template(request: HttpRequest, query: MediaQuery) -> str:
    """The next part of a list, the list under other filters, or the whole page."""
    if not fragment(request):
        return "library.html"
    return "_fragment.html" if query.cursor else "_list.html"


def _direction(given: QueryDict, query: MediaQuery) -> str:
    """What is newest or best stands first unless asked otherwise."""
    if "dir" in given:
        return query.dir
    return "desc" if query.sort in HIGHEST_FIRST else "asc"


def fragment(request: HttpRequest) -> bool:
    """Whether a script asks for a part of the page; Back asks for the whole one."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ("HX-Request", "HX-History-Restore-Request"))
    return response


urlpatterns = [
    path("s/<str:slug>/library", everything, name="catalog-all"),
    path("s/<str:slug>/library/facets", counts),
    path("s/<str:slug>/library/<str:library_id>", library, name="catalog-library"),
    path("s/<str:slug>/library/<str:library_id>/facets", counts),
]
