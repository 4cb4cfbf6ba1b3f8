"""The `mediatheque` command."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mediatheque.core.config import ConfigError, load
from mediatheque.core.postgres import DATABASE, PostgresError
from mediatheque.core.roles import APPLICATION, OWNER, roles_sql
from mediatheque.operations.install import django_install, running_install
from mediatheque.operations.supervisor import ServeError, serve, stopped_by_signals


class CommandError(Exception):
    """A command could not do its work; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `mediatheque`: `run` does it, `arguments` adds what it takes."""

    name: str
    help: str
    run: Callable[[argparse.Namespace], None]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did its work, 1 with the reason on standard error, 2 for wrong words."""
    arguments = _parser().parse_args(words)
    if arguments.data is not None:
        os.environ["MEDIATHEQUE_DATA"] = arguments.data
    try:
        arguments.run(arguments)
    except (CommandError, ConfigError, PostgresError, ServeError) as error:
        print(f"mediatheque: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mediatheque", description="A self-hosted media catalogue.")
    words = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        word = words.add_parser(command.name, help=command.help, description=command.help)
        word.add_argument("--data", metavar="DIR", help="the data directory (MEDIATHEQUE_DATA)")
        word.set_defaults(run=command.run)
        command.arguments(word)
    return parser


def _serve(arguments: argparse.Namespace) -> None:
    with stopped_by_signals(), running_install(os.environ, owner=True, alone=True) as install:
        serve(install, arguments.host, arguments.port, demo=arguments.demo)


def _serve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen at (default: this machine only)"
    )
    parser.add_argument("--port", default=8000, type=int, help="the port to listen at (default: 8000)")
    parser.add_argument(
        "--demo", action="store_true", help="on an empty install: make a demonstration household first"
    )


def _migrate(_arguments: argparse.Namespace) -> None:
    with django_install(os.environ, owner=True):
        from mediatheque.core.roles_check import UnsafeRole
        from mediatheque.operations.prepare import PreparationFailed, prepare

        try:
            prepare()
        except (PreparationFailed, UnsafeRole) as error:
            raise CommandError(str(error)) from error


def _worker(_arguments: argparse.Namespace) -> None:
    with django_install(os.environ) as install:
        from mediatheque.operations.worker import work

        work(install.config.imports_at_once)


def _import(arguments: argparse.Namespace) -> None:
    with django_install(os.environ):
        from mediatheque.core.errors import Refusal
        from mediatheque.intake.command import NobodyImports, import_file

        try:
            job, failed = import_file(
                Path(arguments.file),
                arguments.library,
                arguments.email,
                lambda done: print(f"{done:,} rows …"),
                dry_run=arguments.dry_run,
            )
        except (NobodyImports, OSError, Refusal) as error:
            raise CommandError(str(error)) from error
        for row in failed:
            print(f"Row {row['row']}: {'; '.join(each['message'] for each in row['messages'])}")
        counts = job["plan"] if arguments.dry_run else job["summary"]
        print(", ".join(f"{count:,} {outcome}" for outcome, count in counts.items()) + ".")
        if arguments.dry_run:
            print("That is the plan: nothing was written.")


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a table (CSV)")
    parser.add_argument(
        "--dry-run", action="store_true", help="tell what each row would become, write nothing"
    )
    parser.add_argument("--library", required=True, metavar="ID", help="where to: lib_…")
    parser.add_argument(
        "--as", dest="email", metavar="EMAIL", help="whose import it is (default: an admin of the space)"
    )


def _export(arguments: argparse.Namespace) -> None:
    with django_install(os.environ):
        from mediatheque.core.errors import Refusal
        from mediatheque.intake.command import NobodyImports, export_file

        try:
            size = export_file(
                Path(arguments.file),
                arguments.library,
                arguments.email,
                "entries" if arguments.entries else "media",
                arguments.format,
                whole=arguments.all,
            )
        except (NobodyImports, OSError, Refusal) as error:
            raise CommandError(str(error)) from error
        print(f"{arguments.file}: {size:,} bytes.")


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to write it")
    parser.add_argument("--library", required=True, metavar="ID", help="what: lib_…")
    parser.add_argument("--all", action="store_true", help="every library of its space")
    parser.add_argument("--entries", action="store_true", help="what the person has seen and plans to see")
    parser.add_argument(
        "--format", choices=("json", "zip", "csv", "letterboxd"), default="json", help="default: json"
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="whose eyes it is seen by (default: an admin of the space)",
    )


def _create_admin(arguments: argparse.Namespace) -> None:
    with django_install(os.environ):
        from mediatheque.core.errors import Refusal
        from mediatheque.spaces.joining import create_admin

        try:
            password = create_admin(email=arguments.email, name=arguments.name, password=_asked(arguments))
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        _tell_password(arguments, password)


def _create_admin_arguments(parser: argparse.ArgumentParser) -> None:
    _password_arguments(parser)
    parser.add_argument("--name", default="Administrator", help="the person's name")


def _reset_password(arguments: argparse.Namespace) -> None:
    with django_install(os.environ):
        from mediatheque.core.errors import Refusal
        from mediatheque.people.actions import reset_password

        try:
            password = reset_password(arguments.email, _asked(arguments))
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        _tell_password(arguments, password)


def _password_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL", help="the person's address")
    parser.add_argument("--ask", action="store_true", help="ask for the password instead of making one")


def _asked(arguments: argparse.Namespace) -> str | None:
    return getpass.getpass("New password: ") if arguments.ask else None


def _tell_password(arguments: argparse.Namespace, password: str) -> None:
    print(f"{arguments.email}: done." if arguments.ask else f"{arguments.email}: the password is {password}")
    print("Sessions opened with an earlier password have ended. Change this one after signing in.")


def _database_roles(_arguments: argparse.Namespace) -> None:
    config = load(os.environ)
    owner, application = config.database_owner_url, config.database_url
    print(
        roles_sql(
            _role(owner) if owner else OWNER,
            _role(application) if application else APPLICATION,
            unquote(urlsplit(application).path.strip("/")) if application else DATABASE,
        )
    )


def _role(url: str) -> str:
    return unquote(urlsplit(url).username or "")


# A new command is a line here, with a function that imports what it needs.
COMMANDS = (
    Command("serve", "Serve the install: database, web server and job worker.", _serve, _serve_arguments),
    Command("migrate", "Bring the database up to date and check it, without serving.", _migrate),
    Command("import", "Import a table into a library.", _import, _import_arguments),
    Command("export", "Write a library or a whole space into a file.", _export, _export_arguments),
    Command("createadmin", "Make an administrator of the install.", _create_admin, _create_admin_arguments),
    Command("reset-password", "Give a person a new password.", _reset_password, _password_arguments),
    Command("worker", "Run background jobs until stopped.", _worker),
    Command(
        "database-roles", "Print the SQL that makes the roles on an external PostgreSQL.", _database_roles
    ),
)
