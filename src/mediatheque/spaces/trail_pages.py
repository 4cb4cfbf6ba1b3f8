"""The activity page: what happened, and (for admins) every change with its undo."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from mediatheque.audit import queries, undo
from mediatheque.core.api import Request, make_cursor, read_cursor, signed_in
from mediatheque.core.errors import NotFound, RuleBroken
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.scope import Scope
from mediatheque.people.forms import faults, read

from . import deeds, operators, policy, trail_api
from . import queries as spaces
from .words import detail_words, event_words, field_word, is_id, value_word

SHOWN = 50
MOST_NAMES = 3
MOST_DETAILS = 6
INSTALL_ACTIONS = (
    "sign_in", "sign_in.failed", "sign_out", "register", "profile.changed", "password.reset", "token.created",
    "token.revoked", "token.reused", "session.revoked", "invite.created", "invite.revoked", "user.role_changed",
    "user.banned", "user.unbanned", "person.deleted", "space.deleted", "request.failed",
)  # fmt: skip
INSTALL_ENTITIES = ("user", "session", "token", "invitation", "space")
FILTERS = ("q", "action", "entity", "user_id", "from", "to")


@require_GET
def activity(request: Request, slug: str) -> HttpResponse:
    """Named events of the space, newest first; for managers."""
    scope = signed_in(request)
    policy.require(scope, "space.activity")
    actions, entities = queries.kinds_of_events(scope.space_id)
    people = [(show_id("user", row["user_id"]), row["name"]) for row in spaces.members(scope)]
    filters = _filters(request, actions, entities, people)
    found = _searched(scope, filters, lambda wanted: queries.space_events(
        scope.space_id, wanted, before=_before(request), limit=SHOWN + 1))  # fmt: skip
    rows = [_event(scope, each) for each in found[:SHOWN]]
    return _page(request, found, rows, _tabs(scope, "activity"), filters)


@require_GET
def install_activity(request: Request) -> HttpResponse:
    """Events of the install, newest first, and no space's; for those who run it (P7)."""
    scope = signed_in(request)
    people = [(show_id("user", row["id"]), row["name"]) for row in operators.people(scope)]
    filters = _filters(request, INSTALL_ACTIONS, INSTALL_ENTITIES, people)
    found = _searched(scope, filters, lambda wanted: operators.events(
        scope, wanted, before=_before(request), limit=SHOWN + 1))  # fmt: skip
    rows = [_event(scope, each) for each in found[:SHOWN]]
    heading = {
        "title": _("Activity of this install"),
        "standfirst": _("Accounts, sign-ins and what was refused. What happens in a space stands there."),
    }
    return _page(request, found, rows, [], filters | heading)


