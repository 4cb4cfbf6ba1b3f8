"""The catalogue's part of what a person can take along: their entries, and what they added (P6)."""

from typing import Any

from mediatheque.core import db
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope

ENTRY_FIELDS = (
    "title", "year", "kind", "status", "rating", "notes", "visibility", "notes_visibility", "on_watchlist",
    "set_aside", "set_aside_reason", "last_watched_at", "added_at",
)  # fmt: skip


def entries(scope: Scope) -> list[dict[str, Any]]:
    """One's own records of titles, in whichever space they stand."""
    found = db.rows(
        f"select id, {', '.join(ENTRY_FIELDS)} from entries where user_id = %s order by added_at, id",
        [scope.user_id],
    )
    return [row | {"id": show_id("entry", row["id"])} for row in found]


def additions(scope: Scope) -> list[dict[str, Any]]:
    """What one added to one's spaces, where it may still be seen."""
    found = db.rows("select id, space_id, library_id, title, media_type, year, added_at from my_additions()")
    return [
        {
            "id": show_id("media", row["id"]),
            "space": show_id("space", row["space_id"]),
            "library": show_id("library", row["library_id"]),
            **{name: row[name] for name in ("title", "media_type", "year", "added_at")},
        }
        for row in found
    ]
