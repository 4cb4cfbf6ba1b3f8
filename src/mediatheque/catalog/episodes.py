"""An episode owned singly is tied to its series' item, its work being the series' with the work episode (C7)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mediatheque.core import db
from mediatheque.core.db import Row
from mediatheque.core.errors import NotFound, RuleBroken
from mediatheque.core.ids import NIL, new_id
from mediatheque.core.scope import Scope

from . import queries, tables
from .queries import COLUMNS, OWN, own_entries_of
from .shapes import decode

SEASONLESS = 10**6  # episodes whose season nobody noted stand last


def series_of(scope: Scope, library_id: UUID, wanted: UUID) -> Row:
    """The series an episode of this library is tied to, held until the request ends.

    Raises NotFound at `series`; RuleBroken for what is no series, or stands in another library.
    """
    found = db.row(
        "select id, media_type, library_id, work_id, work_owner, title from media "
        "where id = %s and space_id = %s and library_id = any(%s) for share",
        [wanted, scope.space_id, list(scope.library_ids)],
    )
    if found is None:
        raise NotFound.at("series")
    if found["media_type"] != "tv_series":
        message = _("“%(title)s” is no series.") % {"title": found["title"]}
        raise RuleBroken.at("series", message, "series.not_a_series")
    if found["library_id"] != library_id:
        message = _("The series stands in another library: move one of the two first.")
        raise RuleBroken.at("series", message, "series.elsewhere")
    return found


def tie(series: Row, details: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that tie an episode to its series.

    Season and number say which episode of the work it is: the space's own work gets it as published.
    """
    season, number = details.get("season"), details.get("number")
    if series["work_owner"] != NIL and season is not None and number is not None:
        db.execute(
            "insert into work_episodes (id, work_id, work_owner, season, number, title) "
            "values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            [
                new_id(),
                series["work_id"],
                series["work_owner"],
                season,
                number,
                details.get("episode_title") or "",
            ],
        )
    return {"series_id": series["id"], "work_id": series["work_id"], "work_owner": series["work_owner"]}


def untie(scope: Scope, item: Row) -> dict[str, Any]:
    """The columns of an episode that leaves its series: a work of its own, where it had the series'."""
    if not db.value(
        "select exists (select from media where space_id = %s and work_id = %s and id <> %s)",
        [scope.space_id, item["work_id"], item["id"]],
    ):
        return {}
    work_id = new_id()
    tables.insert("works", {
        "id": work_id, "owner_space": scope.space_id, "library_id": item["library_id"], "kind": item["media_type"],
        "title": item["title"], "original_title": item["original_title"], "year": item["year"],
        "match_key": item["match_key"],
    })  # fmt: skip
    return {"work_id": work_id, "work_owner": scope.space_id}


def episodes(scope: Scope, media_id: UUID) -> list[Row]:
    """The series' episodes that are owned singly, by season and number. Raises NotFound."""
    queries.media(scope, media_id)
    names = ", ".join(f"m.{name}" for name in COLUMNS)
    found = db.rows(
        f"select {names}, own.*, u.name as added_by_name from media m {OWN} left join users u on u.id = m.added_by "
        "where m.space_id = %s and m.library_id = any(%s) and m.series_id = %s",
        [own_entries_of(scope), scope.space_id, list(scope.library_ids), media_id],
    )
    return sorted(found, key=place_of)


def place_of(row: Row) -> tuple[int, int, str]:
    """Season, number and title of an episode; what is not noted stands last."""
    details = decode(row["details"])
    return details.get("season", SEASONLESS), details.get("number", SEASONLESS), row["sort_title"]


def choices(scope: Scope, library_id: UUID, most: int) -> list[Row]:
    """The series of a library, by title, at most `most`."""
    return db.rows(
        "select id, title, year from media where space_id = %s and library_id = %s and media_type = 'tv_series' "
        "order by sort_key, id limit %s",
        [scope.space_id, library_id, most],
    )


def has_parts(scope: Scope, media_id: UUID) -> bool:
    """Whether the series has seasons or episodes."""
    sql = ("select exists (select from media where space_id = %s and series_id = %s) "
           "or exists (select from seasons where space_id = %s and media_id = %s)")  # fmt: skip
    return bool(db.value(sql, [scope.space_id, media_id, scope.space_id, media_id]))
