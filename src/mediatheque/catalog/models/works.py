"""Works: titles as published, with their texts, age ratings, seasons and episodes."""

from django.db import models
from django.db.models.functions import Coalesce

from mediatheque.core.ids import NIL
from mediatheque.core.schema import Record, Reference


class Work(Record):
    """A title as published: nobody's (fetched from a provider), a space's or a person's.

    A space's work stands in one library, so that a limited library hides its works as well.
    Every reference to a work carries its owner, so that none can tie to another's private work.
    """

    owner_space = models.UUIDField(null=True)
    owner_user = models.UUIDField(null=True)
    library_id = models.UUIDField(null=True)
    owner_key = models.GeneratedField(
        expression=Coalesce("owner_space", "owner_user", models.Value(NIL, output_field=models.UUIDField())),
        output_field=models.UUIDField(),
        db_persist=True,
    )
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=500)
    original_title = models.CharField(max_length=500, default="")
    year = models.IntegerField(null=True)
    match_key = models.CharField(max_length=500)
    provider = models.CharField(max_length=20, null=True)
    provider_kind = models.CharField(max_length=20, null=True)
    provider_id = models.CharField(max_length=64, null=True)
    fetched_at = models.DateTimeField(null=True)
    merged_into = models.UUIDField(null=True)

    class Meta:
        db_table = "works"
        constraints = [
            models.CheckConstraint(
                name="works_one_owner",
                condition=models.Q(owner_space__isnull=True) | models.Q(owner_user__isnull=True),
            ),
            models.CheckConstraint(
                name="works_global_from_provider",
                condition=models.Q(owner_space__isnull=False)
                | models.Q(owner_user__isnull=False)
                | models.Q(provider__isnull=False, provider_kind__isnull=False, provider_id__isnull=False),
            ),
            models.UniqueConstraint(fields=["owner_key", "id"], name="works_owner_id"),
            models.UniqueConstraint(
                fields=["provider", "provider_kind", "provider_id"], name="works_one_global",
                condition=models.Q(owner_space__isnull=True, owner_user__isnull=True),
            ),
            models.CheckConstraint(
                name="works_library_of_space",
                condition=models.Q(owner_space__isnull=True) ^ models.Q(library_id__isnull=False),
            ),
            Reference(
                name="works_library", columns=["owner_space", "library_id"], table="libraries",
                target=["space_id", "id"], on_delete="CASCADE",
            ),
            Reference(
                name="works_user", columns=["owner_user"], table="users", target=["id"], on_delete="CASCADE"
            ),
        ]  # fmt: skip


class WorkText(Record):
    """A work's title, overview and poster in one language."""

    work_id = models.UUIDField()
    work_owner = models.UUIDField()
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=500, default="")
    overview = models.TextField(default="")
    poster = models.CharField(max_length=64, null=True)

    class Meta:
        db_table = "work_texts"
        constraints = [
            models.UniqueConstraint(fields=["work_id", "language"], name="work_texts_once"),
            Reference(
                name="work_texts_work", columns=["work_owner", "work_id"], table="works",
                target=["owner_key", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip


class WorkCertification(Record):
    """A work's age rating in one country."""

    work_id = models.UUIDField()
    work_owner = models.UUIDField()
    country = models.CharField(max_length=2)
    certification = models.CharField(max_length=20)

    class Meta:
        db_table = "work_certifications"
        constraints = [
            models.UniqueConstraint(fields=["work_id", "country"], name="work_certifications_once"),
            Reference(
                name="work_certifications_work", columns=["work_owner", "work_id"], table="works",
                target=["owner_key", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip


class WorkSeason(Record):
    """A season as published, whether or not anyone owns it."""

    work_id = models.UUIDField()
    work_owner = models.UUIDField()
    number = models.IntegerField()
    title = models.CharField(max_length=500, default="")
    air_date = models.DateField(null=True)
    episode_count = models.IntegerField(null=True)

    class Meta:
        db_table = "work_seasons"
        constraints = [
            models.UniqueConstraint(fields=["work_id", "number"], name="work_seasons_once"),
            Reference(
                name="work_seasons_work", columns=["work_owner", "work_id"], table="works",
                target=["owner_key", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip


class WorkEpisode(Record):
    """An episode as published."""

    work_id = models.UUIDField()
    work_owner = models.UUIDField()
    season = models.IntegerField()
    number = models.IntegerField()
    title = models.CharField(max_length=500, default="")
    air_date = models.DateField(null=True)
    runtime = models.IntegerField(null=True)

    class Meta:
        db_table = "work_episodes"
        constraints = [
            models.UniqueConstraint(fields=["work_id", "season", "number"], name="work_episodes_once"),
            models.UniqueConstraint(fields=["work_owner", "work_id", "id"], name="work_episodes_owner_id"),
            Reference(
                name="work_episodes_work", columns=["work_owner", "work_id"], table="works",
                target=["owner_key", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
        ]  # fmt: skip
