"""When a stored file lost its last reference, so that the sweep knows how long undo may still want it."""

from django.db import migrations, models

from mediatheque.core.roles import KEEPER

RELEASE = """
CREATE FUNCTION release_files() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE stored_files SET released_at = now() WHERE sha256 IN (SELECT sha256 FROM old_rows);
  RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_forgetting")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddField("storedfile", "released_at", models.DateTimeField(null=True)),
        migrations.RunSQL(RELEASE, "DROP FUNCTION release_files()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER file_references_release_{event} AFTER {event.upper()} ON file_references "
                "REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION release_files()",
                f"DROP TRIGGER file_references_release_{event} ON file_references",
            )
            for event in ("delete", "update")
        ),
        migrations.RunSQL(
            f"GRANT SELECT (sha256, created_at, released_at) ON stored_files TO {KEEPER}",
            f"REVOKE SELECT (sha256, created_at, released_at) ON stored_files FROM {KEEPER}",
        ),
    ]
