"""A person who only rates a title has not said that it is unwatched: an import may say that it was seen (I3)."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("mediatheque.catalog.migrations.0002_row_security").FIELD_SETTERS
EMPTY = """('null', '""', '[]', '{}', 'false')"""
AFTER = BEFORE.replace(EMPTY, EMPTY[:-1] + """, '"not_watched"')""")


def instead(sql: str) -> str:
    return sql.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_search")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(instead(AFTER), instead(BEFORE)),
    ]
