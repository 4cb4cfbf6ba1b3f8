"""The page of tags: made, renamed, put below one another, deleted and brought back (T2)."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, Malformed, NotFound, Refusal, RuleBroken
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther
from mediatheque.spaces import policy

from . import tags
from .addresses import identity
from .shapes import decode

MOST_SHOWN = 1000
MOST_OFFERED = 200


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest, slug: str) -> HttpResponse:
    """The space's tags and the install's, each below its parent; and making one."""
    scope = signed_in(request)
    if request.method == "GET":
        return _page(request, scope, {})
    try:
        row = tags.create_tag(scope, _given(request) | {"everywhere": "everywhere" in request.POST})
    except (RuleBroken, Conflict, Malformed, NotFound) as refusal:
        return _page(request, scope, {"new": _errors(refusal)})
    messages.success(request, _("“%(name)s” was made.") % {"name": row["name"]})
    return SeeOther(address(scope))


@require_POST
def change(request: HttpRequest, slug: str, tag: str) -> HttpResponse:
    """A new name, place or note of one tag."""
    scope = signed_in(request)
    tag_id = identity("tag", tag)
    try:
        tags.update_tag(scope, tag_id, _given(request))
    except (RuleBroken, Conflict, Malformed) as refusal:
        return _page(request, scope, {tag: _errors(refusal)})
    messages.success(request, _("Saved."))
    return SeeOther(address(scope))


@require_POST
def delete(request: HttpRequest, slug: str, tag: str) -> HttpResponse:
    """Deletes the tag and offers to undo it."""
    scope = signed_in(request)
    row = tags.delete_tag(scope, identity("tag", tag))
    undo = reverse("catalog-tag-restore", args=[slug, tag])
    said = _("“%(name)s” was deleted; the titles stay.") % {"name": row["name"]}
    messages.success(request, said, extra_tags=f"undo:{undo}")
    return SeeOther(address(scope))


@require_POST
def restore(request: HttpRequest, slug: str, tag: str) -> HttpResponse:
    """Brings a deleted tag back onto its titles."""
    scope = signed_in(request)
    try:
        row = tags.restore_tag(scope, identity("tag", tag))
        messages.success(request, _("“%(name)s” is back.") % {"name": row["name"]})
    except Conflict as refusal:
        messages.error(request, refusal.detail)
    return SeeOther(address(scope))


def address(scope: Scope) -> str:
    return reverse("catalog-tags", args=[scope.space.slug])


def offered(scope: Scope) -> list[str]:
    """Names to choose from while one is typed."""
    return [row["name"] for row in tags.tags(scope, limit=MOST_OFFERED)[:MOST_OFFERED]]


def _page(request: HttpRequest, scope: Scope, errors: Mapping[str, Mapping[str, str]]) -> HttpResponse:
    rows = tags.tags(scope, limit=MOST_SHOWN)[:MOST_SHOWN]
    everything = reverse("catalog-all", args=[scope.space.slug])
    context = {
        "here": "tags",
        "crumbs": [(_("Library"), everything)],
        "tags": [_shown(scope, everything, row, depth) for row, depth in _in_order(rows)],
        "parents": [("", _("None")), *((show_id("tag", row["id"]), row["name"]) for row in rows)],
        "errors": errors,
        "sent": {name: request.POST.get(name, "") for name in ("name", "parent", "metadata")},
        "may_make": policy.allows(scope, "tag.make"),
        "operates": policy.operates(scope),
    }
    return render(request, "catalog/tags.html", context, status=422 if errors else 200)


def _in_order(rows: Sequence[Row]) -> list[tuple[Row, int]]:
    """Each tag after its parent, with how far below the top it stands."""
    below: dict[UUID | None, list[Row]] = {}
    known = {row["id"] for row in rows}
    for row in rows:
        below.setdefault(row["parent_id"] if row["parent_id"] in known else None, []).append(row)
    found: list[tuple[Row, int]] = []
    waiting = [(row, 0) for row in reversed(below.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        found.append((row, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(row["id"], []))]
    return found


def _shown(scope: Scope, everything: str, row: Row, depth: int) -> dict[str, Any]:
    identity_shown = show_id("tag", row["id"])
    here = reverse("catalog-tag", args=[scope.space.slug, identity_shown])
    everywhere = row["space_id"] is None
    return {
        "id": identity_shown,
        "name": row["name"],
        "depth": min(depth, 4),
        "media": row["media"],
        "url": f"{everything}?{urlencode({'tag': row['name']})}",
        "parent": show_id("tag", row["parent_id"]) if row["parent_id"] else "",
        "metadata": "\n".join(f"{key}: {value}" for key, value in decode(row["metadata"]).items()),
        "everywhere": everywhere,
        "change_url": here,
        "delete_url": f"{here}/delete",
        "may_change": policy.operates(scope) if everywhere else policy.allows(scope, "tag.change"),
    }


def _given(request: HttpRequest) -> dict[str, Any]:
    """What the form says. Raises RuleBroken for a parent or a line that cannot be read."""
    posted = request.POST
    given: dict[str, Any] = {"name": posted.get("name", "")}
    if "parent" in posted:
        given["parent"] = _parent(posted["parent"])
    if "metadata" in posted:
        given["metadata"] = _pairs(posted["metadata"])
    return given


def _parent(text: str) -> UUID | None:
    try:
        return read_id("tag", text) if text else None
    except UnknownId:
        message = _("Choose something that is offered.")
        raise RuleBroken.at("parent", message, "parent.invalid") from None


def _pairs(text: str) -> dict[str, str]:
    found = {}
    for line in filter(None, (each.strip() for each in text.splitlines())):
        key, colon, value = line.partition(":")
        if not colon:
            message = _("Write key: value, one on a line.")
            raise RuleBroken.at("metadata", message, "metadata.invalid")
        found[key.strip()] = value.strip()
    return found


def _errors(refusal: Refusal) -> dict[str, str]:
    return {each.field: each.message for each in refusal.errors} or {"name": refusal.detail}


urlpatterns = [
    path("s/<str:slug>/tags", listed, name="catalog-tags"),
    path("s/<str:slug>/tags/<str:tag>", change, name="catalog-tag"),
    path("s/<str:slug>/tags/<str:tag>/delete", delete, name="catalog-tag-delete"),
    path("s/<str:slug>/tags/<str:tag>/restore", restore, name="catalog-tag-restore"),
]
