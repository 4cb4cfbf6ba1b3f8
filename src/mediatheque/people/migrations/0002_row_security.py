"""Accounts, sessions and tokens: a closed list outside row security, of which the application may select
ids and names only. Everything else goes through functions of `gate`."""

from django.conf import settings
from django.db import migrations

from mediatheque.core.roles import KEEPER
from mediatheque.core.schema import audited, touched

APPLICATION = f'"{settings.APPLICATION_ROLE}"'
TABLES = ("users", "sessions", "tokens")


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("audit", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                f"REVOKE ALL ON {table} FROM {APPLICATION}",
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APPLICATION}",
            )
            for table in TABLES
        ),
        migrations.RunSQL(
            f"GRANT SELECT (id, name, avatar) ON users TO {APPLICATION}",
            f"REVOKE SELECT (id, name, avatar) ON users FROM {APPLICATION}",
        ),
        *(touched(table) for table in TABLES),
        audited("users", space="", owner="id", without=["password", "last_sign_in_at"]),
        migrations.RunSQL(
            f"GRANT SELECT (id, expires_at) ON sessions TO {KEEPER}",
            f"REVOKE SELECT (id, expires_at) ON sessions FROM {KEEPER}",
        ),
    ]
