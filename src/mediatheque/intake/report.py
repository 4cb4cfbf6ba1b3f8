"""A job's report or plan as a file to download, with no live formula in any cell (I1)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeAlias
from uuid import UUID

from django.http import StreamingHttpResponse

from mediatheque.core.scope import Scope, of_person
from mediatheque.intake import queries, spreadsheet
from mediatheque.intake.queries import Wanted

Form = Literal["csv", "json"]
Rows: TypeAlias = Sequence[Mapping[str, Any]]

PIECE_ROWS = 2000
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
HEADER = ("row", "outcome", "title", "media", "review", "messages")


class Pieces(Protocol):
    """A query of the next rows of a report or a plan."""

    def __call__(self, scope: Scope, job_id: UUID, wanted: Wanted, *, after: int, size: int) -> Rows: ...


def answer(
    scope: Scope, job_id: UUID, wanted: Wanted, form: Form, pieces: Pieces = queries.report_pieces
) -> StreamingHttpResponse:
    """The whole report, or the plan, as a file. Raises NotFound."""
    found = queries.job(scope, job_id)
    kind = "plan" if pieces is queries.plan_pieces else "import"
    name = f"{kind}-{found['created_at']:%Y-%m-%d}-{wanted.outcome or 'all'}.{form}"

    def open_scope() -> AbstractContextManager[Scope]:
        return of_person(scope.user_id, space=scope.space_id, request_id=scope.request_id)

    def rows(after: int) -> Rows:
        with open_scope() as opened:
            return pieces(opened, job_id, wanted, after=after, size=PIECE_ROWS)

    return download(_table(rows, kind) if form == "csv" else _document(rows), name, _TYPES[form])


def download(
    content: Iterable[bytes], name: str, kind: str = "text/csv; charset=utf-8"
) -> StreamingHttpResponse:
    """An answer that browsers save."""
    response = StreamingHttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _read(rows: Callable[[int], Rows]) -> Iterator[Rows]:
    """A bounded piece at a time; each is read in a scope of its own, because the request's has closed."""
    after = -1
    while found := rows(after):
        yield found
        after = found[-1]["row"]


def _table(rows: Callable[[int], Rows], kind: str) -> Iterator[bytes]:
    header = (*HEADER, "changes") if kind == "plan" else (*HEADER, "undo")
    yield spreadsheet.BYTE_ORDER_MARK + spreadsheet.lines([header])
    for found in _read(rows):
        yield spreadsheet.lines(_cells(row) for row in found)


def _document(rows: Callable[[int], Rows]) -> Iterator[bytes]:
    yield b"["
    first = True
    for found in _read(rows):
        written = ",\n".join(json.dumps(row, ensure_ascii=False) for row in found)
        yield (written if first else ",\n" + written).encode()
        first = False
    yield b"]\n"


def _cells(row: Mapping[str, Any]) -> list[str]:
    told = [
        row["row"],
        row["outcome"],
        row["title"],
        row["media"] or "",
        "yes" if row["review"] else "",
        "; ".join(each["message"] for each in row["messages"]),
        _changes(row["changes"]) if "changes" in row else _undo(row["undo"]),
    ]
    return [str(each) for each in told]


def _changes(changes: Iterable[Mapping[str, Any]]) -> str:
    def shown(value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return "; ".join(
        f"{each['field']}: {shown(each['new'])}"
        if each["old"] is None
        else f"{each['field']}: {shown(each['old'])} → {shown(each['new'])}"
        for each in changes
    )


def _undo(undo: Mapping[str, Any] | None) -> str:
    return f"{undo['outcome']}: {undo['message']}" if undo else ""
