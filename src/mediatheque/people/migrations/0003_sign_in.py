"""The ways into the closed tables: finding credentials, opening and ending sessions, keeping tokens.

Each asks `app.user_id` itself for what is one's own; those that work before anyone is known take a hash.
"""

from django.db import migrations

from mediatheque.core.schema import gate_function

ME = "nullif(current_setting('app.user_id', true), '')::uuid"

FIND_CREDENTIALS = """
  SELECT jsonb_build_object('id', id, 'password', password, 'banned', banned_at IS NOT NULL)
  FROM users WHERE email_key = p_email_key
"""

MY_CREDENTIALS = f"""
  SELECT jsonb_build_object('id', id, 'password', password, 'email_key', email_key)
  FROM users WHERE id = {ME}
"""

MY_PROFILE = f"""
  SELECT jsonb_build_object('name', name, 'bio', bio, 'preferences', preferences) FROM users WHERE id = {ME}
"""

# The oldest sessions beyond the maximum go; expired ones are left to the periodic job (P3).
OPEN_SESSION = """
BEGIN
  DELETE FROM sessions WHERE key_hash = p_before;
  INSERT INTO sessions (id, key_hash, user_id, user_agent, address, last_seen_at, expires_at)
    VALUES (p_id, p_key, p_user, p_agent, p_address, now(), p_expires);
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE user_id = p_user ORDER BY (id = p_id) DESC, last_seen_at DESC, id DESC OFFSET p_most);
  UPDATE users SET last_sign_in_at = now() WHERE id = p_user;
END
"""

END_SESSIONS = f"""
DECLARE
  ended int;
BEGIN
  DELETE FROM sessions WHERE user_id = {ME}
    AND (p_only IS NULL OR id = p_only) AND id IS DISTINCT FROM p_except;
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END
"""

MY_SESSIONS = f"""
  SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, s.user_agent::text, s.address::text
  FROM sessions s WHERE s.user_id = {ME} AND s.expires_at > now() ORDER BY s.last_seen_at DESC, s.id DESC
"""

UPGRADE_PASSWORD = """
BEGIN
  UPDATE users SET password = p_new WHERE id = p_user AND password = p_old;
END
"""

# Whoever held the old password is shut out: other sessions end, refresh and access tokens are revoked.
CHANGE_PASSWORD = f"""
BEGIN
  UPDATE users SET password = p_password WHERE id = {ME};
  DELETE FROM sessions WHERE user_id = {ME} AND id IS DISTINCT FROM p_keep;
  UPDATE tokens SET revoked_at = now()
    WHERE user_id = {ME} AND kind <> 'api' AND revoked_at IS NULL AND id IS DISTINCT FROM p_keep;
END
"""

RESET_PASSWORD = """
DECLARE
  person uuid;
BEGIN
  UPDATE users SET password = p_password WHERE email_key = p_email_key RETURNING id INTO person;
  DELETE FROM sessions WHERE user_id = person;
  UPDATE tokens SET revoked_at = now() WHERE user_id = person AND kind <> 'api' AND revoked_at IS NULL;
  RETURN person;
END
"""

CHANGE_PROFILE = f"""
BEGIN
  UPDATE users SET name = coalesce(p_name, name), bio = coalesce(p_bio, bio),
    preferences = jsonb_strip_nulls(preferences || coalesce(p_preferences, '{{}}')) WHERE id = {ME};
END
"""

KEEP_TOKEN = f"""
BEGIN
  IF p_space IS NOT NULL AND NOT EXISTS (
    SELECT FROM memberships WHERE user_id = {ME} AND space_id = p_space AND suspended_at IS NULL) THEN
    RAISE EXCEPTION 'space.unknown' USING ERRCODE = 'MT404';
  END IF;
  INSERT INTO tokens (id, kind, token_hash, family, user_id, space_id, name, scopes, expires_at)
    VALUES (p_id, 'api', p_hash, p_id, {ME}, p_space, p_name, p_scopes, p_expires);
END
"""

MY_TOKENS = f"""
  SELECT t.id, t.name::text, t.scopes, t.space_id, t.created_at, t.expires_at, t.last_used_at
  FROM tokens t WHERE t.user_id = {ME} AND t.kind = 'api' AND t.revoked_at IS NULL
  ORDER BY t.created_at DESC, t.id DESC
"""

REVOKE_API_TOKEN = f"""
DECLARE
  kept int;
BEGIN
  UPDATE tokens SET revoked_at = now() WHERE id = p_id AND user_id = {ME} AND kind = 'api' AND revoked_at IS NULL;
  GET DIAGNOSTICS kept = ROW_COUNT;
  RETURN kept;
END
"""

KEEP_PAIR = """
BEGIN
  INSERT INTO tokens (id, kind, token_hash, family, user_id, name, scopes, expires_at) VALUES
    (p_access_id, 'access', p_access, p_family, p_user, '', '[]', p_access_expires),
    (p_refresh_id, 'refresh', p_refresh, p_family, p_user, '', '[]', p_refresh_expires);
END
"""

