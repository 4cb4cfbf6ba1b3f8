"""A collection exported by collectZ, as its files are: JSON in cells, commas between names (I2).

What its columns mean differs from what they are called: `network` names production companies on
films, `poster_path` is a path at TMDB, `user_rating` may be out of 5, season counts say what is
owned and nothing of what was watched.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from mediatheque.catalog import rules
from mediatheque.intake.records import Record, fingerprint
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.fields import finish, set_field
from mediatheque.intake.sources.mapping import settled
from mediatheque.intake.sources.options import Options

name = "collectz"
label = "collectZ (CSV)"

_COLUMNS: dict[str, str | None] = {
    "media_type": "media_type", "id": "source_id", "title": "title", "original_title": "original_title",
    "release_date": "release_date", "year": "year", "genre": "genres", "director": "director",
    "rating": "rating", "user_rating": "own_rating", "poster_path": "poster_hint",
    "backdrop_path": "backdrop_hint", "overview": "overview", "trailer_url": "trailer_url",
    "runtime": "runtime", "upc": "barcode", "location": "location", "notes": "notes",
    "season_number": "season", "episode_number": "episode", "episode_title": "episode_title",
    "import_source": "import_source", "created_at": "added_at", "cast": "actor", "cast_members": "actor",
    "signed_by": "signed_by", "signed_role": "signed_role", "signed_on": "signed_on",
    "signed_at": "signed_at", "signed_proof_path": "signed_proof", "estimated_value_low": "value_low",
    "estimated_value_mid": "value_mid", "estimated_value_high": "value_high",
    "valuation_currency": "value_currency", "valuation_source": "value_source",
    "valuation_last_updated": "value_date", "tv_season_count": "seasons", "format": "format",
    "owned_formats": "format", "tmdb_id": "tmdb_id", "network": "network",
}  # fmt: skip
_READ_HERE = frozenset({"tmdb_media_type", "tmdb_url", "type_details"})
_SAY_NOTHING = frozenset({"0", "false"})  # of the counts that every film carries as well
_COUNTS = frozenset({"tv_completed_season_count", "tv_all_seasons_completed"})
_MARKS = frozenset(
    {"title", "media_type", "owned_formats", "type_details", "import_source", "tmdb_media_type"}
)


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of these, from 0 to 1."""
    return 0.95 if set(header) >= _MARKS else 0.0


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """The file's options after one walk over its rows; a mapping adds to the columns known here."""
    found = cells.survey(rows, [column for column in ("rating", "user_rating") if column in header], [])
    known = settled(header, _COLUMNS, mapping)
    columns = {
        column: known[column]
        for column in sorted(header, key=lambda each: each != "media_type")
        if column not in _READ_HERE
    }
    scales = {"rating": found.scales.get("rating", 10), "own_rating": found.scales.get("user_rating", 10)}
    if found.scales.get("rating") == 5:
        scales["rating"] = 10  # the providers' mean: never of 5, however low
    scales |= (mapping or {}).get("scales") or {}
    return Options(
        source=name,
        columns=columns,
        scales=scales,
        dates="YMD",
        default_type=default_type or "movie",
        rows=found.rows,
    )


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """One row as a record."""
    record = Record(row_number, media_type=options.default_type, fingerprint=fingerprint(row))
    for column, field in options.columns.items():
        text = row.get(column, "")
        if not text or not (text := text.strip()):
            continue
        if field is None:
            if column not in _COUNTS or text not in _SAY_NOTHING:
                record.metadata[column[:100]] = text
        elif field == "network" and record.media_type == "movie":
            record.metadata["production_companies"] = text
        elif field == "actor" and record.people and column == "cast_members" and text == row.get("cast"):
            continue
        else:
            set_field(record, field, text, options)
    _take_tmdb_address(record, row, options)
    _take_details(record, row.get("type_details", ""))
    return finish(record)


def _take_tmdb_address(record: Record, row: Mapping[str, str], options: Options) -> None:
    """The address carries the id and its kind where the id's own column is empty."""
    kind, address = row.get("tmdb_media_type", ""), row.get("tmdb_url", "")
    if not record.external_ids and address:
        set_field(record, "tmdb_id", address, options)
    if kind in ("movie", "tv"):
        record.external_ids = [
            each._replace(kind=kind) if each.provider == "tmdb" else each for each in record.external_ids
        ]


def _take_details(record: Record, text: str) -> None:
    """`edition` belongs to the variant; what the type does not have becomes metadata."""
    if not text or text == "{}":
        return
    details = cells.json_object(text)
    if details is None:
        record.say("details.invalid", "details", _("type_details is not a JSON object; kept as metadata."))
        record.metadata["type_details"] = text
        return
    if isinstance(edition := details.get("edition"), str) and edition.strip():
        record.edition = " ".join(edition.split())[:300]
        if record.media_type != "book":
            del details["edition"]
    if isinstance(isbn := details.get("isbn"), str) and (code := rules.normal_isbn(isbn)) is not None:
        details["isbn"] = code
        record.barcode = record.barcode or code
    if isinstance(pages := details.get("pages"), str):
        details["pages"] = cells.whole(pages)
    record.details |= {key: value for key, value in details.items() if value not in (None, "", [], {})}
