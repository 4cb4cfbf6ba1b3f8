"""One's own entries in the order they were added."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_loans")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddIndex(
            "entry", models.Index(fields=["user_id", "added_at", "id"], name="entries_by_time")
        ),
    ]
