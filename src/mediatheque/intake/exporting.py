"""What leaves the house: a library, a space or one's own entries, in bounded pieces (I10).

A streamed body is written after the request's scope has closed, so each piece is read in a scope of its own,
which admits exactly what its person may see by then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from mediatheque.catalog import queries as catalog
from mediatheque.catalog import shapes
from mediatheque.core import db
from mediatheque.core.clock import now
from mediatheque.core.ids import NIL, show_id
from mediatheque.core.scope import Scope, of_person
from mediatheque.people.policy import opens_personal, personal
from mediatheque.spaces import policy
from mediatheque.spaces import queries as spaces
from mediatheque.spaces.shapes import library_json

PIECE = 500  # items
VERSION = 1

Of = Literal["media", "entries"]
OpenScope = Callable[[], AbstractContextManager[Scope]]

_ENTRY = (
    "id", "title", "year", "kind", "status", "rating", "notes", "visibility", "notes_visibility", "on_watchlist",
    "set_aside", "set_aside_reason", "last_watched_at", "added_at", "created_at", "updated_at",
)  # fmt: skip
_ENTRIES = ", ".join(f"e.{name}" for name in _ENTRY)
_ORIGINS = (
    "coalesce((select jsonb_agg(jsonb_build_object('source', o.source, 'kind', o.kind, 'id', o.old_id) order by o.id) "
    "from entry_origins o where o.user_id = e.user_id and o.entry_id = e.id), '[]') as origins, "
    "(select min(t.work_id::text) from entry_works t where t.user_id = e.user_id and t.entry_id = e.id) as work_id"
)


@dataclass(frozen=True, slots=True)
class Export:
    """What is asked for, and how its pieces are read; `shows_own` is whether one's own entries go along."""

    of: Of
    open_scope: OpenScope
    head: Mapping[str, Any]
    libraries: tuple[UUID, ...]
    shows_own: bool
    name: str

    def items(self) -> Iterator[list[dict[str, Any]]]:
        """Piece by piece, every item or entry."""
        if self.of == "entries":
            yield from self._entries()
            return
        for library_id in self.libraries:
            yield from self._media(library_id)

    def posters(self) -> Iterator[list[tuple[UUID, str]]]:
        """Piece by piece, the items that have a picture and the name of its largest file."""
        for library_id in self.libraries:
            after: UUID | None = None
            while rows := self._poster_rows(library_id, after):
                yield [(row["id"], shapes.decode(row["poster"])["sizes"]["800"]) for row in rows]
                after = rows[-1]["id"]

    def _media(self, library_id: UUID) -> Iterator[list[dict[str, Any]]]:
        after: UUID | None = None
        while True:
            with self.open_scope() as scope:
                rows = catalog.wholes(scope, library_id, after, PIECE)
                if not rows:
                    return
                names = {each.id: each.name for each in scope.libraries}
                entries = _of_works(scope, [row["work_id"] for row in rows]) if self.shows_own else {}
                origins = _of_media(scope, [row["id"] for row in rows])
            yield [_item(row, entries, origins, names, self.shows_own) for row in rows]
            after = rows[-1]["id"]

    def _entries(self) -> Iterator[list[dict[str, Any]]]:
        after: UUID | None = None
        while True:
            with self.open_scope() as scope:
                rows = db.rows(
                    f"select {_ENTRIES}, {_ORIGINS} from entries e where e.user_id = %s and e.id > %s "
                    "order by e.id limit %s",
                    [scope.user_id, after or NIL, PIECE],
                )
            if not rows:
                return
            yield [entry(row) for row in rows]
            after = rows[-1]["id"]

    def _poster_rows(self, library_id: UUID, after: UUID | None) -> list[db.Row]:
        with self.open_scope() as scope:
            return db.rows(
                "select id, poster from media where space_id = %s and library_id = %s and id > %s "
                "and poster is not null order by id limit %s",
                [scope.space_id, library_id, after or NIL, PIECE],
            )


