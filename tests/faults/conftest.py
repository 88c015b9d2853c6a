"""What the faults share: a process that forks services, and a PostgreSQL server of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.faults.serving import Nursery, Served


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A server that the faults may kill."""
    if postgres.binaries() is None:
        pytest.skip(postgres.SET_UP)
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="module")
def shared(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service without scoring that the tests of a module share."""
    served = Served(nursery, tmp_path_factory.mktemp("shared"))
    served.start()
    yield served
    served.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, nursery: Nursery, tmp_path: Path) -> Iterator[Served]:
    """A service of its own on SQLite, then on PostgreSQL."""
    url = None
    if request.param == "postgres":
        url = postgres.fresh_database(request.getfixturevalue("postgres_server").url)
    served = Served(nursery, tmp_path / "served", url)
    yield served
    served.stop()
    if url is not None:
        postgres.dropped(url)
