"""Pages for an item's pictures: its cover and its background (C11)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.errors import NotFound
from mediatheque.people.forms import SeeOther

from . import covers
from .addresses import identity, item_url
from .covers import BACKDROP, COVER, Kind


@require_http_methods(["GET", "POST"])
def picture(request: HttpRequest, slug: str, media_id: str, kind: Kind) -> HttpResponse:
    """The stored picture, and taking in a new one."""
    scope = signed_in(request)
    wanted = identity("media", media_id)
    if request.method == "POST":
        covers.take_in(request, scope, wanted, kind)
        messages.success(
            request, _("The cover was changed.") if kind is COVER else _("The background was changed.")
        )
        return SeeOther(item_url(scope, wanted))
    width = request.GET.get("size", str(kind.widths[-1]))
    if width not in map(str, kind.widths):
        raise NotFound()
    return covers.served(request, covers.picture(scope, wanted, kind, int(width)))


@require_POST
def remove(request: HttpRequest, slug: str, media_id: str, kind: Kind) -> HttpResponse:
    """The item is without it."""
    scope = signed_in(request)
    wanted = identity("media", media_id)
    covers.remove(scope, wanted, kind)
    messages.success(
        request, _("The cover was removed.") if kind is COVER else _("The background was removed.")
    )
    return SeeOther(item_url(scope, wanted))


ITEM = "s/<str:slug>/media/<str:media_id>"
urlpatterns = [
    path(f"{ITEM}/cover", picture, {"kind": COVER}, name="catalog-cover"),
    path(f"{ITEM}/cover/delete", remove, {"kind": COVER}, name="catalog-cover-delete"),
    path(f"{ITEM}/backdrop", picture, {"kind": BACKDROP}, name="catalog-backdrop"),
    path(f"{ITEM}/backdrop/delete", remove, {"kind": BACKDROP}, name="catalog-backdrop-delete"),
]
