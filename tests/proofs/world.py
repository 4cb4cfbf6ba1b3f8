"""The people and households that the proofs over the router share: who may know what, and what is really there.

Every text that must not leak is a canary: a key one may search by, and a secret that is then looked for in bytes.
"""

import io
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

from mediatheque.core.ids import new_id, read_id, show_id
from mediatheque.core.scope import digest
from tests.support import Actor, Household, make_household

ROLES = ("member", "manager", "admin")
HOME = frozenset(ROLES)
MANAGERS = frozenset({"manager", "admin"})
# Attempts to sign in are counted by address: the proofs' must not close the other tests' door.
ADDRESS = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.9"
# What a request leaves of itself, and what the person's standing in a space leaves in their session.
OUTCOMES = {"events", "sessions", "rate_counts", "kept_answers", "tokens"}


@dataclass(frozen=True)
class Canary:
    """`key` may be searched by; `secret` may be read by `audience` alone."""

    name: str
    key: str
    secret: str
    audience: frozenset[str]

    @property
    def text(self) -> str:
        return f"{self.key} {self.secret}"


@dataclass
class Upload:
    """A multipart body."""

    content: bytes
    name: str
    content_type: str
    fields: dict[str, str] = field(default_factory=dict)


class Form(dict[str, Any]):
    """A page's form."""


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
    """A request with a JSON or multipart body, or none."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    generic: Callable[..., HttpResponse] = client.generic  # type: ignore[assignment]
    if isinstance(body, Upload):
        file = SimpleUploadedFile(body.name, body.content, body.content_type)
        data = encode_multipart(BOUNDARY, {"file": file, **body.fields})
        return generic(method, path, data, content_type=MULTIPART_CONTENT, headers=names)
    if isinstance(body, Form):
        sent = urlencode(body)
        return generic(method, path, sent, "application/x-www-form-urlencoded", headers=names)
    if body is None:
        return generic(method, path, headers=names)
    return generic(method, path, json.dumps(body), content_type="application/json", headers=names)


def picture() -> Upload:
    kept = io.BytesIO()
    Image.new("RGB", (60, 90), (120, 30, 60)).save(kept, "PNG")
    return Upload(kept.getvalue(), "cover.png", "image/png")


def table_file(title: str = "Solaris") -> Upload:
    return Upload(f"title,media_type,year\n{title},movie,1972\n".encode(), "films.csv", "text/csv")


class World:
    """Alice's household with canaries, her second space, and Charlie's household as the outsider's."""

    def __init__(self) -> None:
        self.home = make_household("Alice")
        self.admin = self.home.admin
        self.manager = self.home.add_person("Mary", "manager")
        self.member = self.home.add_person("Bob", "member")
        self.second = make_household("Second")
        join(self.admin, self.second, "admin")
        self.other = make_household("Charlie")
        self.outsider = self.other.admin
        self.limited = self.home.add_library("Attic", limited=True)
        self.canaries: list[Canary] = []
        self.ids = {
            "home": self._fill(self.home, self.home.library_id, HOME, "open"),
            "hidden": self._fill(self.home, self.limited, frozenset({"admin"}), "limited"),
            "second": self._fill(self.second, self.second.library_id, None, "second"),
            "other": self._fill(self.other, self.other.library_id, None, "other"),
        }
        self._name_things()
        self.personal = {who: self._personal(who) for who in ("outsider", "elsewhere", *ROLES)}

    def _personal(self, who: str) -> dict[str, str]:
        """What is this one's alone, a saved view among it."""
        household = {"outsider": self.other, "elsewhere": self.second}.get(who, self.home)
        text = self.canary(f"{who}'s view", self._alone(who) if who in ROLES else None)
        return personal_ids(self.actor(who)) | {"view": make_view(household, self.actor(who), text)}

    def actor(self, name: str) -> Actor:
        return self.admin if name == "elsewhere" else getattr(self, name)

    def client(self, name: str) -> Client:
        return Client(REMOTE_ADDR=ADDRESS) if name == "anonymous" else self.actor(name).client

    def standing(self, who: str, path: str) -> dict[str, str]:
        """The header that says where Alice stands, at home or `elsewhere`, unless the address says it."""
        if who not in ("admin", "elsewhere") or path.startswith(("/s/", "/api/spaces/spc_")):
            return {}
        return {"X_Space": show_id("space", (self.home if who == "admin" else self.second).space_id)}

    def own(self, name: str) -> dict[str, str]:
        """The ids that are this one's own, by kind."""
        place = {"outsider": "other", "elsewhere": "second"}.get(name, "home")
        return self.ids[place] | self.personal[name]

    def foreign(self, name: str) -> dict[str, str]:
        """The same kinds of another household: the canaries' wherever the person is not in it."""
        insider = name in ROLES
        return (
            self.ids["other" if insider else "home"]
            | self.personal["outsider" if name != "outsider" else "admin"]
        )

    def canary(self, name: str, audience: frozenset[str] | None) -> str:
        """A new secret text; without an audience just a text nobody guards."""
        made = Canary(name, f"k{secrets.token_hex(4)}", f"s{secrets.token_hex(8)}", audience or HOME)
        if audience is not None:
            self.canaries.append(made)
        return made.text

    def _fill(
        self, household: Household, library: UUID, audience: frozenset[str] | None, label: str
    ) -> dict[str, str]:
        """One of each kind of record in this library; their ids."""
        admin = household.admin
        space = show_id("space", household.space_id)

        def text(name: str) -> str:
            return self.canary(f"{label} {name}", audience)

        made = must(201, send(admin.client, "POST", "/api/media", {
            "title": text("title"), "media_type": "tv_series", "year": 1999, "notes": text("notes"),
            "overview": text("overview"), "genres": [text("genre")], "tags": [text("tag")],
            "location": text("location"),
            "people": [{"name": text("director"), "role": "director"}, {"name": text("actor"), "role": "actor"}],
            "format": text("format"), "library": show_id("library", library),
        }, X_Space=space))  # fmt: skip
        media = made["id"]
        ids = {
            "slug": household.slug,
            "space": space,
            "library": show_id("library", library),
            "media": media,
            "work": made["work"],
        }
        ids |= _hang_on(admin, media, space, text)
        ids |= _records(household, library, self, audience, label)
        ids["user"] = admin.id
        ids["membership"] = membership_id(household, admin)
        ids["change"] = change_of(media)
        ids["tag"] = tag_of(media)
        return ids

    def _name_things(self) -> None:
        """Names of spaces, libraries and people, and what belongs to one person alone."""
        seen_by_alice = HOME | {"elsewhere"}
        space_name = self.canary("space name", seen_by_alice)
        contact = self.canary("space contact", seen_by_alice)
        peek(
            "update spaces set name = %s, contact_address = %s where id = %s",
            [space_name, contact, self.home.space_id],
        )
        named = [(self.home.library_id, "library name", HOME), (self.limited, "limited name", {"admin"})]
        for library, name, audience in named:
            text = self.canary(name, frozenset(audience))
            peek("update libraries set name = %s, description = %s where id = %s", [text, text, library])
        for who in ROLES:
            audience = HOME | ({"elsewhere"} if who == "admin" else set())
            self._name_person(who, frozenset(audience))

    def _name_person(self, who: str, audience: frozenset[str]) -> None:
        actor = self.actor(who)
        actor.name = self.canary(f"{who}'s name", audience)
        secret = self.canary(f"{who}'s address", audience).split()[1]
        actor.email = f"{secret}@example.org"
        peek(
            "update users set name = %s, email = %s, email_key = %s, bio = %s where id = %s",
            [
                actor.name,
                actor.email,
                actor.email,
                # A profile is for those one shares a space with (P8); the sweep opens the admin's.
                self.canary(f"{who}'s bio", audience if who == "admin" else self._alone(who)),
                actor.user_id,
            ],
        )
        must(201, send(actor.client, "POST", "/api/auth/api-tokens", {
            "name": self.canary(f"{who}'s token", self._alone(who))}))  # fmt: skip
        must(201, send(actor.client, "POST", "/api/watchlist", {
            "title": self.canary(f"{who}'s entry", self._alone(who)), "media_type": "movie",
            "notes": self.canary(f"{who}'s own notes", self._alone(who))}))  # fmt: skip

    def _alone(self, who: str) -> frozenset[str]:
        return frozenset({who, "elsewhere"} if who == "admin" else {who})


