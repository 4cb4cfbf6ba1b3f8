"""IMDb's ratings, watchlist and lists, with old and new headers: seen or wished for, never owned (I2)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mediatheque.intake.records import Own, Record
from mediatheque.intake.sources.columns import begin, prepare_known
from mediatheque.intake.sources.fields import finish
from mediatheque.intake.sources.options import Options

name = "imdb"
label = "IMDb (CSV)"

_MARKS = frozenset({"Const", "Title", "Title Type", "URL"})
_COLUMNS: dict[str, str | None] = {
    "Title": "title", "Original Title": "original_title", "Const": "imdb_id", "Your Rating": "own_rating",
    "Year": "year", "Created": "added_at",
}  # fmt: skip
_TYPES = {
    "tvseries": "tv_series", "tvminiseries": "tv_series", "tvepisode": "tv_episode", "videogame": "game",
    "podcastseries": "other", "podcastepisode": "other", "musicvideo": "other",
}  # fmt: skip


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of these, from 0 to 1."""
    return 0.95 if set(header) >= _MARKS else 0.0


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """Ratings are of ten; dates are as the last spreadsheet left them."""
    return prepare_known(
        name, header, rows, _COLUMNS, mapping, default_type="movie", scales={"own_rating": 10}
    )


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """A rated title has been seen; one that is only listed is planned."""
    record = begin(row_number, row, options)
    spoken = "".join(filter(str.isalnum, row.get("Title Type", ""))).lower()
    record.media_type = _TYPES.get(spoken, "movie")
    seen = record.own_rating is not None
    record.own = Own(
        status="completed" if seen else None,
        on_watchlist=None if seen else True,
        notes=row.get("Description", "").strip() or None,
    )
    record.is_entry = True
    return finish(record)
