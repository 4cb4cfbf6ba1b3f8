"""The application's role must not be able to pass row security; start-up refuses otherwise."""

from typing import Any

from mediatheque.core.roles import GATE, KEEPER

_POWERS = """
SELECT current_user,
       r.rolsuper,
       r.rolbypassrls,
       r.rolcreaterole,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND pg_has_role(c.relowner, 'MEMBER')),
       EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'MEMBER')),
       EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'USAGE'))
FROM pg_roles r WHERE r.rolname = current_user
"""
_WHAT = (
    "is a superuser",
    "has BYPASSRLS",
    "has CREATEROLE",
    "owns tables of Mediatheque, or may act as their owner",
    f"may act as {GATE}",
    f"inherits {KEEPER}",
)


class UnsafeRole(Exception):
    """The role of DATABASE_URL would see every space's rows."""


def refuse_unsafe_role(connection: Any) -> None:
    """Raise `UnsafeRole` unless the role of `connection` (psycopg's or Django's) is held by row security."""
    with connection.cursor() as cursor:
        cursor.execute(_POWERS, (GATE, KEEPER))
        role, *powers = cursor.fetchone()
    found = [what for what, power in zip(_WHAT, powers, strict=True) if power]
    if found:
        raise UnsafeRole(
            f"The role {role!r} of DATABASE_URL {' and '.join(found)}, "
            "so row security would not hold for it: "
            "use the application's role; `mediatheque database-roles` prints the SQL that makes it."
        )
