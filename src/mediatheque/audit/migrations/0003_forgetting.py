"""Old changes are forgotten (L1): through gate, and never those of the last thirty days."""

from django.db import migrations

from mediatheque.core.schema import gate_function

FORGET = """
DECLARE
  gone int;
BEGIN
  DELETE FROM audit_changes WHERE at < least(p_before, now() - interval '30 days');
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE INDEX audit_changes_at ON audit_changes (at)", "DROP INDEX audit_changes_at"
        ),
        gate_function("forget_changes(p_before timestamptz)", "int", FORGET, arguments="timestamptz"),
    ]
