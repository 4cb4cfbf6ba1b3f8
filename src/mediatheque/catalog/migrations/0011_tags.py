"""Tags: of a space or of the whole install, one below another, borne by items (T2, C3).

An item's names stand in `media.tags`, folded in `media.terms`; from those the database makes missing tags and keeps
`media_tags`. What happens to a tag is carried to the items that bear it. What was derived from words is made anew
only where words changed, and what was derived from terms only where terms changed.
"""

from importlib import import_module

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.functions import Coalesce, Now

from mediatheque.core.ids import NIL, new_id
from mediatheque.core.schema import (
    ACTIVE_SPACE,
    ACTIVE_USER,
    OPEN_LIBRARIES,
    Reference,
    audited,
    gate_function,
    guarded,
    touched,
)

SEARCH = import_module("mediatheque.catalog.migrations.0009_search")
FIELDS = import_module("mediatheque.catalog.migrations.0002_row_security").MEDIA_FIELDS
DERIVE_BEFORE = SEARCH.DERIVE % SEARCH.SPELL

# `in (select unnest …) is true` is hashed, whatever is thought of the transition tables' sizes (JOINTS).
DERIVE = f"""
CREATE OR REPLACE FUNCTION media_derive() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto AS $$
DECLARE
  every constant boolean := TG_OP = 'INSERT';
  worded uuid[];
  termed uuid[];
  moved uuid[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    termed := ARRAY(SELECT id FROM old_rows);
    DELETE FROM media_words WHERE media_id = ANY (termed);
    DELETE FROM media_terms WHERE media_id = ANY (termed);
    DELETE FROM media_tags WHERE media_id = ANY (termed);
    RETURN NULL;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(id) FILTER (WHERE w0 IS DISTINCT FROM w1 OR place0 <> place1),
           array_agg(id) FILTER (WHERE t0 IS DISTINCT FROM t1 OR place0 <> place1),
           array_agg(id) FILTER (WHERE place0 <> place1) INTO worded, termed, moved
    FROM (SELECT o.id, o.word_list AS w0, o.terms AS t0, ARRAY[o.space_id, o.library_id] AS place0
          FROM old_rows o OFFSET 0) olds
    FULL JOIN (SELECT n.id, n.word_list AS w1, n.terms AS t1, ARRAY[n.space_id, n.library_id] AS place1
               FROM new_rows n OFFSET 0) news USING (id);
    IF worded IS NULL AND termed IS NULL THEN
      RETURN NULL;
    END IF;
    DELETE FROM media_words WHERE media_id = ANY (worded);
    DELETE FROM media_terms WHERE media_id = ANY (termed) AND kind <> 'resolution';
    -- What is tied to a deleted tag stays so, in case that it comes back, unless the item goes elsewhere.
    DELETE FROM media_tags l WHERE l.media_id = ANY (termed)
      AND (SELECT t.deleted_at IS NULL FROM tags t WHERE t.id = l.tag_id);
    DELETE FROM media_tags WHERE media_id = ANY (moved);
  END IF;
  INSERT INTO media_words (space_id, library_id, word, weight, media_id)
  SELECT DISTINCT n.space_id, n.library_id, substr(w, 2), left(w, 1)::smallint, n.id
  FROM new_rows n, unnest(n.word_list) w WHERE every OR (n.id IN (SELECT unnest(worded))) IS TRUE;
  INSERT INTO media_terms (space_id, library_id, kind, key, term, media_id)
  SELECT DISTINCT ON (n.id, t->>0, t->>1) n.space_id, n.library_id, t->>0, t->>1, t->>2, n.id
  FROM new_rows n, jsonb_array_elements(n.terms) t WHERE every OR (n.id IN (SELECT unnest(termed))) IS TRUE;
  IF EXISTS (SELECT FROM new_rows n WHERE n.tags <> '{{}}') THEN
    INSERT INTO tags (id, space_id, library_id, name, name_key, metadata)
    SELECT uuid7(), w.space_id, w.library_id, w.name, w.key, '{{}}' FROM (
      SELECT DISTINCT ON (t->>1, n.space_id) n.space_id, n.library_id, t->>1 AS key, t->>2 AS name
      FROM new_rows n, jsonb_array_elements(n.terms) t
      WHERE t->>0 = 'tag' AND (every OR (n.id IN (SELECT unnest(termed))) IS TRUE) ORDER BY t->>1, n.space_id, n.id
    ) w WHERE NOT (SELECT EXISTS (SELECT FROM tags t WHERE t.owner_key IN (w.space_id, '{NIL}')
      AND t.name_key = w.key AND t.deleted_at IS NULL OFFSET 0))
    ON CONFLICT DO NOTHING;
    INSERT INTO media_tags (space_id, library_id, tag_id, media_id)
    SELECT w.space_id, w.library_id, (SELECT t.id FROM tags t WHERE t.owner_key IN (w.space_id, '{NIL}')
      AND t.name_key = w.key AND t.deleted_at IS NULL ORDER BY t.space_id NULLS LAST LIMIT 1), w.id
    FROM (SELECT DISTINCT n.space_id, n.library_id, n.id, t->>1 AS key FROM new_rows n, jsonb_array_elements(n.terms) t
          WHERE t->>0 = 'tag' AND (every OR (n.id IN (SELECT unnest(termed))) IS TRUE)) w
    ON CONFLICT DO NOTHING;
  END IF;
{SEARCH.SPELL.replace("(changed IS NULL OR n.id = ANY (changed))", "(every OR (n.id IN (SELECT unnest(worded))) IS TRUE)")}  RETURN NULL;
END $$
"""

