"""A hall with one flight and its list, made once; the tests of acts take copies of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.budget import Budget
from service.inspection import Wish
from service.page.desk import Desk
from service.page.sheet import KeptList
from service.parts import Parts
from tests.service.page.hall import InThisProcess, parts_of_home


@pytest.fixture(scope="session")
def listed(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained state with a list of twelve controls for a flight of its last day; to be copied."""
    folder = tmp_path_factory.mktemp("hall") / "state"
    shutil.copytree(trained, folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(folder))
        parts = parts_of_home()
        day, number = flight_of(parts)
        lists = parts.lists
        assert isinstance(lists, InThisProcess)
        wish = Wish(Budget.controls(12), random_share=0.5)
        lists.flights.issued_list(number, day, wish, "a test")
        end(parts)
    return folder


@pytest.fixture
def parts(listed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    """The parts of a copy of that state."""
    shutil.copytree(listed, tmp_path / "state")
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    made = parts_of_home()
    yield made
    end(made)


@pytest.fixture
def desk(parts: Parts) -> Desk:
    return Desk(parts.database, parts.store)


@pytest.fixture
def kept(parts: Parts, desk: Desk) -> KeptList:
    day, number = flight_of(parts)
    last = desk.last_list(number, day)
    assert last is not None
    return last


def flight_of(parts: Parts) -> tuple[date, str]:
    """The first flight of the last day."""
    day = parts.store.days()[-1]
    return day, str(parts.store.flights(day)["flight_number"].sort()[0])


def end(parts: Parts) -> None:
    parts.writer.close()
    parts.access.close()
    parts.database.close()
