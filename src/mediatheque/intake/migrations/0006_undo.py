"""Who asked for an undo, so that one that was cut off goes on; and plans that have served are forgotten."""

from django.db import migrations

from mediatheque.core.roles import KEEPER
from mediatheque.core.schema import gate_function

FORGET_PLANS = """
DECLARE
  gone integer;
BEGIN
  DELETE FROM plan_rows p USING sync_jobs j
  WHERE j.id = p.job_id AND j.status IN ('failed', 'succeeded', 'cancelled') AND j.finished_at < p_before;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_plan_and_undo")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(
            f"GRANT SELECT (undo_by) ON sync_jobs TO {KEEPER}",
            f"REVOKE SELECT (undo_by) ON sync_jobs FROM {KEEPER}",
        ),
        gate_function("forget_plans(p_before timestamptz)", "integer", FORGET_PLANS, arguments="timestamptz"),
    ]
