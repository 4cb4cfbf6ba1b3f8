"""A space's media items, and what is derived from them for lists and search.

`media_words` and `media_terms` are derived: the database fills them from `media.word_list` and
`media.terms` whenever a row changes, so that no path can leave them behind (ADR 0004).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce, Now

from mediatheque.core.ids import NIL
from mediatheque.core.schema import Record, Reference

MEDIA_TYPES = ["movie", "tv_series", "tv_episode", "book", "comic", "music", "game", "other"]
OWNERSHIP = ["owned", "wanted", "ordered", "formerly_owned"]
# What lists filter by, carried by the indexes of their orders: a walk reads no row that it does not show.
WALKED = ["media_type", "format", "ownership", "added_by", "year_key", "rating_key", "genre_marks"]


def _order(name: str, column: str) -> models.Index:
    """The index of one order of the list."""
    carried = [each for each in WALKED if each != column]
    return models.Index(
        fields=["space_id", "library_id", column, "id"], name=f"media_by_{name}", include=carried
    )


class Media(Record):
    """A space's own record of a work in one library (C1). Editing it touches no other space.

    `rating` is in tenths (73 is 7.3). `people` is a list of `{name, role, character}`, `external_ids` of
    `{provider, kind, id}`. `genre_marks` are hashes of the genres' keys, bounded as an index wants them.
    `person_fields` and `import_fields` say who set what; the database keeps them.
    """

    space_id = models.UUIDField()
    library_id = models.UUIDField()
    work_id = models.UUIDField()
    work_owner = models.UUIDField()
    series_id = models.UUIDField(null=True)
    media_type = models.CharField(max_length=12)
    title = models.CharField(max_length=500)
    original_title = models.CharField(max_length=500, default="")
    sort_title = models.CharField(max_length=500)
    sort_key = models.CharField(max_length=500, db_collation="C")
    match_key = models.CharField(max_length=500, db_collation="C")
    year = models.IntegerField(null=True)
    year_key = models.IntegerField(default=-9999)
    release_date = models.DateField(null=True)
    overview = models.TextField(default="")
    runtime = models.IntegerField(null=True)
    genres = ArrayField(models.CharField(max_length=100), default=list)
    tags = ArrayField(models.CharField(max_length=100), default=list, db_default=[])
    people = models.JSONField(default=list)
    certification = models.CharField(max_length=50, default="")
    rating = models.SmallIntegerField(null=True)
    network = models.CharField(max_length=500, default="")
    trailer_url = models.CharField(max_length=2000, default="")
    poster = models.JSONField(null=True)
    backdrop = models.JSONField(null=True)
    format = models.CharField(max_length=60, default="")
    ownership = models.CharField(max_length=16, default="owned")
    location = models.CharField(max_length=500, default="")
    notes = models.TextField(default="")
    details = models.JSONField(default=dict)
    signed = models.JSONField(null=True)
    value = models.JSONField(null=True)
    external_ids = models.JSONField(default=list)
    source_provider = models.CharField(max_length=50, default="manual")
    source_external_id = models.CharField(max_length=255, default="")
    import_source = models.CharField(max_length=50, default="")
    added_by = models.UUIDField(null=True)
    added_at = models.DateTimeField(db_default=Now())
    person_fields = ArrayField(models.CharField(max_length=30), default=list)
    import_fields = ArrayField(models.CharField(max_length=30), default=list)
    word_list = ArrayField(models.CharField(max_length=100), default=list)
    terms = models.JSONField(default=list)
    derived = models.SmallIntegerField(db_default=0)
    rating_key = models.GeneratedField(
        expression=Coalesce("rating", models.Value(-1, output_field=models.SmallIntegerField())),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    genre_marks = models.GeneratedField(
        expression=models.Func("terms", function="genre_marks"),
        output_field=ArrayField(models.BigIntegerField()),
        db_persist=True,
    )

    class Meta:
        db_table = "media"
        constraints = [
            models.CheckConstraint(name="media_type", condition=models.Q(media_type__in=MEDIA_TYPES)),
            models.CheckConstraint(name="media_ownership", condition=models.Q(ownership__in=OWNERSHIP)),
            models.CheckConstraint(
                name="media_rating",
                condition=models.Q(rating__isnull=True) | models.Q(rating__gte=0, rating__lte=100),
            ),
            models.CheckConstraint(
                name="media_work_owner",
                condition=models.Q(work_owner=models.F("space_id")) | models.Q(work_owner=NIL),
            ),
            models.UniqueConstraint(fields=["space_id", "library_id", "id"], name="media_space_library_id"),
            Reference(
                name="media_library", columns=["space_id", "library_id"], table="libraries",
                target=["space_id", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
            Reference(
                name="media_work", columns=["work_owner", "work_id"], table="works", target=["owner_key", "id"]
            ),
            Reference(
                name="media_series", columns=["space_id", "library_id", "series_id"], table="media",
                target=["space_id", "library_id", "id"], on_delete="SET NULL (series_id)", on_update="CASCADE",
            ),
            Reference(
                name="media_added_by", columns=["added_by"], table="users", target=["id"],
                on_delete="SET NULL",
            ),
        ]  # fmt: skip
        indexes = [
            _order("title", "sort_key"),
            _order("year", "year_key"),
            _order("added", "added_at"),
            _order("rating", "rating_key"),
            _order("format", "format"),
            models.Index(
                fields=["space_id", "library_id", "media_type", "sort_key", "id"], name="media_by_type"
            ),
            models.Index(fields=["library_id", "match_key"], name="media_match"),
            models.Index(fields=["work_id"], name="media_work"),
            models.Index(fields=["derived"], name="media_derived"),
            models.Index(
                fields=["series_id"], name="media_series", condition=models.Q(series_id__isnull=False)
            ),
        ]


class MediaWord(models.Model):
    """A folded word of an item (weight 3 title, 2 original title, 1 people, 0 overview), kept by the database."""

    pk = models.CompositePrimaryKey("space_id", "library_id", "weight", "word", "media_id")
    space_id = models.UUIDField()
    library_id = models.UUIDField()
    word = models.CharField(max_length=100, db_collation="C")
    weight = models.SmallIntegerField()
    media_id = models.UUIDField()

    class Meta:
        db_table = "media_words"
        indexes = [models.Index(fields=["media_id"], name="media_words_media")]


class MediaTerm(models.Model):
    """A genre, a person in a role, or an external id of an item, kept by the database for filters."""

    pk = models.CompositePrimaryKey("space_id", "library_id", "kind", "key", "media_id")
    space_id = models.UUIDField()
    library_id = models.UUIDField()
    kind = models.CharField(max_length=60, db_collation="C")
    key = models.CharField(max_length=300, db_collation="C")
    term = models.CharField(max_length=300)
    media_id = models.UUIDField()

    class Meta:
        db_table = "media_terms"
        indexes = [models.Index(fields=["media_id"], name="media_terms_media")]
