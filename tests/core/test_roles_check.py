"""The application's role is refused when row security would not hold for it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mediatheque.core.postgres import EmbeddedPostgres
from mediatheque.core.roles_check import UnsafeRole, refuse_unsafe_role


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as folder:
        server = EmbeddedPostgres(Path(folder), settings={"fsync": "off"})
        server.start()
        with psycopg.connect(server.owner_url()) as owner:
            owner.execute("CREATE TABLE guarded (id int)")
        yield server
        server.stop()


def test_application_role_is_accepted(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.application_url()) as connection:
        refuse_unsafe_role(connection)


def test_superuser_and_owner_are_refused(server: EmbeddedPostgres) -> None:
    for url, why in ((server.superuser_dsn(), "is a superuser"), (server.owner_url(), "owns tables")):
        with psycopg.connect(url) as connection, pytest.raises(UnsafeRole, match=why):
            refuse_unsafe_role(connection)


@pytest.mark.parametrize(
    ("grant", "revoke", "why"),
    [
        ("ALTER ROLE mediatheque_app BYPASSRLS", "ALTER ROLE mediatheque_app NOBYPASSRLS", "has BYPASSRLS"),
        ("ALTER ROLE mediatheque_app CREATEROLE", "ALTER ROLE mediatheque_app NOCREATEROLE", "CREATEROLE"),
        (
            "GRANT mediatheque_owner TO mediatheque_app WITH INHERIT FALSE",
            "REVOKE mediatheque_owner FROM mediatheque_app",
            "may act as their owner",
        ),
        (
            "GRANT mediatheque_gate TO mediatheque_app",
            "REVOKE mediatheque_gate FROM mediatheque_app",
            "may act as mediatheque_gate",
        ),
        (
            "GRANT mediatheque_keeper TO mediatheque_app WITH INHERIT TRUE",
            "GRANT mediatheque_keeper TO mediatheque_app WITH INHERIT FALSE",
            "inherits mediatheque_keeper",
        ),
    ],
)
def test_power_over_row_security_is_refused(
    server: EmbeddedPostgres, grant: str, revoke: str, why: str
) -> None:
    server.run_sql(grant)
    try:
        with psycopg.connect(server.application_url()) as connection, pytest.raises(UnsafeRole, match=why):
            refuse_unsafe_role(connection)
    finally:
        server.run_sql(revoke)
