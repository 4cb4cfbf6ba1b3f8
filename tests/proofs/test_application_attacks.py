"""The application's own role with plain SQL: what no endpoint would do, the database refuses too.

Each test first shows that there is something to leak or to break.
"""

import pytest
from django.db import DatabaseError, transaction

from mediatheque.core import db, scope
from mediatheque.core.ids import NIL, new_id
from tests.support import everything

REFUSED = "42501"


def refused(who, sql, params=()):
    """Whether the statement, run in this person's scope, is refused for lack of rights."""
    try:
        with scope.of_person(who.user_id, space=who.household.space_id, request_id="attack"):
            with transaction.atomic():
                db.execute(sql, params)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", "") == REFUSED
    return False


def make_media(actor, title="Night Ferry", library_id=None):
    """An item, straight in the database."""
    media_id, work_id = new_id(), new_id()
    library_id = library_id or actor.household.library_id
    space_id = actor.household.space_id
    everything(
        "insert into works (id, owner_space, library_id, kind, title, original_title, match_key) "
        "values (%s, %s, %s, 'movie', %s, '', 'k')",
        [work_id, space_id, library_id, title],
    )
    everything(
        "insert into media (id, space_id, library_id, work_id, work_owner, media_type, title, original_title, "
        "sort_title, sort_key, match_key, year_key, overview, genres, people, certification, network, trailer_url, "
        "format, ownership, location, notes, details, external_ids, source_provider, source_external_id, "
        "import_source, person_fields, import_fields, word_list, terms, added_by) values (%s, %s, %s, %s, %s, 'movie', "
        "%s, '', %s, lower(%s), lower(%s), 0, '', '{}', '[]', '', '', '', '', 'owned', '', '', '{}', '[]', 'manual', "
        "'', '', '{}', '{}', array['3night'], '[]', %s)",
        [media_id, space_id, library_id, work_id, space_id, title, title, title, title, actor.user_id],
    )
    return media_id, work_id


def test_an_outsider_cannot_insert_himself_as_a_member(charlie, alice):
    for space_id in (alice.household.space_id, charlie.household.space_id):
        assert refused(
            charlie,
            "insert into memberships (id, space_id, user_id, kind, role, joined_at, metadata) "
            "values (%s, %s, %s, 'household', 'admin', now(), '{}')",
            [new_id(), space_id, charlie.user_id],
        )


def test_a_member_cannot_promote_himself(bob):
    assert everything("select role from memberships where user_id = %s", [bob.user_id]) == [("member",)]
    assert refused(bob, "update memberships set role = 'admin' where user_id = %s", [bob.user_id])


def test_a_member_cannot_open_a_limited_library_to_himself(bob, household):
    limited = household.add_library("Attic", limited=True)
    assert refused(
        bob,
        "insert into library_members (id, space_id, library_id, user_id) values (%s, %s, %s, %s)",
        [new_id(), household.space_id, limited, bob.user_id],
    )


def test_a_foreign_row_can_be_neither_read_nor_changed_nor_moved(alice, charlie):
    media_id, _ = make_media(alice)
    with scope.of_person(charlie.user_id, space=None, request_id="attack"):
        assert db.rows("select id from media where id = %s", [media_id]) == []
        assert db.execute("update media set title = 'mine' where id = %s", [media_id]) == 0
        assert db.execute("delete from media where id = %s", [media_id]) == 0
        assert db.rows("select * from media_words where media_id = %s", [media_id]) == []
    assert everything("select title from media where id = %s", [media_id]) == [("Night Ferry",)]
    assert refused(
        alice,
        "update media set space_id = %s, library_id = %s where id = %s",
        [charlie.household.space_id, charlie.household.library_id, media_id],
    )


def test_a_limited_library_hides_everything_under_it(bob, alice, household):
    limited = household.add_library("Attic", limited=True)
    media_id, work_id = make_media(alice, library_id=limited)
    hidden = {
        "libraries": ("id", limited), "media": ("id", media_id), "works": ("id", work_id),
        "media_words": ("media_id", media_id), "audit_changes": ("row_id", media_id),
    }  # fmt: skip
    for who, expected in ((alice, True), (bob, False)):
        with scope.of_person(who.user_id, space=household.space_id, request_id="attack"):
            for table, (column, value) in hidden.items():
                assert bool(db.rows(f"select 1 from {table} where {column} = %s", [value])) is expected, table


