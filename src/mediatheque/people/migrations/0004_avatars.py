"""A person's picture: set by themselves, seen by those who share a space with them (P6)."""

from importlib import import_module

from django.db import migrations

from mediatheque.core.schema import ACTIVE_USER, OWN_SPACES, gate_function

SET_AVATAR = f"""
BEGIN
  IF p_avatar IS NOT NULL AND NOT EXISTS (
    SELECT FROM file_references WHERE user_id = {ACTIVE_USER} AND sha256 = p_avatar) THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  END IF;
  UPDATE users SET avatar = p_avatar WHERE id = {ACTIVE_USER};
END
"""

AVATAR_OF = f"""
  SELECT r.sha256::text FROM file_references r
  WHERE r.user_id = p_user AND r.record_id = p_user AND r.role = p_role
    AND (p_user = {ACTIVE_USER} OR EXISTS (
      SELECT FROM memberships m WHERE m.user_id = p_user AND m.space_id = {OWN_SPACES}))
"""


MY_PROFILE = f"""
  SELECT jsonb_build_object('name', name, 'bio', bio, 'avatar', avatar, 'preferences', preferences)
  FROM users WHERE id = {ACTIVE_USER}
"""
BEFORE = import_module("mediatheque.people.migrations.0003_sign_in")


class Migration(migrations.Migration):
    dependencies = [("people", "0003_sign_in"), ("core", "0002_row_security"), ("spaces", "0001_initial")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function("set_avatar(p_avatar text)", "void", SET_AVATAR, arguments="text"),
        gate_function(
            "my_profile()", "jsonb", MY_PROFILE, language="sql", volatile="STABLE", before=BEFORE.MY_PROFILE
        ),
        gate_function(
            "avatar_of(p_user uuid, p_role text)", "text", AVATAR_OF, arguments="uuid, text", language="sql",
            volatile="STABLE",
        ),
    ]  # fmt: skip
