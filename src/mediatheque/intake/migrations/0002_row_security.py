"""Guards of imports. Jobs, reports and fingerprints are bookkeeping; origins are records of the business."""

from django.db import migrations

from mediatheque.core.schema import audited, kept_by_keeper, of_space, touched


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("catalog", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        *(op for table in ("sync_jobs", "report_rows", "fingerprints", "origins") for op in of_space(table)),
        touched("sync_jobs"),
        touched("origins"),
        kept_by_keeper("sync_jobs", "id, space_id, user_id, status, updated_at"),
        audited("origins", library="library_id"),
    ]
