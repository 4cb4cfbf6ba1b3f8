"""People, households and clients for tests: made straight in the database, so that a test of one room
does not stand on another room's actions."""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from mediatheque.core.ids import new_id, show_id
from mediatheque.core.scope import digest

PASSWORD = "correct horse battery"


class QuickArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 64
    parallelism = 1


def as_superuser(database: str, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    """Runs a statement as the administrator of the test server; its rows."""
    dsn = os.environ["TEST_SUPERUSER_DSN"].replace("DATABASE", database)
    with psycopg.connect(dsn, autocommit=True) as admin:
        cursor = admin.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def everything(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    """What is really in this worker's database, past row security."""
    return as_superuser(connection.settings_dict["NAME"], sql, params)


@dataclass
class Actor:
    """A person with a signed-in browser."""

    user_id: UUID
    name: str
    email: str
    household: "Household"
    client: Client
    session_key: str

    @property
    def space(self) -> str:
        return show_id("space", self.household.space_id)

    @property
    def library(self) -> str:
        return show_id("library", self.household.library_id)

    @property
    def id(self) -> str:
        return show_id("user", self.user_id)

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """A JSON request under /api; headers as `X_Space="spc_…"`."""
        extra = {"headers": {name.replace("_", "-"): value for name, value in headers.items()}}
        generic: Callable[..., HttpResponse] = self.client.generic  # type: ignore[assignment]
        if body is None:
            return generic(method, f"/api{path}", **extra)
        return generic(method, f"/api{path}", json.dumps(body), content_type="application/json", **extra)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.api("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.api("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.api("PATCH", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.api("DELETE", path, body, **headers)


@dataclass
class Household:
    space_id: UUID
    slug: str
    library_id: UUID
    admin: Actor = None  # type: ignore[assignment]  # set once the household stands

    def add_person(self, name: str, role: str = "member") -> Actor:
        """A further person of this household."""
        actor = make_person(name, self)
        everything(
            "insert into memberships (id, space_id, user_id, kind, role, joined_at, metadata) "
            "values (%s, %s, %s, 'household', %s, now(), '{}')",
            [new_id(), self.space_id, actor.user_id, role],
        )
        return actor

    def add_library(
        self, name: str = "Attic", *, limited: bool = False, admits: tuple[Actor, ...] = ()
    ) -> UUID:
        """A further library; a limited one admits these members (and the admins)."""
        library_id = new_id()
        everything(
            "insert into libraries (id, space_id, name, description, template, default_type, columns, "
            "limited, is_default) values (%s, %s, %s, '', '', 'movie', '[]', %s, false)",
            [library_id, self.space_id, name, limited],
        )
        for actor in admits:
            everything(
                "insert into library_members (id, space_id, library_id, user_id) values (%s, %s, %s, %s)",
                [new_id(), self.space_id, library_id, actor.user_id],
            )
        return library_id


def make_household(name: str = "Alice", kind: str = "household") -> Household:
    """A space with its default library and its admin."""
    space_id, library_id = new_id(), new_id()
    slug = f"{name.lower()}-{secrets.token_hex(4)}"
    everything(
        "insert into spaces (id, name, slug, kind, language, time_zone, contact_person, contact_email, "
        "contact_address, metadata) values (%s, %s, %s, %s, 'en', 'UTC', '', '', '', '{}')",
        [space_id, f"{name}’s household", slug, kind],
    )
    everything(
        "insert into libraries (id, space_id, name, description, template, default_type, columns, "
        "limited, is_default) values (%s, %s, 'Library', '', '', 'movie', '[]', false, true)",
        [library_id, space_id],
    )
    household = Household(space_id, slug, library_id)
    household.admin = household.add_person(name, "admin")
    return household


def make_person(name: str, household: Household, *, role: str = "user") -> Actor:
    """An account with PASSWORD and a signed-in client."""
    from django.contrib.auth.hashers import make_password

    user_id, key = new_id(), secrets.token_urlsafe(32)
    email = f"{name.lower()}-{secrets.token_hex(4)}@example.org"
    everything(
        "insert into users (id, email, email_key, name, password, role, bio, preferences, metadata) "
        "values (%s, %s, %s, %s, %s, %s, '', '{}', '{}')",
        [user_id, email, email, name, make_password(PASSWORD), role],
    )
    everything(
        "insert into sessions (id, key_hash, user_id, user_agent, address, last_seen_at, expires_at) "
        "values (%s, %s, %s, 'test', '127.0.0.1', now(), now() + interval '1 day')",
        [new_id(), digest(key), user_id],
    )
    client = Client()
    client.cookies["session"] = key
    return Actor(user_id, name, email, household, client, key)
