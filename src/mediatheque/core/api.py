"""The habits of every endpoint: bodies that refuse what is unknown, lists, cursors (API.md)."""

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from .errors import FieldError, Malformed, NotSignedIn
from .scope import Scope
from .text import has_unstorable, has_visible

MAX_LIMIT = 200
Row = TypeVar("Row")


class Request(HttpRequest):
    """A request inside its scope. Only the scope's middleware makes these attributes."""

    scope: Scope
    request_id: str
    started: float


def signed_in(request: HttpRequest) -> Scope:
    """Ninja's `auth`: the scope, or 401."""
    scope: Scope | None = getattr(request, "scope", None)
    if scope is None:
        raise NotSignedIn()
    return scope


class In(BaseModel):
    """A body or query: unknown fields and texts that cannot be stored are refused, by name."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, data: Any) -> Any:
        found = _unstorable(data, "")
        if found:
            raise PydanticCustomError(
                "unstorable_text",
                "{field}: this cannot be stored (NUL, half a surrogate pair, or a number without end).",
                {"field": found},
            )
        return data


def _seen(text: str) -> str:
    if text and not has_visible(text):
        raise PydanticCustomError("invisible_text", "Write something that can be seen.")
    return text


# What a person, a space, a library or a token is called: never of invisible signs alone.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_seen)
]


class Out(Schema):
    """An answer of a cold endpoint; hot ones build their JSON from rows."""


def _unstorable(data: Any, path: str) -> str:
    """The path of the first text or number that PostgreSQL cannot hold, or ''."""
    if isinstance(data, str):
        return (path or "body") if has_unstorable(data) else ""
    if isinstance(data, float) and not math.isfinite(data):
        return path or "body"
    if isinstance(data, dict):
        for key, value in data.items():
            found = _unstorable(key, f"{path}.{key!a}") or _unstorable(value, f"{path}.{key}".lstrip("."))
            if found:
                return found
    if isinstance(data, list | tuple):
        for index, value in enumerate(data):
            found = _unstorable(value, f"{path}.{index}")
            if found:
                return found
    return ""


def listing(
    items: Sequence[Any],
    *,
    limit: int,
    next_cursor: str | None = None,
    page: int | None = None,
    total: int | None = None,
) -> dict[str, Any]:
    """The list envelope."""
    return {
        "items": list(items),
        "pagination": {"limit": limit, "next_cursor": next_cursor, "page": page, "total": total},
    }


class Paging(In):
    """How much of a list is wanted, and from where: after a cursor, or a page (from 1)."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    cursor: Annotated[str, Field(max_length=2000)] | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] | None = None
    total: bool = False


def paged(
    rows: Sequence[Row],
    paging: Paging,
    place: Callable[[Row], tuple[str | int, ...]],
    show: Callable[[Row], Any],
    *,
    kinds: Sequence[type],
    descending: bool = False,
) -> dict[str, Any]:
    """A part of a list that is never long, in the order of `place`, whose values are of these `kinds`.

    All of it is known, so that its total is always told.

    Raises Malformed for a cursor that is not of this list.
    """
    ordered = sorted(rows, key=place, reverse=descending)
    start = (paging.page - 1) * paging.limit if paging.page else 0
    if paging.cursor and not paging.page:
        after = tuple(read_cursor(paging.cursor, kinds))
        start = sum(1 for row in ordered if (place(row) >= after if descending else place(row) <= after))
    shown, rest = ordered[start : start + paging.limit], ordered[start + paging.limit :]
    following = make_cursor(place(shown[-1])) if shown and rest and not paging.page else None
    return listing(
        [show(row) for row in shown],
        limit=paging.limit,
        next_cursor=following,
        page=paging.page,
        total=len(ordered),
    )


def make_cursor(values: Sequence[Any]) -> str:
    """An opaque text for the place after a row."""
    return base64.urlsafe_b64encode(json.dumps(list(values), default=str).encode()).decode().rstrip("=")


def read_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The values a cursor holds, of these types. Raises Malformed for anything we did not make."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError
        return [_of_kind(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError):
        message = _("This cursor is not one of ours: start again without it.")
        raise Malformed(message, errors=[FieldError("cursor", message, "cursor.invalid")]) from None


def _of_kind(value: Any, kind: type) -> Any:
    if kind is int:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**31:
            raise ValueError
        return value
    if not isinstance(value, str) or _unstorable(value, "cursor"):
        raise ValueError
    return kind.fromisoformat(value) if hasattr(kind, "fromisoformat") else kind(value)
