"""Guards of the catalogue, the derived tables, and who set which field."""

from django.db import migrations

from mediatheque.core.ids import NIL
from mediatheque.core.schema import (
    ACTIVE_SPACE,
    ACTIVE_USER,
    OPEN_LIBRARIES,
    audited,
    guarded,
    of_person,
    of_space,
    touched,
)

OWN_WORK = f"((owner_space = {ACTIVE_SPACE} and library_id = {OPEN_LIBRARIES}) or owner_user = {ACTIVE_USER})"
SEEN_WORK = f"{ACTIVE_USER} is not null and (owner_key = '{NIL}' or {OWN_WORK})"
WORK_PARTS = ("work_texts", "work_certifications", "work_seasons", "work_episodes")
# Parts of a work are seen with it; the sub-select reads `works` under its own policy.
SEEN_PART = "exists (select from works w where w.owner_key = work_owner and w.id = work_id)"
OWN_PART = f"work_owner in ({ACTIVE_SPACE}, {ACTIVE_USER}) and {SEEN_PART}"

SPACE_TABLES = ("media", "variants", "seasons", "media_metadata")

# `word_list` holds weight and word in one text ("3matrix"), `terms` triples [kind, key, term].
DERIVE = """
CREATE FUNCTION media_derive() RETURNS trigger LANGUAGE plpgsql
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
    DELETE FROM media_terms WHERE media_id = ANY (changed);
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

# A space's work goes with its last media item (undo brings both back).
DROP_WORKS = """
CREATE FUNCTION media_drop_works() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto AS $$
DECLARE
  gone uuid[];
BEGIN
  SELECT array_agg(DISTINCT work_id) INTO gone FROM old_rows WHERE work_owner = space_id;
  DELETE FROM works w WHERE w.id = ANY (gone) AND NOT EXISTS (SELECT FROM media m WHERE m.work_id = w.id);
  RETURN NULL;
END $$
"""

# Person goes before import, import before provider (I3). TG_ARGV[0] lists the fields that are kept.
FIELD_SETTERS = """
CREATE FUNCTION keep_field_setters() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  writer text := nullif(current_setting('app.writer', true), '');
  fields text[] := string_to_array(TG_ARGV[0], ',');
  before jsonb;
  after jsonb := to_jsonb(NEW);
  field text;
  changed text[] := '{}';
  kept jsonb := '{}';
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF writer IN ('person', 'import') THEN
      SELECT coalesce(array_agg(f), '{}') INTO changed FROM unnest(fields) f
        WHERE after->f NOT IN ('null', '""', '[]', '{}', 'false');
    END IF;
    IF writer = 'person' THEN
      NEW.person_fields := changed;
    ELSIF writer = 'import' THEN
      NEW.import_fields := changed;
    END IF;
    RETURN NEW;
  END IF;
  IF writer IS NULL OR writer NOT IN ('person', 'import', 'provider') THEN
    RETURN NEW;
  END IF;
  before := to_jsonb(OLD);
  NEW.person_fields := OLD.person_fields;
  NEW.import_fields := OLD.import_fields;
  FOREACH field IN ARRAY fields LOOP
    IF after->field IS DISTINCT FROM before->field THEN
      IF writer <> 'person' AND field = ANY (OLD.person_fields)
         OR writer = 'provider' AND field = ANY (OLD.import_fields) THEN
        kept := kept || jsonb_build_object(field, before->field);
      ELSE
        changed := changed || field;
      END IF;
    END IF;
  END LOOP;
  IF kept <> '{}' THEN
    NEW := jsonb_populate_record(NEW, kept);
  END IF;
  IF writer = 'person' THEN
    NEW.person_fields := ARRAY(SELECT DISTINCT unnest(OLD.person_fields || changed) ORDER BY 1);
    NEW.import_fields := ARRAY(SELECT unnest(OLD.import_fields) EXCEPT SELECT unnest(changed) ORDER BY 1);
  ELSIF writer = 'import' THEN
    NEW.import_fields := ARRAY(SELECT DISTINCT unnest(OLD.import_fields || changed) ORDER BY 1);
  END IF;
  RETURN NEW;
END $$
"""

MEDIA_FIELDS = (
    "media_type,title,original_title,sort_title,year,release_date,overview,runtime,genres,people,certification,"
    "rating,network,trailer_url,poster,backdrop,format,ownership,location,notes,details,signed,value,external_ids"
)
ENTRY_FIELDS = (
    "status,rating,notes,visibility,notes_visibility,on_watchlist,set_aside,set_aside_reason,last_watched_at"
)


def setters(table: str, fields: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f'CREATE TRIGGER {table}_setters BEFORE INSERT OR UPDATE ON "{table}" FOR EACH ROW '
        f"EXECUTE FUNCTION keep_field_setters('{fields}')",
        f'DROP TRIGGER {table}_setters ON "{table}"',
    )


def derived() -> migrations.RunSQL:
    transitions = {
        "insert": "REFERENCING NEW TABLE AS new_rows",
        "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "REFERENCING OLD TABLE AS old_rows",
    }
    return migrations.RunSQL(
        [
            *(
                f"CREATE TRIGGER media_derive_{event} AFTER {event.upper()} ON media {tables} "
                "FOR EACH STATEMENT EXECUTE FUNCTION media_derive()"
                for event, tables in transitions.items()
            ),
            "CREATE TRIGGER media_drop_works AFTER DELETE ON media REFERENCING OLD TABLE AS old_rows "
            "FOR EACH STATEMENT EXECUTE FUNCTION media_drop_works()",
        ],
        [
            "DROP TRIGGER media_drop_works ON media",
            *(f"DROP TRIGGER media_derive_{event} ON media" for event in transitions),
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("spaces", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(DERIVE, "DROP FUNCTION media_derive()"),
        migrations.RunSQL(DROP_WORKS, "DROP FUNCTION media_drop_works()"),
        migrations.RunSQL(FIELD_SETTERS, "DROP FUNCTION keep_field_setters()"),
        *guarded("works", SEEN_WORK, write=OWN_WORK),
        *(op for part in WORK_PARTS for op in guarded(part, SEEN_PART, write=OWN_PART)),
        *(op for table in SPACE_TABLES for op in of_space(table)),
        *guarded("media_words", f"space_id = {ACTIVE_SPACE} and library_id = {OPEN_LIBRARIES}", writes=""),
        *guarded("media_terms", f"space_id = {ACTIVE_SPACE} and library_id = {OPEN_LIBRARIES}", writes=""),
        *of_person("entries"),
        *guarded("entry_works", f"user_id = {ACTIVE_USER}", write=f"user_id = {ACTIVE_USER} and {SEEN_PART}"),
        *(touched(table) for table in ("works", *WORK_PARTS, *SPACE_TABLES, "entries", "entry_works")),
        setters("media", MEDIA_FIELDS),
        setters("entries", ENTRY_FIELDS),
        audited("works", space="owner_space", library="library_id", owner="owner_user"),
        *(audited(part, space="", owner="") for part in WORK_PARTS),
        audited("media", library="library_id", without=["word_list", "terms", "sort_key", "match_key", "year_key"]),
        *(audited(table, library="library_id") for table in SPACE_TABLES if table != "media"),
        audited("entries", space="", owner="user_id"),
        audited("entry_works", space="", owner="user_id"),
        derived(),
    ]  # fmt: skip
