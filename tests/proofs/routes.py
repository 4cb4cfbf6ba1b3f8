"""Every route of the product, read from the router, and what each is: who may, what fills it, what it takes.

A route that stands in no table of classification.py fails `test_every_route_is_classified` by its name: say there
what its least act is, and every proof over the router takes it in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from .classification import API, PAGES
from .rule import Ids, Rule

SAFE = ("GET", "HEAD", "OPTIONS")

# Which kind of id fills a parameter.
KINDS = {
    "space": "space", "member": "membership", "invitation": "invitation", "session": "session",
    "library": "library", "media_id": "media", "variant_id": "variant", "season_id": "season",
    "work_id": "work", "change": "change", "job": "job", "token": "token", "slug": "slug",
    "library_id": "library", "job_id": "job", "entry_id": "entry", "view": "view", "tag": "tag", "mapping": "mapping",
}  # fmt: skip
# Secrets name no record: whoever holds one may, and a wrong one is only missing.
SECRETS = {"invite", "signature", "words", "source"}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    rule: Rule

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_page(self) -> bool:
        return not self.path.startswith("/api/")

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    def kind(self, parameter: str) -> str:
        return self.rule.kinds.get(parameter) or KINDS[parameter]

    def filled(self, values: Mapping[str, str]) -> str:
        """The address with these values for its parameters."""
        return re.sub(r"\{(\w+)\}", lambda m: values[m[1]], self.path) + self.rule.query

    def body(self, ids: Ids) -> Any:
        return self.rule.body(ids) if self.rule.body else None


def read_api() -> list[tuple[str, str]]:
    """Method and path of every operation of the API, hidden ones too."""
    from mediatheque.web.api import api

    documented = {
        (method.upper(), path) for path, item in api.get_openapi_schema()["paths"].items() for method in item
    }
    mounted = {
        (
            method.upper(),
            "/api" + re.sub(r"/{2,}", "/", f"/{prefix.strip('/')}/{path.lstrip('/')}").rstrip("/"),
        )
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    return sorted({(m, re.sub(r"\{\w+:(\w+)\}", r"{\1}", p)) for m, p in documented | mounted})


def read_pages() -> list[str]:
    """The pattern of every address outside the API's operations."""
    operations = {path for _, path in read_api()}
    found = {_as_path(pattern) for pattern in _patterns(get_resolver().url_patterns, "/")}
    return sorted(found - operations - {"/api/", "/api/openapi.json", "/api/docs", "/metrics"})


def _patterns(entries: list[Any], prefix: str) -> Iterator[str]:
    for entry in entries:
        here = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, here)
        elif isinstance(entry, URLPattern):
            yield here


def _as_path(pattern: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)


def unclassified() -> list[str]:
    """Routes that stand in no table."""
    missing = [f"{m} {p}" for m, p in read_api() if f"{m} {p}" not in API]
    classified = {key.split(" ", 1)[1] for key in PAGES}
    return missing + [page for page in read_pages() if page not in classified]


def stale() -> list[str]:
    """Rules of routes that are gone."""
    there = {f"{m} {p}" for m, p in read_api()}
    pages = set(read_pages())
    return [k for k in API if k not in there] + [k for k in PAGES if k.split(" ", 1)[1] not in pages]


def api_routes() -> list[Route]:
    return [Route(m, p, API[f"{m} {p}"]) for m, p in read_api() if f"{m} {p}" in API]


def page_routes() -> list[Route]:
    there = set(read_pages())
    known = [(key.partition(" "), rule) for key, rule in PAGES.items()]
    return [Route(method, path, rule) for (method, _, path), rule in known if path in there]


def operation(route: Route) -> dict[str, Any]:
    """The route's part of the OpenAPI document."""
    from mediatheque.web.api import api

    paths: dict[str, dict[str, dict[str, Any]]] = api.get_openapi_schema()["paths"]
    return paths.get(route.path, {}).get(route.method.lower(), {})


def query_parameters(route: Route) -> list[str]:
    return [each["name"] for each in operation(route).get("parameters", []) if each["in"] == "query"]
