"""The four database roles and what each may do (ARCHITECTURE, *Row security, precisely*)."""

from collections.abc import Mapping

OWNER = "mediatheque_owner"
APPLICATION = "mediatheque_app"
GATE = "mediatheque_gate"
KEEPER = "mediatheque_keeper"


def roles_sql(owner: str, application: str, database: str, passwords: Mapping[str, str] | None = None) -> str:
    """The statements an administrator runs in `database`; running them again changes nothing.

    `owner` and `application` are the login roles of the two database addresses. `passwords` maps
    login roles to passwords; a role without one keeps what it has.
    """
    passwords = passwords or {}
    return "\n".join(
        [
            _login_role(owner, passwords.get(owner)),
            _login_role(application, passwords.get(application)),
            _nologin_role(GATE),
            _nologin_role(KEEPER),
            f"GRANT {_name(GATE)} TO {_name(owner)} WITH INHERIT TRUE, SET TRUE;",
            f"GRANT {_name(KEEPER)} TO {_name(application)} WITH INHERIT FALSE, SET TRUE;",
            f"ALTER DATABASE {_name(database)} OWNER TO {_name(owner)};",
            f"REVOKE ALL ON DATABASE {_name(database)} FROM PUBLIC;",
            f"GRANT CONNECT, TEMPORARY ON DATABASE {_name(database)} TO {_name(application)};",
            f"ALTER SCHEMA public OWNER TO {_name(owner)};",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
            f"GRANT USAGE ON SCHEMA public TO {_name(application)}, {_name(GATE)}, {_name(KEEPER)};",
            *_default_privileges(owner, application),
            *_no_large_objects(),
            *(
                f"ALTER ROLE {_name(application)} IN DATABASE {_name(database)} SET {setting};"
                for setting in ("statement_timeout = '60s'", "idle_in_transaction_session_timeout = '120s'")
            ),
        ]
    )


def _login_role(role: str, password: str | None) -> str:
    secret = f" PASSWORD {_text(password)}" if password else ""
    attributes = f"LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB{secret}"
    return _create_or_alter(role, attributes)


def _nologin_role(role: str) -> str:
    return _create_or_alter(role, "NOLOGIN NOSUPERUSER NOBYPASSRLS")


def _create_or_alter(role: str, attributes: str) -> str:
    return (
        f"DO $roles$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {_text(role)}) THEN "
        f"CREATE ROLE {_name(role)}; END IF; END $roles$;\n"
        f"ALTER ROLE {_name(role)} {attributes};"
    )


def _default_privileges(owner: str, application: str) -> list[str]:
    """What the owner makes later is usable by the application; functions are opened one by one."""
    default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {_name(owner)}"
    gate = f"ALTER DEFAULT PRIVILEGES FOR ROLE {_name(GATE)}"
    return [
        f"{default} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {_name(application)};",
        f"{default} GRANT USAGE, SELECT ON SEQUENCES TO {_name(application)};",
        f"{default} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {_name(GATE)};",
        f"{default} GRANT USAGE, SELECT ON SEQUENCES TO {_name(GATE)};",
        f"{default} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;",
        f"{default} GRANT EXECUTE ON FUNCTIONS TO {_name(application)}, {_name(GATE)};",
        f"{gate} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;",
    ]


def _no_large_objects() -> list[str]:
    """Large objects stand outside row security: nobody but the administrator may use them."""
    return [
        f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC;"
        for function in (
            "lo_create(oid)",
            "lo_creat(integer)",
            "lo_open(oid, integer)",
            "lo_get(oid)",
            "lo_from_bytea(oid, bytea)",
            "lo_put(oid, bigint, bytea)",
            "lo_unlink(oid)",
        )
    ]


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
