"""Transferring a library, as a page: first what would move and what would be cut, then the move (S2)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from mediatheque.core.api import signed_in
from mediatheque.core.errors import NotFound, Refusal
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther, faults, show_again
from mediatheque.people.pages import page_id

from . import policy, queries, transferring

TEMPLATE = "spaces/transfer.html"
MOST_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest, slug: str, library: str) -> HttpResponse:
    """`?to=` looks; the form of what was found moves."""
    scope, library_id = signed_in(request), page_id("library", library)
    found = queries.library(scope, library_id)
    policy.require(scope, "library.transfer")
    sent = request.POST if request.method == "POST" else request.GET
    context = _choosing(scope, slug, found, sent.get("to", ""))
    if not context["to"]:
        return render(request, TEMPLATE, context)
    try:
        to = _space(context["to"])
        if request.method == "POST":
            transferring.transfer(scope, library_id, to)
            return _gone(request, scope, to, found["name"])
        context |= {"look": _looked(scope, library_id, to)}
    except Refusal as refusal:
        return show_again(request, TEMPLATE, context | {"errors": faults(refusal)}, refusal)
    return render(request, TEMPLATE, context)


def _space(text: str) -> UUID:
    try:
        return read_id("space", text)
    except UnknownId:
        raise NotFound.at("to") from None


def _choosing(scope: Scope, slug: str, library: dict[str, Any], to: str) -> dict[str, Any]:
    shown = show_id("library", library["id"])
    others = [each for each in scope.spaces
              if each.id != scope.space_id and each.role == "admin" and not each.archived]  # fmt: skip
    return {
        "library": {"name": library["name"], "is_default": library["is_default"]},
        "spaces": [(show_id("space", each.id), each.name) for each in others],
        "to": to,
        "to_name": {show_id("space", each.id): each.name for each in others}.get(to, ""),
        "look": None,
        "errors": {},
        "back_url": reverse("spaces-library", args=[slug, shown]),
    }


def _looked(scope: Scope, library_id: UUID, to: UUID) -> dict[str, Any]:
    found = transferring.look(scope, library_id, to)
    told = [_told(each) for each in found["cut"]]
    return {
        "moved": counted(found["moved"]),
        "cut": told[:MOST_SHOWN],
        "more": max(len(told) - MOST_SHOWN, 0),
    }


def counted(contents: dict[str, int]) -> list[str]:
    """What stands in a library, in words."""
    words = {
        "media": ngettext("%(n)s title", "%(n)s titles", contents["media"]),
        "variants": ngettext("%(n)s copy", "%(n)s copies", contents["variants"]),
        "seasons": ngettext("%(n)s season", "%(n)s seasons", contents["seasons"]),
        "covers": ngettext("%(n)s cover", "%(n)s covers", contents["covers"]),
    }
    return [text % {"n": contents[name]} for name, text in words.items()]


def _told(cut: dict[str, Any]) -> str:
    if cut["kind"] == "work":
        with_ = {
            "title": cut["title"],
            "other": cut["with"]["title"],
            "library": cut["with"]["library"]["name"],
        }
        return _("“%(title)s” is no longer the same work as “%(other)s” in %(library)s.") % with_
    if cut["kind"] == "added_by":
        words = ngettext(
            "%(n)s title no longer says that %(name)s added it.",
            "%(n)s titles no longer say that %(name)s added them.",
            cut["media"],
        )
        return words % {"n": cut["media"], "name": cut["name"]}
    if cut["kind"] == "member":
        return _("%(name)s is not in that space and is no longer admitted.") % cut
    return _("The import of “%(name)s” stays behind.") % cut


def _gone(request: HttpRequest, scope: Scope, to: UUID, name: str) -> HttpResponse:
    there = next(each for each in scope.spaces if each.id == to)
    messages.success(request, _("%(name)s is in %(space)s now.") % {"name": name, "space": there.name})
    return SeeOther(reverse("spaces-libraries", args=[there.slug]))


urlpatterns = [path("s/<slug>/libraries/<library>/transfer", transfer, name="spaces-library-transfer")]
