"""Saved views: of a space, each of one person; shared ones are seen by all of the space (C3)."""

import django.db.models.functions.datetime
from django.db import migrations, models

import mediatheque.core.ids
import mediatheque.core.schema
from mediatheque.core.schema import ACTIVE_SPACE, ACTIVE_USER, OPEN_LIBRARIES, audited, guarded, touched

HERE = f"space_id = {ACTIVE_SPACE} and (library_id is null or library_id = {OPEN_LIBRARIES})"

# A library that goes to another space does not take along who looked at it how.
LEAVE = """
CREATE FUNCTION saved_views_leave() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM saved_views WHERE library_id = NEW.id AND space_id <> NEW.space_id;
  RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_entries_by_time"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="SavedView",
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
                ("user_id", models.UUIDField()),
                ("library_id", models.UUIDField(null=True)),
                ("name", models.CharField(max_length=100)),
                ("name_key", models.CharField(db_collation="C", max_length=300)),
                ("query", models.JSONField(default=dict)),
                ("layout", models.CharField(default="grid", max_length=5)),
                ("shared", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "saved_views",
                "indexes": [models.Index(fields=["library_id"], name="saved_views_library")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("layout__in", ["grid", "table"])), name="saved_views_layout"
                    ),
                    models.UniqueConstraint(
                        fields=("space_id", "user_id", "name_key"), name="saved_views_once"
                    ),
                    mediatheque.core.schema.Reference(
                        columns=("space_id",),
                        name="saved_views_space",
                        on_delete="CASCADE",
                        on_update="NO ACTION",
                        table="spaces",
                        target=("id",),
                    ),
                    mediatheque.core.schema.Reference(
                        columns=("user_id",),
                        name="saved_views_user",
                        on_delete="CASCADE",
                        on_update="NO ACTION",
                        table="users",
                        target=("id",),
                    ),
                    mediatheque.core.schema.Reference(
                        columns=("library_id",),
                        name="saved_views_library",
                        on_delete="CASCADE",
                        on_update="NO ACTION",
                        table="libraries",
                        target=("id",),
                    ),
                ],
            },
        ),
        *guarded(
            "saved_views",
            f"{HERE} and (user_id = {ACTIVE_USER} or shared)",
            write=f"{HERE} and user_id = {ACTIVE_USER}",
        ),
        touched("saved_views"),
        migrations.RunSQL(
            [
                LEAVE,
                "CREATE TRIGGER saved_views_leave AFTER UPDATE OF space_id ON libraries FOR EACH ROW "
                "EXECUTE FUNCTION saved_views_leave()",
            ],
            ["DROP TRIGGER saved_views_leave ON libraries", "DROP FUNCTION saved_views_leave()"],
        ),
        audited("saved_views", library="library_id", owner="user_id"),
    ]
