"""Addresses for tests alone: each writes a library and an event of it, and then ends in one kind of refusal."""

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI, Status
from ninja.errors import HttpError, ValidationError

from mediatheque.core import db
from mediatheque.core.api import Request, signed_in
from mediatheque.core.errors import BY_STATUS, NotFound, TooMany
from mediatheque.spaces import shelves
from mediatheque.web.api import api as product
from mediatheque.web.urls import urlpatterns as product_addresses

LEFT_OVER = "Left over"


def write(request: HttpRequest) -> None:
    shelves.create_library(signed_in(request), name=LEFT_OVER)


def _refuse(kind: str) -> Any:
    if kind.isdigit():
        raise TooMany(7) if kind == "429" else BY_STATUS[int(kind)]()
    return ENDINGS[kind]()


def _http_error() -> None:
    raise HttpError(418, "teapot")


def _unexpected() -> None:
    raise RuntimeError("a secret cause")


def _invalid() -> None:
    raise ValidationError([{"type": "missing", "loc": ("body", "body", "name"), "msg": "Field required"}])


def _missing() -> None:
    raise Http404


def _denied() -> None:
    raise PermissionDenied


def _suspicious() -> None:
    raise SuspiciousOperation("a secret cause")


def _broken_constraint() -> None:
    db.execute("insert into libraries (id) values (gen_random_uuid())")


def _lost_connection() -> None:
    db.execute("select pg_terminate_backend(pg_backend_pid())")


def _kept_in_a_savepoint() -> None:
    with transaction.atomic():
        db.execute("update libraries set description = %s where name = %s", [LEFT_OVER, LEFT_OVER])
    raise NotFound()


ENDINGS = {
    "http_error": _http_error, "unexpected": _unexpected, "invalid": _invalid, "missing": _missing,
    "denied": _denied, "suspicious": _suspicious, "broken_constraint": _broken_constraint,
    "lost_connection": _lost_connection, "kept_in_a_savepoint": _kept_in_a_savepoint,
}  # fmt: skip
ANSWERED = ("answered", "answered_by_ninja")
KINDS = [*(str(each) for each in BY_STATUS), "429", *ENDINGS, *ANSWERED]

api = NinjaAPI(
    urls_namespace="refusing", auth=signed_in, docs_url=None, openapi_url=None, renderer=product.renderer
)
api._exception_handlers = product._exception_handlers


@api.post("/refusing/{kind}", response={200: dict[str, Any], 409: dict[str, Any]})
def refusing(request: Request, kind: str) -> Any:
    write(request)
    if kind == "answered":
        return HttpResponse(b"{}", status=409, content_type="application/json")
    if kind == "answered_by_ninja":
        return Status(409, {})
    _refuse(kind)
    raise AssertionError(kind)


@api.post("/succeeding")
def succeeding(request: Request) -> dict[str, Any]:
    write(request)
    return {}


def page(request: HttpRequest, kind: str) -> HttpResponse:
    write(request)
    if kind in ANSWERED:
        return HttpResponse("no", status=409 if kind == "answered" else 500)
    _refuse(kind)
    raise AssertionError(kind)


# The product's addresses follow: its pages' frame leads to them.
urlpatterns = [path("api/", api.urls), path("refusing/<kind>", page), *product_addresses]
handler400 = "mediatheque.web.errors.malformed"
handler403 = "mediatheque.web.errors.forbidden"
handler404 = "mediatheque.web.errors.missing"
handler500 = "mediatheque.web.errors.failure"
