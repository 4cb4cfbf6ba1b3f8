"""Registering, making and leaving spaces, roles, invitations: what only `gate` may write.

Every function reads who asks from `app.user_id` and looks at their role itself. What must not happen
twice at once (the first registration, the last admin, one claim) is decided under a lock here.
"""

from django.conf import settings
from django.db import migrations

from mediatheque.core.schema import gate_function

APPLICATION = f'"{settings.APPLICATION_ROLE}"'
ME = "nullif(current_setting('app.user_id', true), '')::uuid"
HERE = "nullif(current_setting('app.space_id', true), '')::uuid"

ROLE_IN = f"""
  SELECT role FROM memberships WHERE space_id = p_space AND user_id = {ME} AND suspended_at IS NULL
"""

# A space with its default library and its first admin, who stands in it from here on.
FOUND_SPACE = """
BEGIN
  INSERT INTO spaces (id, name, slug, kind, language, time_zone, contact_person, contact_email, contact_address,
                      metadata, created_by)
    VALUES (p_id, p_name, p_slug, p_kind, p_language, p_time_zone, '', '', '', '{}', p_founder);
  INSERT INTO libraries (id, space_id, name, description, template, default_type, columns, limited, is_default, created_by)
    VALUES (p_library, p_id, p_library_name, '', '', 'movie', '[]', false, true, p_founder);
  INSERT INTO memberships (id, space_id, user_id, kind, role, joined_at, metadata)
    VALUES (p_membership, p_id, p_founder, p_kind, 'admin', now(), '{}');
END
"""

# P1. The lock is taken only while nobody has registered, so that one alone becomes administrator.
REGISTER = """
DECLARE
  first boolean := false;
  invited invitations%ROWTYPE;
BEGIN
  IF NOT EXISTS (SELECT FROM users) THEN
    PERFORM pg_advisory_xact_lock(hashtext('mediatheque.first_registration'));
    first := NOT EXISTS (SELECT FROM users);
  END IF;
  IF p_invitation IS NOT NULL THEN
    SELECT * INTO invited FROM invitations
      WHERE token_hash = p_invitation AND status = 'pending' AND expires_at > now() FOR UPDATE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'invitation.unknown' USING ERRCODE = 'MT404';
    ELSIF NOT invited.anyone AND invited.email_key <> p_email_key THEN
      RAISE EXCEPTION 'invitation.other_address' USING ERRCODE = 'MT403';
    END IF;
  ELSIF NOT first AND NOT p_open THEN
    RAISE EXCEPTION 'invitation.required' USING ERRCODE = 'MT403';
  END IF;
  PERFORM set_config('app.user_id', p_user::text, true);
  INSERT INTO users (id, email, email_key, name, password, role, bio, preferences, metadata)
    VALUES (p_user, p_email, p_email_key, p_name, p_password,
            CASE WHEN first OR p_operator THEN 'admin' ELSE 'user' END, '', '{}', '{}');
  IF invited.space_id IS NULL THEN
    PERFORM found_space(p_space, p_space_name, p_slug, 'household', p_language, 'UTC', p_library, p_library_name,
                        p_membership, p_user);
  ELSE
    INSERT INTO memberships (id, space_id, user_id, kind, role, joined_at, metadata)
      SELECT p_membership, s.id, p_user, s.kind, invited.role, now(), '{}' FROM spaces s WHERE s.id = invited.space_id;
  END IF;
  UPDATE invitations SET status = 'accepted', accepted_at = now(), accepted_by = p_user WHERE id = invited.id;
  RETURN jsonb_build_object('space', coalesce(invited.space_id, p_space), 'invitation', invited.id,
                            'invited_by', invited.created_by);
END
"""

CREATE_SPACE = f"""
BEGIN
  IF p_kind <> 'household' AND NOT EXISTS (SELECT FROM users WHERE id = {ME} AND role = 'admin') THEN
    RAISE EXCEPTION 'space.kind' USING ERRCODE = 'MT403';
  END IF;
  PERFORM found_space(p_id, p_name, p_slug, p_kind, p_language, p_time_zone, p_library, p_library_name,
                      p_membership, {ME});
  RETURN enter_person({ME}, p_id::text, NULL, NULL, current_setting('app.request_id', true), 'person');
END
"""

