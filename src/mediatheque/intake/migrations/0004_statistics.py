"""Statistics of the tables that an import fills, taken while it runs."""

from django.conf import settings
from django.db import migrations

TABLES = "works media variants seasons media_metadata media_words media_terms entries entry_works fingerprints origins"

# Only a table's owner may ANALYZE it; the function does nothing else and takes no argument.
MEASURE = f"""
CREATE FUNCTION measure_catalogue() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  ANALYZE {", ".join(TABLES.split())};
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_gates"), ("catalog", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(
            [
                MEASURE,
                "REVOKE ALL ON FUNCTION measure_catalogue() FROM PUBLIC",
                f'GRANT EXECUTE ON FUNCTION measure_catalogue() TO "{settings.APPLICATION_ROLE}"',
            ],
            "DROP FUNCTION measure_catalogue()",
        ),
    ]
