"""The mapping of a waiting plan as a form: which column is which field."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mediatheque.catalog.addresses import identity
from mediatheque.core.api import Request, signed_in
from mediatheque.core.errors import Conflict, NotFound, RuleBroken
from mediatheque.core.ids import read_id
from mediatheque.core.scope import Scope
from mediatheque.intake import mappings, queries, remapping
from mediatheque.intake.lines import address, shown
from mediatheque.intake.sources.fields import SETTERS
from mediatheque.people.forms import SeeOther, faults, show_again

DATES = ("YMD", "DMY", "MDY")
SCALES = ("5", "10", "100")
RATINGS = ("rating", "own_rating")
TEMPLATE_URL = "/api/media/import/template-csv"


@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: Request, slug: str, job: str) -> HttpResponse:
    """Each column with its first values and the field it becomes; saving makes the plan anew."""
    scope = signed_in(request)
    job_id = identity("job", job)
    found = queries.job(scope, job_id)
    told = remapping.columns_of(scope, job_id)
    if request.method != "POST":
        return render(request, "intake/mapping.html", _form(scope, found, told))
    asked = _asked(request, told)
    try:
        remapping.remap(scope, job_id, asked)
        if name := request.POST.get("keep_as", "").strip():
            mappings.save(scope, name, asked)
    except (RuleBroken, Conflict) as refusal:
        if refusal.code == "job.no_plan":
            raise
        told_faults = faults(refusal)
        errors = (
            told_faults | {"keep_as": told_faults.get("name", "")} if "name" in told_faults else told_faults
        )
        again = {"errors": errors, "keep_as": request.POST.get("keep_as", "")}
        context = _form(scope, found, told) | again
        return show_again(request, "intake/mapping.html", context, refusal)
    return SeeOther(address(scope, "intake-job", job_id))


@require_POST
def use(request: Request, slug: str, job: str) -> HttpResponse:
    """Makes the plan anew by a saved mapping."""
    scope = signed_in(request)
    job_id, wanted = identity("job", job), request.POST.get("mapping", "")
    kept = next((each for each in mappings.saved(scope) if each["id"] == wanted), None)
    if kept is None:
        raise NotFound()
    remapping.remap(scope, job_id, kept["mapping"])
    return SeeOther(address(scope, "intake-job", job_id))


def _form(scope: Scope, found: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    scales = told["mapping"]["scales"]
    return {
        "job": shown(scope, found),
        "use_url": address(scope, "intake-mapping-use", read_id("job", found["id"])),
        "template_url": TEMPLATE_URL,
        "saved": told["saved"],
        "columns": [
            {"key": f"column-{number}", "name": each["header"], "field": (each["field"] or "").replace("_", " "),
             "grounds": _grounds(each["confidence"]), "is_sure": each["confidence"] != "none",
             "samples": " · ".join(each["samples"])}
            for number, each in enumerate(told["columns"])
        ],
        "fields": [each.replace("_", " ") for each in sorted(SETTERS)],
        "dates": told["mapping"]["dates"],
        "date_orders": [
            ("YMD", _("year, month, day")), ("DMY", _("day, month, year")), ("MDY", _("month, day, year")),
        ],
        "scales": [
            (f"scale-{each}", each.replace("_", " "), str(scales[each])) for each in RATINGS if each in scales
        ],
        "scale_choices": [(each, _("out of %(most)s") % {"most": each}) for each in SCALES],
        "keep_as": "",
        "errors": {},
    }  # fmt: skip


def _grounds(confidence: str) -> str:
    """How sure the guess is, in words."""
    return {
        "asked": _("as you said"),
        "name": _("by its name"),
        "values": _("by its values"),
        "none": _("not recognised"),
    }[confidence]


def _asked(request: Request, told: dict[str, Any]) -> dict[str, Any]:
    """The mapping as the form says it; fields it does not name stay as they were."""
    columns = {
        each["header"]: request.POST.get(f"column-{number}", each["field"] or "")
        .strip()
        .lower()
        .replace(" ", "_")
        or None
        for number, each in enumerate(told["columns"])
    }
    chosen = {each: request.POST.get(f"scale-{each}", "") for each in RATINGS}
    scales = {
        each: int(value) for each, value in chosen.items() if value in SCALES and each in columns.values()
    }
    order = request.POST.get("dates", "")
    return {"columns": columns, "scales": scales} | ({"dates": order} if order in DATES else {})


urlpatterns = [
    path("s/<slug>/jobs/<job>/mapping", mapping, name="intake-mapping"),
    path("s/<slug>/jobs/<job>/mapping/use", use, name="intake-mapping-use"),
]
