"""A tag that stands in closed libraries alone gives its name to whoever takes it, and nobody is told (T2, P10).

A refusal would tell that the name is there, and so would the id and the date of the older tag: what it was borne by
goes over to the tag that took the name.
"""

from importlib import import_module

from django.db import migrations

from mediatheque.core.schema import ACTIVE_SPACE, OPEN_LIBRARIES, gate_function

TAGS = import_module("mediatheque.catalog.migrations.0011_tags")

# A place of a tag that would make a circle is given up.
TAKE_HIDDEN = f"""
DECLARE
  hidden uuid := (SELECT id FROM tags WHERE space_id = {ACTIVE_SPACE} AND name_key = p_key AND deleted_at IS NULL
    AND id <> p_tag AND library_id IS NOT NULL AND (library_id = {OPEN_LIBRARIES} OR {TAGS.BORNE_HERE}) IS NOT TRUE);
BEGIN
  IF hidden IS NULL OR role_in({ACTIVE_SPACE}) IS NULL
    OR NOT EXISTS (SELECT FROM tags WHERE id = p_tag AND space_id = {ACTIVE_SPACE}) THEN
    RETURN;
  END IF;
  UPDATE tags SET name = p_name WHERE id = hidden;
  UPDATE tags t SET parent_id = CASE WHEN t.id IN (
    WITH RECURSIVE above AS (
      SELECT p_tag AS id UNION SELECT a.parent_id FROM tags a JOIN above ON a.id = above.id
    ) SELECT id FROM above WHERE id IS NOT NULL
  ) THEN NULL ELSE p_tag END WHERE t.parent_id = hidden;
  INSERT INTO media_tags (space_id, library_id, tag_id, media_id)
  SELECT space_id, library_id, p_tag, media_id FROM media_tags WHERE tag_id = hidden ON CONFLICT DO NOTHING;
  DELETE FROM media_tags WHERE tag_id = hidden;
  DELETE FROM tags WHERE id = hidden;
END
"""
# It begins deleted, so that two may have the name until one has taken over.
MAKE_TAG = f"""
DECLARE
  owner uuid := CASE WHEN NOT p_everywhere THEN {ACTIVE_SPACE} END;
BEGIN
  IF p_everywhere AND NOT {TAGS.OPERATES} THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  ELSIF NOT p_everywhere AND role_in(owner) IS NULL THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  END IF;
  INSERT INTO tags (id, space_id, parent_id, name, name_key, metadata)
  VALUES (p_id, owner, p_parent, p_name, p_key, p_metadata)
  ON CONFLICT (owner_key, name_key) WHERE deleted_at IS NULL DO NOTHING;
  IF FOUND THEN
    RETURN p_id;
  END IF;
  INSERT INTO tags (id, space_id, parent_id, name, name_key, metadata, deleted_at)
  VALUES (p_id, owner, p_parent, p_name, p_key, p_metadata, now());
  PERFORM take_hidden_tag(p_id, p_key, p_name);
  UPDATE tags SET deleted_at = NULL WHERE id = p_id;
  RETURN p_id;
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'tag.taken' USING ERRCODE = 'MT409';
END
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_derive_the_difference")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function(
            "take_hidden_tag(p_tag uuid, p_key text, p_name text)",
            "void",
            TAKE_HIDDEN,
            arguments="uuid, text, text",
        ),
        gate_function(
            "make_tag(p_id uuid, p_everywhere boolean, p_name text, p_key text, p_parent uuid, p_metadata jsonb)",
            "uuid",
            MAKE_TAG,
            arguments="uuid, boolean, text, text, uuid, jsonb",
            before=TAGS.MAKE_TAG,
        ),
    ]
