"""An install as a command finds it: its settings, and a database that runs while the command does."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mediatheque.core.config import Config, load, merged
from mediatheque.core.postgres import AlreadyRunning, EmbeddedPostgres


@dataclass(frozen=True, slots=True)
class Install:
    """Settings, the environment they came from, and the addresses of the running database."""

    config: Config
    environ: Mapping[str, str]
    application_url: str
    owner_url: str | None
    postgres: EmbeddedPostgres | None

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        """The environment for a process of this install; only one that migrates gets the owner's address."""
        environment = {
            **self.environ,
            # The env file has been read; nobody below may find the owner's address in it.
            "MEDIATHEQUE_ENV_FILE": "",
            "MEDIATHEQUE_DATA": str(self.config.data),
            "DATABASE_URL": self.application_url,
        }
        environment.pop("DATABASE_OWNER_URL", None)
        if owner and self.owner_url is not None:
            environment["DATABASE_OWNER_URL"] = self.owner_url
        return environment


@contextmanager
def running_install(
    environ: Mapping[str, str], *, owner: bool = False, alone: bool = False
) -> Iterator[Install]:
    """The install whose database runs at least as long as the block.

    The embedded PostgreSQL is started and stopped, unless `serve` already runs it, which `alone`
    refuses. `owner` says that the block migrates. Raises `ConfigError` or `PostgresError`.
    """
    settings = merged(environ)
    config = load({**settings, "MEDIATHEQUE_ENV_FILE": ""}, owner_needed=owner)
    if config.database_url is not None:
        yield Install(config, settings, config.database_url, config.database_owner_url, None)
        return
    postgres = EmbeddedPostgres(config.data, config.postgres_major)
    try:
        try:
            postgres.start()
        except AlreadyRunning:
            if alone:
                raise
            postgres.wait()
        yield Install(config, settings, postgres.application_url(), postgres.owner_url(), postgres)
    finally:
        postgres.stop()


@contextmanager
def django_install(environ: Mapping[str, str], *, owner: bool = False) -> Iterator[Install]:
    """Like `running_install`, with Django set up in this process."""
    with running_install(environ, owner=owner) as install:
        os.environ.pop("DATABASE_OWNER_URL", None)
        os.environ.update(install.environment(owner=owner))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediatheque.web.settings")
        import django
        from django.db import connections

        django.setup()
        try:
            yield install
        finally:
            connections.close_all()