# Two people at once could each put the other's tag below their own: they take turns.
NO_CYCLE = f"""
CREATE FUNCTION tags_no_cycle() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('tags of ' || coalesce(NEW.space_id, '{NIL}'), 0));
  IF EXISTS (
    WITH RECURSIVE above AS (
      SELECT NEW.parent_id AS id UNION SELECT t.parent_id FROM tags t JOIN above a ON t.id = a.id
    ) SELECT FROM above WHERE id = NEW.id
  ) THEN
    RAISE EXCEPTION 'tag.cycle' USING ERRCODE = 'MT422';
  END IF;
  RETURN NEW;
END $$
"""

# A new name, deletion and return reach the items; that is no change of theirs.
CARRIED = """
CREATE FUNCTION tags_carried() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  writer text := current_setting('app.writer', true);
BEGIN
  PERFORM set_config('app.writer', 'derivation', true);
  UPDATE media m SET (tags, terms) = (
    SELECT coalesce(array_agg(b.name ORDER BY b.place), '{}'),
      (SELECT coalesce(jsonb_agg(t ORDER BY place), '[]') FROM jsonb_array_elements(m.terms) WITH ORDINALITY o (t, place)
       WHERE t->>0 <> 'tag')
      || coalesce(jsonb_agg(jsonb_build_array('tag', b.key, b.name) ORDER BY b.place), '[]')
    FROM (
      SELECT DISTINCT ON (key) key, name, place FROM (
        SELECT CASE WHEN t->>1 = OLD.name_key THEN NEW.name_key ELSE t->>1 END AS key,
          CASE WHEN t->>1 = OLD.name_key THEN NEW.name ELSE t->>2 END AS name, place
        FROM jsonb_array_elements(m.terms) WITH ORDINALITY o (t, place)
        WHERE t->>0 = 'tag' AND (t->>1 <> OLD.name_key OR NEW.deleted_at IS NULL)
        UNION ALL SELECT NEW.name_key, NEW.name, 1000000 WHERE NEW.deleted_at IS NULL
      ) borne ORDER BY key, place
    ) b
  ) FROM media_tags l WHERE l.tag_id = NEW.id AND m.id = l.media_id;
  PERFORM set_config('app.writer', coalesce(writer, ''), true);
  RETURN NULL;
END $$
"""

