"""The catalogue's pages: HTML in and out, the same actions and queries as the API."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.db import Row
from mediatheque.core.errors import RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther
from mediatheque.spaces import deeds
from mediatheque.spaces import queries as spaces

from . import (
    actions,
    bulk_pages,
    cards,
    episodes,
    finding,
    forms,
    generated,
    history,
    list_pages,
    lists,
    loan_pages,
    part_pages,
    picture_pages,
    queries,
    tag_pages,
    view_pages,
    watchlist_pages,
)
from .addresses import identity, item_url, library_url
from .filters import Filters
from .list_pages import fragment, varied
from .lists import CARD_COLUMNS
from .queries import OF_OWN
from .underway import underway
from .walking import Place

RECENT = 12
AT_ONCE = 8  # covers that a window shows without scrolling
RECENT_CHANGES = 120  # one request makes many
MOST_CHOICES = 1000
NOTHING = dict.fromkeys(forms.FIELDS, "")
# Higher rooms say here what is under way in a space; home shows it.
RUNNING: list[Callable[[Scope], list[dict[str, Any]]]] = []


@require_GET
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """What is here now."""
    scope = signed_in(request)
    newest = Place(sort="date_added", descending=True, limit=RECENT)
    found = lists.media_list(scope, scope.library_ids, Filters(), newest, CARD_COLUMNS)
    libraries = [each for each in spaces.libraries(scope) if each["archived_at"] is None]
    library = scope.active_library
    mine = underway(scope, limit=2 * RECENT)
    begun, meant = (
        [each for each in mine if (each["own_status"] == "watching") is wanted][:RECENT]
        for wanted in (True, False)
    )
    context: dict[str, Any] = {
        "here": "home",
        "heading": cards.today(scope),
        "begun": _row_of_cards(scope, begun),
        "meant": _row_of_cards(scope, meant),
        "recent": _row_of_cards(scope, found.rows),
        "lent": loan_pages.on_home(scope),
        "running": [job for running in RUNNING for job in running(scope)],
        "libraries": [each | {"url": library_url(scope, each["id"])} for each in libraries],
        "any_media": bool(found.rows),
        "add_url": f"{library_url(scope, library.id)}/add" if library else None,
        "import_url": f"/s/{scope.space.slug}/import",
    }
    return render(request, "catalog/home.html", context)


def _row_of_cards(scope: Scope, rows: list[Row]) -> list[SafeString]:
    """They lead to pages of their own: home has no list for a drawer to stand over."""
    names = (*CARD_COLUMNS, *OF_OWN)
    values = [[row[name] for name in names] for row in rows]
    return cards.drawn(scope, names, values, AT_ONCE, drawer=False)


@require_GET
def detail(request: HttpRequest, slug: str, media_id: str) -> HttpResponse:
    """An item on its own page, or as the drawer over a list."""
    scope = signed_in(request)
    row = queries.whole(scope, identity("media", media_id))
    shelf = library_url(scope, row["library_id"])
    item = cards.page_item(scope, row)
    context = {
        "here": show_id("library", row["library_id"]),
        "crumbs": [(item["library_name"], shelf)],
        "item": item,
        "back_url": shelf,
        "may_change": cards.may_change(scope, row),
        "earlier_loans": [],
        "series": cards.series_link(scope, row),
        "episodes": [],
    }
    if fragment(request):
        return varied(render(request, "catalog/_drawer.html", context))
    found = history.history(scope, row["id"], limit=RECENT_CHANGES)[:RECENT_CHANGES]
    if row["media_type"] == "tv_series":
        found_episodes = episodes.episodes(scope, row["id"])
        context["episodes"] = cards.by_season(scope, found_episodes)
        context["episode_count"] = len(found_episodes)
    context["earlier_loans"] = loan_pages.earlier(scope, row["id"])
    context["changes"] = [cards.told(scope, each) for each in deeds.gathered(found)[:RECENT]]
    return varied(render(request, "catalog/detail.html", context))


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, slug: str, library_id: str) -> HttpResponse:
    """A new item in a library."""
    scope = signed_in(request)
    place = queries.library(scope, identity("library", library_id))
    before = forms.NEW | {"media_type": place.default_type}
    values = before | forms.sent(request.POST)
    errors: dict[str, str] = {}
    if request.method == "POST" and "redraw" not in request.POST:
        try:
            row = actions.create_media(
                scope, forms.fields_of(values, NOTHING) | {"library": place.id, "title": values["title"]}
            )
            messages.success(request, _("“%(title)s” was added.") % {"title": row["title"]})
            return SeeOther(item_url(scope, row["id"]))
        except RuleBroken as refusal:
            errors = forms.errors_of(refusal)
    address = library_url(scope, place.id)
    context = {"heading": _("Add a title"), "here": library_id, "crumbs": [(place.name, address)],
               "action": f"{address}/add", "back_url": address}  # fmt: skip
    return _form(request, scope, place.id, context | {"lost": []}, values, errors)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, slug: str, media_id: str) -> HttpResponse:
    """An item's fields; only what was changed on the page is written."""
    scope = signed_in(request)
    row = actions.changeable(scope, identity("media", media_id))
    before = forms.values_of(row)
    values = before | forms.sent(request.POST)
    errors: dict[str, str] = {}
    address, agreed = item_url(scope, row["id"]), "agree" in request.POST
    if request.method == "POST" and "redraw" not in request.POST:
        try:
            actions.update_media(scope, row["id"], forms.fields_of(values, before, agreed=agreed))
            messages.success(request, _("Saved."))
            return SeeOther(address)
        except RuleBroken as refusal:
            errors = forms.errors_of(refusal)
    context = {"heading": _("Edit"), "here": show_id("library", row["library_id"]),
               "crumbs": [(row["title"], address)], "action": f"{address}/edit", "back_url": address}  # fmt: skip
    lost = {"lost": forms.lost(values, before), "agreed": agreed}
    return _form(request, scope, row["library_id"], context | lost, values, errors)


