"""Import jobs, their reports, and what they leave behind so that a second run changes nothing."""

from django.db import models

from mediatheque.core.schema import Record, Reference

STATUSES = ["idle", "running", "failed", "succeeded", "cancelled"]
# What the job is at, or did last: `planned` waits for a yes.
STAGES = ["plan", "planned", "import", "undo"]
OUTCOMES = ["created", "updated", "skipped", "failed"]


class SyncJob(Record):
    """One import: its file, its progress, its counts (I1, L4)."""

    space_id = models.UUIDField()
    library_id = models.UUIDField()
    user_id = models.UUIDField(null=True)
    provider = models.CharField(max_length=30)
    file_name = models.CharField(max_length=300, default="")
    file = models.CharField(max_length=64, null=True)
    options = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default="idle")
    stage = models.CharField(max_length=10, default="import", db_default="import")
    plan = models.JSONField(null=True)
    rows_done = models.IntegerField(default=0)
    rows_total = models.IntegerField(null=True)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    notices = models.JSONField(default=list)
    error = models.TextField(null=True)
    attempts = models.IntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=10, null=True)
    undo_by = models.UUIDField(null=True)

    class Meta:
        db_table = "sync_jobs"
        constraints = [
            models.CheckConstraint(name="sync_jobs_stage", condition=models.Q(stage__in=STAGES)),
            models.CheckConstraint(name="sync_jobs_status", condition=models.Q(status__in=STATUSES)),
            models.UniqueConstraint(fields=["space_id", "library_id", "id"], name="sync_jobs_space_library_id"),
            Reference(
                name="sync_jobs_library", columns=["space_id", "library_id"], table="libraries",
                target=["space_id", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
            Reference(
                name="sync_jobs_user", columns=["user_id"], table="users", target=["id"], on_delete="SET NULL"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["space_id", "-created_at"], name="sync_jobs_space")]


class ReportRow(models.Model):
    """What one row of the file became, and why."""

    pk = models.CompositePrimaryKey("job_id", "row")
    space_id = models.UUIDField()
    library_id = models.UUIDField()
    job_id = models.UUIDField()
    row = models.IntegerField()
    outcome = models.CharField(max_length=10)
    title = models.CharField(max_length=500, default="")
    media_id = models.UUIDField(null=True)
    needs_review = models.BooleanField(default=False)
    is_entry = models.BooleanField(default=False, db_default=False)
    entry_id = models.UUIDField(null=True)
    messages = models.JSONField(default=list)
    undo = models.JSONField(null=True)

    class Meta:
        db_table = "report_rows"
        constraints = [
            models.CheckConstraint(
                name="report_rows_outcome",
                condition=models.Q(outcome__in=OUTCOMES),
            ),
            Reference(
                name="report_rows_job", columns=["space_id", "library_id", "job_id"], table="sync_jobs",
                target=["space_id", "library_id", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip


class PlanRow(models.Model):
    """What one row of the file would become, and which fields that changes; nothing of it is written yet."""

    pk = models.CompositePrimaryKey("job_id", "row")
    space_id = models.UUIDField()
    library_id = models.UUIDField()
    job_id = models.UUIDField()
    row = models.IntegerField()
    outcome = models.CharField(max_length=10)
    title = models.CharField(max_length=500, default="")
    media_id = models.UUIDField(null=True)
    needs_review = models.BooleanField(default=False)
    is_entry = models.BooleanField(default=False, db_default=False)
    entry_id = models.UUIDField(null=True)
    changes = models.JSONField(default=list)
    messages = models.JSONField(default=list)

    class Meta:
        db_table = "plan_rows"
        constraints = [
            models.CheckConstraint(name="plan_rows_outcome", condition=models.Q(outcome__in=OUTCOMES)),
            Reference(
                name="plan_rows_job", columns=["space_id", "library_id", "job_id"], table="sync_jobs",
                target=["space_id", "library_id", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip


class Fingerprint(models.Model):
    """A row of a file once imported: looked up first, so that the same file twice creates nothing."""

    pk = models.CompositePrimaryKey("library_id", "source", "fingerprint")
    space_id = models.UUIDField()
    library_id = models.UUIDField()
    source = models.CharField(max_length=30)
    fingerprint = models.BinaryField()
    media_id = models.UUIDField()
    variant_id = models.UUIDField(null=True)
    job_id = models.UUIDField(null=True)

    class Meta:
        db_table = "fingerprints"
        constraints = [
            Reference(
                name="fingerprints_media", columns=["space_id", "library_id", "media_id"], table="media",
                target=["space_id", "library_id", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["media_id"], name="fingerprints_media")]


class Origin(Record):
    """Where a record came from: source, kind, old id; unique per library, asked first on every import."""

    space_id = models.UUIDField()
    library_id = models.UUIDField()
    media_id = models.UUIDField()
    source = models.CharField(max_length=30)
    kind = models.CharField(max_length=30)
    old_id = models.CharField(max_length=255)

    class Meta:
        db_table = "origins"
        constraints = [
            models.UniqueConstraint(fields=["library_id", "source", "kind", "old_id"], name="origins_once"),
            Reference(
                name="origins_media", columns=["space_id", "library_id", "media_id"], table="media",
                target=["space_id", "library_id", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["media_id"], name="origins_media")]


class ImportMapping(Record):
    """How the columns of a kind of file are read, kept under a name for the next time (I2)."""

    space_id = models.UUIDField()
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, db_collation="C")
    mapping = models.JSONField()
    created_by = models.UUIDField(null=True)

    class Meta:
        db_table = "import_mappings"
        constraints = [
            models.UniqueConstraint(fields=["space_id", "name_key"], name="import_mappings_name"),
            Reference(
                name="import_mappings_space", columns=["space_id"], table="spaces", target=["id"],
                on_delete="CASCADE",
            ),
            Reference(
                name="import_mappings_by", columns=["created_by"], table="users", target=["id"],
                on_delete="SET NULL",
            ),
        ]  # fmt: skip


def _of_entry(name: str) -> Reference:
    return Reference(
        name=f"{name}_entry", columns=["user_id", "entry_id"], table="entries", target=["user_id", "id"],
        on_delete="CASCADE",
    )  # fmt: skip


class EntryFingerprint(models.Model):
    """A row of a file that became an entry, unique per person and source (I1)."""

    pk = models.CompositePrimaryKey("user_id", "source", "fingerprint")
    user_id = models.UUIDField()
    source = models.CharField(max_length=30)
    fingerprint = models.BinaryField()
    entry_id = models.UUIDField()
    job_id = models.UUIDField()

    class Meta:
        db_table = "entry_fingerprints"
        constraints = [_of_entry("entry_fingerprints")]
        indexes = [models.Index(fields=["entry_id"], name="entry_fingerprints_entry")]


class EntryOrigin(Record):
    """Where an entry came from, and what providers call its title; unique per person (I3)."""

    user_id = models.UUIDField()
    entry_id = models.UUIDField()
    source = models.CharField(max_length=30)
    kind = models.CharField(max_length=30)
    old_id = models.CharField(max_length=255)

    class Meta:
        db_table = "entry_origins"
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "source", "kind", "old_id"], name="entry_origins_once"
            ),
            _of_entry("entry_origins"),
        ]
        indexes = [models.Index(fields=["entry_id"], name="entry_origins_entry")]
