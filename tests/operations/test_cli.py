"""The words after `mediatheque`."""

import pytest

from mediatheque.core.roles import roles_sql
from mediatheque.operations.cli import main


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIATHEQUE_ENV_FILE", "")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)


def test_database_roles_prints_the_sql(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["database-roles"]) == 0
    assert capsys.readouterr().out == roles_sql("mediatheque_owner", "mediatheque_app", "mediatheque") + "\n"


def test_database_roles_takes_names_from_the_addresses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://media%20app:secret@db/films")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://boss:secret@db/films")
    assert main(["database-roles"]) == 0
    printed = capsys.readouterr().out
    assert printed == roles_sql("boss", "media app", "films") + "\n"
    assert "secret" not in printed


def test_mistakes_in_settings_are_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REGISTRATION", "closed")
    assert main(["migrate"]) == 1
    assert capsys.readouterr().err == (
        "mediatheque: The settings need mending:\n  - REGISTRATION is 'closed': it must be invite or open.\n"
    )


def test_unknown_word_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["dance"])
    assert raised.value.code == 2
    assert "invalid choice: 'dance'" in capsys.readouterr().err
