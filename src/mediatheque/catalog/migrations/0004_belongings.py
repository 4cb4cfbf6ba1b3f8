"""What a person added to their spaces, for the download of their data (P6)."""

from django.db import migrations

from mediatheque.core.schema import ACTIVE_USER, OWN_SPACES, gate_function

# In every space of theirs, and there only in libraries that still admit them.
MY_ADDITIONS = f"""
  SELECT i.id, i.space_id, i.library_id, i.title::text, i.media_type::text, i.year, i.added_at
  FROM media i JOIN libraries l ON l.id = i.library_id
  JOIN memberships m ON m.space_id = i.space_id AND m.user_id = {ACTIVE_USER}
  WHERE i.added_by = {ACTIVE_USER} AND i.space_id = {OWN_SPACES} AND m.suspended_at IS NULL
    AND (NOT l.limited OR m.role = 'admin' OR EXISTS (
      SELECT FROM library_members a WHERE a.library_id = l.id AND a.user_id = m.user_id))
  ORDER BY i.added_at, i.id
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_room_for_long_fields")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function(
            "my_additions()",
            "TABLE (id uuid, space_id uuid, library_id uuid, title text, media_type text, year integer, "
            "added_at timestamptz)",
            MY_ADDITIONS, language="sql", volatile="STABLE",
        ),
    ]  # fmt: skip
