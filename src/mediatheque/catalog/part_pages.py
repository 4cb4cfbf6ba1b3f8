"""Pages for what hangs on an item: one's own entry, copies, seasons, metadata (C6, C7, C9, W1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.core.api import signed_in
from mediatheque.core.db import Row
from mediatheque.core.errors import Conflict, FieldError, NotFound, RuleBroken
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope
from mediatheque.core.text import has_unstorable
from mediatheque.people.forms import SeeOther

from . import actions, forms, parts, queries
from .addresses import identity, item_url
from .forms import Field


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of part: its fields and what to do with them."""

    heading: Any
    new_heading: Any
    fields: tuple[Field, ...]
    rows: Callable[[Scope, UUID], list[Row]]
    create: Callable[[Scope, UUID, Mapping[str, Any]], Row]
    update: Callable[[Scope, UUID, UUID, Mapping[str, Any]], Row]
    delete: Callable[[Scope, UUID, UUID], None]


VARIANT = Part(
    gettext_lazy("Edition or copy"),
    gettext_lazy("Add an edition or copy"),
    (
        Field("format", gettext_lazy("Format"), hint=gettext_lazy("Blu-ray, DVD, Paperback, LP …")),
        Field("edition", gettext_lazy("Edition")),
        Field("resolution", gettext_lazy("Resolution"), hint="SD, 720p, 1080p, 4K"),
        Field("barcode", gettext_lazy("Barcode or ISBN")),
        Field("location", gettext_lazy("Where it stands")),
        Field("condition", gettext_lazy("Condition")),
        Field("purchased_on", gettext_lazy("Bought on"), "date"),
        Field("price", gettext_lazy("Price"), "number"),
        Field("currency", gettext_lazy("Currency"), hint="EUR"),
        Field("path", gettext_lazy("Path of the file")),
    ),
    queries.variants,
    parts.create_variant,
    parts.update_variant,
    parts.delete_variant,
)
SEASON = Part(
    gettext_lazy("Season"),
    gettext_lazy("Add a season"),
    (
        Field("number", gettext_lazy("Number"), "number", gettext_lazy("0 for specials.")),
        Field("title", gettext_lazy("Title")),
        Field("expected_episodes", gettext_lazy("Episodes there are"), "number"),
        Field("available_episodes", gettext_lazy("Episodes here"), "number"),
        Field("is_complete", gettext_lazy("Complete"), "tick"),
    ),
    queries.seasons,
    parts.create_season,
    parts.update_season,
    parts.delete_season,
)
PARTS = {"variant": VARIANT, "season": SEASON}
EMPTY_ROWS = 3
WHOLE_NUMBERS = ("number", "expected_episodes", "available_episodes")


@require_POST
def own(request: HttpRequest, slug: str, media_id: str) -> HttpResponse:
    """One's own status, rating and watchlist mark."""
    scope = signed_in(request)
    rating = request.POST.get("rating", "")
    given: dict[str, Any] = {
        "rating": int(rating) if rating.isdecimal() and len(rating) < 3 else None,
        "on_watchlist": "on_watchlist" in request.POST,
    }
    if "status" in request.POST:
        given["status"] = request.POST["status"]
    row = actions.update_media(scope, identity("media", media_id), {"own": given})
    messages.success(request, _("Saved."))
    return SeeOther(item_url(scope, row["id"]))


@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, slug: str, media_id: str, kind: str, part_id: str = "") -> HttpResponse:
    """The form of a copy or a season, new or old."""
    scope = signed_in(request)
    item = actions.changeable(scope, identity("media", media_id))
    what, before = PARTS[kind], _before(scope, item, kind, part_id)
    values, errors = dict(before), {}
    address = item_url(scope, item["id"])
    if request.method == "POST":
        values |= _sent(what, request)
        try:
            _write(scope, item, what, values, before, identity(kind, part_id) if part_id else None)
            messages.success(request, _("Saved."))
            return SeeOther(address)
        except (RuleBroken, Conflict) as refusal:
            errors = forms.errors_of(refusal)
    shown = [(field, values.get(field.name, "")) for field in what.fields]
    context = {
        "heading": what.heading if part_id else what.new_heading,
        "delete_url": f"{address}/{kind}s/{part_id}/delete" if part_id else None,
        "fields": shown,
    }
    return form_page(request, scope, item, context, errors)


@require_POST
def delete_part(request: HttpRequest, slug: str, media_id: str, kind: str, part_id: str) -> HttpResponse:
    """A copy or a season goes."""
    scope = signed_in(request)
    wanted = identity("media", media_id)
    PARTS[kind].delete(scope, wanted, identity(kind, part_id))
    messages.success(request, _("Deleted."))
    return SeeOther(item_url(scope, wanted))


