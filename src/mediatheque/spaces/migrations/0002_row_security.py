"""Guards of spaces, and `enter_*`: one statement finds who asks and sets the scope of the transaction."""

from django.db import migrations

from mediatheque.core.schema import (
    ACTIVE_SPACE,
    OPEN_LIBRARIES,
    OWN_SPACES,
    audited,
    gate_function,
    guarded,
    kept_by_keeper,
    touched,
)

SPACE_JSON = """
jsonb_build_object('id', s.id, 'name', s.name, 'slug', s.slug, 'kind', s.kind, 'role', m.role,
  'default_library', (SELECT l.id FROM libraries l WHERE l.space_id = s.id AND l.is_default),
  'language', s.language, 'time_zone', s.time_zone, 'contact', jsonb_build_object('person', s.contact_person,
  'email', s.contact_email, 'address', s.contact_address), 'metadata', s.metadata, 'created_by', s.created_by,
  'archived_at', s.archived_at, 'created_at', s.created_at, 'updated_at', s.updated_at, 'joined_at', m.joined_at)
"""

# `p_space` is the id or slug that was asked for, `p_fixed` the one a token is bound to, `p_last` the one
# last stood in. An unknown or foreign `p_space` opens nothing and answers space = null.
ENTER = f"""
DECLARE
  person users%ROWTYPE;
  mine uuid[];
  active uuid;
  active_role text;
  open uuid[];
  answer jsonb;
BEGIN
  PERFORM set_config('app.user_id', '', true), set_config('app.space_id', '', true),
          set_config('app.space_ids', '', true), set_config('app.library_ids', '', true),
          set_config('app.request_id', coalesce(p_request, ''), true), set_config('app.writer', p_writer, true);
  SELECT * INTO person FROM users WHERE id = p_user AND banned_at IS NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(space_id ORDER BY joined_at, space_id) INTO mine
    FROM memberships WHERE user_id = p_user AND suspended_at IS NULL AND (p_fixed IS NULL OR space_id = p_fixed);
  IF p_space IS NOT NULL THEN
    SELECT id INTO active FROM spaces WHERE id = ANY (mine) AND (slug = p_space OR id::text = p_space);
  ELSE
    active := coalesce((SELECT p_last WHERE p_last = ANY (mine)), mine[1]);
  END IF;
  SELECT role INTO active_role FROM memberships WHERE user_id = p_user AND space_id = active;
  SELECT array_agg(l.id ORDER BY l.is_default DESC, l.name, l.id) INTO open FROM libraries l
    WHERE l.space_id = active AND (NOT l.limited OR active_role = 'admin' OR EXISTS (
      SELECT FROM library_members lm WHERE lm.library_id = l.id AND lm.user_id = p_user));
  PERFORM set_config('app.user_id', p_user::text, true),
          set_config('app.space_id', coalesce(active::text, ''), true),
          set_config('app.space_ids', coalesce(array_to_string(mine, ','), ''), true),
          set_config('app.library_ids', coalesce(array_to_string(open, ','), ''), true);
  SELECT jsonb_build_object(
    'user', jsonb_build_object('id', person.id, 'name', person.name, 'email', person.email, 'role', person.role,
      'bio', person.bio, 'avatar', person.avatar, 'preferences', person.preferences),
    'space', active, 'role', active_role,
    'spaces', coalesce((SELECT jsonb_agg({SPACE_JSON} ORDER BY m.joined_at, s.id) FROM memberships m
      JOIN spaces s ON s.id = m.space_id WHERE m.user_id = p_user AND m.space_id = ANY (mine)), '[]'),
    'libraries', coalesce((SELECT jsonb_agg(jsonb_build_object('id', l.id, 'name', l.name, 'is_default', l.is_default,
      'default_type', l.default_type, 'archived', l.archived_at IS NOT NULL) ORDER BY l.name, l.id)
      FROM libraries l WHERE l.id = ANY (open)), '[]')
  ) INTO answer;
  RETURN answer;
END
"""

ENTER_SESSION = """
DECLARE
  one sessions%ROWTYPE;
  answer jsonb;
BEGIN
  SELECT * INTO one FROM sessions WHERE key_hash = p_key AND expires_at > now();
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  answer := enter_person(one.user_id, p_space, NULL, one.space_id, p_request, 'person');
  IF answer IS NULL THEN
    RETURN NULL;
  END IF;
  IF one.last_seen_at < now() - interval '5 minutes'
     OR (answer->>'space') IS DISTINCT FROM one.space_id::text AND (answer->>'space') IS NOT NULL THEN
    UPDATE sessions SET last_seen_at = now(), space_id = coalesce((answer->>'space')::uuid, space_id)
      WHERE id = one.id;
  END IF;
  RETURN answer || jsonb_build_object('session', one.id, 'library', one.library_id);
END
"""

ENTER_TOKEN = """
DECLARE
  one tokens%ROWTYPE;
  answer jsonb;
BEGIN
  SELECT * INTO one FROM tokens WHERE token_hash = p_token AND kind IN ('api', 'access')
    AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  answer := enter_person(one.user_id, p_space, one.space_id, one.space_id, p_request, 'person');
  IF answer IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE tokens SET last_used_at = now() WHERE id = one.id
    AND (last_used_at IS NULL OR last_used_at < now() - interval '5 minutes');
  RETURN answer || jsonb_build_object('token', one.id, 'scopes', one.scopes, 'bound', one.space_id);
END
"""


class Migration(migrations.Migration):
    dependencies = [("spaces", "0001_initial"), ("people", "0002_row_security")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        *guarded("spaces", f"id = {OWN_SPACES}", write=f"id = {ACTIVE_SPACE}", writes="update"),
        *guarded("memberships", f"space_id = {ACTIVE_SPACE}", writes=""),
        *guarded(
            "libraries",
            f"space_id = {ACTIVE_SPACE} and id = {OPEN_LIBRARIES}",
            writes="insert,update",
        ),
        *guarded(
            "library_members", f"space_id = {ACTIVE_SPACE} and library_id = {OPEN_LIBRARIES}", writes=""
        ),
        *guarded("invitations", f"space_id = {ACTIVE_SPACE}", writes=""),
        *(touched(t) for t in ("spaces", "memberships", "libraries", "library_members", "invitations")),
        audited("spaces", space="id"),
        audited("memberships"),
        audited("libraries", library="id"),
        audited("library_members", library="library_id"),
        audited("invitations", without=["token_hash"]),
        kept_by_keeper("libraries", "id, space_id"),
        gate_function(
            "enter_person(p_user uuid, p_space text, p_fixed uuid, p_last uuid, p_request text, p_writer text)",
            "jsonb",
            ENTER,
            arguments="uuid, text, uuid, uuid, text, text",
        ),
        gate_function(
            "enter_session(p_key bytea, p_space text, p_request text)", "jsonb", ENTER_SESSION,
            arguments="bytea, text, text",
        ),
        gate_function(
            "enter_token(p_token bytea, p_space text, p_request text)", "jsonb", ENTER_TOKEN,
            arguments="bytea, text, text",
        ),
    ]  # fmt: skip
