"""Saved mappings of a space, and what an import leaves with the entries it made."""

import django.db.models.functions.datetime
from django.db import migrations, models

import mediatheque.core.ids
import mediatheque.core.schema
from mediatheque.core.schema import audited, of_person, of_space, touched


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0007_abandoned_undo"),
        ("catalog", "0002_row_security"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="EntryFingerprint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id",
                        "source",
                        "fingerprint",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("user_id", models.UUIDField()),
                ("source", models.CharField(max_length=30)),
                ("fingerprint", models.BinaryField()),
                ("entry_id", models.UUIDField()),
                ("job_id", models.UUIDField()),
            ],
            options={
                "db_table": "entry_fingerprints",
                "indexes": [models.Index(fields=["entry_id"], name="entry_fingerprints_entry")],
                "constraints": [
                    mediatheque.core.schema.Reference(
                        columns=("user_id", "entry_id"),
                        name="entry_fingerprints_entry",
                        on_delete="CASCADE",
                        on_update="NO ACTION",
                        table="entries",
                        target=("user_id", "id"),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EntryOrigin",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=mediatheque.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("user_id", models.UUIDField()),
                ("entry_id", models.UUIDField()),
                ("source", models.CharField(max_length=30)),
                ("kind", models.CharField(max_length=30)),
                ("old_id", models.CharField(max_length=255)),
            ],
            options={
                "db_table": "entry_origins",
                "indexes": [models.Index(fields=["entry_id"], name="entry_origins_entry")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user_id", "source", "kind", "old_id"), name="entry_origins_once"
                    ),
                    mediatheque.core.schema.Reference(
                        columns=("user_id", "entry_id"),
                        name="entry_origins_entry",
                        on_delete="CASCADE",
                        on_update="NO ACTION",
                        table="entries",
                        target=("user_id", "id"),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=mediatheque.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("space_id", models.UUIDField()),
                ("name", models.CharField(max_length=200)),
                ("name_key", models.CharField(db_collation="C", max_length=200)),
                ("mapping", models.JSONField()),
                ("created_by", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "import_mappings",
                "constraints": [
                    models.UniqueConstraint(fields=("space_id", "name_key"), name="import_mappings_name"),
                    mediatheque.core.schema.Reference(
                        columns=("space_id",),
                        name="import_mappings_space",
                        on_delete="CASCADE",
                        on_update="NO ACTION",
                        table="spaces",
                        target=("id",),
                    ),
                    mediatheque.core.schema.Reference(
                        columns=("created_by",),
                        name="import_mappings_by",
                        on_delete="SET NULL",
                        on_update="NO ACTION",
                        table="users",
                        target=("id",),
                    ),
                ],
            },
        ),
        *of_space("import_mappings", library=None),
        *of_person("entry_fingerprints"),
        *of_person("entry_origins"),
        touched("import_mappings"),
        touched("entry_origins"),
        audited("import_mappings"),
        audited("entry_origins", space="", owner="user_id"),
    ]
