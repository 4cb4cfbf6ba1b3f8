"""The install's people and events for those who run it (P7, L2), and invitations sent anew (P9)."""

from importlib import import_module

from django.conf import settings
from django.db import migrations

from mediatheque.core.schema import ACTIVE_SPACE as HERE
from mediatheque.core.schema import ACTIVE_USER as ME
from mediatheque.core.schema import gate_function

JOINING = import_module("mediatheque.spaces.migrations.0003_joining")
APPLICATION = f'"{settings.APPLICATION_ROLE}"'

OPERATES = f"EXISTS (SELECT FROM users WHERE id = {ME} AND role = 'admin' AND banned_at IS NULL)"
OVERSEES = (
    f"EXISTS (SELECT FROM users WHERE id = {ME} AND role IN ('admin', 'manager') AND banned_at IS NULL)"
)

# People without sign-in are their household's own affair.
PEOPLE = f"""
  SELECT u.id, u.name::text, u.email::text, u.role::text, u.banned_at, u.created_at, u.last_sign_in_at,
    (SELECT count(*)::int FROM memberships m WHERE m.user_id = u.id)
  FROM users u WHERE u.kept_by IS NULL AND (p_id IS NULL OR u.id = p_id) AND {OVERSEES}
  ORDER BY u.created_at, u.id
"""

# Changes of the install's administrators go one after the other, so that one is always left.
KEEP_AN_OPERATOR = """
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('mediatheque.operators'));
  IF EXISTS (SELECT FROM users WHERE id = p_user AND role = 'admin')
     AND NOT EXISTS (SELECT FROM users WHERE id <> p_user AND role = 'admin' AND banned_at IS NULL
                     AND password IS NOT NULL) THEN
    RAISE EXCEPTION 'user.last_admin' USING ERRCODE = 'MT409';
  END IF;
END
"""

CHANGE_USER = f"""
DECLARE
  before users%ROWTYPE;
BEGIN
  IF NOT {OPERATES} THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  END IF;
  IF p_role <> 'admin' OR p_banned THEN
    PERFORM keep_an_operator(p_user);
  END IF;
  SELECT * INTO before FROM users WHERE id = p_user AND kept_by IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF p_banned AND p_user = {ME} THEN
    RAISE EXCEPTION 'user.oneself' USING ERRCODE = 'MT409';
  END IF;
  UPDATE users SET role = coalesce(p_role, role),
    banned_at = CASE WHEN p_banned THEN coalesce(banned_at, now()) WHEN NOT p_banned THEN NULL ELSE banned_at END
    WHERE id = p_user;
  IF p_banned THEN
    DELETE FROM sessions WHERE user_id = p_user;
    UPDATE tokens SET revoked_at = now() WHERE user_id = p_user AND revoked_at IS NULL;
  END IF;
  RETURN jsonb_build_object('role', before.role, 'banned', before.banned_at IS NOT NULL);
END
"""

# What deleting an account takes, whoever asks for it; only the two below may.
DELETE_PERSON = JOINING.DELETE_ACCOUNT.replace(JOINING.ME, "p_user")
DELETE_ACCOUNT = f"""
BEGIN
  PERFORM delete_person({ME});
END
"""
DELETE_USER = f"""
BEGIN
  IF NOT {OPERATES} THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  ELSIF NOT EXISTS (SELECT FROM users WHERE id = p_user AND kept_by IS NULL) THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF p_user = {ME} THEN
    RAISE EXCEPTION 'user.oneself' USING ERRCODE = 'MT409';
  END IF;
  PERFORM keep_an_operator(p_user);
  PERFORM delete_person(p_user);
END
"""

