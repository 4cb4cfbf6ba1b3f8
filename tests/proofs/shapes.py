"""Bodies that break the OpenAPI document of a route, one field at a time."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mediatheque.core.ids import new_id, show_id

from .routes import Route, operation

NUL, HALF_A_PAIR = "a\x00b", "a\ud800b"
HUGE = 10**30
WRONG: dict[str, Any] = {"array": [{"no": "such"}], "object": {"no": "such"}, "number": 7, "string": "x"}
TITLE_OF_10_MB = "x" * 10_000_000


@dataclass(frozen=True)
class Field:
    """A place in a body (dotted), and the JSON types it takes."""

    path: str
    types: frozenset[str]
    reads_ids: bool


@dataclass(frozen=True)
class Broken:
    """A body with one fault, and the field that must be named for it."""

    why: str
    field: str
    body: Any


def fields_of(route: Route) -> list[Field]:
    """Every field of the route's JSON body, those inside objects too."""
    content = operation(route).get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return list(_fields(schema, "")) if schema else []


def _fields(schema: dict[str, Any], prefix: str) -> Iterator[Field]:
    for option in _options(schema):
        for name, inner in option.get("properties", {}).items():
            options = list(_options(inner))
            path = f"{prefix}{name}"
            types = frozenset(each.get("type", "any") for each in options)
            reads_ids = any(
                "_01jd" in str(example) for each in options for example in each.get("examples", [])
            )
            yield Field(path, types, reads_ids)
            if "object" in types:
                yield from _fields(inner, f"{path}.")


def _options(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema's alternatives with their references followed."""
    from mediatheque.web.api import api

    if "$ref" in schema:
        yield from _options(
            api.get_openapi_schema()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        )
        return
    alternatives = [*schema.get("anyOf", []), *schema.get("allOf", [])]
    if not alternatives:
        yield schema
    for each in alternatives:
        yield from _options(each)


def broken(route: Route, valid: Any) -> Iterator[Broken]:
    """The valid body with one thing wrong, for each field and each way to be wrong."""
    for field in fields_of(route):
        for why, value in _faults(field):
            yield Broken(f"{field.path}: {why}", field.path, _with(valid, field.path, value))
    if isinstance(valid, dict) and fields_of(route):
        yield Broken("unknown field", "no_such_field", {**valid, "no_such_field": 1})


def _faults(field: Field) -> Iterator[tuple[str, Any]]:
    if "any" not in field.types:
        for kind, value in WRONG.items():
            takes = field.types & ({"number", "integer", "boolean"} if kind == "number" else {kind})
            reads = (
                kind == "string"
                and field.types & {"number", "integer", "boolean"}
                and field.types - {"array"}
            )
            if not takes and not (reads and "x".isdigit()):
                yield kind, value
    if "string" in field.types:
        yield "NUL", NUL
        yield "half a pair", HALF_A_PAIR
    if "integer" in field.types:
        yield "huge", HUGE
    if field.reads_ids:
        yield "other type", show_id("event", new_id())
        yield "missing", show_id("library", new_id())


def _with(valid: Any, path: str, value: Any) -> Any:
    body = copy.deepcopy(valid) if isinstance(valid, dict) else {}
    target = body
    *outer, last = path.split(".")
    for part in outer:
        if not isinstance(target.get(part), dict):
            target[part] = {}
        target = target[part]
    target[last] = value
    return body


def unreadable() -> Iterator[tuple[str, bytes, str]]:
    """Bodies that are no JSON object at all, with their content type."""
    json = "application/json"
    yield "empty", b"", json
    yield "cut off", b'{"title": "x', json
    yield "a list", b"[]", json
    yield "a text", b'"x"', json
    yield "a number", b"1e999", json
    yield "null", b"null", json
    yield "not UTF-8", b'{"title": "\xff\xfe"}', json
    yield "deep", b'{"a":' * 20_000 + b"1" + b"}" * 20_000, json
    yield "deep list", b"[" * 100_000, json
    yield "long number", b'{"year": ' + b"9" * 10_000 + b"}", json
    yield "infinite", b'{"rating": 1e999, "year": 1e999}', json
    yield "not a number", b'{"rating": NaN}', json
    yield "a form", b"title=x&media_type=movie&name=x", "application/x-www-form-urlencoded"
    yield "no parts", b"--x--", "multipart/form-data; boundary=x"
    yield "no boundary", b"x", "multipart/form-data"
