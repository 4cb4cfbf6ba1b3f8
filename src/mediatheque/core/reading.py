"""Reads on libpq itself: all statements of one scope go out as one implicit transaction (ADR 0007).

Without BEGIN, COMMIT and a cursor for each statement, sign-in and a list cost a third. The transaction
ends with the block, whatever happens in it, and `set_config(…, true)` with the transaction.
"""

import re
import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection, transaction
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.datetime import TimestamptzLoader

MOST_PREPARED = 100
PLACE = re.compile("%%|%s")
ANSWERED = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class Instant(TimestamptzLoader):
    """`timestamptz`, several times as quick as the driver's own where the server writes ISO."""

    def load(self, data: Buffer) -> datetime:
        try:
            return _instant(bytes(data))
        except ValueError:
            return super().load(data)


@lru_cache(1024)
def _instant(text: bytes) -> datetime:
    """What is written together has one time."""
    return datetime.fromisoformat(text.decode())


class Line:
    """One open connection as libpq knows it, with the statements that it has prepared."""

    def __init__(self, opened: "psycopg.Connection[Any]") -> None:
        self.opened = opened
        self.pq: PGconn = opened.pgconn
        self.prepared: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self.named = 0  # a name is never given twice: what failed may stand prepared nevertheless
        self._poll = select.poll()
        self._poll.register(self.pq.socket, select.POLLIN)
        # What psycopg asks of a context; the connection's own adapters stay as Django knows them.
        self.connection = opened
        self.adapters = AdaptersMap(opened.adapters)
        self.adapters.register_loader("timestamptz", Instant)

    def result(self) -> PGresult | None:
        """What comes next; None between two statements' results."""
        while self.pq.flush():
            pass
        while self.pq.is_busy():
            self.wait()
        return self.pq.get_result()

    def wait(self) -> None:
        """Until more came from the server; here the whole thread waits."""
        self._poll.poll()
        self.pq.consume_input()


_lines: WeakKeyDictionary["psycopg.Connection[Any]", Line] = WeakKeyDictionary()
_given: ContextVar[Line | None] = ContextVar("line", default=None)
_open: ContextVar["Reading | None"] = ContextVar("reading", default=None)


class Reading:
    """The statements of one implicit transaction."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._values = Transformer(line)
        self._ended = False

    def run(self, sql: str, params: Sequence[Any] | None, *, prepared: bool, last: bool = False) -> PGresult:
        """The statement's result. A prepared one may get a generic plan (ARCHITECTURE, *Reading fast*).

        With the `last` one the transaction ends: the server need not be told so in a message of its own.
        """
        if self._ended:
            raise RuntimeError("The last statement of this reading was sent.")
        values = self._values.dump_sequence(params or (), [PyFormat.AUTO] * len(params or ()))
        types = self._values.types or ()
        pq, awaited = self._line.pq, 1
        text = sql.encode() if params is None else _numbered(sql)
        name = self._line.prepared.get((sql, types)) if prepared else None
        if name is None and prepared and self._line.named < MOST_PREPARED:
            name = f"reading_{self._line.named}".encode()
            self._line.named += 1
            pq.send_prepare(name, text, types)
            self._line.prepared[sql, types] = name
            awaited = 2
        if name is None:
            pq.send_query_params(text, values, types, self._values.formats)
        else:
            pq.send_query_prepared(name, values, self._values.formats)
        if last:
            pq.pipeline_sync()
            self._ended = True
        else:
            pq.send_flush_request()
        try:
            return [self._answer() for _ in range(awaited)][-1]
        except psycopg.Error:
            self._line.prepared.pop((sql, types), None)
            raise

    def rows(self, result: PGresult) -> list[dict[str, Any]]:
        """Every row as a dict of its columns."""
        names = [(result.fname(number) or b"").decode() for number in range(result.nfields)]
        return [dict(zip(names, values, strict=True)) for values in self.tuples(result)]

    def tuples(self, result: PGresult) -> list[tuple[Any, ...]]:
        """Every row as its values in order."""
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple)

    def value(self, result: PGresult) -> Any:
        """The first column of the first row, or None."""
        if result.ntuples == 0:
            return None
        self._values.set_pgresult(result)
        found = self._values.load_row(0, tuple)
        return found[0] if found else None

    def end(self) -> None:
        """The transaction is over; a connection that cannot say so is no longer used."""
        line = self._line
        try:
            if not self._ended:
                line.pq.pipeline_sync()
            while (result := line.result()) is None or result.status != ExecStatus.PIPELINE_SYNC:
                if line.pq.status != ConnStatus.OK:
                    raise psycopg.OperationalError("the server is gone")
            line.pq.exit_pipeline_mode()
        except BaseException:
            if connection.connection is line.opened:
                connection.close()
            else:
                line.opened.close()
            raise

    def _answer(self) -> PGresult:
        result = self._line.result()
        if result is None:
            raise psycopg.OperationalError("the server said nothing")
        self._line.result()
        if result.status not in ANSWERED:
            raise error_from_result(result)
        return result


@contextmanager
def reading() -> Iterator[None]:
    """Inside, `core.db` reads this way; the end of the block is the end of the scope that was entered.

    A connection whose statements somebody counts or rewrites is read in an ordinary transaction. Whoever
    wants to undo what was written must not be in here: an implicit transaction commits.
    """
    if connection.execute_wrappers or connection.queries_logged:
        with transaction.atomic(durable=True):
            yield
        return
    if _open.get() is not None or connection.in_atomic_block:
        raise RuntimeError("A reading is a transaction of its own: it stands in no other.")
    line = _given.get() or _of_this_thread()
    found = Reading(line)
    token = _open.set(found)
    with connection.wrap_database_errors:
        try:
            line.pq.enter_pipeline_mode()
            yield
        finally:
            _open.reset(token)
            found.end()


@contextmanager
def over(line: Line) -> Iterator[None]:
    """Readings inside go over this line instead of the thread's own connection."""
    token = _given.set(line)
    try:
        yield
    finally:
        _given.reset(token)


def opened_anew() -> "psycopg.Connection[Any]":
    """A further connection, made as Django makes its own; whoever asked for it closes it."""
    another = connection.copy()
    another.inc_thread_sharing()
    another.connect()
    return cast("psycopg.Connection[Any]", another.connection)


def _of_this_thread() -> Line:
    connection.ensure_connection()
    opened = cast("psycopg.Connection[Any]", connection.connection)
    line = _lines.get(opened)
    if line is None:
        line = _lines[opened] = Line(opened)
    return line


def current() -> Reading | None:
    """The reading that is open, if one is."""
    return _open.get()


@lru_cache(512)
def _numbered(sql: str) -> bytes:
    """`%s` as the server counts parameters: `$1`, `$2`, …; `%%` is a percent sign, as with any parameters."""
    number = count(1)
    return PLACE.sub(lambda found: "%" if found[0] == "%%" else f"${next(number)}", sql).encode()
