"""Rows that are of a person's entry alone, and which entry a row set: what managers do not read, and an undo asks."""

from django.db import migrations, models

ENTRIES_ALONE = "'letterboxd', 'imdb', 'trakt'"


def marked(table: str) -> migrations.RunSQL:
    """What earlier imports failed at; their other rows of entries tell by having no item."""
    return migrations.RunSQL(
        f"update {table} r set is_entry = true from sync_jobs j where j.id = r.job_id and r.media_id is null "
        f"and j.provider in ({ENTRIES_ALONE})",
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    dependencies = [("intake", "0008_mappings_and_marks_of_entries")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        *(
            operation
            for model in ("reportrow", "planrow")
            for operation in (
                migrations.AddField(model, "is_entry", models.BooleanField(default=False, db_default=False)),
                migrations.AddField(model, "entry_id", models.UUIDField(null=True)),
            )
        ),
        marked("report_rows"),
        marked("plan_rows"),
    ]
