"""Search: words stand by weight, a vocabulary knows what is one wrong letter away, rows say how they were derived.

Overviews' words come with `catalog.jobs.derive_anew`, some hundred items at a time, so that this stays short.
"""

from django.db import migrations, models

from mediatheque.core.schema import (
    ACTIVE_SPACE,
    OPEN_LIBRARIES,
    audited,
    gate_function,
    guarded,
)

# Only words that a person may misspell: five letters or more, no digits, no overviews'. Without a unique key:
# two people may add the same new word at once, and neither waits for the other.
SPELLINGS = """
CREATE TABLE media_spellings (
  space_id uuid NOT NULL,
  library_id uuid NOT NULL,
  key varchar(70) COLLATE "C" NOT NULL,
  word varchar(64) COLLATE "C" NOT NULL,
  CONSTRAINT media_spellings_library FOREIGN KEY (space_id, library_id) REFERENCES libraries (space_id, id)
    ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE
)
"""
KEYS = """
LATERAL (
  SELECT f.word AS key
  UNION ALL SELECT i || '-' || left(f.word, i - 1) || substr(f.word, i + 1) FROM generate_series(1, length(f.word)) i
) k
"""
FILL = f"""
INSERT INTO media_spellings (space_id, library_id, key, word)
SELECT f.space_id, f.library_id, k.key, f.word
FROM (SELECT DISTINCT space_id, library_id, word FROM media_words
      WHERE weight > 0 AND length(word) BETWEEN 5 AND 40 AND word !~ '[0-9]') f, {KEYS}
"""
# What is not there yet is asked word by word (OFFSET 0): a join would keep the plan of its first use.
SPELL = f"""
  INSERT INTO media_spellings (space_id, library_id, key, word)
  SELECT f.space_id, f.library_id, k.key, f.word
  FROM (
    SELECT w.space_id, w.library_id, w.word FROM (
      SELECT DISTINCT n.space_id, n.library_id, substr(w, 2) AS word FROM new_rows n, unnest(n.word_list) w
      WHERE (changed IS NULL OR n.id = ANY (changed)) AND left(w, 1) <> '0'
        AND length(w) BETWEEN 6 AND 41 AND w !~ '.[0-9]'
    ) w
    WHERE NOT (SELECT EXISTS (SELECT FROM media_spellings s WHERE s.space_id = w.space_id
      AND s.library_id = w.library_id AND s.key = w.word OFFSET 0))
    OFFSET 0
  ) f, {KEYS};
"""

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
    DELETE FROM media_terms WHERE media_id = ANY (changed) AND kind <> 'resolution';
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
%s  RETURN NULL;
END $$
"""

# Where rows stand that were derived otherwise, and who of the space may see all of them. Ids only.
TO_DERIVE = """
  SELECT DISTINCT ON (s.space_id) s.space_id, m.user_id
  FROM (SELECT DISTINCT space_id FROM media WHERE derived < p_derived OR derived > p_derived) s
  JOIN memberships m ON m.space_id = s.space_id
  WHERE m.role = 'admin' AND m.suspended_at IS NULL
  ORDER BY s.space_id, m.joined_at
"""

KEPT_OUT = ["word_list", "terms", "sort_key", "match_key", "year_key", "rating_key", "genre_marks"]


def audited_anew() -> migrations.RunSQL:
    """The trail goes on without the mark of derivation."""
    before = audited("media", library="library_id", without=KEPT_OUT)
    after = audited("media", library="library_id", without=[*KEPT_OUT, "derived"])
    return migrations.RunSQL([*before.reverse_sql, *after.sql], [*after.reverse_sql, *before.sql])  # type: ignore[attr-defined]


def touched_by_people() -> migrations.RunSQL:
    """Deriving anew is no change of an item."""
    dropped = "DROP TRIGGER media_touch ON media"
    touch = "CREATE TRIGGER media_touch BEFORE UPDATE ON media FOR EACH ROW %sEXECUTE FUNCTION touch()"
    unless = "WHEN (current_setting('app.writer', true) IS DISTINCT FROM 'derivation') "
    return migrations.RunSQL([dropped, touch % unless], [dropped, touch % ""])


def words_by_weight() -> migrations.RunSQL:
    key = "ALTER TABLE media_words ADD CONSTRAINT media_words_pkey PRIMARY KEY ({})"
    dropped = "ALTER TABLE media_words DROP CONSTRAINT media_words_pkey"
    before, after = ("space_id, library_id, {}, {}, media_id".format(*pair) for pair in
                     (("word", "weight"), ("weight", "word")))  # fmt: skip
    return migrations.RunSQL(
        [dropped, key.format(after)],
        [dropped, key.format(before)],
        state_operations=[
            migrations.AlterField(
                "mediaword",
                "pk",
                models.CompositePrimaryKey(
                    "space_id", "library_id", "weight", "word", "media_id",
                    blank=True, editable=False, primary_key=True, serialize=False,
                ),
            )
        ],
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_saved_views")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        words_by_weight(),
        migrations.RunSQL([SPELLINGS, FILL], "DROP TABLE media_spellings"),
        migrations.RunSQL(
            "CREATE INDEX media_spellings_key ON media_spellings (space_id, library_id, key) INCLUDE (word)",
            migrations.RunSQL.noop,
        ),
        *guarded(
            "media_spellings", f"space_id = {ACTIVE_SPACE} and library_id = {OPEN_LIBRARIES}", writes=""
        ),
        migrations.RunSQL(DERIVE % SPELL, DERIVE % ""),
        audited_anew(),
        touched_by_people(),
        migrations.AddField("media", "derived", models.SmallIntegerField(db_default=0)),
        migrations.AddIndex("media", models.Index(fields=["derived"], name="media_derived")),
        gate_function(
            "spaces_to_derive(p_derived integer)", "TABLE (space_id uuid, user_id uuid)", TO_DERIVE,
            arguments="integer", language="sql", volatile="STABLE",
        ),
    ]  # fmt: skip