def test_an_entry_cannot_tie_to_another_persons_private_work(alice, charlie):
    work_id, entry_id = new_id(), new_id()
    everything(
        "insert into works (id, owner_user, kind, title, original_title, match_key) "
        "values (%s, %s, 'movie', 'Diary', '', 'diary')",
        [work_id, alice.user_id],
    )
    everything(
        "insert into entries (id, user_id, title, kind, status, notes, visibility, notes_visibility, "
        "on_watchlist, set_aside_reason, person_fields, import_fields) values "
        "(%s, %s, 'x', 'movie', 'watching', '', 'shared', 'private', false, '', '{}', '{}')",
        [entry_id, charlie.user_id],
    )
    tie = "insert into entry_works (id, user_id, entry_id, work_id, work_owner) values (%s, %s, %s, %s, %s)"
    for owner in (charlie.user_id, NIL, alice.user_id):
        assert refused(charlie, tie, [new_id(), charlie.user_id, entry_id, work_id, owner])
    everything(tie, [new_id(), charlie.user_id, entry_id, work_id, alice.user_id])  # nothing else forbids it


def test_the_trail_cannot_be_forged_changed_or_emptied(alice):
    make_media(alice)
    assert everything("select count(*) from audit_changes where space_id = %s", [alice.household.space_id])[
        0
    ][0]
    assert refused(
        alice, "insert into audit_changes (id, table_name, action) values (%s, 'media', 'insert')", [new_id()]
    )
    assert refused(alice, "update audit_changes set actor_id = null")
    assert refused(alice, "delete from audit_changes")
    assert refused(alice, "insert into events (id, action, details) values (%s, 'x', '{}')", [new_id()])


def test_e_mails_and_password_hashes_are_closed(alice):
    for column in ("email", "password", "preferences", "*"):
        assert refused(alice, f"select {column} from users")
    assert refused(alice, "select key_hash from sessions")
    assert refused(alice, "select token_hash from tokens")
    with scope.of_person(alice.user_id, space=None, request_id="attack"):
        assert db.rows("select id, name from users where id = %s", [alice.user_id])
        shown = db.rows("select attname from pg_stats where tablename = 'users'")
    assert {each["attname"] for each in shown} <= {"id", "name", "avatar"}


def test_derived_tables_are_written_by_the_database_alone(alice):
    media_id, _ = make_media(alice)
    assert everything("select word from media_words where media_id = %s", [media_id]) == [("night",)]
    for statement in (
        "delete from media_words",
        "insert into media_terms (space_id, library_id, kind, key, term, media_id) "
        f"values ('{alice.household.space_id}', '{alice.household.library_id}', 'genre', 'x', 'x', '{media_id}')",
    ):
        assert refused(alice, statement)


def test_keeper_sees_ids_alone_and_only_after_set_role(alice, charlie):
    make_media(charlie)
    with transaction.atomic():
        assert db.rows("select id from libraries") == []
        db.execute("set local role mediatheque_keeper")
        ids = {each["id"] for each in db.rows("select id from libraries")}
    assert charlie.household.library_id in ids
    assert not works_as_keeper("select name from libraries")


def works_as_keeper(sql):
    try:
        with transaction.atomic():
            db.execute("set local role mediatheque_keeper")
            db.rows(sql)
    except DatabaseError:
        return False
    return True


@pytest.mark.parametrize("role", ["mediatheque_owner", "mediatheque_gate", "postgres"])
def test_no_stronger_role_can_be_taken(role):
    with pytest.raises(DatabaseError), transaction.atomic():
        db.execute(f"set local role {role}")


def test_row_security_cannot_be_switched_off(alice, charlie):
    make_media(charlie)
    assert refused(alice, "set local row_security = off; select * from media")


def test_large_objects_are_closed(alice):
    assert refused(alice, "select lo_create(0)")
    assert refused(alice, "select lo_from_bytea(0, 'x')")
