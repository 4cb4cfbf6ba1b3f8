"""Loans of copies, their trail and reminders, and the texts of a work that undo brings back."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Now

from mediatheque.core.ids import new_id
from mediatheque.core.schema import Reference, audited, gate_function, of_space, touched

# Rows of copies, loans, seasons and metadata that an item ever had. Ids only; what they say is read under
# the asking person's own policies.
PARTS_EVER = """
  SELECT DISTINCT row_id FROM audit_changes
  WHERE table_name IN ({tables}) AND action <> 'update' AND coalesce(new, old)->>'media_id' = p_media::text
"""
BEFORE = "'variants', 'seasons', 'media_metadata'"
TABLES = "'variants', 'loans', 'seasons', 'media_metadata'"

# One event for each loan and due date: the row is changed only where it was not reminded for that date,
# whoever else sweeps at the same time. What the reader may not see (limited libraries) is not in it.
REMIND_LOANS = """
DECLARE
  reminded integer;
BEGIN
  WITH late AS (
    UPDATE loans l SET reminded_for = l.due FROM spaces s
    WHERE s.id = l.space_id AND l.back IS NULL AND l.due < (p_now AT TIME ZONE s.time_zone)::date
      AND l.reminded_for IS DISTINCT FROM l.due
    RETURNING l.id, l.space_id, l.media_id, l.due
  )
  INSERT INTO events (id, action, space_id, entity, entity_id, details, request_id)
  SELECT uuid7(), 'loan.overdue', space_id, 'media', media_id, jsonb_build_object('due', due), 'job' FROM late;
  GET DIAGNOSTICS reminded = ROW_COUNT;
  RETURN reminded;
END
"""

# A work that went with its last item comes back with its texts, certifications, seasons and episodes.
RESTORE_WORK_PARTS = """
DECLARE
  part text;
  restored integer := 0;
  here integer;
BEGIN
  IF NOT EXISTS (
    SELECT FROM works w JOIN memberships m ON m.space_id = w.owner_space
    WHERE w.id = p_work AND m.user_id = nullif(current_setting('app.user_id', true), '')::uuid
      AND w.owner_space = nullif(current_setting('app.space_id', true), '')::uuid
      AND m.suspended_at IS NULL
  ) THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  END IF;
  FOREACH part IN ARRAY ARRAY['work_texts', 'work_certifications', 'work_seasons', 'work_episodes'] LOOP
    EXECUTE format(
      'INSERT INTO %I SELECT r.* FROM audit_changes c, jsonb_populate_record(null::%I, '
      'c.old || jsonb_build_object(''updated_at'', now())) r WHERE c.request_id = $1 AND c.table_name = $2 '
      'AND c.action = ''delete'' AND c.old->>''work_id'' = $3::text ON CONFLICT DO NOTHING', part, part)
    USING p_request, part, p_work;
    GET DIAGNOSTICS here = ROW_COUNT;
    restored := restored + here;
  END LOOP;
  RETURN restored;
END
"""


def parts_ever(tables: str) -> Any:
    return gate_function(
        "parts_ever(p_media uuid)",
        "SETOF uuid",
        PARTS_EVER.format(tables=tables),
        arguments="uuid",
        language="sql",
        volatile="STABLE",
    )


def parts_index(tables: str) -> str:
    return (
        "CREATE INDEX audit_changes_parts ON audit_changes ((coalesce(new, old)->>'media_id')) "
        f"WHERE table_name IN ({tables}) AND action <> 'update'"
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_lists"), ("audit", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddConstraint(
            "variant",
            models.UniqueConstraint(
                fields=["space_id", "library_id", "media_id", "id"], name="variants_of_media_id"
            ),
        ),
        migrations.CreateModel(
            "Loan",
            fields=[
                ("id", models.UUIDField(default=new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("updated_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("space_id", models.UUIDField()),
                ("library_id", models.UUIDField()),
                ("media_id", models.UUIDField()),
                ("variant_id", models.UUIDField()),
                ("borrower", models.CharField(max_length=200)),
                ("since", models.DateField()),
                ("due", models.DateField(null=True)),
                ("back", models.DateField(null=True)),
                ("reminded_for", models.DateField(null=True)),
            ],
            options={
                "db_table": "loans",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["variant_id"], name="loans_one_open", condition=models.Q(back__isnull=True)
                    ),
                    models.CheckConstraint(
                        name="loans_due",
                        condition=models.Q(due__isnull=True) | models.Q(due__gte=models.F("since")),
                    ),
                    models.CheckConstraint(
                        name="loans_back",
                        condition=models.Q(back__isnull=True) | models.Q(back__gte=models.F("since")),
                    ),
                    Reference(
                        name="loans_variant",
                        columns=["space_id", "library_id", "media_id", "variant_id"],
                        table="variants",
                        target=["space_id", "library_id", "media_id", "id"],
                        on_delete="CASCADE",
                        on_update="CASCADE",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["variant_id"], name="loans_variant"),
                    models.Index(fields=["media_id"], name="loans_media"),
                    models.Index(
                        fields=["space_id", "due", "id"],
                        name="loans_open",
                        condition=models.Q(back__isnull=True),
                    ),
                ],
            },
        ),
        *of_space("loans"),
        touched("loans"),
        audited("loans", library="library_id"),
        migrations.RunSQL(
            ["DROP INDEX audit_changes_parts", parts_index(TABLES)],
            ["DROP INDEX audit_changes_parts", parts_index(BEFORE)],
        ),
        migrations.RunSQL(migrations.RunSQL.noop, parts_ever(BEFORE).sql),
        migrations.RunSQL(parts_ever(TABLES).sql, migrations.RunSQL.noop),
        gate_function("remind_loans(p_now timestamptz)", "integer", REMIND_LOANS, arguments="timestamptz"),
        gate_function(
            "restore_work_parts(p_request text, p_work uuid)",
            "integer",
            RESTORE_WORK_PARTS,
            arguments="text, uuid",
        ),
    ]