# Media go first and set-wise: a cascade would audit them row by row.
DELETE_SPACE = """
BEGIN
  IF role_in(p_space) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  END IF;
  DELETE FROM media WHERE space_id = p_space;
  DELETE FROM file_references WHERE space_id = p_space;
  DELETE FROM spaces WHERE id = p_space;
END
"""

# Roles are changed one at a time in a space, so that the last admin is seen by everyone who asks.
KEEP_AN_ADMIN = """
BEGIN
  PERFORM FROM spaces WHERE id = p_space FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM memberships WHERE space_id = p_space AND user_id = p_user AND role = 'admin')
     AND NOT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id
       WHERE m.space_id = p_space AND m.user_id <> p_user AND m.role = 'admin' AND m.suspended_at IS NULL
       AND u.banned_at IS NULL AND u.password IS NOT NULL) THEN
    RAISE EXCEPTION 'member.last_admin' USING ERRCODE = 'MT409';
  END IF;
END
"""

SET_ROLE = f"""
DECLARE
  person uuid;
  before text;
BEGIN
  PERFORM FROM spaces WHERE id = {HERE} FOR NO KEY UPDATE;
  IF role_in({HERE}) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  END IF;
  SELECT user_id, role INTO person, before FROM memberships WHERE id = p_member AND space_id = {HERE};
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  END IF;
  IF p_role <> 'admin' THEN
    PERFORM keep_an_admin({HERE}, person);
  END IF;
  UPDATE memberships SET role = p_role WHERE id = p_member AND role <> p_role;
  RETURN jsonb_build_object('user', person, 'before', before);
END
"""

# Whoever leaves may; taking others out is the admins'. A person kept by the household goes with it.
REMOVE_MEMBER = f"""
DECLARE
  person uuid;
BEGIN
  PERFORM FROM spaces WHERE id = {HERE} FOR NO KEY UPDATE;
  SELECT user_id INTO person FROM memberships WHERE id = p_member AND space_id = {HERE};
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF person <> {ME} AND role_in({HERE}) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  END IF;
  PERFORM keep_an_admin({HERE}, person);
  DELETE FROM library_members WHERE space_id = {HERE} AND user_id = person;
  DELETE FROM memberships WHERE id = p_member;
  DELETE FROM users WHERE id = person AND kept_by = {HERE};
  RETURN person;
END
"""

KEEP_PERSON = f"""
BEGIN
  IF role_in({HERE}) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  ELSIF NOT EXISTS (SELECT FROM spaces WHERE id = {HERE} AND kind = 'household') THEN
    RAISE EXCEPTION 'member.households_only' USING ERRCODE = 'MT409';
  END IF;
  INSERT INTO users (id, name, role, kept_by, bio, preferences, metadata)
    VALUES (p_user, p_name, 'user', {HERE}, '', '{{}}', '{{}}');
  INSERT INTO memberships (id, space_id, user_id, kind, role, joined_at, metadata)
    VALUES (p_membership, {HERE}, p_user, 'household', 'member', now(), '{{}}');
END
"""

MEMBERS = f"""
  SELECT m.id, m.user_id, u.name::text, u.email::text, m.role::text, m.joined_at
  FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE m.space_id = {HERE} AND role_in({HERE}) IS NOT NULL AND (p_member IS NULL OR m.id = p_member)
  ORDER BY m.joined_at, m.id
"""

