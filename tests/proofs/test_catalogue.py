"""The system catalogue: every table is under row security or on the closed list, and what goes with it (S4)."""

import pytest

from tests.support import everything

# Outside row security, each for a reason.
CLOSED = {
    "users": "found before a scope exists; the application selects id, name and avatar only",
    "sessions": "found before a scope exists; through gate alone",
    "tokens": "found before a scope exists; through gate alone",
    "stored_files": "bytes named by their content; whose they are stands in file_references",
    "rate_counts": "hashed buckets, counted before anyone is known",
    "django_migrations": "the schema's own history",
}
DERIVED_OR_BOOKKEEPING = {
    "media_words", "media_terms", "media_spellings", "media_tags",  # made by triggers from media
    "audit_changes", "events",  # the trail itself
    # What an import leaves; its effect is audited.
    "sync_jobs", "plan_rows", "report_rows", "fingerprints", "entry_fingerprints",
    "kept_answers", "stored_files", "rate_counts", "sessions", "tokens", "django_migrations",
}  # fmt: skip


def _tables() -> dict[str, bool]:
    rows = everything(
        "select relname, relrowsecurity from pg_class "
        "where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
    )
    return {name: secured for name, secured in rows if not name.startswith("procrastinate_")}


def test_every_table_is_under_row_security_or_on_the_closed_list():
    tables = _tables()
    assert {name for name, secured in tables.items() if not secured} == set(CLOSED)


def test_every_secured_table_has_one_select_policy_for_the_application():
    rows = everything(
        "select c.relname, count(*) from pg_policy p join pg_class c on c.oid = p.polrelid "
        "where p.polcmd = 'r' and p.polroles = '{0}' group by 1"
    )
    assert {name for name, _ in rows} == {name for name, secured in _tables().items() if secured}
    assert {count for _, count in rows} == {1}


def test_no_policy_for_all_commands_serves_the_application():
    rows = everything(
        "select c.relname from pg_policy p join pg_class c on c.oid = p.polrelid "
        "where p.polcmd = '*' and p.polroles = '{0}'"
    )
    assert rows == []


def test_every_business_table_has_its_three_audit_triggers():
    rows = everything(
        "select c.relname, count(*) from pg_trigger t join pg_class c on c.oid = t.tgrelid "
        "join pg_proc p on p.oid = t.tgfoid where p.proname = 'audit_rows' group by 1"
    )
    audited = {name for name, count in rows if count == 3}
    assert audited == set(_tables()) - DERIVED_OR_BOOKKEEPING


def test_every_tenant_table_carries_its_space_and_begins_a_list_index_with_it():
    tables = {"media", "media_words", "media_terms", "sync_jobs", "invitations"}
    rows = everything(
        "select distinct tablename from pg_indexes where schemaname = 'public' and indexdef ~ '\\(space_id, '"
    )
    assert tables <= {name for (name,) in rows}


@pytest.mark.parametrize("role", ["mediatheque_gate", "mediatheque_keeper", "mediatheque_app"])
def test_no_role_of_ours_goes_round_row_security(role):
    assert everything("select rolsuper, rolbypassrls from pg_roles where rolname = %s", [role]) == [
        (False, False)
    ]


def test_nobody_owns_what_he_works_on():
    rows = everything("select distinct tableowner from pg_tables where schemaname = 'public'")
    assert rows == [("mediatheque_owner",)]


def test_gate_functions_are_closed_to_the_public_and_pin_their_search_path():
    rows = everything(
        "select proname, proacl::text, proconfig::text from pg_proc "
        "where prosecdef and pronamespace = 'public'::regnamespace"
    )
    assert rows
    for name, rights, config in rows:
        holders = {entry.split("=")[0] for entry in (rights or "=X").strip("{}").split(",")}
        assert "" not in holders, name
        assert "search_path" in (config or ""), name


def test_keeper_reads_ids_and_times_alone():
    rows = everything(
        "select table_name, column_name from information_schema.column_privileges where grantee = 'mediatheque_keeper'"
    )
    allowed = {
        "id",
        "space_id",
        "user_id",
        "library_id",
        "created_at",
        "updated_at",
        "expires_at",
        "status",
        "stage",
        "undo_by",
        "sha256",
        "released_at",
    }
    assert rows
    assert {column for _, column in rows} <= allowed
