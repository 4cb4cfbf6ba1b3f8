"""Pages of saved views: keeping a list under a name, going back to it, renaming, sharing, deleting (C3)."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, Malformed, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther
from mediatheque.spaces import policy

from . import asked, saved_views
from .addresses import identity, library_url
from .schemas import MediaQuery, ViewQuery
from .shapes import decode

MOST_SHOWN = 200


@require_GET
def views(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own views and the shared ones, to go to, rename, share or delete."""
    return _page(request, {})


@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps the list whose filters the form carries under a name."""
    scope = signed_in(request)
    library = request.POST.get("library", "")
    carried = QueryDict(request.POST.get("state", ""))
    given: dict[str, Any] = {
        "name": request.POST.get("name", ""),
        "library": identity("library", library) if library else None,
        "query": _kept(carried),
        "layout": "table" if carried.get("view") == "table" else "grid",
        "shared": "shared" in request.POST,
    }
    try:
        row = saved_views.create_saved_view(scope, given)
    except (RuleBroken, Conflict) as refusal:
        return _page(request, {"new": refusal.detail}, carried=request.POST)
    messages.success(request, _("“%(name)s” is kept among your views.") % {"name": row["name"]})
    return SeeOther(address(scope, row))


@require_POST
def change(request: HttpRequest, slug: str, view: str) -> HttpResponse:
    """A new name, shared or not."""
    scope = signed_in(request)
    given: dict[str, Any] = {"name": request.POST.get("name", "")}
    if policy.allows(scope, "view.share"):
        given["shared"] = "shared" in request.POST
    try:
        saved_views.update_saved_view(scope, identity("view", view), given)
    except (RuleBroken, Conflict) as refusal:
        return _page(request, {view: refusal.detail})
    messages.success(request, _("Saved."))
    return SeeOther(reverse("catalog-views", args=[scope.space.slug]))


@require_POST
def delete(request: HttpRequest, slug: str, view: str) -> HttpResponse:
    """The view goes; what it listed stays."""
    scope = signed_in(request)
    saved_views.delete_saved_view(scope, identity("view", view))
    messages.success(request, _("The view was deleted. Its titles stay where they are."))
    return SeeOther(reverse("catalog-views", args=[scope.space.slug]))


def offered(scope: Scope) -> list[dict[str, Any]]:
    """The views a list offers to go to."""
    return [_shown(scope, row) for row in saved_views.saved_views(scope, limit=MOST_SHOWN)[:MOST_SHOWN]]


def address(scope: Scope, row: Row) -> str:
    """The list that a view keeps."""
    place = library_url(scope, row["library_id"]) if row["library_id"] else _everything(scope)
    query = dict(decode(row["query"])) | ({"view": "table"} if row["layout"] == "table" else {})
    return f"{place}?{urlencode(query, doseq=True)}" if query else place


def _shown(scope: Scope, row: Row) -> dict[str, Any]:
    here = reverse("catalog-view", args=[scope.space.slug, show_id("view", row["id"])])
    return {
        "id": show_id("view", row["id"]),
        "name": row["name"],
        "url": address(scope, row),
        "change_url": here,
        "delete_url": f"{here}/delete",
        "own": row["user_id"] == scope.user_id,
        "owner": row["user_name"],
        "shared": row["shared"],
    }


def _kept(carried: QueryDict) -> dict[str, Any]:
    """The filters and the order of a list's address, as a view keeps them. Raises Malformed."""
    unknown = [name for name in carried if name not in (*MediaQuery.model_fields, "view", "pick")]
    if unknown:
        raise Malformed(_("This address does not say what to show: start again from the library."))
    sent = asked.query(carried).model_dump(mode="json", exclude_unset=True)
    return {name: value for name, value in sent.items() if name in ViewQuery.model_fields}


def _page(request: HttpRequest, errors: dict[str, str], carried: Any = None) -> HttpResponse:
    scope = signed_in(request)
    context = {
        "here": "views",
        "crumbs": [(_("Library"), _everything(scope))],
        "views": offered(scope),
        "errors": errors,
        "may_share": policy.allows(scope, "view.share"),
        "carried": {name: carried.get(name, "") for name in ("name", "state", "library")}
        if carried
        else None,
    }
    return render(request, "catalog/views.html", context, status=422 if errors else 200)


def _everything(scope: Scope) -> str:
    return reverse("catalog-all", args=[scope.space.slug])


urlpatterns = [
    path("s/<str:slug>/views", views, name="catalog-views"),
    path("s/<str:slug>/views/keep", keep, name="catalog-view-keep"),
    path("s/<str:slug>/views/<str:view>", change, name="catalog-view"),
    path("s/<str:slug>/views/<str:view>/delete", delete, name="catalog-view-delete"),
]
