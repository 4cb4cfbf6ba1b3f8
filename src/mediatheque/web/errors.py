"""Every refusal as a problem document (API.md, RFC 9457) or as a page."""

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mediatheque.core.errors import FieldError, Forbidden, Malformed, NotFound, Refusal
from mediatheque.spaces import queries as spaces

MOST_HELPERS = 5


def problem(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as `application/problem+json`."""
    return _answer(
        request,
        refusal.status,
        refusal.code,
        str(refusal.title),
        refusal.detail,
        refusal.errors,
        conflicts=list(refusal.conflicts),
        headers=refusal.headers,
    )


def answer_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal in the form this address speaks."""
    return problem(request, refusal) if wants_json(request) else page(request, refusal)


def page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as a page that says what happened, what to do, and the request's id."""
    context = {
        "status": refusal.status,
        "title": refusal.title,
        "detail": refusal.detail,
        # The address is what is missing: which part of it would tell other types and foreign ones apart.
        "errors": () if refusal.status == 404 else refusal.errors,
        "request_id": getattr(request, "request_id", ""),
        "helpers": _helpers(request) if refusal.status == 403 else [],
    }
    response = render(request, "error.html", context, status=refusal.status)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def _helpers(request: HttpRequest) -> list[str]:
    """Who runs the space in which something was refused."""
    scope = getattr(request, "scope", None)
    if scope is None or scope.active_space is None:
        return []
    return [each["name"] for each in spaces.members(scope) if each["role"] == "admin"][:MOST_HELPERS]


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.path == "/metrics"


class Failure(Refusal):
    status, code, title = 500, "server.failed", gettext_lazy("Something went wrong here.")


class MethodNotAllowed(Refusal):
    status, code, title = 405, "method.not_allowed", gettext_lazy("This address does not take that method.")


def failure(request: HttpRequest) -> HttpResponse:
    """Django's handler500. Nothing of the cause is told; the request's id finds it in the log."""
    return answer_refusal(
        request,
        Failure(_("The fault has been noted. Try again; if it stays, tell the operator the request's id.")),
    )


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return answer_refusal(request, NotFound())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403."""
    return answer_refusal(request, Forbidden())


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return answer_refusal(request, Malformed())


def _answer(
    request: HttpRequest,
    status: int,
    code: str,
    title: str,
    detail: str,
    errors: Sequence[FieldError],
    *,
    conflicts: list[Any],
    headers: dict[str, str],
) -> HttpResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": getattr(request, "request_id", ""),
        "errors": [{"field": e.field, "message": e.message, "code": e.code} for e in errors],
    }
    if conflicts:
        body["conflicts"] = conflicts
    response = HttpResponse(
        json.dumps(body, default=str), status=status, content_type="application/problem+json"
    )
    for name, value in headers.items():
        response[name] = value
    return response
