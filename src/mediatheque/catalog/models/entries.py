"""A person's entries, and the works they are of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from mediatheque.core.schema import Record, Reference

STATUSES = ["not_watched", "watching", "completed"]


class Entry(Record):
    """A person's record of a title: status, rating, notes. It carries its own title, year and kind."""

    user_id = models.UUIDField()
    title = models.CharField(max_length=500)
    year = models.IntegerField(null=True)
    kind = models.CharField(max_length=12)
    match_key = models.CharField(max_length=300, default="", db_default="", db_collation="C")
    status = models.CharField(max_length=12, default="not_watched")
    rating = models.SmallIntegerField(null=True)
    notes = models.TextField(default="")
    visibility = models.CharField(max_length=10, default="shared")
    notes_visibility = models.CharField(max_length=10, default="private")
    on_watchlist = models.BooleanField(default=False)
    set_aside = models.CharField(max_length=10, null=True)
    set_aside_reason = models.TextField(default="")
    last_watched_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(db_default=Now())
    person_fields = ArrayField(models.CharField(max_length=30), default=list)
    import_fields = ArrayField(models.CharField(max_length=30), default=list)

    class Meta:
        db_table = "entries"
        constraints = [
            models.CheckConstraint(name="entries_status", condition=models.Q(status__in=STATUSES)),
            models.CheckConstraint(
                name="entries_rating",
                condition=models.Q(rating__isnull=True) | models.Q(rating__gte=1, rating__lte=10),
            ),
            models.CheckConstraint(
                name="entries_visibility",
                condition=models.Q(visibility__in=["private", "shared"], notes_visibility__in=["private", "shared"]),
            ),
            models.UniqueConstraint(fields=["user_id", "id"], name="entries_user_id"),
            Reference(
                name="entries_user", columns=["user_id"], table="users", target=["id"], on_delete="CASCADE"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["user_id", "added_at", "id"], name="entries_by_time"),
            models.Index(fields=["user_id", "match_key", "year"], name="entries_by_title"),
            models.Index(
                fields=["user_id", "rating", "id"], name="entries_by_rating",
                condition=models.Q(rating__isnull=False),
            ),
            models.Index(
                fields=["user_id", "updated_at"], name="entries_underway",
                condition=models.Q(status="watching") | models.Q(status="not_watched", on_watchlist=True),
            ),
        ]  # fmt: skip


class EntryWork(Record):
    """Ties an entry to a work that is the same title; key `(user, work)`."""

    user_id = models.UUIDField()
    entry_id = models.UUIDField()
    work_id = models.UUIDField()
    work_owner = models.UUIDField()

    class Meta:
        db_table = "entry_works"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "work_id"], name="entry_works_once"),
            Reference(
                name="entry_works_entry", columns=["user_id", "entry_id"], table="entries",
                target=["user_id", "id"], on_delete="CASCADE",
            ),
            Reference(
                name="entry_works_work", columns=["work_owner", "work_id"], table="works",
                target=["owner_key", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["entry_id"], name="entry_works_entry")]
