"""Every setting of the install, read once from the environment and an env file."""

import base64
import binascii
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from mediatheque.core.keys import kept_key

ENVIRONMENTS = ("development", "production")
POSTGRES_MAJORS = ("16", "18")
REGISTRATIONS = ("invite", "open")
AUDIT_LOG_MODES = ("off", "failures", "mutations", "all")
SWITCH = ("on", "off")
STORAGE_PROVIDERS = ("local",)
LOG_LEVELS = ("debug", "info", "warning", "error")
SHORTEST_SECRET_KEY = 32
ENCRYPTION_KEY_BYTES = 32


class ConfigError(Exception):
    """Settings that cannot be used; `mistakes` holds one sentence for each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("The settings need mending:\n" + "\n".join(f"  - {each}" for each in mistakes))


@dataclass(frozen=True, slots=True)
class Config:
    """The settings, checked; secrets stay out of its `repr`."""

    production: bool
    data: Path
    database_url: str | None = field(repr=False)
    database_owner_url: str | None = field(repr=False)
    postgres_major: int
    secret_key: str = field(repr=False)
    integration_encryption_key: bytes = field(repr=False)
    allowed_hosts: tuple[str, ...]
    trust_proxy: int
    registration: str
    audit_log_mode: str
    audit_retention_days: int
    storage_provider: str
    fetch_private_networks: tuple[IPv4Network | IPv6Network, ...]
    search_overviews: bool
    session_days: int
    max_sessions_per_person: int
    metrics_token: str | None = field(repr=False)
    app_version: str
    git_sha: str
    build_date: str
    imports_at_once: int
    log_level: str


def load(environ: Mapping[str, str], *, owner_needed: bool = False) -> Config:
    """The install's settings.

    `owner_needed` says that the caller migrates: an external database then needs its owner's address.
    Raises `ConfigError` naming every mistake at once.
    """
    reader = _Reader(merged(environ))
    database_url, owner_url = _database(reader, owner_needed)
    production = reader.choice("MEDIATHEQUE_ENV", "development", ENVIRONMENTS) == "production"
    data = Path(reader.text("MEDIATHEQUE_DATA") or "data").expanduser().absolute()
    postgres_major = int(reader.choice("POSTGRES_MAJOR", "18", POSTGRES_MAJORS))
    secret_key = _secret_key(reader, production)
    encryption_key = _encryption_key(reader, production)
    allowed_hosts = _allowed_hosts(reader, production)
    trust_proxy = reader.number("TRUST_PROXY", 0, 0, 10)
    registration = reader.choice("REGISTRATION", "invite", REGISTRATIONS)
    audit_log_mode = reader.choice("AUDIT_LOG_MODE", "failures", AUDIT_LOG_MODES)
    audit_retention_days = reader.number("AUDIT_RETENTION_DAYS", 365, 30, 36500)
    storage_provider = reader.choice("STORAGE_PROVIDER", "local", STORAGE_PROVIDERS)
    fetch_private_networks = reader.networks("FETCH_PRIVATE_NETWORKS")
    search_overviews = reader.choice("SEARCH_OVERVIEWS", "on", SWITCH) == "on"
    session_days = reader.number("SESSION_DAYS", 30, 1, 365)
    max_sessions = reader.number("MAX_SESSIONS_PER_PERSON", 20, 1, 1000)
    metrics_token = _metrics_token(reader)
    imports_at_once = reader.number("IMPORTS_AT_ONCE", 3, 1, 20)
    log_level = reader.choice("LOG_LEVEL", "info", LOG_LEVELS)
    if reader.mistakes:
        raise ConfigError(reader.mistakes)
    return Config(
        production=production,
        data=data,
        database_url=database_url,
        database_owner_url=owner_url,
        postgres_major=postgres_major,
        secret_key=secret_key or kept_key(data / "keys", "secret-key", new_secret_key),
        integration_encryption_key=decoded_encryption_key(
            encryption_key or kept_key(data / "keys", "integration-encryption-key", new_encryption_key)
        ),
        allowed_hosts=allowed_hosts,
        trust_proxy=trust_proxy,
        registration=registration,
        audit_log_mode=audit_log_mode,
        audit_retention_days=audit_retention_days,
        storage_provider=storage_provider,
        fetch_private_networks=fetch_private_networks,
        search_overviews=search_overviews,
        session_days=session_days,
        max_sessions_per_person=max_sessions,
        metrics_token=metrics_token,
        app_version=reader.text("APP_VERSION") or _installed_version(),
        git_sha=reader.text("GIT_SHA") or "unknown",
        build_date=reader.text("BUILD_DATE") or "unknown",
        imports_at_once=imports_at_once,
        log_level=log_level,
    )


def merged(environ: Mapping[str, str]) -> dict[str, str]:
    """The env file's settings with the real environment over them.

    The file is `MEDIATHEQUE_ENV_FILE`, or `.env` in the working directory if that exists; an empty
    `MEDIATHEQUE_ENV_FILE` means none. Raises `ConfigError` for a file that cannot be read.
    """
    named = environ.get("MEDIATHEQUE_ENV_FILE")
    path = Path(".env") if named is None else Path(named)
    if named == "" or (named is None and not path.is_file()):
        return dict(environ)
    return {**_env_file(path), **environ}


def new_secret_key() -> str:
    return secrets.token_urlsafe(48)


def new_encryption_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(ENCRYPTION_KEY_BYTES)).decode()


def decoded_encryption_key(text: str) -> bytes:
    """The bytes of a base64url key, with or without its padding; raises `binascii.Error`."""
    padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)


def _database(reader: "_Reader", owner_needed: bool) -> tuple[str | None, str | None]:
    application = reader.database_address("DATABASE_URL")
    owner = reader.database_address("DATABASE_OWNER_URL")
    if owner and not application:
        reader.mistake(
            "DATABASE_URL is missing beside DATABASE_OWNER_URL: set both for an external PostgreSQL, "
            "or neither for the embedded one."
        )
    if application and not owner and owner_needed:
        reader.mistake(
            "DATABASE_OWNER_URL is missing beside DATABASE_URL: migrating needs the owner's address; "
            "`mediatheque database-roles` prints the SQL that makes both roles."
        )
    if application and owner and urlsplit(application).username == urlsplit(owner).username:
        reader.mistake(
            "DATABASE_URL and DATABASE_OWNER_URL name the same role: the application must not own its "
            "tables, or row security does not hold for it; give DATABASE_URL the application's role."
        )
    return application, owner


def _secret_key(reader: "_Reader", production: bool) -> str | None:
    key = reader.text("SECRET_KEY")
    if production and (key is None or len(key) < SHORTEST_SECRET_KEY):
        what = "is missing" if key is None else f"is shorter than {SHORTEST_SECRET_KEY} characters"
        reader.mistake(
            f"SECRET_KEY {what}: production needs one of its own; make it with "
            '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"` and keep it.'
        )
    return key


def _encryption_key(reader: "_Reader", production: bool) -> str | None:
    key = reader.text("INTEGRATION_ENCRYPTION_KEY")
    how = (
        'make it with `python3 -c "import base64, secrets; '
        f'print(base64.urlsafe_b64encode(secrets.token_bytes({ENCRYPTION_KEY_BYTES})).decode())"` '
        "and keep it: stored secrets cannot be read without it."
    )
    if key is None:
        if production:
            reader.mistake(f"INTEGRATION_ENCRYPTION_KEY is missing: production needs one of its own; {how}")
        return None
    try:
        length = len(decoded_encryption_key(key))
    except (binascii.Error, ValueError):
        length = 0
    if length != ENCRYPTION_KEY_BYTES:
        reader.mistake(f"INTEGRATION_ENCRYPTION_KEY is not {ENCRYPTION_KEY_BYTES} bytes in base64url: {how}")
    return key


def _allowed_hosts(reader: "_Reader", production: bool) -> tuple[str, ...]:
    hosts = reader.words("ALLOWED_HOSTS") or ("localhost", "127.0.0.1", "[::1]")
    if production and "*" in hosts:
        reader.mistake("ALLOWED_HOSTS allows every name: list the names people type, separated by commas.")
    for host in hosts:
        if "/" in host or " " in host:
            reader.mistake(f"ALLOWED_HOSTS holds {host!r}, which is no host name: leave out scheme and path.")
    return hosts


def _metrics_token(reader: "_Reader") -> str | None:
    token = reader.text("METRICS_TOKEN")
    if token is not None and len(token) < 16:
        reader.mistake("METRICS_TOKEN is shorter than 16 characters: take a longer one, or leave it out.")
    return token


class _Reader:
    """Takes settings one by one and remembers every mistake instead of stopping at the first."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.mistakes: list[str] = []

    def mistake(self, sentence: str) -> None:
        self.mistakes.append(sentence)

    def text(self, name: str) -> str | None:
        return self._values.get(name, "").strip() or None

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self._values.get(name, "").split(",") if word.strip())

    def choice(self, name: str, default: str, allowed: Sequence[str]) -> str:
        value = (self.text(name) or default).lower()
        if value not in allowed:
            self.mistake(f"{name} is {value!r}: it must be {_or(allowed)}.")
            return default
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            self.mistake(f"{name} is {value!r}: it must be a whole number from {least} to {most}.")
            return default
        return int(value)

    def networks(self, name: str) -> tuple[IPv4Network | IPv6Network, ...]:
        found = []
        for word in self.words(name):
            try:
                found.append(ip_network(word))
            except ValueError:
                self.mistake(f"{name} holds {word!r}, which is no network: write it like 192.168.1.0/24.")
        return tuple(found)

    def database_address(self, name: str) -> str | None:
        # The value itself stays out of the message: it holds a password.
        value = self.text(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            good = parts.scheme in ("postgresql", "postgres") and parts.username and parts.path.strip("/")
        except ValueError:
            good = None
        if not good:
            self.mistake(
                f"{name} is no PostgreSQL address: write it like postgresql://role:password@host:5432/database."
            )
        return value


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _env_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [f"MEDIATHEQUE_ENV_FILE: {path} cannot be read ({error.__class__.__name__})."]
        ) from error
    settings: dict[str, str] = {}
    mistakes: list[str] = []
    for number, line in enumerate(lines, start=1):
        words = line.strip().removeprefix("export ").strip()
        if not words or words.startswith("#"):
            continue
        name, equals, value = words.partition("=")
        if not equals or not name.strip().isidentifier():
            mistakes.append(f"Line {number} of {path} is not KEY=VALUE: mend it, or begin it with #.")
            continue
        settings[name.strip()] = _unquoted(value.strip())
    if mistakes:
        raise ConfigError(mistakes)
    return settings


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _installed_version() -> str:
    try:
        return version("mediatheque")
    except PackageNotFoundError:
        return "0"
