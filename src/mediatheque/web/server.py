"""The web server: granian with two workers over the front; `serve` runs it as a child."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from mediatheque.core.children import die_with_parent
from mediatheque.web.front import Front, WsgiApplication

WORKERS = 2
CONNECTIONS_PER_WORKER = 1024
HEADER_MILLISECONDS = 10_000
STOP_SECONDS = 5  # a container is given ten, and the database needs some
LOG_LIKE_THE_REST = {"handlers": {}, "loggers": {"_granian": {"propagate": True}}}


def main() -> None:
    host, port = _address()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediatheque.web.settings")
    _load_django()
    sys.stdin.read()  # `serve` closes it once the database and the static files are ready
    django_handler = _frozen_handler()
    server = Server(
        target="mediatheque",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=WORKERS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        websockets=False,
        backlog=WORKERS * CONNECTIONS_PER_WORKER,
        backpressure=CONNECTIONS_PER_WORKER,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=LOG_LIKE_THE_REST,
    )
    server.serve(target_loader=_loader(django_handler, os.getpid()), wrap_loader=False)


def _address() -> tuple[str, int]:
    parser = argparse.ArgumentParser(prog="mediatheque.web.server")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", required=True, type=int)
    arguments = parser.parse_args()
    return arguments.host, arguments.port


def _load_django() -> None:
    """Imports everything while the database is being prepared."""
    django.setup()
    import_module(settings.ROOT_URLCONF)
    import_module("mediatheque.web.reads")


def _frozen_handler() -> WsgiApplication:
    """Made once, before the workers are forked: they share its memory and are ready at once."""
    handler = WSGIHandler()
    gc.collect()
    gc.freeze()
    return handler


def _loader(django_handler: WsgiApplication, parent: int) -> Callable[[], Front]:
    def load() -> Front:
        """What a worker runs first: a killed server must not leave its workers serving."""
        from mediatheque.web.reads import Reads  # Django must be set up before

        die_with_parent(signal.SIGTERM, parent)
        return Front(django_handler, hops=settings.TRUST_PROXY, reads=Reads())

    return load


if __name__ == "__main__":
    main()
