"""What a person is in the middle of or means to see, found without reading everybody's entries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_entries_by_title")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddIndex(
            "entry",
            models.Index(
                fields=["user_id", "updated_at"],
                name="entries_underway",
                condition=models.Q(status="watching") | models.Q(status="not_watched", on_watchlist=True),
            ),
        ),
    ]