# Undoing what made a tag leaves it where others have come to use it.
STILL_USED = """
CREATE FUNCTION tags_still_used() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM media_tags WHERE tag_id = OLD.id) OR EXISTS (SELECT FROM tags WHERE parent_id = OLD.id) THEN
    RETURN NULL;
  END IF;
  RETURN OLD;
END $$
"""
TRIGGERS = (
    "tags_no_cycle BEFORE INSERT OR UPDATE OF parent_id ON tags FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)",
    "tags_carried AFTER UPDATE ON tags FOR EACH ROW WHEN ((OLD.name, OLD.name_key, OLD.deleted_at) "
    "IS DISTINCT FROM (NEW.name, NEW.name_key, NEW.deleted_at))",
    "tags_still_used BEFORE DELETE ON tags FOR EACH ROW WHEN (pg_trigger_depth() = 0)",
)

BORNE_HERE = f"EXISTS (SELECT FROM media_tags l WHERE l.tag_id = tags.id AND l.space_id = {ACTIVE_SPACE} AND l.library_id = {OPEN_LIBRARIES})"
SEEN = (
    f"{ACTIVE_USER} is not null and (space_id is null or space_id = {ACTIVE_SPACE} "
    f"and (tags.library_id is null or tags.library_id = {OPEN_LIBRARIES} or {BORNE_HERE}))"
)
OPERATES = f"EXISTS (SELECT FROM users WHERE id = {ACTIVE_USER} AND role = 'admin' AND banned_at IS NULL)"

# A name that stands in closed libraries alone must not be told of: whoever makes it makes that tag everybody's.
MAKE_TAG = f"""
DECLARE
  owner uuid := CASE WHEN NOT p_everywhere THEN {ACTIVE_SPACE} END;
  made uuid;
BEGIN
  IF p_everywhere AND NOT {OPERATES} THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  ELSIF NOT p_everywhere AND role_in(owner) IS NULL THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  END IF;
  INSERT INTO tags (id, space_id, parent_id, name, name_key, metadata)
  VALUES (p_id, owner, p_parent, p_name, p_key, p_metadata)
  ON CONFLICT (owner_key, name_key) WHERE deleted_at IS NULL DO UPDATE
    SET library_id = NULL, parent_id = p_parent, name = p_name, metadata = p_metadata
    WHERE tags.library_id IS NOT NULL AND (tags.library_id = {OPEN_LIBRARIES} OR {BORNE_HERE}) IS NOT TRUE
  RETURNING id INTO made;
  IF made IS NULL THEN
    RAISE EXCEPTION 'tag.taken' USING ERRCODE = 'MT409';
  END IF;
  RETURN made;
END
"""
CHANGE_TAG_EVERYWHERE = f"""
BEGIN
  IF NOT {OPERATES} THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  END IF;
  UPDATE tags t SET name = c.name, name_key = c.name_key, parent_id = c.parent_id, metadata = c.metadata,
    deleted_at = c.deleted_at
  FROM (SELECT r.* FROM tags o, jsonb_populate_record(o, p_changes) r WHERE o.id = p_id) c
  WHERE t.id = p_id AND t.space_id IS NULL;
END
"""


def derived_from() -> migrations.RunSQL:
    return migrations.RunSQL(DERIVE, DERIVE_BEFORE)


def set_by() -> migrations.RunSQL:
    """Tags are a field like the others: what a person says goes before what a file says (I3)."""
    dropped = "DROP TRIGGER media_setters ON media"
    made = (
        "CREATE TRIGGER media_setters BEFORE INSERT OR UPDATE ON media FOR EACH ROW "
        "EXECUTE FUNCTION keep_field_setters('{}')"
    )
    return migrations.RunSQL([dropped, made.format(f"{FIELDS},tags")], [dropped, made.format(FIELDS)])


