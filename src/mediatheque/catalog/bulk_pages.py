"""Many items at once in the browser: tick them, choose what to do, say yes (C2).

Everything travels in plain forms: the list's ticks, then one page that asks, then the deed. What is meant is
either the ticked ids or (`all`) everything that the list's address finds.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from mediatheque.audit import undo as undone
from mediatheque.core import db
from mediatheque.core.api import signed_in
from mediatheque.core.errors import Conflict, Refusal, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import SeeOther
from mediatheque.people.rules import local_path
from mediatheque.spaces import policy

from . import asked, bulk, bulk_chosen, cards, forms, history, lists, tag_pages
from .bulk_chosen import Outcome
from .forms import Field

STEPS = {
    "edit": gettext_lazy("Edit"),
    "tag": gettext_lazy("Tag"),
    "move": gettext_lazy("Move to another library"),
    "delete": gettext_lazy("Delete"),
}
SHORT = STEPS | {"move": gettext_lazy("Move")}
# What it makes sense to say of many titles at once.
FIELDS = (
    Field("ownership", gettext_lazy("Ownership"), "choice"),
    Field("location", gettext_lazy("Where it stands")),
    Field("format", gettext_lazy("Format")),
    Field(
        "genres", gettext_lazy("Genres"), hint=gettext_lazy("Separated by commas; they replace the old ones.")
    ),
    Field("year", gettext_lazy("Year"), "number"),
    Field("certification", gettext_lazy("Age rating")),
    Field("network", gettext_lazy("Network")),
    Field("notes", gettext_lazy("Notes")),
    Field("own.status", gettext_lazy("Your status"), "choice"),
    Field("own.rating", gettext_lazy("Your rating, out of 10"), "number"),
)
SHOWN_TITLES = 12
MOST_UNDONE = 500  # each is looked at before its old values return


def bar(scope: Scope, given: QueryDict, place: str | None) -> dict[str, Any] | None:
    """What the bar needs while titles are ticked: where it leads, and what everything found is."""
    if "pick" not in given:
        return None
    state = given.copy()
    for name in ("pick", "cursor", "view"):
        state.pop(name, None)
    kept = given.copy()
    kept.pop("pick", None)
    return {
        "action": reverse("catalog-bulk", args=[scope.space.slug]),
        "found": state.urlencode(),
        "place": place or "all",
        "back": f"?{kept.urlencode()}" if kept else "?",
        "steps": [(name, label) for name, label in SHORT.items() if _sensible(scope, name)],
    }


@require_POST
def many(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks what to do with the ticked titles, and does it once that is answered."""
    scope, posted = signed_in(request), request.POST
    step, back = (
        posted.get("step", "edit"),
        local_path(posted.get("back") or reverse("catalog-all", args=[slug])),
    )
    if step not in STEPS:
        raise RuleBroken.at("step", _("Choose something that is offered."), "step.unknown")
    ids = _meant(scope, posted)
    if not ids:
        messages.error(request, _("Tick some titles first."))
        return SeeOther(back)
    errors: dict[str, str] = {}
    if "yes" in posted:
        try:
            outcome = _carry_out(scope, step, ids, posted)
            return _told(request, scope, step, outcome, back)
        except (RuleBroken, Conflict) as refusal:
            errors = _errors(refusal)
    return _ask(request, scope, step, ids, back, errors)


@require_POST
def undo(request: HttpRequest, slug: str) -> HttpResponse:
    """Brings back what one bulk deletion took, or (`step=edit`) the old values that one bulk change replaced."""
    scope = signed_in(request)
    request_id = request.GET.get("request_id", "").replace("\0", "")[:100]
    if request.GET.get("step") == "edit":
        undone.undo_request(scope, request_id, others=policy.allows(scope, "space.audit"))
        messages.success(request, _("The change was undone."))
        return SeeOther(local_path(request.GET.get("back") or reverse("catalog-all", args=[slug])))
    back = history.undo_deletions(scope, request_id)
    messages.success(
        request, ngettext("%(count)s title is back.", "%(count)s titles are back.", back) % {"count": back}
    )
    return SeeOther(local_path(request.GET.get("back") or reverse("catalog-all", args=[slug])))


def _meant(scope: Scope, posted: QueryDict) -> list[str | UUID]:
    if "all" not in posted:
        return list(posted.getlist("id"))
    query = asked.query(QueryDict(posted.get("found", "")))
    libraries = lists.libraries(scope, _place(posted) or query.library or "all")
    return list(lists.all_ids(scope, libraries, query.filters(), bulk_chosen.MOST + 1))


def _place(posted: QueryDict) -> str:
    place = posted.get("place", "all")
    return "" if place == "all" else place


def _carry_out(scope: Scope, step: str, ids: list[str | UUID], posted: QueryDict) -> Outcome:
    if step == "delete":
        if posted.get("count", "").strip() != str(len(ids)):
            message = _("Type the number of titles, %(count)s, to delete them.") % {"count": len(ids)}
            raise RuleBroken.at("count", message, "bulk.confirm")
        return bulk.carry_out(scope, step, ids, {})
    if step == "tag":
        texts = {name: posted.get(name, "").strip() for name in ("tags", "remove_tags")}
        return bulk.carry_out(scope, step, ids, forms.read_all(texts))
    if step == "move":
        found = next(
            (each.id for each in scope.libraries if show_id("library", each.id) == posted.get("library")),
            None,
        )
        return bulk.carry_out(scope, step, ids, {"library": found})
    return bulk.carry_out(scope, step, ids, _given(posted))


