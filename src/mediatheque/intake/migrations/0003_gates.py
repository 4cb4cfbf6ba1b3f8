"""What an import needs beyond its person's own rights: to be given up when they lose them, and to be
started by the operator."""

from django.db import migrations

from mediatheque.core.schema import gate_function

# It closes only jobs whose person may no longer import, so that it opens nothing to anybody else.
ABANDON = """
BEGIN
  UPDATE sync_jobs j SET status = 'failed', error = p_error, finished_at = now()
  WHERE j.id = p_job AND j.status IN ('idle', 'running') AND NOT EXISTS (
    SELECT FROM users u JOIN memberships m ON m.user_id = u.id AND m.space_id = j.space_id
    JOIN libraries l ON l.id = j.library_id
    WHERE u.id = j.user_id AND u.banned_at IS NULL AND m.suspended_at IS NULL AND l.archived_at IS NULL
      AND (NOT l.limited OR m.role = 'admin' OR EXISTS (
        SELECT FROM library_members lm WHERE lm.library_id = l.id AND lm.user_id = u.id)));
  RETURN FOUND;
END
"""

WHO_IMPORTS = """
  SELECT m.user_id, m.space_id FROM libraries l JOIN memberships m ON m.space_id = l.space_id
  JOIN users u ON u.id = m.user_id
  WHERE l.id = p_library AND m.suspended_at IS NULL AND u.banned_at IS NULL
    AND CASE WHEN p_email IS NULL THEN m.role = 'admin' ELSE u.email_key = p_email END
  ORDER BY m.joined_at, m.id LIMIT 1
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function("abandon_import(p_job uuid, p_error text)", "boolean", ABANDON, arguments="uuid, text"),
        gate_function(
            "who_imports(p_library uuid, p_email text)",
            "TABLE (user_id uuid, space_id uuid)",
            WHO_IMPORTS,
            arguments="uuid, text",
            language="sql",
            volatile="STABLE",
        ),
    ]
