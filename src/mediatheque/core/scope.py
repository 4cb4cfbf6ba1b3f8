"""Who asks, from where, and what is open to them: made once per request or job (ARCHITECTURE, *One way*).

A scope is one transaction. Its settings (`app.user_id`, `app.space_id`, …) are local to it, and row
security reads them, so that without a scope a query sees nothing. Scopes never nest.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from . import db
from .errors import NotFound

Via = Literal["cookie", "token", "job", "command"]
Writer = Literal["person", "import", "provider", "undo", "derivation"]
KEPT_ANSWERS = 256


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    name: str
    email: str | None
    role: str
    bio: str
    avatar: str | None
    preferences: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SpaceFacts:
    """One of the person's spaces, with their role in it; `facts` is the whole row as JSON knows it."""

    id: UUID
    name: str
    slug: str
    kind: str
    role: str
    language: str
    time_zone: str
    default_library: UUID | None
    archived: bool
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    id: UUID
    name: str
    is_default: bool
    default_type: str
    archived: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """First argument of every action and query."""

    user: Person
    spaces: tuple[SpaceFacts, ...]
    libraries: tuple[LibraryFacts, ...]
    active_space: SpaceFacts | None
    last_library: UUID | None
    via: Via
    request_id: str
    session_id: UUID | None = None
    token_id: UUID | None = None
    bound_space: UUID | None = None
    token_scopes: tuple[str, ...] | None = None

    @property
    def user_id(self) -> UUID:
        return self.user.id

    @property
    def preferences(self) -> Mapping[str, Any]:
        return self.user.preferences

    @property
    def space(self) -> SpaceFacts:
        """The active space. Raises NotFound for a person who has none."""
        if self.active_space is None:
            raise NotFound(_("You are in no space yet."), code="space.none")
        return self.active_space

    @property
    def space_id(self) -> UUID:
        return self.space.id

    @property
    def role(self) -> str | None:
        return self.active_space.role if self.active_space else None

    @property
    def library_ids(self) -> tuple[UUID, ...]:
        return tuple(each.id for each in self.libraries)

    @property
    def active_library(self) -> LibraryFacts | None:
        """The session's last library where it is open; a program's is the space's default one."""
        by_id = {each.id: each for each in self.libraries}
        if self.last_library in by_id:
            return by_id[self.last_library]
        default = next((each for each in self.libraries if each.is_default), None)
        return default or next(iter(self.libraries), None)


def digest(secret: str) -> bytes:
    """What is stored of a session key, token or invitation: its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()


@contextmanager
def nobody(request_id: str = "") -> Iterator[None]:
    """A transaction in which nobody is known yet: row security shows nothing of a space or a person."""
    with transaction.atomic(durable=True):
        db.execute(
            "select set_config('app.user_id', '', true), set_config('app.space_id', '', true), "
            "set_config('app.space_ids', '', true), set_config('app.library_ids', '', true), "
            "set_config('app.writer', '', true), set_config('app.request_id', %s, true)",
            [request_id],
        )
        yield


def of_session(key: str, *, space: str | None, request_id: str) -> Scope | None:
    """Inside a transaction: the scope of a browser's session key, None when it opens nothing."""
    return _scope(
        db.value("select enter_session(%s, %s, %s)", [digest(key), space, request_id], prepared=True),
        "cookie",
        request_id,
    )


def of_token(token: str, *, space: str | None, request_id: str) -> Scope | None:
    """Inside a transaction: the scope of a bearer token, None when it opens nothing."""
    return _scope(
        db.value("select enter_token(%s, %s, %s)", [digest(token), space, request_id], prepared=True),
        "token",
        request_id,
    )


@contextmanager
def of_person(
    user_id: UUID, *, space: UUID | None, request_id: str, writer: Writer = "person", via: Via = "job"
) -> Iterator[Scope]:
    """A transaction with the scope of a person, for jobs and commands. Raises NotFound."""
    with transaction.atomic(durable=True):
        answer = db.value(
            "select enter_person(%s, %s, null, null, %s, %s)",
            [user_id, str(space) if space else None, request_id, writer],
        )
        scope = _scope(answer, via, request_id)
        if scope is None or (space and scope.active_space is None):
            raise NotFound()
        yield scope


@contextmanager
def writing_as(writer: Writer) -> Iterator[None]:
    """Inside a scope: who sets fields from here on (person goes before import, import before provider)."""
    before = db.value("select current_setting('app.writer', true)")
    db.execute("select set_config('app.writer', %s, true)", [writer])
    try:
        yield
    finally:
        db.execute("select set_config('app.writer', %s, true)", [before or ""])


def with_library(scope: Scope, library: LibraryFacts) -> Scope:
    """The scope with one more open library: what was just made can be seen at once."""
    ids = ",".join(str(each) for each in (*scope.library_ids, library.id))
    db.execute("select set_config('app.library_ids', %s, true)", [ids])
    return replace(scope, libraries=(*scope.libraries, library))


def _scope(answer: str | None, via: Via, request_id: str) -> Scope | None:
    return replace(_read(answer), via=via, request_id=request_id) if answer else None


@lru_cache(KEPT_ANSWERS)
def _read(answer: str) -> Scope:
    """What `enter_…` answered. Somebody who asks again gets the same answer, and reading it costs more."""
    found = json.loads(answer)
    spaces = tuple(_space(each) for each in found["spaces"])
    active = next((each for each in spaces if str(each.id) == found["space"]), None)
    return Scope(
        user=_person(found["user"]),
        spaces=spaces,
        libraries=tuple(_library(each) for each in found["libraries"]),
        active_space=active,
        last_library=_uuid(found.get("library")),
        via="job",
        request_id="",
        session_id=_uuid(found.get("session")),
        token_id=_uuid(found.get("token")),
        bound_space=_uuid(found.get("bound")),
        token_scopes=tuple(found["scopes"]) if "scopes" in found else None,
    )


def _person(found: Mapping[str, Any]) -> Person:
    return Person(**{**found, "id": UUID(found["id"])})


def _space(found: Mapping[str, Any]) -> SpaceFacts:
    return SpaceFacts(
        id=UUID(found["id"]),
        name=found["name"],
        slug=found["slug"],
        kind=found["kind"],
        role=found["role"],
        language=found["language"],
        time_zone=found["time_zone"],
        default_library=_uuid(found["default_library"]),
        archived=found["archived_at"] is not None,
        facts=found,
    )


def _library(found: Mapping[str, Any]) -> LibraryFacts:
    return LibraryFacts(
        id=UUID(found["id"]),
        name=found["name"],
        is_default=found["is_default"],
        default_type=found["default_type"],
        archived=found["archived"],
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
