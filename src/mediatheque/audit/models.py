"""The trail of row changes, written by the database alone, and the log of named events."""

from django.db import models
from django.db.models.functions import Now

from mediatheque.core.ids import new_id


class Change(models.Model):
    """One row's insert, update or delete: who, in which request, old and new values (L1)."""

    id = models.UUIDField(primary_key=True)
    table_name = models.CharField(max_length=63)
    row_id = models.UUIDField(null=True)
    action = models.CharField(max_length=6)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    space_id = models.UUIDField(null=True)
    library_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_changes"
        indexes = [
            models.Index(fields=["row_id", "-id"], name="audit_changes_row"),
            models.Index(fields=["space_id", "-id"], name="audit_changes_space"),
            models.Index(fields=["request_id"], name="audit_changes_request"),
        ]


class Event(models.Model):
    """One thing that happened, by name (L2): sign-ins, role changes, imports, refused requests."""

    id = models.UUIDField(primary_key=True, default=new_id)
    action = models.CharField(max_length=60)
    actor_id = models.UUIDField(null=True)
    space_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(null=True)
    entity = models.CharField(max_length=30, null=True)
    entity_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    method = models.CharField(max_length=10, null=True)
    path = models.CharField(max_length=500, null=True)
    status = models.IntegerField(null=True)
    request_id = models.CharField(max_length=64, null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "events"
        indexes = [
            models.Index(fields=["space_id", "-id"], name="events_space"),
            models.Index(fields=["owner_id", "-id"], name="events_owner"),
        ]
