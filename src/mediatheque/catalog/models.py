"""Works, a person's entries, a space's media items and what hangs on them.

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
STATUSES = ["not_watched", "watching", "completed"]
LAYOUTS = ["grid", "table"]
# What lists filter by, carried by the indexes of their orders: a walk reads no row that it does not show.
WALKED = ["media_type", "format", "ownership", "added_by", "year_key", "rating_key", "genre_marks"]


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


class Entry(Record):
    """A person's record of a title: status, rating, notes. It carries its own title, year and kind."""

    user_id = models.UUIDField()
    title = models.CharField(max_length=500)
    year = models.IntegerField(null=True)
    kind = models.CharField(max_length=12)
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
            models.Index(
                fields=["user_id", "rating", "id"], name="entries_by_rating",
                condition=models.Q(rating__isnull=False),
            )
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
