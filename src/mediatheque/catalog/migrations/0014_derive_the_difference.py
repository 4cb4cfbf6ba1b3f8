"""What is derived from an item is changed by what changed: one genre on twenty thousand items is twenty thousand
terms, not all of theirs; words of items that go elsewhere go with them.
"""

from importlib import import_module

from django.db import migrations

SEARCH = import_module("mediatheque.catalog.migrations.0009_search")
BEFORE = import_module("mediatheque.catalog.migrations.0011_tags").DERIVE

# Differences are taken of sets (EXCEPT) and `in (select unnest …) is true` is hashed, whatever is thought of the
# transition tables' sizes (JOINTS). `worded` and `termed` hold the items whose words and terms changed, `moved` those
# that stand elsewhere now; an item can be in each.
DERIVE = f"""
CREATE OR REPLACE FUNCTION media_derive() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto AS $$
DECLARE
  every constant boolean := TG_OP = 'INSERT';
  worded uuid[];
  termed uuid[];
  moved uuid[];
  place record;
BEGIN
  IF TG_OP = 'DELETE' THEN
    termed := ARRAY(SELECT id FROM old_rows);
    DELETE FROM media_words WHERE media_id = ANY (termed);
    DELETE FROM media_terms WHERE media_id = ANY (termed);
    DELETE FROM media_tags WHERE media_id = ANY (termed);
    RETURN NULL;
  ELSIF TG_OP = 'INSERT' THEN
    INSERT INTO media_words (space_id, library_id, word, weight, media_id)
    SELECT DISTINCT n.space_id, n.library_id, substr(w, 2), left(w, 1)::smallint, n.id
    FROM new_rows n, unnest(n.word_list) w;
    INSERT INTO media_terms (space_id, library_id, kind, key, term, media_id)
    SELECT DISTINCT ON (n.id, t->>0, t->>1) n.space_id, n.library_id, t->>0, t->>1, t->>2, n.id
    FROM new_rows n, jsonb_array_elements(n.terms) t;
  ELSE
    SELECT array_agg(id) FILTER (WHERE w0 IS DISTINCT FROM w1),
           array_agg(id) FILTER (WHERE t0 IS DISTINCT FROM t1),
           array_agg(id) FILTER (WHERE place0 <> place1) INTO worded, termed, moved
    FROM (SELECT o.id, o.word_list AS w0, o.terms AS t0, ARRAY[o.space_id, o.library_id] AS place0
          FROM old_rows o OFFSET 0) olds
    FULL JOIN (SELECT n.id, n.word_list AS w1, n.terms AS t1, ARRAY[n.space_id, n.library_id] AS place1
               FROM new_rows n OFFSET 0) news USING (id);
    IF worded IS NULL AND termed IS NULL AND moved IS NULL THEN
      RETURN NULL;
    END IF;
    FOR place IN SELECT n.space_id, n.library_id, array_agg(n.id) AS ids FROM new_rows n
        WHERE (n.id IN (SELECT unnest(moved))) IS TRUE GROUP BY 1, 2 LOOP
      UPDATE media_words SET space_id = place.space_id, library_id = place.library_id WHERE media_id = ANY (place.ids);
      UPDATE media_terms SET space_id = place.space_id, library_id = place.library_id
        WHERE media_id = ANY (place.ids) AND kind <> 'resolution';
    END LOOP;
    IF worded IS NOT NULL THEN
      DELETE FROM media_words s USING (
        SELECT o.id, w FROM old_rows o, unnest(o.word_list) w WHERE (o.id IN (SELECT unnest(worded))) IS TRUE
        EXCEPT SELECT n.id, w FROM new_rows n, unnest(n.word_list) w WHERE (n.id IN (SELECT unnest(worded))) IS TRUE
      ) gone WHERE s.media_id = gone.id AND s.word = substr(gone.w, 2) AND s.weight = left(gone.w, 1)::smallint;
      INSERT INTO media_words (space_id, library_id, word, weight, media_id)
      SELECT space_id, library_id, substr(w, 2), left(w, 1)::smallint, id FROM (
        SELECT n.space_id, n.library_id, n.id, w FROM new_rows n, unnest(n.word_list) w
        WHERE (n.id IN (SELECT unnest(worded))) IS TRUE
        EXCEPT SELECT n.space_id, n.library_id, o.id, w
        FROM (SELECT o.id, o.word_list FROM old_rows o WHERE (o.id IN (SELECT unnest(worded))) IS TRUE OFFSET 0) o
        FULL JOIN (SELECT n.id, n.space_id, n.library_id FROM new_rows n OFFSET 0) n USING (id), unnest(o.word_list) w
      ) come;
    END IF;
    IF termed IS NOT NULL THEN
      DELETE FROM media_terms s USING (
        SELECT o.id, t FROM old_rows o, jsonb_array_elements(o.terms) t
        WHERE (o.id IN (SELECT unnest(termed))) IS TRUE
        EXCEPT SELECT n.id, t FROM new_rows n, jsonb_array_elements(n.terms) t
        WHERE (n.id IN (SELECT unnest(termed))) IS TRUE
      ) gone WHERE s.media_id = gone.id AND s.kind = gone.t->>0 AND s.key = gone.t->>1;
      INSERT INTO media_terms (space_id, library_id, kind, key, term, media_id)
      SELECT DISTINCT ON (id, t->>0, t->>1) space_id, library_id, t->>0, t->>1, t->>2, id FROM (
        SELECT n.space_id, n.library_id, n.id, t FROM new_rows n, jsonb_array_elements(n.terms) t
        WHERE (n.id IN (SELECT unnest(termed))) IS TRUE
        EXCEPT SELECT n.space_id, n.library_id, o.id, t
        FROM (SELECT o.id, o.terms FROM old_rows o WHERE (o.id IN (SELECT unnest(termed))) IS TRUE OFFSET 0) o
        FULL JOIN (SELECT n.id, n.space_id, n.library_id FROM new_rows n OFFSET 0) n USING (id),
          jsonb_array_elements(o.terms) t
      ) come;
    END IF;
    -- What is tied to a deleted tag stays so, in case that it comes back, unless the item goes elsewhere.
    DELETE FROM media_tags l WHERE l.media_id = ANY (termed)
      AND (SELECT t.deleted_at IS NULL FROM tags t WHERE t.id = l.tag_id);
    DELETE FROM media_tags WHERE media_id = ANY (moved);
    worded := worded || moved;
    termed := termed || moved;
  END IF;
  IF EXISTS (SELECT FROM new_rows n WHERE n.tags <> '{{}}') THEN
{BEFORE[BEFORE.index("    INSERT INTO tags") : BEFORE.index("  END IF;", BEFORE.index("    INSERT INTO tags")) + len("  END IF;") + 1].replace("{{", "{").replace("}}", "}")}
{SEARCH.SPELL.replace("(changed IS NULL OR n.id = ANY (changed))", "(every OR (n.id IN (SELECT unnest(worded))) IS TRUE)")}  RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_entries_underway")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(DERIVE, BEFORE),
    ]
