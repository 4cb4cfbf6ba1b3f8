"""Invitations and limited libraries: what only `gate` may write."""

from django.db import migrations

from mediatheque.core.schema import gate_function

ME = "nullif(current_setting('app.user_id', true), '')::uuid"
HERE = "nullif(current_setting('app.space_id', true), '')::uuid"

# Without a space it is an invitation to the install, an install administrator's to make (P1).
INVITE = f"""
DECLARE
  mine text := role_in(p_space);
BEGIN
  IF p_space IS NULL THEN
    IF NOT EXISTS (SELECT FROM users WHERE id = {ME} AND role = 'admin') THEN
      RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
    END IF;
  ELSIF mine IS NULL OR mine = 'member' OR (mine = 'manager' AND p_role <> 'member') THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  ELSIF EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id
                WHERE m.space_id = p_space AND u.email_key = p_email_key) THEN
    RAISE EXCEPTION 'member.already' USING ERRCODE = 'MT409';
  END IF;
  UPDATE invitations SET status = 'expired' WHERE space_id IS NOT DISTINCT FROM p_space
    AND email_key = p_email_key AND status = 'pending' AND expires_at <= now();
  INSERT INTO invitations (id, space_id, email, email_key, role, anyone, token_hash, status, expires_at, created_by)
    VALUES (p_id, p_space, p_email, p_email_key, p_role, p_anyone, p_token, 'pending', p_expires, {ME});
END
"""

# An admin's invitation with a higher role is an admin's to take back.
REVOKE = f"""
DECLARE
  mine text := role_in({HERE});
  kept invitations%ROWTYPE;
BEGIN
  SELECT * INTO kept FROM invitations WHERE id = p_id AND space_id = {HERE} FOR UPDATE;
  IF NOT FOUND OR mine IS NULL THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF mine = 'member' OR (mine = 'manager' AND kept.role <> 'member') THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  ELSIF kept.status <> 'pending' THEN
    RAISE EXCEPTION 'invitation.spent' USING ERRCODE = 'MT409';
  END IF;
  UPDATE invitations SET status = 'revoked' WHERE id = p_id;
END
"""

INVITATION_OF = """
  SELECT jsonb_build_object('id', i.id, 'email', i.email, 'role', i.role, 'anyone', i.anyone,
    'status', CASE WHEN i.status = 'pending' AND i.expires_at <= now() THEN 'expired' ELSE i.status END,
    'expires_at', i.expires_at, 'invited_by', u.name, 'space', CASE WHEN s.id IS NULL THEN NULL ELSE
    jsonb_build_object('name', s.name, 'kind', s.kind) END)
  FROM invitations i LEFT JOIN spaces s ON s.id = i.space_id LEFT JOIN users u ON u.id = i.created_by
  WHERE i.token_hash = p_token
"""

CLAIM = f"""
DECLARE
  kept invitations%ROWTYPE;
  address text;
BEGIN
  SELECT * INTO kept FROM invitations WHERE token_hash = p_token FOR UPDATE;
  IF NOT FOUND OR {ME} IS NULL THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  END IF;
  SELECT email_key INTO address FROM users WHERE id = {ME};
  IF NOT kept.anyone AND kept.email_key IS DISTINCT FROM address THEN
    RAISE EXCEPTION 'invitation.other_address' USING ERRCODE = 'MT403';
  ELSIF kept.status <> 'pending' OR kept.expires_at <= now() OR kept.space_id IS NULL THEN
    RAISE EXCEPTION 'invitation.spent' USING ERRCODE = 'MT409';
  END IF;
  INSERT INTO memberships (id, space_id, user_id, kind, role, joined_at, metadata)
    SELECT p_membership, s.id, {ME}, s.kind, kept.role, now(), '{{}}' FROM spaces s WHERE s.id = kept.space_id;
  UPDATE invitations SET status = 'accepted', accepted_at = now(), accepted_by = {ME} WHERE id = kept.id;
  RETURN enter_person({ME}, kept.space_id::text, NULL, NULL, current_setting('app.request_id', true), 'person')
    || jsonb_build_object('invitation', kept.id, 'invited_by', kept.created_by);
END
"""

