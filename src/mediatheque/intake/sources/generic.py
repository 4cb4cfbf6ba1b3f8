"""Any table with a column of titles: the columns are guessed from their names, a person corrects (I2)."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from mediatheque.catalog import rules
from mediatheque.core.text import fold
from mediatheque.intake.reading import SAMPLE_LIMIT
from mediatheque.intake.records import Record, fingerprint
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.fields import DATES, MEDIA_TYPE_WORDS, SETTERS, finish, set_field
from mediatheque.intake.sources.mapping import SEVERAL, names_titles, settled
from mediatheque.intake.sources.options import Options

name = "generic"
label = "Table (CSV)"

REQUIRED = ("title",)
SAMPLE_ROWS = 50
FEWEST_VALUES = 3  # by chance one value may look like anything
_TEMPLATE = {
    "title": "The Matrix", "media_type": "movie", "year": "1999", "original_title": "", "format": "Blu-ray",
    "edition": "Steelbook", "barcode": "7321900945837", "isbn": "", "genres": "Action | Science Fiction",
    "director": "Lana Wachowski | Lilly Wachowski", "cast": "Keanu Reeves | Carrie-Anne Moss", "author": "",
    "rating": "8.2", "my_rating": "9", "runtime": "136", "release_date": "1999-03-31",
    "certification": "16", "overview": "", "network": "", "trailer_url": "", "tmdb_id": "603",
    "imdb_id": "tt0133093", "ownership": "owned", "quantity": "1", "condition": "very good",
    "location": "Shelf 2", "notes": "", "purchased_on": "2001-12-24", "price": "14.99", "currency": "EUR",
    "tags": "favourite", "added_at": "2024-01-31",
}  # fmt: skip


def template_csv() -> str:
    """A table to fill in: every column, the title alone being required, and one example row."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(_TEMPLATE)
    sheet.writerow(_TEMPLATE.values())
    return out.getvalue()


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of these: never as sure as a source that knows its own."""
    return 0.3 if names_titles(propose(header).values()) else 0.0


def propose(header: Sequence[str], sample: Sequence[Mapping[str, str]] = ()) -> dict[str, str | None]:
    """Each column's field as its name tells, else its values, or None; no field twice that takes one column.

    A column called only *Rating* is the person's own (I3) unless another one is plainly that.
    """
    wanted = {column: SYNONYMS.get(plain(column)) for column in header}
    if "own_rating" not in wanted.values():
        wanted = {
            column: "own_rating" if field == "rating" and plain(column) in _BARE_RATING else field
            for column, field in wanted.items()
        }
    taken: set[str] = set()
    for column, field in wanted.items():
        if field in taken and field not in SEVERAL:
            wanted[column] = None
        elif field is not None:
            taken.add(field)
    for column, field in wanted.items():
        if field is None and (told := told_by_values(sample, column)) not in taken:
            wanted[column] = told
            taken.add(told or "")
    return wanted


def told_by_values(sample: Sequence[Mapping[str, str]], column: str) -> str | None:
    """The field that every value of a column is plainly of, whatever the column is called."""
    values = [cell.strip() for row in sample if (cell := row.get(column)) and cell.strip()]
    if len(values) < FEWEST_VALUES:
        return None
    return next((field for field, fits in _PLAINLY.items() if all(map(fits, values))), None)


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """The file's options after one walk over its rows. Raises `UnknownField` for a mapping that cannot be."""
    asked = mapping or {}
    unread = iter(rows)
    sample = _sample(unread)
    columns = settled(header, propose(header, sample), mapping)
    columns = dict(sorted(columns.items(), key=lambda pair: _FIRST.get(pair[1] or "", 9)))
    ratings = {field: column for column, field in columns.items() if field in ("rating", "own_rating")}
    dated = [column for column, field in columns.items() if field in DATES]
    found = cells.survey(chain(sample, unread), list(ratings.values()), dated)
    scales = {field: _scale(column, found.scales[column]) for field, column in ratings.items() if field}
    scales |= asked.get("scales") or {}
    dates = asked.get("dates") or found.dates
    return Options(
        source=name,
        columns=columns,
        scales=scales,
        dates=dates,
        default_type=default_type or _guessed_type(columns.values()),
        rows=found.rows,
    )