def join(actor: Actor, household: Household, role: str) -> None:
    peek(
        "insert into memberships (id, space_id, user_id, kind, role, joined_at, metadata) "
        "values (%s, %s, %s, 'household', %s, now(), '{}')",
        [new_id(), household.space_id, actor.user_id, role],
    )


def must(status: int, response: HttpResponse) -> Any:
    """The answer's body, once its status is right."""
    assert response.status_code == status, (response.status_code, response.content[:500])
    return json.loads(response.content) if response.content else None


def _hang_on(admin: Actor, media: str, space: str, text: Any) -> dict[str, str]:
    """A variant, a season, metadata and a cover on the item."""
    base = f"/api/media/{media}"
    variant = must(
        201, send(admin.client, "POST", f"{base}/variants", {"edition": text("edition")}, X_Space=space)
    )
    loan = {"to": text("borrower"), "due": "2199-01-01"}
    must(201, send(admin.client, "POST", f"{base}/variants/{variant['id']}/loan", loan, X_Space=space))
    season = must(
        201,
        send(admin.client, "POST", f"{base}/seasons", {"number": 1, "title": text("season")}, X_Space=space),
    )
    must(200, send(admin.client, "PATCH", f"{base}/metadata", {"shop": text("metadata")}, X_Space=space))
    for kind in ("cover", "backdrop"):
        covered = send(admin.client, "PUT", f"{base}/{kind}", picture(), X_Space=space)
        assert covered.status_code < 300, covered.content
    return {"variant": variant["id"], "season": season["id"]}


