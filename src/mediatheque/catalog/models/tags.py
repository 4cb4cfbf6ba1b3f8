"""Tags: names that a space, or the whole install, gives to items; and the items that bear them (T2)."""

from django.db import models
from django.db.models.functions import Coalesce

from mediatheque.core.ids import NIL
from mediatheque.core.schema import Record, Reference


class Tag(Record):
    """A tag of a space, or of nobody and so of the whole install. A parent stands for its children as well.

    `library_id` is the library in which an item first bore it; without one it was made for the whole space.
    Whoever sees neither that library nor an item that bears it does not see the tag. One that is deleted is kept
    with the items that bore it, so that it can come back.
    """

    space_id = models.UUIDField(null=True)
    library_id = models.UUIDField(null=True)
    owner_key = models.GeneratedField(
        expression=Coalesce("space_id", models.Value(NIL, output_field=models.UUIDField())),
        output_field=models.UUIDField(),
        db_persist=True,
    )
    parent_id = models.UUIDField(null=True)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=300, db_collation="C")
    metadata = models.JSONField(default=dict)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tags"
        constraints = [
            models.UniqueConstraint(fields=["owner_key", "id"], name="tags_owner_id"),
            models.UniqueConstraint(
                fields=["owner_key", "name_key"], name="tags_once", condition=models.Q(deleted_at__isnull=True)
            ),
            Reference(
                name="tags_space", columns=["space_id"], table="spaces", target=["id"], on_delete="CASCADE"
            ),
            Reference(
                name="tags_parent", columns=["owner_key", "parent_id"], table="tags",
                target=["owner_key", "id"],
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["parent_id"], name="tags_below", condition=models.Q(parent_id__isnull=False))
        ]


class MediaTag(models.Model):
    """An item that bears a tag, kept by the database from `media.terms` (ADR 0004)."""

    pk = models.CompositePrimaryKey("space_id", "library_id", "tag_id", "media_id")
    space_id = models.UUIDField()
    library_id = models.UUIDField()
    tag_id = models.UUIDField()
    media_id = models.UUIDField()

    class Meta:
        db_table = "media_tags"
        constraints = [
            Reference(
                name="media_tags_tag", columns=["tag_id"], table="tags", target=["id"], on_delete="CASCADE"
            ),
        ]
        indexes = [
            models.Index(fields=["media_id"], name="media_tags_media"),
            models.Index(fields=["tag_id"], name="media_tags_tag"),
        ]
