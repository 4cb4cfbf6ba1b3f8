"""The mapping of a waiting plan as a form: which column is which field."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mediatheque.catalog.addresses import identity
from mediatheque.core.api import Request, signed_in
from mediatheque.core.errors import RuleBroken
from mediatheque.core.scope import Scope
from mediatheque.intake import queries, remapping
from mediatheque.intake.lines import address, shown
from mediatheque.intake.sources.fields import SETTERS
from mediatheque.people.forms import SeeOther, faults, show_again

DATES = ("YMD", "DMY", "MDY")
SCALES = ("5", "10", "100")
RATINGS = ("rating", "own_rating")


@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: Request, slug: str, job: str) -> HttpResponse:
    """Each column with its first values and the field it becomes; saving makes the plan anew."""
    scope = signed_in(request)
    job_id = identity("job", job)
    found = queries.job(scope, job_id)
    told = remapping.columns_of(scope, job_id)
    context = _form(scope, found, told)
    if request.method != "POST":
        return render(request, "intake/mapping.html", context)
    try:
        remapping.remap(scope, job_id, _asked(request, told))
    except RuleBroken as refusal:
        return show_again(request, "intake/mapping.html", context | {"errors": faults(refusal)}, refusal)
    return SeeOther(address(scope, "intake-job", job_id))


def _form(scope: Scope, found: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    return {
        "job": shown(scope, found),
        "columns": [
            {"key": f"column-{number}", "name": name, "field": (field or "").replace("_", " "), "samples": samples}
            for number, (name, field, samples) in enumerate(told["columns"])
        ],
        "fields": [each.replace("_", " ") for each in sorted(SETTERS)],
        "dates": told["dates"],
        "date_orders": [
            ("YMD", _("year, month, day")), ("DMY", _("day, month, year")), ("MDY", _("month, day, year")),
        ],
        "scales": [
            (f"scale-{each}", each.replace("_", " "), str(told["scales"][each]))
            for each in RATINGS if each in told["scales"]
        ],
        "scale_choices": [(each, _("out of %(most)s") % {"most": each}) for each in SCALES],
        "errors": {},
    }  # fmt: skip


def _asked(request: Request, told: dict[str, Any]) -> dict[str, Any]:
    """The mapping as the form says it; fields it does not name stay as they were."""
    columns = {
        name: (request.POST.get(f"column-{number}", field or "").strip().lower().replace(" ", "_") or None)
        for number, (name, field, _samples) in enumerate(told["columns"])
    }
    chosen = {each: request.POST.get(f"scale-{each}", "") for each in RATINGS}
    scales = {
        each: int(value) for each, value in chosen.items() if value in SCALES and each in columns.values()
    }
    order = request.POST.get("dates", "")
    return {"columns": columns, "scales": scales} | ({"dates": order} if order in DATES else {})


urlpatterns = [path("s/<slug>/jobs/<job>/mapping", mapping, name="intake-mapping")]
