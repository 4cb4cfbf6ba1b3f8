"""What a file is and how its rows would be read, before anything is kept (I2, the mapping step). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO, Literal

from mediatheque.intake.reading import NotATable, Row, Table
from mediatheque.intake.records import Message, Record
from mediatheque.intake.sources import SOURCES, TABLE, Options, Source, choose, opened
from mediatheque.intake.sources.generic import SYNONYMS, plain, told_by_values
from mediatheque.intake.sources.mapping import names_titles

SHOWN_ROWS = 20
SAMPLE_ROWS = 50
SAMPLES = 3
SAMPLE_LENGTH = 120  # characters

Confidence = Literal["asked", "name", "values", "none"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: the field it would be, why, and its first values."""

    header: str
    field: str | None
    confidence: Confidence
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What was recognised, the mapping as it stands, and the first rows as records.

    `encoding` and `delimiter` are None for a file that is no table, `columns` is empty then. `titled` says
    whether a column holds titles: without one nothing can be imported, and there are no records.
    """

    source: str
    encoding: str | None
    delimiter: str | None
    rows: int
    columns: tuple[Column, ...]
    scales: Mapping[str, int]
    dates: str
    titled: bool
    records: tuple[Record, ...]


def preview(
    file: BinaryIO, mapping: Mapping[str, Any] | None = None, default_type: str | None = None
) -> Preview:
    """Read the whole file once for its scales and dates, and its first rows as they would become.

    Raises `NotATable`, and `UnknownField` at a mapping that cannot be followed.
    """
    sheet = opened(file)
    first = sheet.sample(SAMPLE_ROWS)
    sample = [row.cells for row in first]
    source = _source(sheet.header, sample, mapping)
    options = source.prepare(sheet.header, (row.cells for row in sheet.rows()), mapping, default_type)
    is_table = isinstance(sheet, Table)
    titled = not is_table or names_titles(options.columns.values())
    return Preview(
        source=source.name,
        encoding=sheet.encoding if isinstance(sheet, Table) else None,
        delimiter=sheet.delimiter if isinstance(sheet, Table) else None,
        rows=options.rows,
        columns=tuple(_columns(options, sheet.header, sample, mapping)) if is_table else (),
        scales=options.scales,
        dates=options.dates,
        titled=titled,
        records=tuple(record_of(row, options) for row in islice(first, SHOWN_ROWS)) if titled else (),
    )


def record_of(row: Row, options: Options) -> Record:
    """A row of the file as a record, with what the reader said of it."""
    if row.problem is not None:
        return Record(row.number, problem=row.problem)
    record = SOURCES[options.source].parse(row.number, row.cells, options)
    record.messages[:0] = row.messages
    return record


def shape(found: Preview) -> dict[str, Any]:
    """The preview as the API shows it."""
    mapping = {
        "columns": {each.header: each.field for each in found.columns},
        "scales": dict(found.scales),
        "dates": found.dates,
    }
    return {
        "source": {"name": found.source, "label": SOURCES[found.source].label},
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "rows": found.rows,
        "titled": found.titled,
        "mapping": mapping,
        "columns": [
            {"header": each.header, "field": each.field, "confidence": each.confidence,
             "samples": list(each.samples)}
            for each in found.columns
        ],
        "records": [_record(each) for each in found.records],
    }  # fmt: skip


def _source(
    header: Sequence[str], sample: Sequence[Mapping[str, str]], mapping: Mapping[str, Any] | None
) -> Source:
    """The source of the file; a table without a column of titles waits for a person to name it."""
    try:
        return choose(header, sample, mapping)
    except NotATable as error:
        if error.code != "file.no_title":
            raise
        return SOURCES[TABLE]


def _columns(
    options: Options,
    header: Sequence[str],
    sample: Sequence[Mapping[str, str]],
    mapping: Mapping[str, Any] | None,
) -> Iterable[Column]:
    asked = (mapping or {}).get("columns") or {}
    for name in header:
        field = options.columns.get(name)
        cells = (" ".join(cell.split()) for row in sample if (cell := row.get(name)))
        samples = dict.fromkeys(cell[:SAMPLE_LENGTH] for cell in cells if cell)
        yield Column(name, field, _confidence(name, field, sample, asked), tuple(samples)[:SAMPLES])


def _confidence(
    name: str, field: str | None, sample: Sequence[Mapping[str, str]], asked: Mapping[str, str | None]
) -> Confidence:
    if name in asked:
        return "asked"
    if field is None:
        return "none"
    by_values = SYNONYMS.get(plain(name)) is None and told_by_values(sample, name) == field
    return "values" if by_values else "name"


def _record(record: Record) -> dict[str, Any]:
    told: Iterable[Message] = chain([record.problem] if record.problem else [], record.messages)
    return {
        "row": record.row,
        "becomes": "nothing" if record.problem else "entry" if record.is_entry else "media",
        "title": record.title,
        "media_type": record.media_type,
        "year": record.year,
        "people": [each._asdict() for each in record.people],
        "genres": record.genres,
        "tags": record.tags,
        "formats": record.formats,
        "barcode": record.barcode,
        "rating": float(record.rating) if record.rating is not None else None,
        "own_rating": record.own_rating,
        "added_at": record.added_at.isoformat() if record.added_at else None,
        "external_ids": [each._asdict() for each in record.external_ids],
        "metadata": record.metadata,
        "messages": [
            {"code": each.code, "field": each.field or None, "message": each.message} for each in told
        ],
    }