def export(scope: Scope, of: Of, library: str | None) -> Export:
    """What the person may take along of it now. `library` as in lists. Raises NotFound, Forbidden."""
    if of == "entries":
        personal(scope)
        libraries: tuple[UUID, ...] = ()
    else:
        policy.require(scope, "media.see")
        whole = library == "all"
        libraries = scope.library_ids if whole else (catalog.library(scope, library).id,)
    space_id = scope.active_space.id if scope.active_space else None  # one's own entries need none
    user_id, request_id = scope.user_id, scope.request_id
    return Export(
        of=of,
        open_scope=lambda: of_person(user_id, space=space_id, request_id=request_id),
        head=_head(scope, of, libraries),
        libraries=libraries,
        shows_own=opens_personal(scope),
        name=f"mediatheque-{_part(scope, of, libraries)}-{now():%Y-%m-%d}",
    )


def entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """A person's own entry as API.md shows it, with its reason to set aside and where it came from."""
    work_id = UUID(row["work_id"]) if isinstance(row["work_id"], str) else row["work_id"]
    return {
        "id": show_id("entry", row["id"]),
        "work": {
            "id": show_id("work", work_id) if work_id else None,
            "title": row["title"],
            "year": row["year"],
            "media_type": row["kind"],
        },
        **{name: row[name] for name in _ENTRY if name not in ("id", "title", "year", "kind")},
        "origins": shapes.raw(row["origins"]),
    }


def _item(
    row: db.Row,
    entries: Mapping[UUID, db.Row],
    origins: Mapping[UUID, str],
    libraries: Mapping[UUID, str],
    shows_own: bool,
) -> dict[str, Any]:
    """An item as single answers show it, with its library's name, one's whole entry, and where it came from."""
    own = entries.get(row["work_id"])
    shown = shapes.whole(row)
    return shown | {
        "series_title": row["series_title"],
        "library_name": libraries.get(row["library_id"], ""),
        "own": shown["own"] if shows_own else None,
        "entry": entry(own) if own else None,
        "origins": shapes.raw(origins.get(row["id"], "[]")),
    }


def _of_works(scope: Scope, works: Sequence[UUID]) -> dict[UUID, db.Row]:
    """The person's entries by the works they are of."""
    found = db.rows(
        f"select {_ENTRIES}, t.work_id, '[]' as origins from unnest(%s::uuid[]) x(id) "
        "join entry_works t on t.user_id = %s and t.work_id = x.id "
        "join entries e on e.user_id = t.user_id and e.id = t.entry_id",
        [list(works), scope.user_id],
    )
    return {each["work_id"]: each for each in found}


def _of_media(scope: Scope, items: Sequence[UUID]) -> dict[UUID, str]:
    found = db.rows(
        "select o.media_id, jsonb_agg(jsonb_build_object('source', o.source, 'kind', o.kind, 'id', o.old_id) "
        "order by o.id)::text as origins from unnest(%s::uuid[]) x(id) join origins o on o.media_id = x.id "
        "where o.space_id = %s group by o.media_id",
        [list(items), scope.space_id],
    )
    return {each["media_id"]: each["origins"] for each in found}


def _head(scope: Scope, of: Of, libraries: Sequence[UUID]) -> dict[str, Any]:
    """What the file says of itself."""
    head: dict[str, Any] = {"mediatheque": VERSION, "of": of, "exported_at": now()}
    if of == "entries":
        return head
    wanted = {show_id("library", each) for each in libraries}
    rows = (library_json(row) for row in spaces.libraries(scope, archived=None))
    facts = ("id", "name", "description", "template", "default_type", "columns")
    space = scope.space
    return head | {
        "space": {"id": show_id("space", space.id), "name": space.name, "kind": space.kind,
                  "language": space.language, "time_zone": space.time_zone},
        "libraries": [{name: row[name] for name in facts} for row in rows if row["id"] in wanted],
    }  # fmt: skip


def _part(scope: Scope, of: Of, libraries: Sequence[UUID]) -> str:
    if of == "entries":
        return "watching"
    name = next((each.name for each in scope.libraries if [each.id] == list(libraries)), scope.space.name)
    plain = "".join(mark.lower() if mark.isascii() and mark.isalnum() else "-" for mark in name)
    return "-".join(filter(None, plain.split("-")))[:60] or "library"
