from __future__ import annotations

from pathlib import Path

import pytest

from service.cli import run


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_a_key_is_made_listed_and_withdrawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "create", "--role", "officer", "--name", "desk 3"]) == 0
    key = capsys.readouterr().out.strip()
    assert key.startswith("ptk_")
    assert run(["keys", "list"]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in (key[4:12], "officer", "desk 3", "never", "in force"))
    assert key not in shown
    assert run(["keys", "revoke", key[4:12]]) == 0
    assert run(["keys", "list"]) == 0
    assert "revoked" in capsys.readouterr().out


def test_a_key_may_end_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--role", "declarant", "--name", "broker", "--expires-days", "30"]
    assert run(["keys", "create", *options]) == 0
    assert run(["keys", "list"]) == 0
    assert "never" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["revoke", "nobody22"], 1, "keys list"),
        (["create", "--role", "officer", "--name", " "], 2, "printable"),
        (["create", "--role", "chief", "--name", "a"], 2, "officer"),
        (["create", "--role", "officer"], 2, "--name"),
    ],
)
def test_what_cannot_be_is_said(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, words: str
) -> None:
    assert run(["keys", *arguments]) == status
    assert words in capsys.readouterr().err