def _searched(
    scope: Scope, filters: dict[str, Any], events: Callable[[queries.EventFilter], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """What the filters find; nothing, and what is wrong at their fields, where they cannot be read."""
    try:
        return events(trail_api.wanted(scope, read(trail_api.ActivityQuery, filters["sent"])))
    except RuleBroken as refusal:
        filters["errors"] = faults(refusal)
        return []


def _filters(
    request: HttpRequest, actions: Sequence[str], entities: Sequence[str], people: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    sent = {name: str(value) for name, value in request.GET.items() if name in FILTERS and value}
    return {
        "sent": sent,
        "values": {name: sent.get(name, "") for name in FILTERS},
        "errors": {},
        "actions": [("", _("Anything")), *((each, event_words(each)) for each in actions)],
        "entities": [("", _("Anything")), *((each, each.replace("_", " ")) for each in entities)],
        "people": [("", _("Anyone")), *people],
        "kept": urlencode(sent),
        "clear_url": request.path if sent else None,
        "title": _("Activity"),
        "standfirst": _("What happened in this space, newest first."),
    }


@require_GET
def changes(request: Request, slug: str) -> HttpResponse:
    """Every change of the space's rows, newest first; for admins."""
    scope = signed_in(request)
    policy.require(scope, "space.audit")
    found = queries.space_changes(scope.space_id, row_id=None, before=_before(request), limit=SHOWN + 1)
    requests = deeds.gathered(found[:SHOWN])
    # A request that another page begins or ends is not taken back as a whole.
    cut = {0} if "cursor" in request.GET else set()
    cut |= {len(requests) - 1} if len(found) > SHOWN else set()
    rows = [_changes(scope, each, whole=at not in cut) for at, each in enumerate(requests)]
    return _page(request, found, rows, _tabs(scope, "changes"))


@require_POST
def undo_change(request: Request, slug: str, change: str) -> HttpResponse:
    """Takes one change back, or (`request`) all that its request did, and says so."""
    scope = signed_in(request)
    try:
        change_id = read_id("audit", change)
    except UnknownId:
        raise NotFound() from None
    others, whole = policy.allows(scope, "space.audit"), request.POST.get("request", "")
    if whole:
        undo.undo_request(scope, whole.replace("\0", "")[:100], others=others)
    else:
        undo.undo_change(scope, change_id, others=others)
    messages.success(request, _("The change was undone."))
    return redirect("audit-changes", slug)


urlpatterns = [
    path("install/activity", install_activity, name="spaces-install-activity"),
    path("s/<slug:slug>/activity", activity, name="audit-activity"),
    path("s/<slug:slug>/changes", changes, name="audit-changes"),
    path("s/<slug:slug>/changes/<str:change>/undo", undo_change, name="audit-undo"),
]


def _page(
    request: HttpRequest,
    found: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
    tabs: Sequence[dict[str, Any]],
    filters: dict[str, Any] | None = None,
) -> HttpResponse:
    last = found[SHOWN - 1]["id"] if len(found) > SHOWN else None
    kind = "event" if filters else "audit"
    cursor = make_cursor([read_id(kind, last)]) if last else None
    days = [
        {"name": name, "rows": list(group)} for name, group in groupby(rows, key=lambda each: each["day"])
    ]
    kept = f"&{filters['kept']}" if filters and filters["kept"] else ""
    following = f"?cursor={cursor}{kept}" if cursor else None
    context = {"days": days, "tabs": tabs, "filters": filters, "next_url": following}
    status = 422 if filters and filters["errors"] else 200
    return render(request, "audit/activity.html", context, status=status)


def _tabs(scope: Scope, here: str) -> list[dict[str, Any]]:
    slug = scope.space.slug
    tabs = [{"label": _("Events"), "url": reverse("audit-activity", args=[slug]), "on": here == "activity"}]
    if policy.allows(scope, "space.audit"):
        tabs.append(
            {"label": _("Changes"), "url": reverse("audit-changes", args=[slug]), "on": here == "changes"}
        )
    return tabs


def _before(request: HttpRequest) -> UUID | None:
    cursor = request.GET.get("cursor")
    return read_cursor(cursor, [UUID])[0] if cursor else None


def _event(scope: Scope, event: dict[str, Any]) -> dict[str, Any]:
    failed = event["action"] == "request.failed"
    shown = detail_words(event["details"])
    asked = [event["method"], event["path"], str(event["status"])] if event["method"] else []
    return _row(scope, event) | {
        "what": event_words(event["action"]),
        "detail": " · ".join([" ".join(asked), *shown] if asked else shown),
        "failed": failed,
        "undo_url": None,
    }


def _changes(scope: Scope, changes: Sequence[dict[str, Any]], *, whole: bool) -> dict[str, Any]:
    """What one request changed, with the button that takes it back."""
    last = changes[0]
    single = len(changes) == 1
    known = all(undo.known(each["table"]) for each in changes)
    # An import is taken back on its own page, which keeps what people changed since.
    offered = known and (single or (whole and not str(last["request_id"]).startswith("job_")))
    told = ", ".join(deeds.told(changes, lambda each: str(each["table"])))
    return _row(scope, last) | {
        "what": " · ".join(filter(None, (told, _names(changes)))),
        "detail": " · ".join(_details(changes)),
        "failed": False,
        "undo_url": reverse("audit-undo", args=[scope.space.slug, last["id"]]) if offered else None,
        "request": None if single else last["request_id"],
    }


def _names(changes: Sequence[dict[str, Any]]) -> str:
    """The titles and names that the changed rows have; few of many."""
    rows = [(each["new"] or {}, each["old"] or {}) for each in reversed(changes)]
    named = (new.get("title") or new.get("name") or old.get("title") or old.get("name") for new, old in rows)
    found = list(dict.fromkeys(str(each) for each in named if each))
    rest = len(found) - MOST_NAMES
    more = [ngettext("%(num)s more", "%(num)s more", rest) % {"num": rest}] if rest > 0 else []
    return ", ".join([_brief(each) for each in found[:MOST_NAMES]] + more)


def _details(changes: Sequence[dict[str, Any]]) -> list[str]:
    """What changed from what to what, each once."""
    made = {each["new"].get("id") for each in changes if each["action"] == "insert" and each["new"]}
    found = [
        f"{field_word(key)}: {_brief(each['old'].get(key))} → {_brief(value)}"
        for each in reversed(changes)
        if each["old"] and each["new"] and each["new"].get("id") not in made
        for key, value in each["new"].items()
        if not key.endswith(("_at", "_by", "_id", "_fields")) and not is_id(value)
    ]
    return list(dict.fromkeys(found))[:MOST_DETAILS]


def _row(scope: Scope, found: dict[str, Any]) -> dict[str, Any]:
    at: datetime = found["at"].astimezone(trail_api.zone_of(scope))
    who = found["actor"]["name"] if found["actor"] else _("Someone")
    return {
        "time": date_format(at, "H:i"),
        "day": f"{date_format(at, 'l')}, {date_format(at, 'DATE_FORMAT')}",
        "who": who,
    }


def _brief(value: Any) -> str:
    text = value_word(value)
    return text if len(text) <= 60 else text[:59] + "…"
