"""Invitations to the install are its administrators' to see and revoke; a spent one says so when registering."""

from importlib import import_module

from django.db import migrations

from mediatheque.core.schema import ACTIVE_USER, gate_function

JOINING = import_module("mediatheque.spaces.migrations.0003_joining")
INVITING = import_module("mediatheque.spaces.migrations.0004_invitations_and_libraries")

OPERATES = f"EXISTS (SELECT FROM users WHERE id = {ACTIVE_USER} AND role = 'admin')"

INSTALL_INVITATIONS = f"""
  SELECT id, space_id, email::text, role::text, anyone, expires_at, accepted_at, accepted_by, created_by, created_at,
    status::text FROM invitations
  WHERE space_id IS NULL AND (p_id IS NULL OR id = p_id) AND {OPERATES}
"""

REVOKE_INSTALL = f"""
DECLARE
  kept invitations%ROWTYPE;
BEGIN
  SELECT * INTO kept FROM invitations WHERE id = p_id AND space_id IS NULL FOR UPDATE;
  IF NOT FOUND OR NOT {OPERATES} THEN
    RAISE EXCEPTION 'not_found' USING ERRCODE = 'MT404';
  ELSIF kept.status <> 'pending' THEN
    RAISE EXCEPTION 'invitation.spent' USING ERRCODE = 'MT409';
  END IF;
  UPDATE invitations SET status = 'revoked' WHERE id = p_id;
END
"""

# A spent invitation says so to whoever holds it, whichever way it is used and whoever it was for.
SPENT = "RAISE EXCEPTION 'invitation.spent' USING ERRCODE = 'MT409';"

REGISTER = JOINING.REGISTER.replace(
    " AND status = 'pending' AND expires_at > now() FOR UPDATE", " FOR UPDATE"
).replace(
    "ELSIF NOT invited.anyone",
    f"ELSIF invited.status <> 'pending' OR invited.expires_at <= now() THEN {SPENT} ELSIF NOT invited.anyone",
)
CLAIM = INVITING.CLAIM.replace(
    "IF NOT kept.anyone AND kept.email_key IS DISTINCT FROM address THEN",
    f"IF kept.status <> 'pending' OR kept.expires_at <= now() OR kept.space_id IS NULL THEN {SPENT} "
    "ELSIF NOT kept.anyone AND kept.email_key IS DISTINCT FROM address THEN",
)
DECLINE = INVITING.DECLINE.replace(
    f"ELSIF {INVITING.ME} IS NOT NULL AND NOT EXISTS",
    f"ELSIF kept.status <> 'pending' OR kept.expires_at <= now() THEN {SPENT} "
    f"ELSIF {INVITING.ME} IS NOT NULL AND NOT EXISTS",
)


class Migration(migrations.Migration):
    dependencies = [("spaces", "0004_invitations_and_libraries")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        gate_function(
            "install_invitations(p_id uuid)",
            "TABLE (id uuid, space_id uuid, email text, role text, anyone boolean, expires_at timestamptz, "
            "accepted_at timestamptz, accepted_by uuid, created_by uuid, created_at timestamptz, status text)",
            INSTALL_INVITATIONS, arguments="uuid",
            language="sql", volatile="STABLE",
        ),
        gate_function("revoke_install_invitation(p_id uuid)", "void", REVOKE_INSTALL, arguments="uuid"),
        gate_function(
            "register(p_user uuid, p_email text, p_email_key text, p_name text, p_password text, p_invitation bytea, "
            "p_open boolean, p_operator boolean, p_space uuid, p_space_name text, p_slug text, p_language text, "
            "p_library uuid, p_library_name text, p_membership uuid)",
            "jsonb", REGISTER, arguments=JOINING.REGISTER_TYPES, before=JOINING.REGISTER,
        ),
        gate_function(
            "claim_invitation(p_token bytea, p_membership uuid)", "jsonb", CLAIM, arguments="bytea, uuid",
            before=INVITING.CLAIM,
        ),
        gate_function(
            "decline_invitation(p_token bytea)", "jsonb", DECLINE, arguments="bytea", before=INVITING.DECLINE
        ),
    ]  # fmt: skip