@require_POST
def delete(request: HttpRequest, slug: str, media_id: str) -> HttpResponse:
    """Deletes the item and offers to undo it."""
    scope = signed_in(request)
    row = actions.changeable(scope, identity("media", media_id))
    actions.delete_media(scope, row["id"])
    undo = f"{item_url(scope, row['id'])}/undo-delete"
    said = _("“%(title)s” was deleted.") % {"title": row["title"]}
    messages.success(request, said, extra_tags=f"undo:{undo}")
    return SeeOther(library_url(scope, row["library_id"]))


@require_POST
def undo_delete(request: HttpRequest, slug: str, media_id: str) -> HttpResponse:
    """Brings a deleted item back."""
    scope = signed_in(request)
    row = history.undo_delete(scope, identity("media", media_id))
    messages.success(request, _("“%(title)s” is back.") % {"title": row["title"]})
    return SeeOther(item_url(scope, row["id"]))


def _form(
    request: HttpRequest,
    scope: Scope,
    library_id: UUID,
    context: dict[str, Any],
    values: dict[str, str],
    errors: dict[str, str],
) -> HttpResponse:
    """The form with the fields of the kind that is chosen."""
    kind = values["media_type"]
    context |= {
        "types": list(cards.TYPES.items()),
        "ownerships": list(cards.OWNERSHIPS.items()),
        "kind_label": cards.TYPES.get(kind, ""),
        "kind_fields": forms.DETAILS.get(kind, ()),
        "folds": [
            (heading, group, any(values[field.name] or field.name in errors for field in group))
            for heading, group in ((_("Signed"), forms.SIGNED), (_("Estimated value"), forms.VALUE))
        ],
        "choices": {"series": _series(scope, library_id)} if kind == "tv_episode" else {},
        "shown": list(forms.FIELDS),
        "values": values,
        "known_tags": tag_pages.offered(scope),
        "errors": errors,
    }
    return render(request, "catalog/form.html", context, status=422 if errors else 200)


def _series(scope: Scope, library_id: UUID) -> list[tuple[str, str]]:
    found = episodes.choices(scope, library_id, MOST_CHOICES)
    named = [(show_id("media", each["id"]), f"{each['title']} ({each['year'] or '?'})") for each in found]
    return [("", _("None")), *named]


urlpatterns = [
    path("covers/<str:signature>/<str:words>.svg", generated.draw, name="catalog-generated-cover"),
    path("s/<str:slug>/", home, name="catalog-home"),
    path("s/<str:slug>/library/<str:library_id>/add", add, name="catalog-add"),
    path("s/<str:slug>/media/<str:media_id>", detail, name="catalog-detail"),
    path("s/<str:slug>/media/<str:media_id>/edit", edit, name="catalog-edit"),
    path("s/<str:slug>/media/<str:media_id>/delete", delete, name="catalog-delete"),
    path("s/<str:slug>/media/<str:media_id>/undo-delete", undo_delete, name="catalog-undo-delete"),
    *finding.urlpatterns,
    *list_pages.urlpatterns,
    *view_pages.urlpatterns,
    *tag_pages.urlpatterns,
    *part_pages.urlpatterns,
    *picture_pages.urlpatterns,
    *loan_pages.urlpatterns,
    *bulk_pages.urlpatterns,
    *watchlist_pages.urlpatterns,
]
