"""Plans that wait for a yes, and what an undo must know: which job left a mark, what became of a row."""

from django.db import migrations, models

import mediatheque.core.schema
from mediatheque.core.roles import KEEPER
from mediatheque.core.schema import of_space

STAGES = ["plan", "planned", "import", "undo"]


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_statistics")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddField(
            "syncjob", "stage", models.CharField(default="import", db_default="import", max_length=10)
        ),
        migrations.AddField("syncjob", "plan", models.JSONField(null=True)),
        migrations.AddField("syncjob", "ended_as", models.CharField(max_length=10, null=True)),
        migrations.AddField("syncjob", "undo_by", models.UUIDField(null=True)),
        migrations.AddField("fingerprint", "job_id", models.UUIDField(null=True)),
        migrations.AddField("reportrow", "undo", models.JSONField(null=True)),
        migrations.AddConstraint(
            "syncjob",
            models.CheckConstraint(name="sync_jobs_stage", condition=models.Q(("stage__in", STAGES))),
        ),
        migrations.CreateModel(
            name="PlanRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "job_id", "row", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("space_id", models.UUIDField()),
                ("library_id", models.UUIDField()),
                ("job_id", models.UUIDField()),
                ("row", models.IntegerField()),
                ("outcome", models.CharField(max_length=10)),
                ("title", models.CharField(default="", max_length=500)),
                ("media_id", models.UUIDField(null=True)),
                ("needs_review", models.BooleanField(default=False)),
                ("changes", models.JSONField(default=list)),
                ("messages", models.JSONField(default=list)),
            ],
            options={
                "db_table": "plan_rows",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["created", "updated", "skipped", "failed"])),
                        name="plan_rows_outcome",
                    ),
                    mediatheque.core.schema.Reference(
                        columns=("space_id", "library_id", "job_id"),
                        name="plan_rows_job",
                        on_delete="CASCADE",
                        on_update="CASCADE",
                        table="sync_jobs",
                        target=("space_id", "library_id", "id"),
                    ),
                ],
            },
        ),
        *of_space("plan_rows"),
        migrations.RunSQL(
            f"GRANT SELECT (stage) ON sync_jobs TO {KEEPER}",
            f"REVOKE SELECT (stage) ON sync_jobs FROM {KEEPER}",
        ),
    ]
