"""Stored files and what refers to them; counters of rate limits; answers kept for retries."""

from django.db import models
from django.db.models.functions import Now

from .schema import Record, Reference


class StoredFile(models.Model):
    """Bytes in the storage, named by their content. Swept when nothing refers to them any more."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stored_files"


class FileReference(Record):
    """One record's use of one stored file (A9): covers and attachments count for the space."""

    space_id = models.UUIDField(null=True)
    library_id = models.UUIDField(null=True)
    user_id = models.UUIDField(null=True)
    sha256 = models.CharField(max_length=64)
    role = models.CharField(max_length=20)
    record_id = models.UUIDField()

    class Meta:
        db_table = "file_references"
        constraints = [
            Reference(
                name="file_references_file", columns=["sha256"], table="stored_files", target=["sha256"]
            ),
            models.UniqueConstraint(fields=["record_id", "role"], name="file_references_once"),
            models.CheckConstraint(
                name="file_references_owned",
                condition=models.Q(space_id__isnull=False) ^ models.Q(user_id__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="file_references_file")]


class RateCount(models.Model):
    """Attempts of one bucket in one window (L5). The bucket's name is a hash, never an address."""

    bucket = models.CharField(max_length=64)
    window_start = models.DateTimeField()
    attempts = models.IntegerField()

    class Meta:
        db_table = "rate_counts"
        constraints = [models.UniqueConstraint(fields=["bucket", "window_start"], name="rate_counts_once")]


class KeptAnswer(Record):
    """The answer of a creating call with an Idempotency-Key, per person, space and route, for 24 hours."""

    user_id = models.UUIDField()
    space_id = models.UUIDField()
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    status = models.IntegerField(null=True)
    answer = models.JSONField(null=True)

    class Meta:
        db_table = "kept_answers"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "space_id", "route", "key"], name="kept_answers_once")
        ]