def _given(posted: QueryDict) -> dict[str, Any]:
    """The fields that are ticked; an empty one clears."""
    texts = {
        each.name: posted.get(each.name, "").strip() for each in FIELDS if each.name in posted.getlist("set")
    }
    read = forms.read_all(texts)
    own = {name.removeprefix("own."): value for name, value in read.items() if name.startswith("own.")}
    found = {name: value for name, value in read.items() if not name.startswith("own.")}
    return found | ({"own": own} if own else {})


def _ask(
    request: HttpRequest, scope: Scope, step: str, ids: list[str | UUID], back: str, errors: Mapping[str, str]
) -> HttpResponse:
    titles = _titles(scope, ids)
    count = len(ids)
    libraries = [(show_id("library", each.id), each.name) for each in scope.libraries if not each.archived]
    context = {
        "heading": ngettext("%(count)s title", "%(count)s titles", count) % {"count": f"{count:,}"},
        "step": step,
        "step_label": STEPS[step],
        "count": count,
        "titles": titles,
        "rest": count - len(titles),
        "carried": _carried(request.POST),
        "back": back,
        "fields": [
            (each, request.POST.get(each.name, ""), each.name in request.POST.getlist("set"))
            for each in FIELDS
        ],
        "choices": {
            "ownership": list(cards.OWNERSHIPS.items()),
            "own.status": list(cards.STATUSES.items()),
            "library": libraries,
        },
        "library": request.POST.get("library", ""),
        "tags": {name: request.POST.get(name, "") for name in ("tags", "remove_tags")},
        "known_tags": tag_pages.offered(scope) if step == "tag" else [],
        "shown": [*(each.name for each in FIELDS), "count", "library", "tags", "remove_tags"],
        "errors": errors,
    }
    return render(request, "catalog/bulk.html", context, status=422 if errors else 200)


def _titles(scope: Scope, ids: list[str | UUID]) -> list[str]:
    found = db.rows(
        "select m.title from unnest(%s::uuid[]) x(id) join media m on m.id = x.id "
        "where m.space_id = %s and m.library_id = any(%s) order by m.sort_key limit %s",
        [bulk_chosen.readable(ids), scope.space_id, list(scope.library_ids), SHOWN_TITLES],
    )
    return [row["title"] for row in found]


def _carried(posted: QueryDict) -> list[tuple[str, str]]:
    """What is meant, for the next form."""
    if "all" in posted:
        return [("all", "yes"), ("found", posted.get("found", "")), ("place", posted.get("place", "all"))]
    return [("id", each) for each in posted.getlist("id")]


def _told(request: HttpRequest, scope: Scope, step: str, outcome: Outcome, back: str) -> HttpResponse:
    done = {
        "edit": ngettext("%(count)s title was changed.", "%(count)s titles were changed.", outcome.done),
        "tag": ngettext("%(count)s title was tagged.", "%(count)s titles were tagged.", outcome.done),
        "move": ngettext("%(count)s title was moved.", "%(count)s titles were moved.", outcome.done),
        "delete": ngettext("%(count)s title was deleted.", "%(count)s titles were deleted.", outcome.done),
    }[step] % {"count": outcome.done}
    asked = {"request_id": scope.request_id, "step": step, "back": back}
    undo_url = f"{reverse('catalog-bulk-undo', args=[scope.space.slug])}?{urlencode(asked)}"
    offered = outcome.done and (step == "delete" or (step == "edit" and outcome.done <= MOST_UNDONE))
    if not outcome.refused:
        messages.success(request, done, extra_tags=f"undo:{undo_url}" if offered else "")
        return SeeOther(back)
    names = _names(scope, [each.id for each in outcome.refused])
    context = {
        "heading": done,
        "refused": [(names.get(each.id, each.id), each.message) for each in outcome.refused],
        "undo_url": undo_url if offered else None,
        "back": back,
    }
    return render(request, "catalog/bulk_done.html", context)


def _names(scope: Scope, ids: list[str]) -> dict[str, str]:
    found = db.rows(
        "select m.id, m.title from unnest(%s::uuid[]) x(id) join media m on m.id = x.id "
        "where m.space_id = %s and m.library_id = any(%s)",
        [bulk_chosen.readable(ids), scope.space_id, list(scope.library_ids)],
    )
    return {show_id("media", row["id"]): row["title"] for row in found}


def _errors(refusal: Refusal) -> dict[str, str]:
    return {each.field.removeprefix("set."): each.message for each in refusal.errors} or {
        "form": refusal.detail
    }


def _sensible(scope: Scope, step: str) -> bool:
    """Whether the step can lead anywhere: many are deleted by role, and moved where there is another library."""
    if step == "delete":
        return policy.allows(scope, "media.delete_bulk")
    return step != "move" or sum(not each.archived for each in scope.libraries) > 1


urlpatterns = [
    path("s/<str:slug>/bulk", many, name="catalog-bulk"),
    path("s/<str:slug>/bulk/undo", undo, name="catalog-bulk-undo"),
]