# A spent refresh token that comes again was stolen, from us or by us: nobody keeps the family (P4).
SPEND_REFRESH = """
DECLARE
  kept tokens%ROWTYPE;
BEGIN
  SELECT * INTO kept FROM tokens WHERE token_hash = p_spent AND kind = 'refresh' FOR UPDATE;
  IF NOT FOUND OR kept.revoked_at IS NOT NULL OR kept.expires_at <= now()
     OR EXISTS (SELECT FROM users WHERE id = kept.user_id AND banned_at IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  IF kept.spent_at IS NOT NULL THEN
    UPDATE tokens SET revoked_at = now() WHERE family = kept.family AND revoked_at IS NULL;
    RETURN jsonb_build_object('reused', true, 'user', kept.user_id, 'family', kept.family);
  END IF;
  UPDATE tokens SET spent_at = now() WHERE id = kept.id;
  PERFORM keep_token_pair(kept.user_id, kept.family, p_access_id, p_access, p_access_expires,
                          p_refresh_id, p_refresh, p_refresh_expires);
  RETURN jsonb_build_object('reused', false, 'user', kept.user_id, 'family', kept.family);
END
"""

REVOKE_FAMILY = """
DECLARE
  person uuid;
  ended uuid;
BEGIN
  SELECT user_id, family INTO person, ended FROM tokens WHERE token_hash = p_token;
  UPDATE tokens SET revoked_at = now() WHERE family = ended AND revoked_at IS NULL;
  RETURN person;
END
"""

REVOKE_USED = f"""
BEGIN
  UPDATE tokens SET revoked_at = now() WHERE revoked_at IS NULL
    AND family = (SELECT family FROM tokens WHERE id = p_id AND user_id = {ME});
END
"""

# Spent refresh tokens stay until they would have expired, so that their reuse is seen.
PRUNE = """
DECLARE
  ended int;
  old int;
BEGIN
  DELETE FROM sessions WHERE expires_at <= now();
  GET DIAGNOSTICS ended = ROW_COUNT;
  DELETE FROM tokens WHERE expires_at <= now() - interval '1 day' OR revoked_at <= now() - interval '60 days';
  GET DIAGNOSTICS old = ROW_COUNT;
  RETURN jsonb_build_object('sessions', ended, 'tokens', old);
END
"""

PAIR = (
    "p_access_id uuid, p_access bytea, p_access_expires timestamptz, "
    "p_refresh_id uuid, p_refresh bytea, p_refresh_expires timestamptz"
)
PAIR_TYPES = "uuid, bytea, timestamptz, uuid, bytea, timestamptz"


class Migration(migrations.Migration):
    dependencies = [("people", "0002_row_security"), ("spaces", "0001_initial")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function(
            "find_credentials(p_email_key text)", "jsonb", FIND_CREDENTIALS, arguments="text",
            language="sql", volatile="STABLE",
        ),
        gate_function("my_credentials()", "jsonb", MY_CREDENTIALS, language="sql", volatile="STABLE"),
        gate_function("my_profile()", "jsonb", MY_PROFILE, language="sql", volatile="STABLE"),
        gate_function(
            "open_session(p_id uuid, p_user uuid, p_key bytea, p_before bytea, p_agent text, p_address text, "
            "p_expires timestamptz, p_most int)",
            "void", OPEN_SESSION, arguments="uuid, uuid, bytea, bytea, text, text, timestamptz, int",
        ),
        gate_function("end_sessions(p_only uuid, p_except uuid)", "int", END_SESSIONS, arguments="uuid, uuid"),
        gate_function(
            "my_sessions()",
            "TABLE (id uuid, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, "
            "user_agent text, address text)",
            MY_SESSIONS, language="sql", volatile="STABLE",
        ),
        gate_function(
            "upgrade_password(p_user uuid, p_old text, p_new text)", "void", UPGRADE_PASSWORD,
            arguments="uuid, text, text",
        ),
        gate_function(
            "change_password(p_password text, p_keep uuid)", "void", CHANGE_PASSWORD, arguments="text, uuid"
        ),
        gate_function(
            "reset_password(p_email_key text, p_password text)", "uuid", RESET_PASSWORD, arguments="text, text"
        ),
        gate_function(
            "change_profile(p_name text, p_bio text, p_preferences jsonb)", "void", CHANGE_PROFILE,
            arguments="text, text, jsonb",
        ),
        gate_function(
            "keep_api_token(p_id uuid, p_hash bytea, p_name text, p_scopes jsonb, p_space uuid, p_expires timestamptz)",
            "void", KEEP_TOKEN, arguments="uuid, bytea, text, jsonb, uuid, timestamptz",
        ),
        gate_function(
            "my_tokens()",
            "TABLE (id uuid, name text, scopes jsonb, space_id uuid, created_at timestamptz, "
            "expires_at timestamptz, last_used_at timestamptz)",
            MY_TOKENS, language="sql", volatile="STABLE",
        ),
        gate_function("revoke_api_token(p_id uuid)", "int", REVOKE_API_TOKEN, arguments="uuid"),
        gate_function(
            f"keep_token_pair(p_user uuid, p_family uuid, {PAIR})", "void", KEEP_PAIR,
            arguments=f"uuid, uuid, {PAIR_TYPES}",
        ),
        gate_function(
            f"spend_refresh(p_spent bytea, {PAIR})", "jsonb", SPEND_REFRESH, arguments=f"bytea, {PAIR_TYPES}"
        ),
        gate_function("revoke_token_family(p_token bytea)", "uuid", REVOKE_FAMILY, arguments="bytea"),
        gate_function("revoke_used_token(p_id uuid)", "void", REVOKE_USED, arguments="uuid"),
        gate_function("prune_expired()", "jsonb", PRUNE),
    ]  # fmt: skip
