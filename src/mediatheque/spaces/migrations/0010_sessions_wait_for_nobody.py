"""What a session or token notes of itself is left out while another of its requests holds it.

A long change in one tab held its session, and every read in another waited for it: in the few places that reads are
answered from, everybody else's waited behind.
"""

from importlib import import_module

from django.db import migrations

from mediatheque.core.schema import gate_function

SECURITY = import_module("mediatheque.spaces.migrations.0002_row_security")
ENTERING, BY_TOKEN = SECURITY.ENTER_SESSION, SECURITY.ENTER_TOKEN
PLACING = import_module("mediatheque.spaces.migrations.0004_invitations_and_libraries").SELECT_PLACE
FREE = "id = (SELECT s.id FROM sessions s WHERE s.id = {} FOR NO KEY UPDATE SKIP LOCKED)"
USED = """WHERE id = one.id
    AND (last_used_at IS NULL OR last_used_at < now() - interval '5 minutes');"""
# Only a row that is to be written is locked.
USED_FREE = """WHERE id = (SELECT t.id FROM tokens t WHERE t.id = one.id
    AND (t.last_used_at IS NULL OR t.last_used_at < now() - interval '5 minutes') FOR NO KEY UPDATE SKIP LOCKED);"""


class Migration(migrations.Migration):
    dependencies = [("spaces", "0009_transfer_in_order")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function(
            "enter_session(p_key bytea, p_space text, p_request text)",
            "jsonb",
            ENTERING.replace("WHERE id = one.id;", f"WHERE {FREE.format('one.id')};"),
            arguments="bytea, text, text",
            before=ENTERING,
        ),
        gate_function(
            "enter_token(p_token bytea, p_space text, p_request text)",
            "jsonb",
            BY_TOKEN.replace(USED, USED_FREE),
            arguments="bytea, text, text",
            before=BY_TOKEN,
        ),
        gate_function(
            "select_place(p_session uuid, p_library uuid)",
            "void",
            PLACING.replace("WHERE id = p_session AND", f"WHERE {FREE.format('p_session')} AND"),
            arguments="uuid, uuid",
            before=PLACING,
        ),
    ]
