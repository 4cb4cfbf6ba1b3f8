"""Fills an install with the collection, straight in SQL: set by set, past triggers and row security."""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from mediatheque.catalog.derive import derive
from mediatheque.core.scope import digest

from .install import Install
from .world import Size, identity, item

SLUG = "bench"
CHUNK = 10_000
ENTRY_EVERY = 20  # the person has an entry of their own for one item in so many
USER, SPACE, LIBRARY, MEDIA, WORK, VARIANT, ENTRY, TIE, SESSION, MEMBER = range(10)
PERSON = identity(USER, 0)
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)

WORDS = """
insert into media_words (space_id, library_id, word, weight, media_id)
select distinct m.space_id, m.library_id, substr(w, 2), left(w, 1)::smallint, m.id
from media m, unnest(m.word_list) w order by 1, 2, 3, 4, 5
"""
TERMS = """
insert into media_terms (space_id, library_id, kind, key, term, media_id)
select distinct on (1, 2, 3, 4, 6) m.space_id, m.library_id, t->>0, t->>1, t->>2, m.id
from media m, jsonb_array_elements(m.terms) t order by 1, 2, 3, 4, 6
"""
SPELLINGS = """
insert into media_spellings (space_id, library_id, key, word)
select w.space_id, w.library_id, k.key, w.word
from (select distinct space_id, library_id, word from media_words
  where weight > 0 and length(word) between 5 and 40 and word !~ '[0-9]') w,
lateral (select w.word as key union all
  select i || '-' || left(w.word, i - 1) || substr(w.word, i + 1) from generate_series(1, length(w.word)) i) k
order by 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Seeded:
    """The ids a benchmark needs. `library` is the large one, `additions` an empty one of the same space."""

    size: Size
    session_key: str
    person: UUID
    space: UUID
    library: UUID
    additions: UUID
    slug: str = SLUG


def seed(install: Install, size: Size) -> Seeded:
    """Fills an empty install; one that is full already only gets a new session."""
    with install.superuser() as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set work_mem = '512MB'; set maintenance_work_mem = '512MB'")
        if connection.execute("select from users where id = %s", [PERSON]).fetchone() is None:
            _fill(connection, size)
        key = _session(connection, identity(SPACE, 0))
    return Seeded(size, key, PERSON, identity(SPACE, 0), identity(LIBRARY, 0), identity(LIBRARY, 1_000))


def _fill(connection: psycopg.Connection, size: Size) -> None:
    _people(connection)
    _space(connection, 0, SLUG, size.large)
    _library(connection, identity(SPACE, 0), identity(LIBRARY, 1_000), "Additions", default=False)
    for number in range(1, size.others + 1):
        _space(connection, number, f"other-{number}", size.each, first=size.large + (number - 1) * size.each)
    connection.execute(WORDS)
    connection.execute(SPELLINGS)
    connection.execute(TERMS)
    connection.execute("vacuum (analyze)")
    connection.execute("checkpoint")


def _people(connection: psycopg.Connection) -> None:
    connection.cursor().executemany(
        "insert into users (id, email, email_key, name, role, bio, preferences, metadata) "
        "values (%s, %s, %s, %s, %s, '', '{}', '{}')",
        [
            [identity(USER, number), f"p{number}@bench.test", f"p{number}@bench.test", name, "user"]
            for number, name in enumerate(("Ada", "Ben", "Cleo"))
        ],
    )


def _space(connection: psycopg.Connection, number: int, slug: str, items: int, first: int = 0) -> None:
    """A household with one library of so many items; the person is a member of the first one alone."""
    space, library = identity(SPACE, number), identity(LIBRARY, number)
    household(connection, number, slug, (0, 1) if number == 0 else (2,))
    for start in range(first, first + items, CHUNK):
        numbers = range(start, min(start + CHUNK, first + items))
        _items(connection, space, library, numbers)
    if number == 0:
        _entries(connection, space, range(0, items, ENTRY_EVERY))


def household(connection: psycopg.Connection, number: int, slug: str, people: Sequence[int] = (0,)) -> None:
    """A household with an empty library, and who is in it."""
    space, library = identity(SPACE, number), identity(LIBRARY, number)
    connection.execute(
        "insert into spaces (id, name, slug, kind, language, time_zone, contact_person, contact_email, "
        "contact_address, metadata) values (%s, %s, %s, 'household', 'en', 'UTC', '', '', '', '{}')",
        [space, slug.capitalize(), slug],
    )
    _library(connection, space, library, "Films", default=True)
    for person in people:
        connection.execute(
            "insert into memberships (id, space_id, user_id, kind, role, joined_at, metadata) "
            "values (%s, %s, %s, 'household', 'admin', now(), '{}')",
            [identity(MEMBER, number * 10 + person), space, identity(USER, person)],
        )


def _library(connection: psycopg.Connection, space: UUID, library: UUID, name: str, *, default: bool) -> None:
    connection.execute(
        "insert into libraries (id, space_id, name, description, template, default_type, columns, limited, "
        "is_default) values (%s, %s, %s, '', '', 'movie', '[]', false, %s)",
        [library, space, name, default],
    )


def _items(connection: psycopg.Connection, space: UUID, library: UUID, numbers: Sequence[int]) -> None:
    where = {"space_id": space, "library_id": library}
    made = [(number, item(number)) for number in numbers]
    media = [where | _media(space, number, typed) for number, typed in made]
    _copy(connection, "works", (_work(row) for row in media))
    _copy(connection, "media", media)
    _copy(
        connection,
        "variants",
        (
            {"id": identity(VARIANT, number), **where, "media_id": identity(MEDIA, number)}
            | {"format": typed["format"], "location": typed["location"]}
            | dict.fromkeys(("edition", "resolution", "barcode", "path", "condition", "currency"), "")
            for number, typed in made
        ),
    )


def _media(space: UUID, number: int, typed: dict[str, Any]) -> dict[str, Any]:
    """The row as the product itself would have made it."""
    derived = derive(typed, "en")
    return {
        "id": identity(MEDIA, number), "work_id": identity(WORK, number),
        "work_owner": space, **typed, **derived,
        "rating": round(typed["rating"] * 10), "people": json.dumps(typed["people"]),
        "terms": json.dumps(derived["terms"]), "poster": _poster(number), "original_title": "",
        "certification": "12", "network": "", "trailer_url": "", "notes": "", "details": "{}",
        "ownership": "owned", "external_ids": json.dumps([{"provider": "tmdb", "kind": "movie", "id": str(number)}]),
        "source_provider": "csv", "source_external_id": "", "import_source": "",
        "added_by": identity(USER, number % 2), "added_at": BEGINNING + timedelta(minutes=number),
        "person_fields": [], "import_fields": ["title", "year", "genres", "people"],
    }  # fmt: skip


def _poster(number: int) -> str | None:
    """Every second item has a picture; only its address is ever asked for."""
    if number % 2:
        return None
    sizes = dict.fromkeys(("200", "400", "800"), f"{number:064x}")
    return json.dumps({"sizes": sizes, "placeholder": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w"})


def _work(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("library_id", "title", "original_title", "year", "match_key")
    return {"id": row["work_id"], "owner_space": row["space_id"], "kind": row["media_type"]} | {
        name: row[name] for name in kept
    }


def _entries(connection: psycopg.Connection, space: UUID, numbers: Iterable[int]) -> None:
    chosen = [(number, item(number)) for number in numbers]
    _copy(
        connection,
        "entries",
        (
            {"id": identity(ENTRY, number), "user_id": PERSON, "title": typed["title"], "year": typed["year"]}
            | {"kind": "movie", "status": "completed", "rating": 1 + number % 10, "notes": ""}
            | {"visibility": "shared", "notes_visibility": "private", "on_watchlist": False}
            | {"set_aside_reason": "", "person_fields": [], "import_fields": []}
            for number, typed in chosen
        ),
    )
    _copy(
        connection,
        "entry_works",
        (
            {"id": identity(TIE, number), "user_id": PERSON, "entry_id": identity(ENTRY, number)}
            | {"work_id": identity(WORK, number), "work_owner": space}
            for number, _ in chosen
        ),
    )


def _copy(connection: psycopg.Connection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Rows with all the same columns."""
    given: Iterator[dict[str, Any]] = iter(rows)
    first = next(given)
    with connection.cursor().copy(f"copy {table} ({', '.join(first)}) from stdin") as copy:
        copy.write_row(list(first.values()))
        for row in given:
            copy.write_row(list(row.values()))


def sign_in(install: Install, space: UUID) -> str:
    """The key of a further session of the person's, which stands in this space."""
    with install.superuser() as connection:
        return _session(connection, space)


def _session(connection: psycopg.Connection, space: UUID) -> str:
    """A signed-in browser of the person's."""
    key = secrets.token_urlsafe(32)
    connection.execute(
        "insert into sessions (id, key_hash, user_id, space_id, user_agent, address, last_seen_at, expires_at) "
        "values (gen_random_uuid(), %s, %s, %s, 'bench', '127.0.0.1', now(), now() + interval '1 day')",
        [digest(key), PERSON, space],
    )
    return key
