"""A job's report as a table to download, with no live formula in any cell (I1)."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse

from mediatheque.core.scope import Scope, of_person
from mediatheque.intake import queries

PIECE_ROWS = 2000
HEADER = ("row", "outcome", "title", "media", "review", "messages")
_FORMULA = tuple("=+-@＝＋－＠")
_LEADING = " \t\r\n\v\f\u00a0\u3000\u200b\ufeff"


def neutral(cell: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet might take it for a formula."""
    bare = cell.lstrip(_LEADING)
    return "'" + cell if bare.startswith(_FORMULA) or cell.startswith(("\t", "\r", "\n")) else cell


def answer(scope: Scope, job_id: UUID, outcome: str | None) -> StreamingHttpResponse:
    """The whole report as a file. Raises NotFound."""
    found = queries.job(scope, job_id)
    name = f"import-{found['created_at']:%Y-%m-%d}-{outcome or 'all'}.csv"

    def open_scope() -> AbstractContextManager[Scope]:
        return of_person(scope.user_id, space=scope.space_id, request_id=scope.request_id)

    return download(_pieces(open_scope, job_id, outcome), name)


def download(content: Iterable[bytes], name: str) -> StreamingHttpResponse:
    """An answer that browsers save as a table."""
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _pieces(
    open_scope: Callable[[], AbstractContextManager[Scope]], job_id: UUID, outcome: str | None
) -> Iterator[bytes]:
    """A bounded piece at a time; each is read in a scope of its own, because the request's has closed."""
    yield b"\xef\xbb\xbf" + _lines([HEADER])
    after = -1
    while True:
        with open_scope() as scope:
            rows = queries.report_pieces(scope, job_id, outcome=outcome, after=after, size=PIECE_ROWS)
        if not rows:
            return
        yield _lines(_cells(row) for row in rows)
        after = rows[-1]["row"]


def _cells(row: Mapping[str, Any]) -> list[str]:
    messages = "; ".join(each["message"] for each in row["messages"])
    told = [
        row["row"],
        row["outcome"],
        row["title"],
        row["media"] or "",
        "yes" if row["review"] else "",
        messages,
    ]
    return [neutral(str(each)) for each in told]


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
