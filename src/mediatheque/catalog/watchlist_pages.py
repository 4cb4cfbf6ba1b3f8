"""The page of one's own entries: what one means to see, is in the middle of, has finished (W1)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core import db
from mediatheque.core.api import signed_in
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther

from . import cards, forms, watchlist
from .addresses import identity, item_url

ON_A_PAGE = 50
# Each tab: its key in the address, its name, and what it narrows the entries to.
TABS: tuple[tuple[str, Any, dict[str, Any]], ...] = (
    ("", gettext_lazy("Watchlist"), {"on_watchlist": True, "status": []}),
    ("watching", gettext_lazy("In the middle of it"), {"on_watchlist": None, "status": ["watching"]}),
    ("completed", gettext_lazy("Finished"), {"on_watchlist": None, "status": ["completed"]}),
    ("all", gettext_lazy("All"), {"on_watchlist": None, "status": []}),
)

PRESSED: dict[str, dict[str, Any]] = {
    "seen": {"status": "completed", "on_watchlist": False},
    "off": {"on_watchlist": False},
}


@require_http_methods(["GET", "POST"])
def entries(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own entries, and adding a title that stands on no shelf."""
    scope = signed_in(request)
    values = {name: request.POST.get(name, "").strip() for name in ("title", "media_type", "year")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            row = watchlist.create(scope, _typed(values))
            messages.success(request, _("“%(title)s” is on your watchlist.") % {"title": row["title"]})
            return SeeOther(reverse("catalog-watchlist", args=[slug]))
        except (RuleBroken, Conflict) as refusal:
            errors = forms.errors_of(refusal)
    tab = request.GET.get("tab", "")
    narrowed = next((each for key, _label, each in TABS if key == tab), TABS[0][2])
    found = watchlist.listed(scope, **narrowed, limit=ON_A_PAGE, cursor=request.GET.get("cursor"))
    here = reverse("catalog-watchlist", args=[slug])
    context = {
        "here": "watchlist",
        "tabs": [
            {"label": label, "url": f"{here}?tab={key}" if key else here, "on": key == tab}
            for key, label, _n in TABS
        ],
        "entries": _shown(scope, found.rows),
        "next_url": f"{here}?tab={tab}&cursor={found.next_cursor}" if found.next_cursor else None,
        "types": list(cards.TYPES.items()),
        "values": values | {"media_type": values["media_type"] or "movie"},
        "errors": errors,
        "action": here,
    }
    return render(request, "catalog/watchlist.html", context, status=422 if errors else 200)


@require_POST
def change(request: HttpRequest, slug: str, entry_id: str) -> HttpResponse:
    """One press: seen, or off the list."""
    scope = signed_in(request)
    given = PRESSED.get(request.POST.get("press", ""))
    if given is None:
        raise RuleBroken.at("press", _("Choose something that is offered."), "press.unknown")
    row = watchlist.update(scope, identity("entry", entry_id), given)
    messages.success(request, _("“%(title)s” was changed.") % {"title": row["title"]})
    return SeeOther(reverse("catalog-watchlist", args=[slug]))


def _typed(values: dict[str, str]) -> dict[str, Any]:
    read = forms.read_all({name: text for name, text in values.items() if text})
    return {"title": "", "media_type": "movie", "on_watchlist": True} | read


def _shown(scope: Scope, rows: list[Row]) -> list[dict[str, Any]]:
    items = _items(scope, [row["work_id"] for row in rows if row["work_id"]])
    return [
        {
            "title": row["work_title"] or row["title"],
            "year": row["work_year"] if row["work_id"] else row["year"],
            "url": item_url(scope, items[row["work_id"]]) if row["work_id"] in items else None,
            "told": " · ".join(
                str(each)
                for each in (
                    cards.TYPES[row["kind"]],
                    cards.STATUSES[row["status"]],
                    cards.stars(row["rating"]),
                )
                if each
            ),
            "notes": row["notes"],
            "on_watchlist": row["on_watchlist"],
            "seen": row["status"] == "completed",
            "change_url": reverse("catalog-entry", args=[scope.space.slug, show_id("entry", row["id"])]),
        }
        for row in rows
    ]


def _items(scope: Scope, works: list[UUID]) -> dict[UUID, UUID]:
    """The active space's item of each work, where it has one."""
    found = db.rows(
        "select distinct on (m.work_id) m.work_id, m.id from media m "
        "where m.space_id = %s and m.library_id = any(%s) and m.work_id = any(%s) and m.series_id is null "
        "order by m.work_id, m.id",
        [scope.space_id, list(scope.library_ids), works],
    )
    return {row["work_id"]: row["id"] for row in found}


urlpatterns = [
    path("s/<str:slug>/watchlist", entries, name="catalog-watchlist"),
    path("s/<str:slug>/watchlist/<str:entry_id>", change, name="catalog-entry"),
]