# Whoever holds the link has been invited; someone signed in declines only their own.
DECLINE = f"""
DECLARE
  kept invitations%ROWTYPE;
BEGIN
  SELECT * INTO kept FROM invitations WHERE token_hash = p_token FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF {ME} IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = {ME} AND email_key = kept.email_key) THEN
    RAISE EXCEPTION 'invitation.other_address' USING ERRCODE = 'MT403';
  ELSIF kept.status <> 'pending' OR kept.expires_at <= now() THEN
    RAISE EXCEPTION 'invitation.spent' USING ERRCODE = 'MT409';
  END IF;
  UPDATE invitations SET status = 'declined' WHERE id = kept.id;
  RETURN jsonb_build_object('invitation', kept.id, 'space', kept.space_id);
END
"""

# Admits exactly these members; the space's admins are always admitted (S2).
LIMIT_LIBRARY = f"""
BEGIN
  IF role_in({HERE}) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  END IF;
  IF p_limited AND EXISTS (SELECT FROM libraries WHERE id = p_library AND space_id = {HERE} AND is_default) THEN
    RAISE EXCEPTION 'library.default' USING ERRCODE = 'MT409';
  END IF;
  UPDATE libraries SET limited = p_limited WHERE id = p_library AND space_id = {HERE};
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  END IF;
  IF EXISTS (SELECT FROM unnest(p_members) p WHERE NOT EXISTS (
      SELECT FROM memberships WHERE space_id = {HERE} AND user_id = p)) THEN
    RAISE EXCEPTION 'member.unknown' USING ERRCODE = 'MT404';
  END IF;
  DELETE FROM library_members WHERE library_id = p_library AND (NOT p_limited OR user_id <> ALL (p_members));
  IF p_limited THEN
    INSERT INTO library_members (id, space_id, library_id, user_id)
      SELECT uuid7(), {HERE}, p_library, p FROM (SELECT DISTINCT unnest(p_members) AS p) AS chosen
      ON CONFLICT (library_id, user_id) DO NOTHING;
  END IF;
END
"""

# Media move or go set-wise first: a cascade would audit them row by row.
DELETE_LIBRARY = f"""
BEGIN
  IF role_in({HERE}) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  END IF;
  PERFORM FROM libraries WHERE id = p_library AND space_id = {HERE} FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF EXISTS (SELECT FROM libraries WHERE id = p_library AND (archived_at IS NULL OR is_default)) THEN
    RAISE EXCEPTION 'library.not_archived' USING ERRCODE = 'MT409';
  END IF;
  IF p_to IS NULL THEN
    DELETE FROM media WHERE space_id = {HERE} AND library_id = p_library;
    DELETE FROM file_references WHERE space_id = {HERE} AND library_id = p_library;
  ELSE
    UPDATE works SET library_id = p_to WHERE owner_space = {HERE} AND library_id = p_library;
    UPDATE media SET library_id = p_to WHERE space_id = {HERE} AND library_id = p_library;
    UPDATE file_references SET library_id = p_to WHERE space_id = {HERE} AND library_id = p_library;
  END IF;
  DELETE FROM libraries WHERE id = p_library;
END
"""

SELECT_PLACE = f"""
BEGIN
  UPDATE sessions SET space_id = {HERE}, library_id = coalesce(p_library, library_id)
    WHERE id = p_session AND user_id = {ME};
END
"""


class Migration(migrations.Migration):
    dependencies = [("spaces", "0003_joining")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function(
            "invite(p_id uuid, p_space uuid, p_email text, p_email_key text, p_role text, p_anyone boolean, "
            "p_token bytea, p_expires timestamptz)",
            "void", INVITE, arguments="uuid, uuid, text, text, text, boolean, bytea, timestamptz",
        ),
        gate_function("revoke_invitation(p_id uuid)", "void", REVOKE, arguments="uuid"),
        gate_function(
            "invitation_of(p_token bytea)", "jsonb", INVITATION_OF, arguments="bytea", language="sql",
            volatile="STABLE",
        ),
        gate_function(
            "claim_invitation(p_token bytea, p_membership uuid)", "jsonb", CLAIM, arguments="bytea, uuid"
        ),
        gate_function("decline_invitation(p_token bytea)", "jsonb", DECLINE, arguments="bytea"),
        gate_function(
            "limit_library(p_library uuid, p_limited boolean, p_members uuid[])", "void", LIMIT_LIBRARY,
            arguments="uuid, boolean, uuid[]",
        ),
        gate_function(
            "delete_library(p_library uuid, p_to uuid)", "void", DELETE_LIBRARY, arguments="uuid, uuid"
        ),
        gate_function(
            "select_place(p_session uuid, p_library uuid)", "void", SELECT_PLACE, arguments="uuid, uuid"
        ),
    ]  # fmt: skip
