"""Fields as long as the rules allow, the trail of an item's parts, and ties that undo brings back."""

from django.db import migrations, models

from mediatheque.core.schema import gate_function

LONGER = [
    ("media", "certification", 50),
    ("media", "network", 500),
    ("media", "location", 500),
    ("variant", "location", 500),
]

# Rows of variants, seasons and metadata that an item ever had. Ids only; what they say is read under the
# asking person's own policies.
PARTS_EVER = """
  SELECT DISTINCT row_id FROM audit_changes
  WHERE table_name IN ('variants', 'seasons', 'media_metadata') AND action <> 'update'
    AND coalesce(new, old)->>'media_id' = p_media::text
"""

# The last item of a work takes the work and with it everybody's ties to it, private ones too. Undo ties
# them again, for entries that still stand; the work must be the active space's and stand again.
RESTORE_TIES = """
DECLARE
  tied integer;
BEGIN
  IF NOT EXISTS (
    SELECT FROM works w JOIN memberships m ON m.space_id = w.owner_space
    WHERE w.id = p_work AND m.user_id = nullif(current_setting('app.user_id', true), '')::uuid
      AND w.owner_space = nullif(current_setting('app.space_id', true), '')::uuid
      AND m.suspended_at IS NULL
  ) THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  END IF;
  INSERT INTO entry_works (id, user_id, entry_id, work_id, work_owner, created_at, updated_at)
  SELECT (old->>'id')::uuid, (old->>'user_id')::uuid, e.id, p_work, (old->>'work_owner')::uuid,
         (old->>'created_at')::timestamptz, now()
  FROM audit_changes c JOIN entries e ON e.id = (old->>'entry_id')::uuid
  WHERE c.request_id = p_request AND c.table_name = 'entry_works' AND c.action = 'delete'
    AND old->>'work_id' = p_work::text
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS tied = ROW_COUNT;
  RETURN tied;
END
"""


def longer(model: str, field: str, length: int) -> migrations.AlterField:
    return migrations.AlterField(model, field, models.CharField(default="", max_length=length))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_row_security"), ("audit", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        *(longer(*each) for each in LONGER),
        migrations.RunSQL(
            "CREATE INDEX audit_changes_parts ON audit_changes ((coalesce(new, old)->>'media_id')) "
            "WHERE table_name IN ('variants', 'seasons', 'media_metadata') AND action <> 'update'",
            "DROP INDEX audit_changes_parts",
        ),
        gate_function(
            "parts_ever(p_media uuid)", "SETOF uuid", PARTS_EVER, arguments="uuid", language="sql",
            volatile="STABLE",
        ),
        gate_function(
            "restore_ties(p_request text, p_work uuid)", "integer", RESTORE_TIES, arguments="text, uuid"
        ),
    ]  # fmt: skip
