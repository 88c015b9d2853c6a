from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import SettingError, StateError
from service.home import Home
from service.settings import read_settings


def test_the_key_is_drawn_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    key = home.pseudonym_key()
    assert len(key) == 32
    assert Home(tmp_path / "state").pseudonym_key() == key
    assert stat.S_IMODE(home.key.stat().st_mode) == 0o600


def test_two_processes_at_once_end_with_one_key(tmp_path: Path) -> None:
    homes = [Home(tmp_path / "state") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(Home.pseudonym_key, homes))) == 1


def test_another_key_than_that_of_the_stored_pseudonyms_is_refused(tmp_path: Path) -> None:
    Home(tmp_path).pseudonym_key()
    with pytest.raises(StateError, match="another key"):
        Home(tmp_path, given_key=b"x" * 32).pseudonym_key()


def test_a_lost_key_is_not_replaced_in_silence(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.pseudonym_key()
    home.key.unlink()
    with pytest.raises(StateError, match="is gone"):
        home.pseudonym_key()


def test_without_a_trace_nothing_is_made(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    assert home.key_without_a_trace() == home.key_without_a_trace()
    assert not home.root.exists()


def test_the_environment_names_home_and_key(tmp_path: Path) -> None:
    given = read_settings({"TRIAGE_HOME": str(tmp_path), "TRIAGE_PSEUDONYM_KEY": "ab" * 32})
    assert Home.of(given) == Home(tmp_path, b"\xab" * 32)
    assert read_settings({}).home == Path(".triage")
    assert "\\xab" not in repr(Home.of(given))


@pytest.mark.parametrize("key", ["ab", "xy" * 32, "ab" * 65])
def test_a_key_that_is_none_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_settings({"TRIAGE_PSEUDONYM_KEY": key})
    assert key not in str(caught.value).replace("TRIAGE", "")
