"""Sources whose columns are known: what each column is, before what is special about them (I2). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mediatheque.core.text import fold
from mediatheque.intake.records import Record, fingerprint
from mediatheque.intake.sources import cells
from mediatheque.intake.sources.fields import DATES, set_field
from mediatheque.intake.sources.mapping import settled
from mediatheque.intake.sources.options import Options

_FIRST = ("media_type", "title", "year")  # others are read by them


def prepare_known(
    name: str,
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    known: Mapping[str, str | None],
    mapping: Mapping[str, Any] | None,
    *,
    default_type: str,
    scales: Mapping[str, int],
) -> Options:
    """The options of a file whose columns are `known` (those read apart are not in it); a person's mapping adds."""
    asked = mapping or {}
    columns = {each: field for each, field in settled(header, known, mapping).items() if each in known}
    columns |= {each: asked["columns"][each] for each in header if each in (asked.get("columns") or {})}
    columns = dict(sorted(columns.items(), key=lambda pair: pair[1] not in _FIRST))
    found = cells.survey(rows, [], [column for column, field in columns.items() if field in DATES])
    return Options(
        source=name,
        columns=columns,
        scales={**scales, **(asked.get("scales") or {})},
        dates=asked.get("dates") or found.dates,
        default_type=default_type,
        rows=found.rows,
    )


def begin(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """A record with what its columns say; those without a field become metadata."""
    record = Record(row_number, media_type=options.default_type, fingerprint=fingerprint(row))
    for column, field in options.columns.items():
        text = row.get(column, "").strip()
        if text and field is None:
            record.metadata[fold(column).replace(" ", "_")[:100]] = text
        elif text and field is not None:
            set_field(record, field, text, options)
    return record
