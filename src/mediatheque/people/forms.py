"""Forms of pages: read by the same schemas as the API's bodies, faults shown at their fields."""

from collections.abc import Mapping
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from pydantic import ValidationError

from mediatheque.core.api import In
from mediatheque.core.errors import FieldError, Refusal, RuleBroken
from mediatheque.core.scope import Scope

Form = TypeVar("Form", bound=In)


class SeeOther(HttpResponseRedirect):
    """After a form was taken: look there."""

    status_code = 303


def read(form: type[Form], values: Mapping[str, Any]) -> Form:
    """The form's values, checked. Raises RuleBroken with one message per field."""
    try:
        return form.model_validate(dict(values))
    except ValidationError as error:
        faults = [FieldError(_place(each), _sentence(each["type"], each["msg"])) for each in error.errors()]
        raise RuleBroken(_("Check these fields."), errors=faults) from None


def _place(error: Mapping[str, Any]) -> str:
    """The field; a character that cannot be stored is found before the fields are told apart."""
    found = error["ctx"]["field"] if error["type"] == "unstorable_text" else ""
    return found or ".".join(str(part) for part in error["loc"])


def _sentence(kind: str, message: str) -> str:
    if kind in ("missing", "string_too_short", "too_short"):
        return _("Fill this in.")
    if kind in ("literal_error", "string_pattern_mismatch", "int_parsing", "unknown_id"):
        return _("Choose something that is offered.")
    if kind == "invisible_text":
        return _("Write something that can be seen.")
    if kind == "string_too_long":
        return _("That is too long.")
    return message


def faults(refusal: Refusal) -> dict[str, str]:
    """What is wrong, by field; under `form` where it is no field's fault."""
    return {each.field: each.message for each in refusal.errors} or {"form": refusal.detail}


def show_again(
    request: HttpRequest, template: str, context: Mapping[str, Any], refusal: Refusal
) -> HttpResponse:
    """The page with its faults; 422, 403 where no other value would help, or 429 with the time to wait."""
    response = render(
        request, template, dict(context), status=refusal.status if refusal.status in (403, 429) else 422
    )
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form without the fields that were left empty."""
    return {name: value for name, value in values.items() if value not in ("", None)}


def shown_time(scope: Scope, instant: Any) -> str:
    """A time as the person reads it, in their time zone; '' for none."""
    if instant is None:
        return ""
    zone = scope.preferences.get("time_zone") or (
        scope.active_space.time_zone if scope.active_space else "UTC"
    )
    return date_format(timezone.localtime(instant, ZoneInfo(zone)), "SHORT_DATETIME_FORMAT")