def audited_unless_carried() -> migrations.RunSQL:
    """The trail tells of the tag that was renamed, not of every item that bears it."""
    hidden = ",".join([*SEARCH.KEPT_OUT, "derived"])
    dropped = "DROP TRIGGER media_audit_update ON media"
    made = (
        "CREATE TRIGGER media_audit_update AFTER UPDATE ON media REFERENCING OLD TABLE AS old_rows "
        "NEW TABLE AS new_rows FOR EACH STATEMENT {}EXECUTE FUNCTION "
        f"audit_rows('space_id', 'library_id', '', '{hidden}')"
    )
    unless = "WHEN (current_setting('app.writer', true) IS DISTINCT FROM 'derivation') "
    return migrations.RunSQL([dropped, made.format(unless)], [dropped, made.format("")])


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0010_a_default_is_nobodys_word"),
        ("spaces", "0008_people_of_the_install"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddField(
            "media",
            "tags",
            ArrayField(base_field=models.CharField(max_length=100), db_default=[], default=list, size=None),
        ),
        migrations.CreateModel(
            "Tag",
            fields=[
                ("id", models.UUIDField(default=new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("updated_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("space_id", models.UUIDField(null=True)),
                ("library_id", models.UUIDField(null=True)),
                (
                    "owner_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=Coalesce("space_id", models.Value(NIL, output_field=models.UUIDField())),
                        output_field=models.UUIDField(),
                    ),
                ),
                ("parent_id", models.UUIDField(null=True)),
                ("name", models.CharField(max_length=100)),
                ("name_key", models.CharField(db_collation="C", max_length=300)),
                ("metadata", models.JSONField(default=dict)),
                ("deleted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "tags",
                "indexes": [
                    models.Index(
                        condition=models.Q(parent_id__isnull=False), fields=["parent_id"], name="tags_below"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("owner_key", "id"), name="tags_owner_id"),
                    models.UniqueConstraint(
                        condition=models.Q(deleted_at__isnull=True),
                        fields=("owner_key", "name_key"),
                        name="tags_once",
                    ),
                    Reference(
                        name="tags_space", columns=["space_id"], table="spaces", target=["id"],
                        on_delete="CASCADE",
                    ),
                    Reference(
                        name="tags_parent", columns=["owner_key", "parent_id"], table="tags",
                        target=["owner_key", "id"],
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "MediaTag",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "space_id", "library_id", "tag_id", "media_id",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                ("space_id", models.UUIDField()),
                ("library_id", models.UUIDField()),
                ("tag_id", models.UUIDField()),
                ("media_id", models.UUIDField()),
            ],
            options={
                "db_table": "media_tags",
                "indexes": [
                    models.Index(fields=["media_id"], name="media_tags_media"),
                    models.Index(fields=["tag_id"], name="media_tags_tag"),
                ],
                "constraints": [
                    Reference(
                        name="media_tags_tag", columns=["tag_id"], table="tags", target=["id"],
                        on_delete="CASCADE",
                    )
                ],
            },
        ),
        *guarded("media_tags", f"space_id = {ACTIVE_SPACE} and library_id = {OPEN_LIBRARIES}", writes=""),
        *guarded("tags", SEEN, write=f"space_id is not null and {SEEN}", writes="update,delete"),
        touched("tags"),
        audited("tags", library="library_id"),
        migrations.RunSQL([NO_CYCLE, CARRIED, STILL_USED], [
            f"DROP FUNCTION {each.split()[0]}()" for each in TRIGGERS
        ]),
        migrations.RunSQL(
            [f"CREATE TRIGGER {each} EXECUTE FUNCTION {each.split()[0]}()" for each in TRIGGERS],
            [f"DROP TRIGGER {each.split()[0]} ON tags" for each in TRIGGERS],
        ),
        gate_function(
            "make_tag(p_id uuid, p_everywhere boolean, p_name text, p_key text, p_parent uuid, p_metadata jsonb)",
            "uuid", MAKE_TAG, arguments="uuid, boolean, text, text, uuid, jsonb",
        ),
        gate_function(
            "change_tag_everywhere(p_id uuid, p_changes jsonb)", "void", CHANGE_TAG_EVERYWHERE,
            arguments="uuid, jsonb",
        ),
        derived_from(),
        set_by(),
        audited_unless_carried(),
    ]  # fmt: skip
