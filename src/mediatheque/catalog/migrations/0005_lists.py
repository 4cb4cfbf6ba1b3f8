"""What lists sort and filter by: indexes that carry it, genres as marks, resolutions as terms (C3)."""

import django.contrib.postgres.fields
import django.db.models.functions.comparison
from django.db import migrations, models

from mediatheque.core.schema import audited

# Hashes, because an index row has no room for fifty names; 64 bits, so that no two genres meet.
GENRE_MARKS = """
CREATE FUNCTION genre_marks(terms jsonb) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(hashtextextended(t->>1, 0) ORDER BY t->>1), '{}')
  FROM jsonb_array_elements(terms) t WHERE t->>0 = 'genre'
$$
"""

# Only the two words differ between before and after: terms made from variants are not media's to delete.
DERIVE = """
CREATE OR REPLACE FUNCTION media_derive() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto AS $$
DECLARE
  changed uuid[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(id) INTO changed
    FROM (SELECT o.id, o.word_list AS w0, o.terms AS t0, o.space_id AS s0, o.library_id AS l0 FROM old_rows o OFFSET 0) olds
    FULL JOIN (SELECT n.id, n.word_list AS w1, n.terms AS t1, n.space_id AS s1, n.library_id AS l1 FROM new_rows n OFFSET 0) news
    USING (id)
    WHERE (w0, t0, s0, l0) IS DISTINCT FROM (w1, t1, s1, l1);
    IF changed IS NULL THEN
      RETURN NULL;
    END IF;
    DELETE FROM media_words WHERE media_id = ANY (changed);
    DELETE FROM media_terms WHERE media_id = ANY (changed)%s;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(id) INTO changed FROM old_rows;
    DELETE FROM media_words WHERE media_id = ANY (changed);
    DELETE FROM media_terms WHERE media_id = ANY (changed);
    RETURN NULL;
  END IF;
  INSERT INTO media_words (space_id, library_id, word, weight, media_id)
  SELECT DISTINCT n.space_id, n.library_id, substr(w, 2), left(w, 1)::smallint, n.id
  FROM new_rows n, unnest(n.word_list) w WHERE changed IS NULL OR n.id = ANY (changed);
  INSERT INTO media_terms (space_id, library_id, kind, key, term, media_id)
  SELECT DISTINCT ON (n.id, t->>0, t->>1) n.space_id, n.library_id, t->>0, t->>1, t->>2, n.id
  FROM new_rows n, jsonb_array_elements(n.terms) t WHERE changed IS NULL OR n.id = ANY (changed);
  RETURN NULL;
END $$
"""

TERMS_OF_VARIANTS = """
  INSERT INTO media_terms (space_id, library_id, kind, key, term, media_id)
  SELECT DISTINCT v.space_id, v.library_id, 'resolution', v.resolution, v.resolution, v.media_id
  FROM variants v WHERE v.resolution <> ''
"""
RESOLVE = f"""
CREATE FUNCTION variants_resolve() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto AS $$
DECLARE
  changed uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT media_id) INTO changed FROM new_rows WHERE resolution <> '';
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT media_id) INTO changed FROM old_rows WHERE resolution <> '';
  ELSE
    SELECT array_agg(DISTINCT media_id) INTO changed FROM (
      SELECT media_id FROM old_rows WHERE resolution <> '' UNION SELECT media_id FROM new_rows WHERE resolution <> ''
    ) either;
  END IF;
  IF changed IS NULL THEN
    RETURN NULL;
  END IF;
  DELETE FROM media_terms WHERE media_id = ANY (changed) AND kind = 'resolution';
  {TERMS_OF_VARIANTS} AND v.media_id = ANY (changed);
  RETURN NULL;
END $$
"""
TRANSITIONS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}
KEPT_OUT = ["word_list", "terms", "sort_key", "match_key", "year_key"]


def resolved() -> migrations.RunSQL:
    return migrations.RunSQL(
        [
            RESOLVE,
            *(
                f"CREATE TRIGGER variants_resolve_{event} AFTER {event.upper()} ON variants {tables} "
                "FOR EACH STATEMENT EXECUTE FUNCTION variants_resolve()"
                for event, tables in TRANSITIONS.items()
            ),
            TERMS_OF_VARIANTS,
        ],
        [
            *(f"DROP TRIGGER variants_resolve_{event} ON variants" for event in TRANSITIONS),
            "DROP FUNCTION variants_resolve()",
            "DELETE FROM media_terms WHERE kind = 'resolution'",
        ],
    )


def audited_anew() -> migrations.RunSQL:
    """The trail goes on without columns that follow from others."""
    before = audited("media", library="library_id", without=KEPT_OUT)
    after = audited("media", library="library_id", without=[*KEPT_OUT, "rating_key", "genre_marks"])
    return migrations.RunSQL([*before.reverse_sql, *after.sql], [*after.reverse_sql, *before.sql])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_belongings")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(GENRE_MARKS, "DROP FUNCTION genre_marks(jsonb)"),
        migrations.RunSQL(DERIVE % " AND kind <> 'resolution'", DERIVE % ""),
        resolved(),
        audited_anew(),
        migrations.RemoveIndex(
            model_name="media",
            name="media_by_title",
        ),
        migrations.RemoveIndex(
            model_name="media",
            name="media_by_year",
        ),
        migrations.RemoveIndex(
            model_name="media",
            name="media_by_added",
        ),
        migrations.AddField(
            model_name="media",
            name="genre_marks",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func("terms", function="genre_marks"),
                output_field=django.contrib.postgres.fields.ArrayField(
                    base_field=models.BigIntegerField(), size=None
                ),
            ),
        ),
        migrations.AddField(
            model_name="media",
            name="rating_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Coalesce(
                    "rating", models.Value(-1, output_field=models.SmallIntegerField())
                ),
                output_field=models.SmallIntegerField(),
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("rating__isnull", False)),
                fields=["user_id", "rating", "id"],
                name="entries_by_rating",
            ),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                fields=["space_id", "library_id", "sort_key", "id"],
                include=(
                    "media_type",
                    "format",
                    "ownership",
                    "added_by",
                    "year_key",
                    "rating_key",
                    "genre_marks",
                ),
                name="media_by_title",
            ),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                fields=["space_id", "library_id", "year_key", "id"],
                include=("media_type", "format", "ownership", "added_by", "rating_key", "genre_marks"),
                name="media_by_year",
            ),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                fields=["space_id", "library_id", "added_at", "id"],
                include=(
                    "media_type",
                    "format",
                    "ownership",
                    "added_by",
                    "year_key",
                    "rating_key",
                    "genre_marks",
                ),
                name="media_by_added",
            ),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                fields=["space_id", "library_id", "rating_key", "id"],
                include=("media_type", "format", "ownership", "added_by", "year_key", "genre_marks"),
                name="media_by_rating",
            ),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                fields=["space_id", "library_id", "format", "id"],
                include=("media_type", "ownership", "added_by", "year_key", "rating_key", "genre_marks"),
                name="media_by_format",
            ),
        ),
    ]
