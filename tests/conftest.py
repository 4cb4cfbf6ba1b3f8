"""One embedded PostgreSQL per run, migrated once; each worker works in a clone of it.

Tests commit like the product does and stay apart by using households of their own. A test that needs an
empty install asks for `empty_install` and gets a fresh clone.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TEMPLATE = "mediatheque"


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is None:
        _start_server(config)
    name = f"test_{worker['workerid'] if worker else 'main'}"
    _clone(name)
    os.environ["DATABASE_URL"] = os.environ["TEST_APPLICATION_URL"].replace("DATABASE", name)
    os.environ["MEDIATHEQUE_DATA"] = tempfile.mkdtemp(prefix="data-", dir=os.environ["TEST_ROOT"])
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()


def pytest_unconfigure(config: pytest.Config) -> None:
    server = getattr(config, "_postgres", None)
    if server is not None:
        server.stop()
        shutil.rmtree(os.environ["TEST_ROOT"], ignore_errors=True)


def _start_server(config: pytest.Config) -> None:
    from mediatheque.core.postgres import EmbeddedPostgres

    root = Path(tempfile.mkdtemp(prefix="mq-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    major = int(os.environ.get("POSTGRES_MAJOR", "18"))
    quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
    server = EmbeddedPostgres(root, major, settings=quick)
    server.start()
    config._postgres = server  # type: ignore[attr-defined]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "MEDIATHEQUE_DATA": str(root),
        "TEST_ROOT": str(root),
        "TEST_SUPERUSER_DSN": server.superuser_dsn("DATABASE"),
        "TEST_OWNER_URL": server.owner_url("DATABASE"),
        "TEST_APPLICATION_URL": server.application_url("DATABASE"),
    }
    _migrate()


def _migrate() -> None:
    """In a process of its own, so that this one never holds the owner's address."""
    import subprocess
    import sys

    environ = os.environ | {
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "DATABASE_URL": os.environ["TEST_APPLICATION_URL"].replace("DATABASE", TEMPLATE),
        "DATABASE_OWNER_URL": os.environ["TEST_OWNER_URL"].replace("DATABASE", TEMPLATE),
    }
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--database=owner", "-v0"], env=environ, check=True
    )


def _clone(name: str) -> None:
    from tests.support import as_superuser

    as_superuser("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    as_superuser("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" OWNER mediatheque_owner')


@pytest.fixture
def empty_install() -> Iterator[str]:
    """A database of its own in which nobody has registered; its name."""
    from django.db import connection

    from tests.support import as_superuser

    before = connection.settings_dict["NAME"]
    name = f"{before}_empty"
    connection.close()
    _clone(name)
    connection.settings_dict["NAME"] = name
    yield name
    connection.close()
    connection.settings_dict["NAME"] = before
    as_superuser("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def household() -> Any:
    """Alice (admin) with a space and its default library."""
    from tests.support import make_household

    return make_household()


@pytest.fixture
def alice(household: Any) -> Any:
    """Admin of the household."""
    return household.admin


@pytest.fixture
def bob(household: Any) -> Any:
    """Member of Alice's household."""
    return household.add_person("Bob", "member")


@pytest.fixture
def mary(household: Any) -> Any:
    """Manager of Alice's household."""
    return household.add_person("Mary", "manager")


@pytest.fixture
def charlie() -> Any:
    """Admin of a household of his own: the outsider."""
    from tests.support import make_household

    return make_household("Charlie").admin


@pytest.fixture
def settings_with() -> Any:
    """`with settings_with(NAME=value):` changes settings for a while."""
    from django.test import override_settings

    return override_settings