def _sample(unread: Iterator[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The first rows, fewer where they are very long."""
    found: list[Mapping[str, str]] = []
    length = 0
    while len(found) < SAMPLE_ROWS and length < SAMPLE_LIMIT and (row := next(unread, None)) is not None:
        found.append(row)
        length += sum(map(len, row.values()))
    return found


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """One row as a record."""
    record = Record(row_number, media_type=options.default_type, fingerprint=fingerprint(row))
    for column, field in options.columns.items():
        text = row.get(column, "")
        if not text or not (text := text.strip()):
            continue
        if field is None:
            record.metadata[column[:100]] = text
        else:
            set_field(record, field, text, options)
    return finish(record)


def _scale(column: str, recognised: int) -> int:
    """The column's name may say what its values cannot: *Stars*, *Rating (0-5)*."""
    if recognised == 10 and re.search(r"stars?\b|sterne\b|[-/ ]5\b", column.lower()):
        return 5
    return recognised


def _guessed_type(fields: Iterable[str | None]) -> str:
    given = set(fields)
    for media_type, telling in _TELLING.items():
        if given & telling:
            return media_type
    return "movie"


def plain(column: str) -> str:
    """The name of a column without case, accents and punctuation."""
    return re.sub(r"[^a-z0-9]+", " ", fold(column)).strip()


def _is_code(text: str) -> bool:
    code = rules.normal_barcode(text) if len(text) >= 12 else None
    return code is not None and rules.barcode_checks(code) and not code.startswith(("978", "979"))


# A column of plain years or numbers says too little: only what has a form of its own.
_PLAINLY: Mapping[str, Callable[[str], object]] = {
    "imdb_id": lambda text: re.fullmatch(r"(?:https?://(?:www\.)?imdb\.com/title/)?tt[0-9]{7,}/?", text),
    "isbn": lambda text: len(text) >= 10 and rules.normal_isbn(text) is not None,
    "barcode": _is_code,
    "media_type": lambda text: text.lower() in MEDIA_TYPE_WORDS,
    "format": lambda text: rules.normal_format(text) in rules.FORMATS,
    "own_rating": lambda text: cells.stars(text) is not None,
}
_BARE_RATING = frozenset({"rating", "bewertung", "wertung", "note"})
_FIRST = {"media_type": 0, "title": 1, "year": 2, "barcode": 3}
_TELLING = {
    "book": {"isbn", "author", "pages"},
    "comic": {"issue", "cover_date"},
    "music": {"artist", "label", "tracks", "catalogue_number"},
    "game": {"platform", "developer"},
    "tv_episode": {"episode", "episode_title"},
}

SYNONYMS = {
    word: field
    for field, words in {
        "title": "title|titel|name|film|movie|filmtitel|movie title|book title|album title|titel des films",
        "original_title": "original title|originaltitel|original name|original titel",
        "sort_title": "sort title|title sort|sortiertitel|sort name",
        "media_type": "media type|type|item type|title type|typ|art|kind|medientyp|medium|category|kategorie",
        "year": "year|jahr|release year|erscheinungsjahr|production year|produktionsjahr|year published"
        "|movie release year|publication year",
        "release_date": "release date|released|erscheinungsdatum|veroffentlicht|veroffentlichung|publish date"
        "|publication date|premiere|first air date",
        "director": "director|directors|directed by|regie|regisseur|regisseurin|regisseure",
        "writer": "writer|writers|screenplay|drehbuch|drehbuchautor|written by",
        "author": "author|authors|autor|autoren|autorin|verfasser|creator",
        "actor": "cast|actor|actors|actress|starring|stars|darsteller|schauspieler|besetzung"
        "|cast members|people",
        "artist": "artist|artists|band|interpret|kunstler|album artist|performer",
        "composer": "composer|composers|komponist|komponisten|music by|musik von",
        "producer": "producer|producers|produzent|produzenten",
        "illustrator": "illustrator|illustrators|zeichner|penciller",
        "translator": "translator|ubersetzer",
        "narrator": "narrator|read by|sprecher|gelesen von",
        "genres": "genre|genres|subjects",
        "tags": "tag|tags|labels|schlagworte|schlagworter|stichworte|keywords",
        "rating": "rating|bewertung|wertung|note|imdb rating|tmdb rating|average rating|community rating",
        "own_rating": "my rating|own rating|user rating|your rating|personal rating|meine bewertung"
        "|eigene bewertung|stars given|my stars|meine wertung|score",
        "runtime": "runtime|running time|length|duration|minutes|laufzeit|dauer|lange|spieldauer|runtime mins"
        "|runtime min|laufzeit min|laufzeit minuten",
        "overview": "overview|description|plot|summary|synopsis|beschreibung|handlung|inhalt|plot summary",
        "certification": "certification|age rating|mpaa rating|fsk|altersfreigabe|mpaa|certificate|rated",
        "network": "network|sender|channel",
        "trailer_url": "trailer|trailer url|trailer link",
        "poster_hint": "poster|poster url|cover|cover url|image|bild|poster path",
        "tmdb_id": "tmdb|tmdb id|tmdbid|themoviedb id|tmdb url",
        "imdb_id": "imdb|imdb id|imdbid|const|imdb url|imdb link|imdb number",
        "tvdb_id": "tvdb|tvdb id|tvdbid",
        "trakt_id": "trakt|trakt id",
        "barcode": "barcode|upc|ean|ean 13|ean13|upc ean|ean upc|gtin|strichcode|upc code|isbn 13 ean",
        "isbn": "isbn|isbn13|isbn 13|isbn10|isbn 10",
        "format": "format|formats|media format|medienformat|binding|einband|datentrager",
        "edition": "edition|ausgabe|version|auflage",
        "resolution": "resolution|auflosung|quality|video resolution",
        "condition": "condition|zustand",
        "location": "location|standort|shelf|regal|place|ort|lagerort|storage",
        "notes": "notes|note text|comment|comments|notizen|bemerkung|bemerkungen|kommentar|anmerkungen",
        "ownership": "ownership|owned|collection status|status der sammlung|besitz|im besitz",
        "purchased_on": "purchased on|purchase date|bought|bought on|date bought|kaufdatum"
        "|gekauft am|gekauft",
        "price": "price|purchase price|paid|preis|kaufpreis|cost",
        "currency": "currency|wahrung",
        "quantity": "quantity|copies|anzahl|count|owned copies|stuck|exemplare",
        "added_at": "added|added at|added on|date added|hinzugefugt|hinzugefugt am|created|created at"
        "|erfasst|erfasst am|aufgenommen am|creation date",
        "signed_by": "signed by|signiert von",
        "signed_on": "signed on|signiert am",
        "value_mid": "value|estimated value|wert|schatzwert|current value",
        "value_currency": "value currency|valuation currency",
        "platform": "platform|plattform|console|konsole|system",
        "developer": "developer|entwickler|studio",
        "publisher": "publisher|verlag|herausgeber",
        "label": "label|record label|plattenlabel",
        "catalogue_number": "catalogue number|catalog number|cat no|katalognummer|catalog no",
        "pages": "pages|page count|number of pages|seiten|seitenzahl",
        "issue": "issue|issue number|heft|heftnummer|nummer",
        "cover_date": "cover date",
        "series": "series|serie|reihe|show|series title|series name",
        "season": "season|staffel|season number",
        "episode": "episode|episode number|folge|folgennummer",
        "episode_title": "episode title|episode name|folgentitel",
        "seasons": "seasons|season count|number of seasons|staffeln|tv season count",
        "tracks": "tracks|track list|tracklist|titelliste",
        "source_id": "source id",
        "path": "path|file|file path|dateipfad|datei",
    }.items()
    for word in words.split("|")
} | {field.replace("_", " "): field for field in SETTERS if field != "cast"}  # fmt: skip