def _records(
    household: Household, library: UUID, world: World, audience: frozenset[str] | None, label: str
) -> dict[str, str]:
    """An import with its report, and an invitation."""
    managers = audience and audience & MANAGERS
    job = make_job(household, library, household.admin, world.canary(f"{label} file", managers))
    peek(
        "insert into report_rows (space_id, library_id, job_id, row, outcome, title, needs_review, messages) "
        "values (%s, %s, %s, 1, 'failed', %s, false, '[]')",
        [household.space_id, library, read_id("job", job), world.canary(f"{label} report", managers)],
    )
    found = {"job": job}
    if label != "limited":
        found["mapping"] = make_mapping(household.admin, world.canary(f"{label} mapping", audience))
        found["invitation"], found["invite"] = make_invitation(
            household, world.canary(f"{label} invited", managers).replace(" ", ".") + "@example.org"
        )
    return found


def make_job(household: Household, library: UUID, author: Actor, file_name: str = "films.csv") -> str:
    """A running import; its id."""
    job = new_id()
    peek(
        "insert into sync_jobs (id, space_id, library_id, user_id, provider, file_name, options, status, rows_done, "
        "created, updated, skipped, failed, notices, attempts) "
        "values (%s, %s, %s, %s, 'generic', %s, '{}', 'running', 1, 1, 0, 0, 0, '[]', 0)",
        [job, household.space_id, library, author.user_id, file_name],
    )
    return show_id("job", job)


def make_view(household: Household, actor: Actor, name: str = "View") -> str:
    """A saved view of this person's; its id."""
    view = new_id()
    peek(
        "insert into saved_views (id, space_id, user_id, name, name_key, query, layout, shared) "
        "values (%s, %s, %s, %s, %s, '{}', 'grid', false)",
        [view, household.space_id, actor.user_id, name, f"{name} {view}"],
    )
    return show_id("view", view)


