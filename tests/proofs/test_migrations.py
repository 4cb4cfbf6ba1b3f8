"""Every migration of ours goes forward, back and forward again, and keeps schema and data (L6)."""

import os
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from mediatheque.core.database_url import django_database
from tests.proofs.test_application_attacks import make_media
from tests.support import as_superuser

OURS = ("core", "audit", "people", "spaces", "catalog", "intake")
SNAPSHOT = """
select 'column', table_name, column_name, data_type || is_nullable || coalesce(column_default, '')
  from information_schema.columns where table_schema = 'public'
union all select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  from pg_constraint where connamespace = 'public'::regnamespace
union all select 'index', tablename, indexname, indexdef from pg_indexes where schemaname = 'public'
union all select 'policy', tablename, policyname, coalesce(qual, '') || coalesce(with_check, '') || roles::text
  from pg_policies where schemaname = 'public'
union all select 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
  from pg_trigger where not tgisinternal
union all select 'function', proname, pg_get_function_identity_arguments(oid), md5(prosrc) || coalesce(proacl::text, '')
  from pg_proc where pronamespace = 'public'::regnamespace
union all select 'grant', table_name, grantee || column_name, privilege_type
  from information_schema.column_privileges where table_schema = 'public' and grantee like 'mediatheque_%'
order by 1, 2, 3, 4
"""


@pytest.fixture
def owner(empty_install: str) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection to a fresh clone."""
    url = os.environ["TEST_OWNER_URL"].replace("DATABASE", empty_install)
    connections.databases["owner"] = django_database(url) | {
        key: connection.settings_dict[key] for key in ("AUTOCOMMIT", "TIME_ZONE", "TEST")
    }
    connections["owner"].settings_dict["CONN_MAX_AGE"] = 0
    yield connections["owner"]
    connections["owner"].close()
    del connections["owner"]
    del connections.databases["owner"]


def schema(name: str) -> list[tuple[str, ...]]:
    return [row for row in as_superuser(name, SNAPSHOT) if not row[1].startswith("procrastinate")]


def data(name: str) -> dict[str, list[str]]:
    """Every row of every table of ours, as text."""
    tables = as_superuser(name, "select tablename from pg_tables where schemaname = 'public' order by 1")
    ours = [t for (t,) in tables if not t.startswith(("procrastinate", "django_migrations"))]
    return {t: sorted(r for (r,) in as_superuser(name, f'select t::text from "{t}" t')) for t in ours}


def steps() -> list[tuple[str, str]]:
    """Our migrations in the order they are applied."""
    loader = MigrationExecutor(connection).loader
    plan = [key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    return [key for key in dict.fromkeys(plan) if key[0] in OURS]


def test_all_our_migrations_go_back_to_nothing_and_forward_to_the_same_schema(owner, empty_install):
    before = schema(empty_install)
    assert len(before) > 500
    for app in reversed(OURS):
        MigrationExecutor(owner).migrate([(app, None)])
    left = as_superuser(empty_install, "select tablename from pg_tables where schemaname = 'public'")
    assert [t for (t,) in left if not t.startswith(("procrastinate", "django_migrations"))] == []
    executor = MigrationExecutor(owner)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert schema(empty_install) == before


def test_each_later_migration_goes_back_and_forward_with_equal_data(owner, empty_install, household):
    make_media(household.admin)
    rows, structure = data(empty_install), schema(empty_install)
    assert rows["media"]
    assert rows["audit_changes"]
    for app, name in reversed([key for key in steps() if not key[1].startswith(("0001", "0002"))]):
        executor = MigrationExecutor(owner)
        before = [key for key in executor.loader.graph.node_map[(app, name)].parents if key.key[0] == app]
        executor.migrate([before[0].key])
        executor = MigrationExecutor(owner)
        executor.migrate(executor.loader.graph.leaf_nodes())
        assert schema(empty_install) == structure, name
        assert data(empty_install) == rows, name


def test_models_and_migrations_agree():
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_failing_migration_leaves_the_old_state(owner, empty_install):
    from django.db.migrations import Migration, RunSQL

    before = schema(empty_install)
    broken = Migration("9999_broken", "core")
    broken.operations = [RunSQL("CREATE TABLE half_done (id int)"), RunSQL("SELECT 1/0")]
    executor = MigrationExecutor(owner)
    with pytest.raises(Exception, match="division by zero"):
        executor.apply_migration(executor.loader.project_state(), broken)
    owner.close()
    assert schema(empty_install) == before
