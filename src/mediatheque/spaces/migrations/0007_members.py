"""Members as their page shows them: pictures, what they do, suspension (P8)."""

from importlib import import_module

from django.db import migrations

from mediatheque.core.schema import ACTIVE_SPACE as HERE
from mediatheque.core.schema import ACTIVE_USER as ME
from mediatheque.core.schema import OPEN_LIBRARIES, gate_function

BEFORE = import_module("mediatheque.spaces.migrations.0003_joining")

MEMBERS = f"""
  SELECT m.id, m.user_id, u.name::text, u.email::text, m.role::text, m.joined_at, m.suspended_at, u.avatar::text,
    u.bio
  FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE m.space_id = {HERE} AND role_in({HERE}) IS NOT NULL AND (p_member IS NULL OR m.id = p_member)
  ORDER BY m.joined_at, m.id
"""

# What a member does here: for managers, and for oneself. In libraries that admit whoever asks, and no others.
ACTIVITY = f"""
DECLARE
  person uuid;
  since constant timestamptz := now() - interval '90 days';
  answer jsonb;
BEGIN
  SELECT user_id INTO person FROM memberships WHERE id = p_member AND space_id = {HERE};
  IF NOT FOUND OR role_in({HERE}) IS NULL OR (role_in({HERE}) = 'member' AND person <> {ME}) THEN
    RETURN NULL;
  END IF;
  WITH changes AS MATERIALIZED (
    SELECT c.table_name, c.row_id, c.action, c.at FROM audit_changes c
    WHERE c.space_id = {HERE} AND c.actor_id = person AND c.owner_id IS NULL
      AND c.table_name IN ('media', 'variants', 'seasons', 'media_metadata')
      AND (c.library_id IS NULL OR c.library_id = {OPEN_LIBRARIES})
  ), edited AS (
    SELECT row_id AS item FROM changes WHERE table_name = 'media' AND action = 'update' AND at > since
    UNION SELECT v.media_id FROM changes c JOIN variants v ON v.id = c.row_id WHERE c.table_name = 'variants' AND c.at > since
    UNION SELECT s.media_id FROM changes c JOIN seasons s ON s.id = c.row_id WHERE c.table_name = 'seasons' AND c.at > since
    UNION SELECT d.media_id FROM changes c JOIN media_metadata d ON d.id = c.row_id
      WHERE c.table_name = 'media_metadata' AND c.at > since
  )
  SELECT jsonb_build_object(
    'last_sign_in_at', (SELECT last_sign_in_at FROM users WHERE id = person),
    'media_added', (SELECT count(*) FROM media WHERE space_id = {HERE} AND added_by = person
                    AND library_id = {OPEN_LIBRARIES}),
    'last_edit_at', (SELECT max(at) FROM changes),
    'score', (SELECT count(*) FROM changes WHERE table_name = 'media' AND action = 'insert' AND at > since)
             + (SELECT count(*) FROM edited)
  ) INTO answer;
  RETURN answer;
END
"""

# A suspended admin counts no longer, so one other must be left.
SUSPEND = f"""
DECLARE
  person uuid;
BEGIN
  PERFORM FROM spaces WHERE id = {HERE} FOR NO KEY UPDATE;
  IF role_in({HERE}) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  END IF;
  SELECT user_id INTO person FROM memberships WHERE id = p_member AND space_id = {HERE};
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF person = {ME} THEN
    RAISE EXCEPTION 'member.oneself' USING ERRCODE = 'MT409';
  END IF;
  IF p_suspended THEN
    PERFORM keep_an_admin({HERE}, person);
  END IF;
  UPDATE memberships SET suspended_at = CASE WHEN p_suspended THEN coalesce(suspended_at, now()) END WHERE id = p_member
    AND (suspended_at IS NOT NULL) <> p_suspended;
  RETURN FOUND;
END
"""

FORMER = gate_function(
    "space_members(p_member uuid)",
    "TABLE (id uuid, user_id uuid, name text, email text, role text, joined_at timestamptz)",
    BEFORE.MEMBERS, arguments="uuid", language="sql", volatile="STABLE",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("spaces", "0006_transfer")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(FORMER.reverse_sql, FORMER.sql),
        gate_function(
            "space_members(p_member uuid)",
            "TABLE (id uuid, user_id uuid, name text, email text, role text, joined_at timestamptz, "
            "suspended_at timestamptz, avatar text, bio text)",
            MEMBERS, arguments="uuid", language="sql", volatile="STABLE",
        ),
        gate_function("member_activity(p_member uuid)", "jsonb", ACTIVITY, arguments="uuid", volatile="STABLE"),
        gate_function(
            "suspend_member(p_member uuid, p_suspended boolean)", "boolean", SUSPEND, arguments="uuid, boolean"
        ),
    ]  # fmt: skip
