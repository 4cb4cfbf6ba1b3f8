"""What hangs on an item: copies, loans, seasons, keys and values."""

from django.db import models

from mediatheque.core.schema import Record, Reference


def _of_media(name: str) -> Reference:
    return Reference(
        name=f"{name}_media", columns=["space_id", "library_id", "media_id"], table="media",
        target=["space_id", "library_id", "id"], on_delete="CASCADE", on_update="CASCADE",
    )  # fmt: skip


class Variant(Record):
    """An edition, copy or file of an item. A barcode or ISBN names a variant, never an item."""

    space_id = models.UUIDField()
    library_id = models.UUIDField()
    media_id = models.UUIDField()
    format = models.CharField(max_length=60, default="")
    edition = models.CharField(max_length=200, default="")
    resolution = models.CharField(max_length=10, default="")
    barcode = models.CharField(max_length=40, default="")
    path = models.CharField(max_length=2000, default="")
    location = models.CharField(max_length=500, default="")
    condition = models.CharField(max_length=60, default="")
    purchased_on = models.DateField(null=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="")

    class Meta:
        db_table = "variants"
        constraints = [
            models.UniqueConstraint(
                fields=["space_id", "library_id", "media_id", "id"], name="variants_of_media_id"
            ),
            _of_media("variants"),
        ]
        indexes = [
            models.Index(fields=["media_id"], name="variants_media"),
            models.Index(
                fields=["library_id", "barcode"], name="variants_barcode", condition=~models.Q(barcode="")
            ),
        ]


class Loan(Record):
    """A copy in somebody else's hands: to whom, since when, until when, and when it came back (C6).

    `reminded_for` is the due date for which a reminder was recorded: one for each.
    """

    space_id = models.UUIDField()
    library_id = models.UUIDField()
    media_id = models.UUIDField()
    variant_id = models.UUIDField()
    borrower = models.CharField(max_length=200)
    since = models.DateField()
    due = models.DateField(null=True)
    back = models.DateField(null=True)
    reminded_for = models.DateField(null=True)

    class Meta:
        db_table = "loans"
        constraints = [
            models.UniqueConstraint(
                fields=["variant_id"], name="loans_one_open", condition=models.Q(back__isnull=True)
            ),
            models.CheckConstraint(
                name="loans_due",
                condition=models.Q(due__isnull=True) | models.Q(due__gte=models.F("since")),
            ),
            models.CheckConstraint(
                name="loans_back",
                condition=models.Q(back__isnull=True) | models.Q(back__gte=models.F("since")),
            ),
            Reference(
                name="loans_variant", columns=["space_id", "library_id", "media_id", "variant_id"],
                table="variants", target=["space_id", "library_id", "media_id", "id"], on_delete="CASCADE",
                on_update="CASCADE",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["variant_id"], name="loans_variant"),
            models.Index(fields=["media_id"], name="loans_media"),
            models.Index(
                fields=["space_id", "due", "id"], name="loans_open", condition=models.Q(back__isnull=True)
            ),
        ]


class Season(Record):
    """A space's ownership of a season (C7). Season 0 is allowed."""

    space_id = models.UUIDField()
    library_id = models.UUIDField()
    media_id = models.UUIDField()
    number = models.IntegerField()
    title = models.CharField(max_length=500, default="")
    expected_episodes = models.IntegerField(null=True)
    available_episodes = models.IntegerField(null=True)
    is_complete = models.BooleanField(default=False)

    class Meta:
        db_table = "seasons"
        constraints = [
            models.UniqueConstraint(fields=["media_id", "number"], name="seasons_once"),
            models.CheckConstraint(
                name="seasons_number", condition=models.Q(number__gte=0, number__lte=10000)
            ),
            _of_media("seasons"),
        ]


class MediaMetadata(Record):
    """A key and a value on an item, each key once (C9)."""

    space_id = models.UUIDField()
    library_id = models.UUIDField()
    media_id = models.UUIDField()
    key = models.CharField(max_length=100)
    value = models.TextField()

    class Meta:
        db_table = "media_metadata"
        constraints = [
            models.UniqueConstraint(fields=["media_id", "key"], name="media_metadata_once"),
            _of_media("media_metadata"),
        ]
