"""Lists that a person keeps."""

from django.db import models

from mediatheque.core.schema import Record, Reference

LAYOUTS = ["grid", "table"]


class SavedView(Record):
    """A list a person comes back to: filters, order, place and layout. Others see it where it is shared (C3).

    `query` are the list's own parameters as they were sent; without a library it is the whole space's. A
    view of a library that goes to another space goes.
    """

    space_id = models.UUIDField()
    user_id = models.UUIDField()
    library_id = models.UUIDField(null=True)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=300, db_collation="C")
    query = models.JSONField(default=dict)
    layout = models.CharField(max_length=5, default="grid")
    shared = models.BooleanField(default=False)

    class Meta:
        db_table = "saved_views"
        constraints = [
            models.CheckConstraint(name="saved_views_layout", condition=models.Q(layout__in=LAYOUTS)),
            models.UniqueConstraint(fields=["space_id", "user_id", "name_key"], name="saved_views_once"),
            Reference(
                name="saved_views_space", columns=["space_id"], table="spaces", target=["id"],
                on_delete="CASCADE",
            ),
            Reference(
                name="saved_views_user", columns=["user_id"], table="users", target=["id"],
                on_delete="CASCADE",
            ),
            Reference(
                name="saved_views_library", columns=["library_id"], table="libraries", target=["id"],
                on_delete="CASCADE",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["library_id"], name="saved_views_library")]
