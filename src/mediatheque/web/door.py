"""The hottest reads, answered without the rest of Django (ADR 0007).

The door answers what is plain: a signed-in GET that finds what it asks for. It enters the same scope and calls
the same queries as everything else, and steps aside at the first doubt (nobody is signed in, a parameter is
wrong, the record is not there, the database is away), so that each refusal has one place where it is made.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation

from mediatheque.catalog import api as catalog
from mediatheque.catalog import list_pages, pages
from mediatheque.core.api import Request
from mediatheque.core.errors import Refusal
from mediatheque.core.reading import reading

from .entering import admit, asking, language, wanted_space

Read = Callable[..., HttpResponse]
_csrf = CsrfViewMiddleware(lambda _: HttpResponse())


def _page(view: Read) -> Read:
    """A page's view with what it needs beside the scope: the token of its forms, the person's language."""

    def read(request: Request, *values: str) -> HttpResponse:
        if "messages" in request.COOKIES:
            raise ValueError("What is to be told is taken out of its cookie on the whole way.")
        _csrf.process_request(request)
        with translation.override(language(request)):
            response = view(request, *values)
        _csrf.process_response(request, response)
        return response

    return read


READS: tuple[tuple[re.Pattern[str], Read], ...] = (
    (re.compile(r"/api/media"), catalog.plain_list),
    (re.compile(r"/api/media/(med_[0-9a-z]{26})"), catalog.plain_item),
    (re.compile(r"/s/([^/]+)/"), _page(pages.home)),
    (re.compile(r"/s/([^/]+)/library"), _page(list_pages.everything)),
    (re.compile(r"/s/([^/]+)/library/(lib_[0-9a-z]{26})"), _page(list_pages.library)),
)
NOT_PLAIN = (Refusal, ValueError, DisallowedHost, DatabaseError, InterfaceError)


class Door:
    """Stands inside `Answers`, which gives what every answer has: id, headers, log, metrics."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        return answered(request) or self.get_response(request)


def stands_before(path: str) -> bool:
    """Whether reads of this address may be answered here."""
    return any(address.fullmatch(path) for address, _ in READS)


def answered(request: Request) -> HttpResponse | None:
    """The answer, or None where the request goes the whole way."""
    if request.method != "GET" or settings.AUDIT_LOG_MODE == "all":
        return None
    for address, read in READS:
        if found := address.fullmatch(request.path):
            return _answer(request, read, found.groups())
    return None


def _answer(request: Request, read: Read, values: tuple[str, ...]) -> HttpResponse | None:
    """The answer, or None where it is not plain."""
    try:
        request.get_host()
        wanted = wanted_space(request)
        with reading():
            found = asking(request, wanted)
            if found is None:
                return None
            admit(request, found, wanted)
            response = read(request, *values)
    except NOT_PLAIN:
        return None
    response.headers["Content-Language"] = language(request)
    response.headers["Content-Length"] = str(len(response.content))
    return response
