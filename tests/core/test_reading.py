"""Reads on libpq itself: the same rows, and a scope that ends with the block, whatever happens in it."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from mediatheque.core import db, scope
from mediatheque.core.reading import current, reading
from tests.support import everything

KINDS = (
    "select %s::uuid as id, %s::timestamptz as at, %s::jsonb as document, %s::text[] as words, %s::int as number, "
    "null::text as nothing, 'ü'::text as text, date '2024-02-29' as day, 1.50::numeric as price"
)
VALUES = [
    UUID(int=7),
    datetime(1999, 12, 31, 23, 59, 59, 5, tzinfo=UTC),
    '{"a": [1]}',
    ["a,b", '"'],
    2**40 % 97,
]


def enter(actor) -> scope.Scope:
    return scope.of_session(actor.session_key, space=None, request_id="req_t")


def read_and(actor, act: Callable[[], object]) -> None:
    """A scope that shows something, and then this."""
    with reading():
        enter(actor)
        assert db.rows("select id from libraries") != []
        act()


@pytest.mark.parametrize("prepared", [False, True])
def test_rows_are_those_of_an_ordinary_cursor(prepared: bool) -> None:
    ordinary = db.rows(KINDS, VALUES)
    with reading():
        for _ in range(2):
            assert db.rows(KINDS, VALUES, prepared=prepared) == ordinary
        assert db.value("select 5 where false", prepared=prepared) is None
        assert db.row("select 5 as n", prepared=prepared) == {"n": 5}


def test_a_reading_reads_parameters_as_a_cursor_does() -> None:
    for sql, params in (
        ("select 7 %% 4 as left, %s::text as text", ["a%s"]),
        ("select %(b)s::int as b, %(a)s::int as a, %(b)s::int + 1 as more", {"a": 1, "b": 2}),
        ("select 7 % 4 as left", None),
    ):
        ordinary = db.rows(sql, params)
        with reading():
            assert db.rows(sql, params) == ordinary


def test_a_reading_opens_a_scope_that_ends_with_it(alice, charlie) -> None:
    with reading():
        assert enter(alice).user_id == alice.user_id
        assert [each["id"] for each in db.rows("select id from libraries")] == [alice.household.library_id]
    assert not db.value("select current_setting('app.user_id', true)")
    with reading():
        assert db.rows("select id from libraries") == []
    with reading():
        enter(charlie)
        assert [each["id"] for each in db.rows("select id from libraries")] == [charlie.household.library_id]


@pytest.mark.parametrize("fault", ["select 1/0", "select nonsense", "insert into media default values"])
def test_a_fault_ends_the_scope_and_leaves_the_connection_whole(alice, fault: str) -> None:
    for prepared in (False, True):
        with pytest.raises(DatabaseError):
            read_and(alice, lambda prepared=prepared: db.value(fault, prepared=prepared))
        assert current() is None
        with reading():
            assert db.rows("select id from libraries") == []
            assert db.value("select %s::int", [3], prepared=True) == 3


def test_an_exception_ends_the_scope(alice) -> None:
    with pytest.raises(KeyError):
        read_and(alice, lambda: {}["nothing"])
    assert db.rows("select id from libraries") == []


def test_a_statement_cut_off_ends_the_scope(alice) -> None:
    def wait() -> None:
        db.execute("select set_config('statement_timeout', '20', true)")
        db.value("select pg_sleep(5)")

    with pytest.raises(DatabaseError, match="timeout"):
        read_and(alice, wait)
    assert db.rows("select id from libraries") == []
    assert db.value("show statement_timeout") != "20ms"


def test_a_killed_connection_is_not_used_again(alice) -> None:
    backend = db.value("select pg_backend_pid()")

    def lose_it() -> None:
        everything("select pg_terminate_backend(%s)", [backend])
        db.value("select 1")

    with pytest.raises(DatabaseError):
        read_and(alice, lose_it)
    assert db.value("select pg_backend_pid()") != backend


def test_readings_do_not_nest() -> None:
    with reading(), pytest.raises(RuntimeError), reading():
        pass
    assert current() is None
    with reading():
        assert db.value("select 1") == 1


def test_a_watched_connection_reads_in_an_ordinary_transaction(alice) -> None:
    with CaptureQueriesContext(connection) as captured, reading():
        enter(alice)
        assert db.value("select 41 + 1") == 42
    assert any("41 + 1" in each["sql"] for each in captured)
    assert db.rows("select id from libraries") == []


def test_what_is_written_stays(alice) -> None:
    with reading():
        enter(alice)
        assert db.execute("update libraries set description = 'seen'") == 1
        assert db.execute("update libraries set description = 'x' where false") == 0
    with reading():
        enter(alice)
        assert db.value("select description from libraries") == "seen"


def test_a_statement_that_fails_leaves_its_name_to_nobody() -> None:
    divided, other, further = "select 6 / %s::int", "select %s::int + 100", "select %s::int + 200"
    for _ in range(2):
        with reading():
            assert [db.value(sql, [1], prepared=True) for sql in (divided, other)] == [6, 101]
        with pytest.raises(DatabaseError), reading():
            db.value(divided, [0], prepared=True)
        with reading():
            assert db.value(further, [1], prepared=True) == 201