# Spaces where one is alone (but for people one keeps) go with the account; others must have an admin left.
# The trail keeps the person's row and forgets what was private to them.
DELETE_ACCOUNT = f"""
DECLARE
  mine uuid[];
  alone uuid[];
  each uuid;
BEGIN
  SELECT array_agg(space_id ORDER BY space_id) INTO mine FROM memberships WHERE user_id = {ME};
  PERFORM FROM spaces WHERE id = ANY (mine) ORDER BY id FOR UPDATE;
  SELECT array_agg(s) INTO alone FROM unnest(mine) s WHERE NOT EXISTS (
    SELECT FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.space_id = s AND m.user_id <> {ME} AND u.kept_by IS DISTINCT FROM s);
  FOREACH each IN ARRAY coalesce(mine, '{{}}') LOOP
    IF NOT each = ANY (coalesce(alone, '{{}}')) THEN
      PERFORM keep_an_admin(each, {ME});
    END IF;
  END LOOP;
  DELETE FROM media WHERE space_id = ANY (alone);
  DELETE FROM file_references WHERE space_id = ANY (alone) OR user_id = {ME};
  DELETE FROM users WHERE kept_by = ANY (alone);
  DELETE FROM spaces WHERE id = ANY (alone);
  DELETE FROM entries WHERE user_id = {ME};
  DELETE FROM users WHERE id = {ME};
  DELETE FROM audit_changes WHERE owner_id = {ME} AND table_name <> 'users';
END
"""

FOUND_TYPES = "uuid, text, text, text, text, text, uuid, text, uuid, uuid"
REGISTER_TYPES = (
    "uuid, text, text, text, text, bytea, boolean, boolean, uuid, text, text, text, uuid, text, uuid"
)


class Migration(migrations.Migration):
    dependencies = [("spaces", "0002_row_security"), ("people", "0003_sign_in")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function("role_in(p_space uuid)", "text", ROLE_IN, arguments="uuid", language="sql", volatile="STABLE"),
        gate_function(
            "found_space(p_id uuid, p_name text, p_slug text, p_kind text, p_language text, p_time_zone text, "
            "p_library uuid, p_library_name text, p_membership uuid, p_founder uuid)",
            "void", FOUND_SPACE, arguments=FOUND_TYPES,
        ),
        gate_function(
            "register(p_user uuid, p_email text, p_email_key text, p_name text, p_password text, p_invitation bytea, "
            "p_open boolean, p_operator boolean, p_space uuid, p_space_name text, p_slug text, p_language text, "
            "p_library uuid, p_library_name text, p_membership uuid)",
            "jsonb", REGISTER, arguments=REGISTER_TYPES,
        ),
        gate_function(
            "create_space(p_id uuid, p_name text, p_slug text, p_kind text, p_language text, p_time_zone text, "
            "p_library uuid, p_library_name text, p_membership uuid)",
            "jsonb", CREATE_SPACE, arguments="uuid, text, text, text, text, text, uuid, text, uuid",
        ),
        gate_function("delete_space(p_space uuid)", "void", DELETE_SPACE, arguments="uuid"),
        gate_function("keep_an_admin(p_space uuid, p_user uuid)", "void", KEEP_AN_ADMIN, arguments="uuid, uuid"),
        gate_function("set_member_role(p_member uuid, p_role text)", "jsonb", SET_ROLE, arguments="uuid, text"),
        gate_function("remove_member(p_member uuid)", "uuid", REMOVE_MEMBER, arguments="uuid"),
        gate_function(
            "keep_person(p_user uuid, p_name text, p_membership uuid)", "void", KEEP_PERSON,
            arguments="uuid, text, uuid",
        ),
        gate_function(
            "space_members(p_member uuid)",
            "TABLE (id uuid, user_id uuid, name text, email text, role text, joined_at timestamptz)",
            MEMBERS, arguments="uuid", language="sql", volatile="STABLE",
        ),
        gate_function("delete_account()", "void", DELETE_ACCOUNT),
        # Only other gate functions call these: by themselves they would make anyone admin.
        *(
            migrations.RunSQL(f"REVOKE ALL ON FUNCTION {function} FROM {APPLICATION}", migrations.RunSQL.noop)
            for function in (f"found_space({FOUND_TYPES})", "keep_an_admin(uuid, uuid)")
        ),
    ]  # fmt: skip
