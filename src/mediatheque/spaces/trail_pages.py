"""The activity page: what happened, and (for admins) every change with its undo."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mediatheque.audit import queries, undo
from mediatheque.core.api import Request, make_cursor, read_cursor, signed_in
from mediatheque.core.errors import NotFound, RuleBroken
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import faults, read

from . import policy, trail_api
from . import queries as spaces
from .words import change_words, event_words

SHOWN = 50
FILTERS = ("q", "action", "entity", "user_id", "from", "to")


@require_GET
def activity(request: Request, slug: str) -> HttpResponse:
    """Named events of the space, newest first; for managers."""
    scope = signed_in(request)
    policy.require(scope, "space.activity")
    sent = {name: str(value) for name, value in request.GET.items() if name in FILTERS and value}
    errors: dict[str, str] = {}
    found: list[dict[str, Any]] = []
    try:
        wanted = trail_api.wanted(scope, read(trail_api.ActivityQuery, sent))
        found = queries.space_events(scope.space_id, wanted, before=_before(request), limit=SHOWN + 1)
    except RuleBroken as refusal:
        errors = faults(refusal)
    rows = [_event(scope, each) for each in found[:SHOWN]]
    return _page(request, scope, "activity", found, rows, _filters(scope, sent, errors))


def _filters(scope: Scope, sent: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    actions, entities = queries.kinds_of_events(scope.space_id)
    people = [(show_id("user", row["user_id"]), row["name"]) for row in spaces.members(scope)]
    return {
        "values": {name: sent.get(name, "") for name in FILTERS},
        "errors": errors,
        "actions": [("", _("Anything")), *((each, event_words(each)) for each in actions)],
        "entities": [("", _("Anything")), *((each, each.replace("_", " ")) for each in entities)],
        "people": [("", _("Anyone")), *people],
        "kept": urlencode(sent),
        "clear_url": reverse("audit-activity", args=[scope.space.slug]) if sent else None,
    }


@require_GET
def changes(request: Request, slug: str) -> HttpResponse:
    """Every change of the space's rows, newest first; for admins."""
    scope = signed_in(request)
    policy.require(scope, "space.audit")
    found = queries.space_changes(scope.space_id, row_id=None, before=_before(request), limit=SHOWN + 1)
    return _page(request, scope, "changes", found, [_change(scope, each) for each in found[:SHOWN]])


@require_POST
def undo_change(request: Request, slug: str, change: str) -> HttpResponse:
    """Takes one change back and says so."""
    scope = signed_in(request)
    try:
        change_id = read_id("audit", change)
    except UnknownId:
        raise NotFound() from None
    undo.undo_change(scope, change_id, others=policy.allows(scope, "space.audit"))
    messages.success(request, _("The change was undone."))
    return redirect("audit-changes", slug)


urlpatterns = [
    path("s/<slug:slug>/activity", activity, name="audit-activity"),
    path("s/<slug:slug>/changes", changes, name="audit-changes"),
    path("s/<slug:slug>/changes/<str:change>/undo", undo_change, name="audit-undo"),
]


def _page(
    request: HttpRequest,
    scope: Scope,
    here: str,
    found: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
    filters: dict[str, Any] | None = None,
) -> HttpResponse:
    slug = scope.space.slug
    last = found[SHOWN - 1]["id"] if len(found) > SHOWN else None
    kind = "event" if here == "activity" else "audit"
    cursor = make_cursor([read_id(kind, last)]) if last else None
    tabs = [{"label": _("Events"), "url": reverse("audit-activity", args=[slug]), "on": here == "activity"}]
    if policy.allows(scope, "space.audit"):
        tabs.append(
            {"label": _("Changes"), "url": reverse("audit-changes", args=[slug]), "on": here == "changes"}
        )
    days = [
        {"name": name, "rows": list(group)} for name, group in groupby(rows, key=lambda each: each["day"])
    ]
    kept = f"&{filters['kept']}" if filters and filters["kept"] else ""
    following = f"?cursor={cursor}{kept}" if cursor else None
    context = {"days": days, "tabs": tabs, "filters": filters, "next_url": following}
    status = 422 if filters and filters["errors"] else 200
    return render(request, "audit/activity.html", context, status=status)


def _before(request: HttpRequest) -> UUID | None:
    cursor = request.GET.get("cursor")
    return read_cursor(cursor, [UUID])[0] if cursor else None


def _event(scope: Scope, event: dict[str, Any]) -> dict[str, Any]:
    failed = event["action"] == "request.failed"
    shown = [
        f"{name}: {value}" for name, value in event["details"].items() if value not in (None, "", [], {})
    ]
    asked = [event["method"], event["path"], str(event["status"])] if event["method"] else []
    return _row(scope, event) | {
        "what": event_words(event["action"]),
        "detail": " · ".join([" ".join(asked), *shown] if asked else shown),
        "failed": failed,
        "undo_url": None,
    }


def _change(scope: Scope, change: dict[str, Any]) -> dict[str, Any]:
    old, new = change["old"] or {}, change["new"] or {}
    name = str(
        (new if "title" in new else old).get("title") or (new if "name" in new else old).get("name") or ""
    )
    fields = (
        [f"{key}: {_brief(old.get(key))} → {_brief(value)}" for key, value in new.items()]
        if old and new
        else []
    )
    return _row(scope, change) | {
        "what": " · ".join(filter(None, (change_words(change["action"], change["table"]), name))),
        "detail": " · ".join(fields[:6]),
        "failed": False,
        "undo_url": reverse("audit-undo", args=[scope.space.slug, change["id"]])
        if undo.known(change["table"])
        else None,
    }


def _row(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    zone = ZoneInfo(str(scope.preferences.get("time_zone") or scope.space.time_zone))
    at: datetime = found["at"].astimezone(zone)
    who = found["actor"]["name"] if found["actor"] else _("Someone")
    return {
        "time": date_format(at, "H:i"),
        "day": f"{date_format(at, 'l')}, {date_format(at, 'DATE_FORMAT')}",
        "who": who,
    }


def _brief(value: Any) -> str:
    text = "–" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
