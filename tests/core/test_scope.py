"""The scope: what it opens, what it hides, and that a refusal leaves nothing."""

import pytest
from django.db import connection, transaction

from mediatheque.core import db, scope
from mediatheque.core.errors import NotFound
from mediatheque.core.ids import new_id


def test_without_a_scope_a_query_sees_nothing(alice):
    with scope.nobody():
        assert db.rows("select id from spaces") == []
        assert db.rows("select id from libraries") == []


def test_a_scope_shows_the_active_space_alone(alice, charlie):
    with scope.of_person(alice.user_id, space=None, request_id="req_t") as who:
        assert who.space_id == alice.household.space_id
        assert [r["id"] for r in db.rows("select id from libraries")] == [alice.household.library_id]
        assert [r["id"] for r in db.rows("select id from spaces")] == [alice.household.space_id]


def test_a_foreign_space_reads_like_a_missing_one(alice, charlie):
    for space in (charlie.household.space_id, new_id()):
        with pytest.raises(NotFound), scope.of_person(alice.user_id, space=space, request_id="r"):
            pass


def test_scopes_never_nest(alice):
    with (
        scope.of_person(alice.user_id, space=None, request_id="r"),
        pytest.raises(RuntimeError, match="durable"),
        scope.of_person(alice.user_id, space=None, request_id="r"),
    ):
        pass


def test_the_scope_ends_with_its_transaction(alice):
    with scope.of_person(alice.user_id, space=None, request_id="r"):
        assert db.value("select current_setting('app.user_id', true)") == str(alice.user_id)
    assert not db.value("select current_setting('app.user_id', true)")
    with transaction.atomic():
        assert db.rows("select id from libraries") == []


def test_the_application_is_neither_owner_nor_superuser_nor_bypasses_row_security():
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)
        cursor.execute(
            "select count(*) from pg_tables where schemaname = 'public' and tableowner = current_user"
        )
        assert cursor.fetchone() == (0,)