# Events of no space: sign-ins, accounts, the install itself. A space's own stay its own, and what a person's event
# tells in detail (the name of a token) stays theirs.
EVENTS = f"""
  SELECT e.id, e.action::text, e.actor_id, u.name::text, e.entity::text, e.entity_id, e.told, e.method::text,
    e.path::text, e.status, e.request_id::text, e.at
  FROM (SELECT *, CASE WHEN owner_id IS NULL OR owner_id = {ME} OR action LIKE 'user.%'
    OR action IN ('request.failed', 'profile.changed') THEN details::text ELSE '{{}}' END AS told FROM events) e
  LEFT JOIN users u ON u.id = e.actor_id
  WHERE e.space_id IS NULL AND {OVERSEES}
    AND (p_before IS NULL OR e.id < p_before) AND (p_action IS NULL OR e.action = p_action)
    AND (p_entity IS NULL OR e.entity = p_entity) AND (p_actor IS NULL OR e.actor_id = p_actor)
    AND (p_since IS NULL OR e.at >= p_since) AND (p_until IS NULL OR e.at < p_until)
    AND NOT EXISTS (SELECT FROM unnest(p_words) w WHERE position(w IN lower(concat_ws(' ', e.action,
      replace(replace(e.action, '.', ' '), '_', ' '), e.entity, e.method, e.path, e.status, e.told, u.name))) = 0)
  ORDER BY e.id DESC LIMIT p_limit
"""

# The old link is dead; whoever was invited keeps role and address.
RESEND = f"""
DECLARE
  mine text := role_in({HERE});
  kept invitations%ROWTYPE;
BEGIN
  SELECT * INTO kept FROM invitations WHERE id = p_id AND space_id = {HERE} FOR UPDATE;
  IF NOT FOUND OR mine IS NULL THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF mine = 'member' OR (mine = 'manager' AND kept.role <> 'member') THEN
    RAISE EXCEPTION 'permission.role' USING ERRCODE = 'MT403';
  ELSIF kept.status NOT IN ('pending', 'expired') THEN
    RAISE EXCEPTION 'invitation.spent' USING ERRCODE = 'MT409';
  END IF;
  UPDATE invitations SET token_hash = p_token, expires_at = p_expires, status = 'pending' WHERE id = p_id;
END
"""

EVENT_ARGUMENTS = "uuid, text, text, uuid, timestamptz, timestamptz, text[], int"


class Migration(migrations.Migration):
    dependencies = [("spaces", "0007_members")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function(
            "people_of_the_install(p_id uuid)",
            "TABLE (id uuid, name text, email text, role text, banned_at timestamptz, created_at timestamptz, "
            "last_sign_in_at timestamptz, spaces int)",
            PEOPLE, arguments="uuid", language="sql", volatile="STABLE",
        ),
        gate_function("keep_an_operator(p_user uuid)", "void", KEEP_AN_OPERATOR, arguments="uuid"),
        gate_function(
            "change_user(p_user uuid, p_role text, p_banned boolean)", "jsonb", CHANGE_USER,
            arguments="uuid, text, boolean",
        ),
        gate_function("delete_person(p_user uuid)", "void", DELETE_PERSON, arguments="uuid"),
        gate_function("delete_account()", "void", DELETE_ACCOUNT, before=JOINING.DELETE_ACCOUNT),
        gate_function("delete_user(p_user uuid)", "void", DELETE_USER, arguments="uuid"),
        gate_function(
            "install_events(p_before uuid, p_action text, p_entity text, p_actor uuid, p_since timestamptz, "
            "p_until timestamptz, p_words text[], p_limit int)",
            "TABLE (id uuid, action text, actor_id uuid, actor_name text, entity text, entity_id uuid, details text, "
            "method text, path text, status int, request_id text, at timestamptz)",
            EVENTS, arguments=EVENT_ARGUMENTS, language="sql", volatile="STABLE",
        ),
        gate_function(
            "resend_invitation(p_id uuid, p_token bytea, p_expires timestamptz)", "void", RESEND,
            arguments="uuid, bytea, timestamptz",
        ),
        # Only other gate functions call these: by themselves they would delete anybody.
        *(
            migrations.RunSQL(f"REVOKE ALL ON FUNCTION {function} FROM {APPLICATION}", migrations.RunSQL.noop)
            for function in ("delete_person(uuid)", "keep_an_operator(uuid)")
        ),
    ]  # fmt: skip
