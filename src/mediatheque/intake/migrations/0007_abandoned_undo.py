"""An undo whose person may no longer be here is given up, and others may ask for it again."""

from django.db import migrations

from mediatheque.core.schema import gate_function

# It ends only what nobody could go on with, so that it opens nothing to anybody else.
ABANDON_UNDO = """
BEGIN
  UPDATE sync_jobs j SET status = j.ended_as, ended_as = NULL, finished_at = now()
  WHERE j.id = p_job AND j.stage = 'undo' AND j.ended_as IS NOT NULL AND NOT EXISTS (
    SELECT FROM users u JOIN memberships m ON m.user_id = u.id AND m.space_id = j.space_id
    WHERE u.id = j.undo_by AND u.banned_at IS NULL AND m.suspended_at IS NULL);
  RETURN FOUND;
END
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0006_undo")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function("abandon_undo(p_job uuid)", "boolean", ABANDON_UNDO, arguments="uuid"),
    ]
