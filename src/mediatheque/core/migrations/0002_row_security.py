"""Functions every table uses, and the guards of core's own tables."""

from django.conf import settings
from django.db import migrations

from mediatheque.core.schema import (
    ACTIVE_SPACE,
    ACTIVE_USER,
    OPEN_LIBRARIES,
    guarded,
    kept_by_keeper,
    of_person,
    touched,
)

UUID7 = """
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
    FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$
"""

TOUCH = """
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.created_at := OLD.created_at;
  NEW.updated_at := now();
  RETURN NEW;
END $$
"""

FILE_GUARD = (
    f"(space_id is null or (space_id = {ACTIVE_SPACE} and (library_id is null or library_id = {OPEN_LIBRARIES}))) "
    f"and (user_id is null or user_id = {ACTIVE_USER})"
)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(UUID7, "DROP FUNCTION uuid7()"),
        migrations.RunSQL(TOUCH, "DROP FUNCTION touch()"),
        *guarded("file_references", FILE_GUARD),
        touched("file_references"),
        kept_by_keeper("file_references", "sha256"),
        *of_person("kept_answers"),
        touched("kept_answers"),
        kept_by_keeper("kept_answers", "id, user_id, created_at"),
        migrations.RunSQL(
            f'REVOKE UPDATE ON stored_files FROM "{settings.APPLICATION_ROLE}"',
            f'GRANT UPDATE ON stored_files TO "{settings.APPLICATION_ROLE}"',
        ),
    ]