def make_mapping(author: Actor, name: str) -> str:
    """A saved mapping of the person's space; its id."""
    body = {"name": name, "mapping": {"columns": {"What": "title"}}}
    return str(
        must(201, send(author.client, "POST", f"/api/spaces/{author.space}/import-mappings", body))["id"]
    )


def make_invitation(household: Household, email: str, role: str = "member") -> tuple[str, str]:
    """A pending invitation: its id and its token."""
    identity, token = new_id(), secrets.token_urlsafe(24)
    peek(
        "insert into invitations (id, space_id, email, email_key, role, anyone, token_hash, status, expires_at, "
        "created_by) values (%s, %s, %s, lower(%s), %s, true, %s, 'pending', now() + interval '1 day', %s)",
        [identity, household.space_id, email, email, role, digest(token), household.admin.user_id],
    )
    return show_id("invitation", identity), token


def membership_id(household: Household, actor: Actor) -> str:
    found = peek(
        "select id from memberships where space_id = %s and user_id = %s", [household.space_id, actor.user_id]
    )
    return show_id("membership", found[0][0])


def tag_of(media: str) -> str:
    """The first tag that the item bears."""
    found = peek(
        "select tag_id from media_tags where media_id = %s order by tag_id limit 1", [read_id("media", media)]
    )
    return show_id("tag", found[0][0])


def change_of(media: str) -> str:
    """The trail's row of the item's making."""
    found = peek(
        "select id from audit_changes where table_name = 'media' and row_id = %s order by id limit 1",
        [read_id("media", media)],
    )
    return show_id("audit", found[0][0])


def personal_ids(actor: Actor) -> dict[str, str]:
    """A session, an API token and the picture of this person."""
    session = peek("select id from sessions where user_id = %s order by id", [actor.user_id])
    token = peek("select id from tokens where user_id = %s and kind = 'api' order by id", [actor.user_id])
    must(200, send(actor.client, "PUT", "/api/auth/me/avatar", picture()))
    entry = peek("select id from entries where user_id = %s order by id", [actor.user_id])
    return {
        "entry": show_id("entry", entry[0][0] if entry else new_id()),
        "pictured": actor.id,
        "session": show_id("session", session[0][0]),
        "token": show_id("token", token[0][0]) if token else show_id("token", new_id()),
    }


def fingerprint(*households: Household) -> dict[str, str]:
    """A digest of every business row of these households, by table."""
    spaces = [each.space_id for each in households]
    queries = []
    for table, columns in _columns().items():
        owners = [f"t.{name} = any(%(spaces)s)" for name in ("space_id", "owner_space") if name in columns]
        owners += ["t.id = any(%(spaces)s)"] if table == "spaces" else []
        owners += (
            ["t.user_id in (select user_id from memberships where space_id = any(%(spaces)s))"]
            if "user_id" in columns and "space_id" not in columns
            else []
        )
        owners += (
            ["t.id in (select user_id from memberships where space_id = any(%(spaces)s))"]
            if table == "users"
            else []
        )
        if owners:
            rows = f"select t::text as r from {table} t where {' or '.join(owners)}"
            queries.append(f"select '{table}', md5(string_agg(r, '|' order by r)) from ({rows}) x")
    found = peek(" union all ".join(queries), {"spaces": spaces})
    return dict(found)


def peek(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    """As `support.everything`, over one connection that stays open: the matrix looks thousands of times."""
    cursor = _administrator(connection.settings_dict["NAME"]).execute(sql, params)
    return cursor.fetchall() if cursor.description else []


@cache
def _administrator(database: str) -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["TEST_SUPERUSER_DSN"].replace("DATABASE", database), autocommit=True)


@cache
def _columns() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in peek(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    ):
        if table not in OUTCOMES and not table.startswith("procrastinate"):
            found.setdefault(table, set()).add(column)
    return found
