"""Kept answers are forgotten after a day (API.md, *Creating calls*)."""

from django.db import migrations

from mediatheque.core.schema import gate_function

FORGET = """
DECLARE
  gone int;
BEGIN
  DELETE FROM kept_answers WHERE created_at < p_before;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function("forget_kept_answers(p_before timestamptz)", "int", FORGET, arguments="timestamptz"),
    ]
