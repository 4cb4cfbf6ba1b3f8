"""A transfer takes its locks in the order of everybody else: library, items, then what hangs on them.

Whoever edits an item holds it and goes on to its parts; a transfer that held parts and asked for the item ended
one of both in a deadlock.
"""

from importlib import import_module

from django.db import migrations

from mediatheque.core.schema import gate_function

BEFORE = import_module("mediatheque.spaces.migrations.0006_transfer").TRANSFER
ITEMS_FIRST = """SET CONSTRAINTS ALL DEFERRED;
  PERFORM FROM media WHERE space_id = source AND library_id = p_library ORDER BY id FOR UPDATE;"""
TRANSFER = BEFORE.replace("SET CONSTRAINTS ALL DEFERRED;", ITEMS_FIRST)


class Migration(migrations.Migration):
    dependencies = [("spaces", "0008_people_of_the_install")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function(
            "transfer_library(p_library uuid, p_to uuid)",
            "jsonb",
            TRANSFER,
            arguments="uuid, uuid",
            before=BEFORE,
        ),
    ]