@require_http_methods(["GET", "POST"])
def metadata(request: HttpRequest, slug: str, media_id: str) -> HttpResponse:
    """An item's keys and values, a row each; empty rows wait for more."""
    scope = signed_in(request)
    item = actions.changeable(scope, identity("media", media_id))
    address = item_url(scope, item["id"])
    pairs = list(queries.metadata(scope, item["id"]).items())
    errors: dict[str, str] = {}
    if request.method == "POST":
        pairs = _pairs(request.POST)
        try:
            if "more" not in request.POST:
                if "key" in request.POST:
                    parts.set_metadata(scope, item["id"], _once_each(pairs), whole=True)
                messages.success(request, _("Saved."))
                return SeeOther(address)
        except RuleBroken as refusal:
            errors = {each.field: each.message for each in refusal.errors}
    context = {
        "here": show_id("library", item["library_id"]),
        "crumbs": [(item["title"], address)],
        "action": request.path,
        "back_url": address,
        "pairs": [*pairs, *[("", "")] * EMPTY_ROWS],
        "keys": [key for key, _value in pairs if key],
        "errors": errors,
    }
    return render(request, "catalog/metadata.html", context, status=422 if errors else 200)


def _before(scope: Scope, item: Row, kind: str, part_id: str) -> dict[str, str]:
    """A part as its form shows it; an empty one when it is new."""
    what = PARTS[kind]
    if not part_id:
        return {field.name: "" for field in what.fields}
    wanted = identity(kind, part_id)
    row = next((each for each in what.rows(scope, item["id"]) if each["id"] == wanted), None)
    if row is None:
        raise NotFound()
    return {field.name: _text(row[field.name]) for field in what.fields}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


def _sent(what: Part, request: HttpRequest) -> dict[str, str]:
    """What the form sent; a tick that is not there was taken away."""
    return {field.name: request.POST.get(field.name, "").strip() for field in what.fields}


def _write(
    scope: Scope,
    item: Row,
    what: Part,
    values: Mapping[str, str],
    before: Mapping[str, str],
    part_id: UUID | None,
) -> None:
    if part_id:
        changed = {name: text for name, text in values.items() if text != before[name]}
        what.update(scope, item["id"], part_id, _read(what, changed))
    else:
        given = {name: text for name, text in values.items() if text}
        if what is SEASON and "number" not in given:
            raise RuleBroken.at("number", _("The number is required."), "number.required")
        what.create(scope, item["id"], _read(what, given))


def _read(what: Part, texts: Mapping[str, str]) -> dict[str, Any]:
    """Texts as values. Raises RuleBroken."""
    found: dict[str, Any] = {}
    faults = []
    for field in what.fields:
        text = texts.get(field.name)
        if text is None:
            continue
        try:
            found[field.name] = _value(field, text)
        except ValueError:
            faults.append(FieldError(field.name, _("This cannot be read."), f"{field.name}.invalid"))
    if faults:
        raise RuleBroken(faults[0].message, errors=faults)
    return found


def _value(field: Field, text: str) -> Any:
    if has_unstorable(text):
        raise ValueError(text)
    if field.kind == "tick":
        return bool(text)
    if field.name in WHOLE_NUMBERS:
        return int(text) if text else None
    if field.name == "price":
        return float(text.replace(",", ".")) if text else None
    return text or None


def _pairs(posted: QueryDict) -> list[tuple[str, str]]:
    """The rows that hold something and were not ticked to go."""
    gone = set(posted.getlist("drop"))
    rows = zip(posted.getlist("key"), posted.getlist("value"), strict=False)
    return [
        (key.strip(), value.replace("\r\n", "\n").strip())
        for number, (key, value) in enumerate(rows)
        if str(number) not in gone and (key.strip() or value.strip())
    ]


def _once_each(pairs: Sequence[tuple[str, str]]) -> dict[str, str | None]:
    """Raises RuleBroken for a key that stands twice, and for what cannot be stored."""
    found: dict[str, str | None] = {}
    for key, value in pairs:
        if has_unstorable(key) or has_unstorable(value):
            raise RuleBroken.at(key, _("Remove the character that cannot be stored."), "unstorable_text")
        if key in found:
            raise RuleBroken.at(key, _("This key stands twice: keep one of the two."), "metadata.twice")
        found[key] = value
    return found


def form_page(
    request: HttpRequest, scope: Scope, item: Row, context: dict[str, Any], errors: dict[str, str]
) -> HttpResponse:
    """A small form about an item."""
    address = item_url(scope, item["id"])
    frame = {"here": show_id("library", item["library_id"]), "crumbs": [(item["title"], address)]}
    context |= frame | {"action": request.path, "back_url": address, "errors": errors}
    return render(request, "catalog/part.html", context, status=422 if errors else 200)


ITEM = "s/<str:slug>/media/<str:media_id>"
urlpatterns = [
    path(f"{ITEM}/own", own, name="catalog-own"),
    path(f"{ITEM}/metadata", metadata, name="catalog-metadata"),
    *(
        route
        for kind in PARTS
        for route in (
            path(f"{ITEM}/{kind}s/new", part, {"kind": kind}, name=f"catalog-{kind}-add"),
            path(f"{ITEM}/{kind}s/<str:part_id>", part, {"kind": kind}, name=f"catalog-{kind}"),
            path(
                f"{ITEM}/{kind}s/<str:part_id>/delete",
                delete_part,
                {"kind": kind},
                name=f"catalog-{kind}-delete",
            ),
        )
    ),
]
