"""The JSON API: one NinjaAPI, its refusals, and the rooms' routers."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.operation import Operation
from ninja.renderers import BaseRenderer
from ninja.security.base import AuthBase

from mediatheque.catalog import api as catalog
from mediatheque.catalog import lists_api, loans_api, tags_api, watchlist_api
from mediatheque.core.api import signed_in
from mediatheque.core.errors import FieldError, Malformed, NotFound, NotSignedIn, Refusal
from mediatheque.intake import api as intake
from mediatheque.operations import api as operations
from mediatheque.people import api as people
from mediatheque.spaces import api as spaces
from mediatheque.spaces import door_api, libraries_api, operators_api, trail_api

from .errors import problem
from .sentences import sentence


class Json(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


class SignedIn(AuthBase):
    """The scope of a session or a token. The document at /api/docs offers the token, and sends the session's
    CSRF token with what it tries out."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    csrf = True

    def __call__(self, request: HttpRequest) -> Any:
        return signed_in(request)


api = NinjaAPI(
    title="Mediatheque",
    version="1",
    docs=Swagger(settings={"validatorUrl": None}),  # it would ask another host
    docs_url="/docs",
    openapi_url="/openapi.json",
    renderer=Json(),
    auth=[SignedIn()],
    urls_namespace="api",
)

# Addresses are tried in turn: the busiest first, and before the catalogue whatever its /media/{id} would swallow.
for _room in (lists_api, intake, loans_api, catalog, tags_api):
    api.add_router("", _room.router)
api.add_router("/watchlist", watchlist_api.router)
for _room in (operations, people, door_api, spaces, libraries_api, operators_api):
    api.add_router("", _room.router)
api.add_router("/spaces", trail_api.router)


def _operations() -> Iterator[Operation]:
    for router in api._get_bound_routers():  # ninja works on copies of what the rooms declare
        for view in router.path_operations.values():
            yield from view.operations


def _refuse_unknown_parameters(operation: Operation) -> None:
    """A parameter that an operation does not have is refused by name, not passed over in silence."""
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }
    run = operation.run

    def checked(request: HttpRequest, **path: Any) -> HttpResponseBase:
        unknown = [name for name in request.GET if name not in known]
        if unknown and (request.scope or not operation.auth_callbacks):  # type: ignore[attr-defined]
            message = _("There is no such parameter here.")
            errors = [FieldError(name, message, "parameter.unknown") for name in unknown]
            return problem(request, Malformed(message, code="parameter.unknown", errors=errors))
        return run(request, **path)

    operation.run = checked  # type: ignore[method-assign]  # ninja offers no hook before its own parsing


for _operation in _operations():
    _refuse_unknown_parameters(_operation)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return problem(request, refusal)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(request, NotSignedIn())


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, NotFound())


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, Malformed(_("The body is not valid JSON."), code="body.malformed"))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Wrong shapes are 400 with a list of fields; an id that is none of ours reads like a missing record."""
    unknown = next((each for each in error.errors if each["type"] == "unknown_id"), None)
    if unknown is not None:
        where = _place(unknown)
        return problem(request, NotFound() if unknown["loc"][0] == "path" else NotFound.at(where))
    fields = [FieldError(_place(each), sentence(each), str(each["type"])) for each in error.errors]
    names = ", ".join(dict.fromkeys(each.field for each in fields))
    detail = _("Check these fields: %(names)s.") % {"names": names}
    return problem(request, Malformed(detail, code="body.invalid", errors=fields))


def _place(error: Mapping[str, Any]) -> str:
    """The field's name as the client wrote it: without the names of our parameters."""
    if error["type"] == "unstorable_text":  # found before the fields were told apart
        return str(error["ctx"]["field"])
    location = [str(part) for part in error["loc"]]
    inside = (
        location[1:]
        if location and location[0] in ("body", "query", "path", "form", "file", "header")
        else location
    )
    if len(inside) > 1 and location[0] in ("body", "query", "form"):
        inside = inside[1:]
    return ".".join(inside) or location[0]
