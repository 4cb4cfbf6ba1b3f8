"""The libraries of a space, to manage them, as pages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.errors import Refusal, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther, faults, given, read, show_again
from mediatheque.people.pages import page_id

from . import policy, queries, rules, shelves, transferring
from .schemas import LibraryChanges, LibraryDeletion, NewLibrary
from .transfer_pages import counted
from .transfer_pages import urlpatterns as of_transfers
from .words import column_words, template_words, type_words


@require_http_methods(["GET", "HEAD", "POST"])
def libraries(request: HttpRequest, slug: str) -> HttpResponse:
    scope = signed_in(request)
    values = {name: request.POST.get(name, "") for name in ("name", "description", "template")}
    values |= {"limited": "limited" in request.POST}  # type: ignore[dict-item]
    chosen = request.POST.getlist("members")
    if request.method != "POST":
        return render(request, "spaces/libraries.html", _libraries(scope, slug, values, chosen))
    try:
        made = shelves.create_library(scope, **dict(read(NewLibrary, given(values) | {"members": chosen})))
    except Refusal as refusal:
        context = _libraries(scope, slug, values, chosen) | {"errors": faults(refusal)}
        return show_again(request, "spaces/libraries.html", context, refusal)
    messages.success(request, _("%(name)s is ready.") % {"name": made["name"]})
    return SeeOther(reverse("spaces-libraries", args=[slug]))


def _libraries(scope: Scope, slug: str, values: dict[str, Any], chosen: list[str]) -> dict[str, Any]:
    return {
        "libraries": [_library(slug, row) for row in queries.libraries(scope)],
        "values": values,
        "errors": {},
        "templates": template_words(),
        "members": _choosable(scope, chosen),
        "may_create": policy.allows(scope, "library.create"),
        "may_archive": policy.allows(scope, "library.archive"),
        "may_limit": policy.allows(scope, "library.limit"),
        "may_delete": policy.allows(scope, "library.delete"),
    }


def _library(slug: str, row: dict[str, Any]) -> dict[str, Any]:
    shown = show_id("library", row["id"])
    return {
        "id": shown,
        "name": row["name"],
        "description": row["description"],
        "url": f"/s/{slug}/library/{shown}",
        "archived": row["archived_at"] is not None,
        "limited": row["limited"],
        "edit_url": reverse("spaces-library", args=[slug, shown]),
        "holds": dict(type_words())[row["default_type"]],
        **{
            f"{act}_url": reverse(f"spaces-library-{act}", args=[slug, shown])
            for act in ("archive", "restore", "delete")
        },
    }


def _choosable(scope: Scope, chosen: list[str]) -> list[tuple[str, str, bool]]:
    """Whom a limited library may admit; admins need no tick."""
    if not policy.allows(scope, "library.limit"):
        return []
    people = [(show_id("user", row["user_id"]), row) for row in queries.members(scope)]
    return [(shown, row["name"], shown in chosen) for shown, row in people if row["role"] != "admin"]


@require_http_methods(["GET", "HEAD", "POST"])
def library(request: HttpRequest, slug: str, library: str) -> HttpResponse:
    scope, library_id = signed_in(request), page_id("library", library)
    if request.method != "POST":
        return render(request, "spaces/library.html", _edit(scope, slug, library_id))
    values = {name: request.POST.get(name, "") for name in ("name", "description", "default_type")}
    try:
        form = read(LibraryChanges, given(values) | {"name": values["name"]})
        fixed = {"name": form.name, "description": values["description"], "default_type": form.default_type}
        if "with_columns" in request.POST:
            fixed |= {"columns": read(LibraryChanges, {"columns": request.POST.getlist("columns")}).columns}  # type: ignore[dict-item]
        shelves.change_library(scope, library_id, {k: v for k, v in fixed.items() if v is not None})
        _limit(request, scope, library_id)
    except Refusal as refusal:
        context = _edit(scope, slug, library_id) | {"values": values, "errors": faults(refusal)}
        return show_again(request, "spaces/library.html", context, refusal)
    messages.success(request, _("Saved."))
    return SeeOther(reverse("spaces-libraries", args=[slug]))


def _limit(request: HttpRequest, scope: Scope, library_id: Any) -> None:
    """Only admins see the ticks; the default library has none."""
    found = queries.library(scope, library_id)
    wanted = "limited" in request.POST
    if not policy.allows(scope, "library.limit") or (found["limited"] is wanted is False):
        return
    members = [page_id("user", each) for each in request.POST.getlist("members")]
    shelves.limit_library(scope, library_id, limited=wanted, members=members)


def _edit(scope: Scope, slug: str, library_id: Any) -> dict[str, Any]:
    found = queries.library(scope, library_id)
    policy.require(scope, "library.rename")
    admitted = [show_id("user", each) for each in queries.admitted(scope, library_id)]
    shown = show_id("library", library_id)
    targets = [each for each in scope.libraries if each.id != library_id and not each.archived]
    return {
        "library": {
            "name": found["name"],
            "archived": found["archived_at"] is not None,
            "limited": found["limited"],
            "is_default": found["is_default"],
            "description": found["description"],
        },
        "values": {name: found[name] for name in ("name", "description", "default_type")},
        "errors": {},
        "delete_errors": {},
        "types": type_words(),
        "columns": [
            (name, label, name in (found["columns"] or rules.COLUMNS)) for name, label in column_words()
        ],
        "members": _choosable(scope, admitted),
        "targets": [(show_id("library", each.id), each.name) for each in targets],
        "may_limit": policy.allows(scope, "library.limit") and not found["is_default"],
        "may_delete": policy.allows(scope, "library.delete"),
        "contents": counted(transferring.contents(scope, library_id)),
        "may_transfer": policy.allows(scope, "library.transfer") and not found["is_default"],
        **{
            f"{act}_url": reverse(f"spaces-library-{act}", args=[slug, shown])
            for act in ("archive", "restore", "delete", "transfer")
        },
    }


@require_POST
def archive(request: HttpRequest, slug: str, library: str) -> HttpResponse:
    scope, library_id = signed_in(request), page_id("library", library)
    try:
        put_away = shelves.archive_library(scope, library_id)
    except Refusal as refusal:
        context = _edit(scope, slug, library_id) | {"errors": faults(refusal)}
        return show_again(request, "spaces/library.html", context, refusal)
    undo = reverse("spaces-library-restore", args=[slug, library])
    messages.success(request, _("%(name)s is archived.") % put_away, extra_tags=f"undo:{undo}")
    return SeeOther(reverse("spaces-library", args=[slug, library]))


@require_POST
def restore(request: HttpRequest, slug: str, library: str) -> HttpResponse:
    back = shelves.restore_library(signed_in(request), page_id("library", library))
    messages.success(request, _("%(name)s is back.") % back)
    return SeeOther(reverse("spaces-library", args=[slug, library]))


@require_POST
def delete(request: HttpRequest, slug: str, library: str) -> HttpResponse:
    scope, library_id = signed_in(request), page_id("library", library)
    sent = given({name: request.POST.get(name, "") for name in ("confirm_name", "media", "to")})
    try:
        form = read(LibraryDeletion, sent)
        shelves.delete_library(
            scope, library_id, confirm_name=form.confirm_name, media=form.media, to=form.to
        )
    except Refusal as refusal:
        if not isinstance(refusal, RuleBroken) and not refusal.errors:
            raise
        context = _edit(scope, slug, library_id) | {"delete_errors": faults(refusal)}
        return show_again(request, "spaces/library.html", context, refusal)
    messages.success(request, _("The library is deleted."))
    return SeeOther(reverse("spaces-libraries", args=[slug]))


urlpatterns = [
    path("s/<slug>/libraries", libraries, name="spaces-libraries"),
    path("s/<slug>/libraries/<library>", library, name="spaces-library"),
    path("s/<slug>/libraries/<library>/archive", archive, name="spaces-library-archive"),
    path("s/<slug>/libraries/<library>/restore", restore, name="spaces-library-restore"),
    path("s/<slug>/libraries/<library>/delete", delete, name="spaces-library-delete"),
    *of_transfers,
]
