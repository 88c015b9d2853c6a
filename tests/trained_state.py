"""A small invented world, and a state that has learned from it; made once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.cli import run

DAYS = 10


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Declarations by day, outcomes and truth of ten days."""
    out = tmp_path_factory.mktemp("world") / "w"
    assert run(["generate", "--scenario", "tiny", "--days", str(DAYS), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="session")
def trained(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state that has received all days but the last, and learned from them; to be copied."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(folder))
        past = days(world)[:-1]
        assert run(["ingest", *map(str, past)]) == 0
        assert run(["outcomes", str(world / "outcomes.parquet")]) == 0
        assert run(["train", "--model", "logistic"]) == 0
    return folder


def days(world: Path) -> list[Path]:
    """Folders of the days, in order."""
    return sorted((world / "declarations").iterdir())


def todays(world: Path) -> Path:
    """The one file of the last day, which the state has not received."""
    return next(days(world)[-1].iterdir())
