"""The trail is written by the database alone; the application may only read what its scope shows (L1)."""

from django.db import migrations

from mediatheque.core.schema import (
    ACTIVE_SPACE,
    ACTIVE_USER,
    OPEN_LIBRARIES,
    audited,
    gate_function,
    guarded,
)

COLUMNS = "id, table_name, row_id, action, old, new, space_id, library_id, owner_id, actor_id, request_id"

# FULL JOIN and OFFSET 0 are deliberate: a plain join of transition tables keeps the plan of its first use
# and turned 0.4 s into 56 s on a used connection.
AUDIT_ROWS = f"""
CREATE FUNCTION audit_rows() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto AS $$
DECLARE
  hidden text[] := string_to_array(TG_ARGV[3], ',') || '{{updated_at}}'::text[];
  actor uuid := nullif(current_setting('app.user_id', true), '')::uuid;
  request text := nullif(current_setting('app.request_id', true), '');
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_changes ({COLUMNS})
    SELECT uuid7(), TG_TABLE_NAME, (r->>'id')::uuid, 'insert', NULL, r - hidden, (r->>TG_ARGV[0])::uuid,
           (r->>TG_ARGV[1])::uuid, (r->>TG_ARGV[2])::uuid, actor, request
    FROM (SELECT to_jsonb(n) AS r FROM new_rows n OFFSET 0) AS inserted;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO audit_changes ({COLUMNS})
    SELECT uuid7(), TG_TABLE_NAME, (r->>'id')::uuid, 'delete', r - hidden, NULL, (r->>TG_ARGV[0])::uuid,
           (r->>TG_ARGV[1])::uuid, (r->>TG_ARGV[2])::uuid, actor, request
    FROM (SELECT to_jsonb(o) AS r FROM old_rows o OFFSET 0) AS deleted;
  ELSE
    INSERT INTO audit_changes ({COLUMNS})
    SELECT uuid7(), TG_TABLE_NAME, id, 'update', changed.before, changed.after, (r->>TG_ARGV[0])::uuid,
           (r->>TG_ARGV[1])::uuid, (r->>TG_ARGV[2])::uuid, actor, request
    FROM (SELECT o.id, to_jsonb(o) AS was FROM old_rows o OFFSET 0) AS olds
    FULL JOIN (SELECT n.id, to_jsonb(n) AS r FROM new_rows n OFFSET 0) AS news USING (id)
    CROSS JOIN LATERAL (
      SELECT jsonb_object_agg(key, was->key) AS before, jsonb_object_agg(key, value) AS after
      FROM jsonb_each(r) WHERE key <> ALL (hidden) AND value IS DISTINCT FROM was->key
    ) AS changed
    WHERE changed.after IS NOT NULL;
  END IF;
  RETURN NULL;
END $$
"""

SEEN = (
    f"(owner_id is null or owner_id = {ACTIVE_USER}) and (space_id is null or space_id = {ACTIVE_SPACE}) "
    f"and (library_id is null or library_id = {OPEN_LIBRARIES}) "
    "and (owner_id is not null or space_id is not null)"
)

RECORD_EVENT = """
BEGIN
  INSERT INTO events (id, action, actor_id, space_id, owner_id, entity, entity_id, details, method, path, status, request_id)
  VALUES (p_id, p_action, p_actor, p_space, p_owner, p_entity, p_entity_id, p_details, p_method, p_path, p_status, p_request);
END
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("core", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(AUDIT_ROWS, "DROP FUNCTION audit_rows()"),
        *guarded("audit_changes", SEEN, writes=""),
        *guarded("events", f"(space_id = {ACTIVE_SPACE} or owner_id = {ACTIVE_USER})", writes=""),
        gate_function(
            "record_event(p_id uuid, p_action text, p_actor uuid, p_space uuid, p_owner uuid, p_entity text, "
            "p_entity_id uuid, p_details jsonb, p_method text, p_path text, p_status int, p_request text)",
            "void",
            RECORD_EVENT,
            arguments="uuid, text, uuid, uuid, uuid, text, uuid, jsonb, text, text, int, text",
        ),
        audited("file_references", library="library_id", owner="user_id"),
    ]
