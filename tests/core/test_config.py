"""The settings: defaults that are safe, and one clear sentence for every mistake."""

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import pytest

from mediatheque.core.config import ConfigError, load, merged

KEY = base64.urlsafe_b64encode(bytes(range(200, 232))).decode()
PRODUCTION = {"MEDIATHEQUE_ENV": "production", "SECRET_KEY": "s" * 32, "INTEGRATION_ENCRYPTION_KEY": KEY}
APPLICATION = "postgresql://app:pw@db/media"
OWNER = "postgresql://owner:pw@db/media"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _mistakes(environ: dict[str, str], *, owner_needed: bool = False) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(environ, owner_needed=owner_needed)
    return [mistake.split(" ")[0] for mistake in raised.value.mistakes]


def test_defaults_are_safe(tmp_path: Path) -> None:
    config = load({})
    assert (config.production, config.data) == (False, tmp_path / "data")
    assert (config.database_url, config.database_owner_url, config.postgres_major) == (None, None, 18)
    assert config.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert (config.registration, config.trust_proxy, config.fetch_private_networks) == ("invite", 0, ())
    assert config.audit_log_mode == "failures"
    assert (config.session_days, config.max_sessions_per_person, config.metrics_token) == (30, 20, None)


def test_development_keeps_the_keys_it_makes(tmp_path: Path) -> None:
    first, second = load({}), load({})
    assert len(first.secret_key) >= 32
    assert len(first.integration_encryption_key) == 32
    assert (first.secret_key, first.integration_encryption_key) == (
        second.secret_key,
        second.integration_encryption_key,
    )
    keys = tmp_path / "data" / "keys"
    assert keys.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in keys.iterdir()} == {
        "secret-key": 0o600,
        "integration-encryption-key": 0o600,
    }


def test_keys_asked_for_at_once_are_one_key() -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = {config.secret_key for config in pool.map(lambda _: load({}), range(16))}
    assert len(keys) == 1


def test_production_refuses_to_start_without_its_keys(tmp_path: Path) -> None:
    assert _mistakes({"MEDIATHEQUE_ENV": "production"}) == ["SECRET_KEY", "INTEGRATION_ENCRYPTION_KEY"]
    assert not (tmp_path / "data").exists()
    config = load(PRODUCTION)
    assert (config.production, config.integration_encryption_key) == (True, bytes(range(200, 232)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDIATHEQUE_ENV", "prod"),
        ("POSTGRES_MAJOR", "17"),
        ("INTEGRATION_ENCRYPTION_KEY", "short"),
        ("INTEGRATION_ENCRYPTION_KEY", "ü" * 43),
        ("ALLOWED_HOSTS", "https://media.example.org"),
        ("TRUST_PROXY", "-1"),
        ("TRUST_PROXY", "yes"),
        ("REGISTRATION", "closed"),
        ("AUDIT_LOG_MODE", "some"),
        ("STORAGE_PROVIDER", "tape"),
        ("FETCH_PRIVATE_NETWORKS", "192.168.1.7/24"),
        ("SESSION_DAYS", "0"),
        ("SESSION_DAYS", "²"),
        ("MAX_SESSIONS_PER_PERSON", "0"),
        ("METRICS_TOKEN", "short"),
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://app:pw@db/media"),
        ("DATABASE_URL", "postgresql://db/media"),
        ("DATABASE_URL", "postgresql://app:pw@[db/media"),
    ],
)
def test_mistake_is_named(name: str, value: str) -> None:
    assert _mistakes({name: value}) == [name]


def test_all_mistakes_are_told_at_once_and_no_secret_with_them() -> None:
    environ = {"DATABASE_URL": "my-password", "LOG_LEVEL": "loud", "SESSION_DAYS": "many"}
    with pytest.raises(ConfigError) as raised:
        load(environ)
    assert len(raised.value.mistakes) == 3
    assert "my-password" not in str(raised.value)


def test_database_addresses_come_together() -> None:
    assert _mistakes({"DATABASE_OWNER_URL": OWNER}) == ["DATABASE_URL"]
    assert _mistakes({"DATABASE_URL": APPLICATION}, owner_needed=True) == ["DATABASE_OWNER_URL"]
    assert _mistakes({"DATABASE_URL": OWNER, "DATABASE_OWNER_URL": OWNER}) == ["DATABASE_URL"]
    assert load({"DATABASE_URL": APPLICATION}).database_url == APPLICATION  # a web or worker process
    both = load({"DATABASE_URL": APPLICATION, "DATABASE_OWNER_URL": OWNER}, owner_needed=True)
    assert both.database_owner_url == OWNER


def test_production_wants_host_names() -> None:
    assert _mistakes({**PRODUCTION, "ALLOWED_HOSTS": "*"}) == ["ALLOWED_HOSTS"]
    assert load({**PRODUCTION, "ALLOWED_HOSTS": "a.example, b.example"}).allowed_hosts == (
        "a.example",
        "b.example",
    )


def test_networks_are_read() -> None:
    config = load({"FETCH_PRIVATE_NETWORKS": "192.168.1.0/24, fd00::/8"})
    assert config.fetch_private_networks == (ip_network("192.168.1.0/24"), ip_network("fd00::/8"))


def test_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# the house\nREGISTRATION=open\nexport SESSION_DAYS='7'\n\nMETRICS_TOKEN=\"a=b # c and more\"\n"
    )
    config = load({"SESSION_DAYS": "9"})
    assert (config.registration, config.session_days) == ("open", 9)
    assert config.metrics_token == "a=b # c and more"
    assert load({"MEDIATHEQUE_ENV_FILE": ""}).registration == "invite"


def test_env_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    assert _mistakes({"MEDIATHEQUE_ENV_FILE": str(tmp_path / "none")}) == ["MEDIATHEQUE_ENV_FILE:"]
    (tmp_path / ".env").write_text("GOOD=1\nmy password\n")
    with pytest.raises(ConfigError, match=r"Line 2 of \.env is not KEY=VALUE") as raised:
        merged({})
    assert "my password" not in str(raised.value)


def test_repr_shows_no_secret() -> None:
    shown = repr(load({"DATABASE_URL": APPLICATION, "SECRET_KEY": "very-secret", "METRICS_TOKEN": "m" * 20}))
    assert not any(secret in shown for secret in ("very-secret", ":pw@", "mmmm"))


def test_importing_it_does_not_import_django() -> None:
    source = Path(__file__).parents[2] / "src"
    code = "import sys, mediatheque.core.config, mediatheque.core.postgres; print('django' in sys.modules)"
    answer = os.popen(f'PYTHONPATH={source} python3 -c "{code}"').read()
    assert answer == "False\n"
