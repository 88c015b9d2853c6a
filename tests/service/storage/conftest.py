"""Every test of the storage runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.storage.database import Database
from tests import postgres

# Said before the first process is made, or each of them imports everything anew.
multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.service.killed_writer"])


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server on which databases can be made."""
    if postgres.binaries() is None and "TRIAGE_TEST_POSTGRES" not in os.environ:
        pytest.skip(postgres.SET_UP)
    base = tmp_path_factory.getbasetemp()
    # With several workers each has a folder of its own, below the one of the run.
    with postgres.shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def lasting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database that the tests of a module share, for those that try many examples."""
    url = None
    if request.param == "postgres":
        url = postgres.fresh_database(request.getfixturevalue("postgres_url"))
    opened = Database.open(url, tmp_path_factory.mktemp("lasting"))
    yield opened
    opened.close()
    if url is not None:
        postgres.dropped(url)


@pytest.fixture(scope="session")
def reused_url(postgres_url: str) -> Iterator[str]:
    """Address of a database that tests use one after the other."""
    fresh = postgres.fresh_database(postgres_url)
    yield fresh
    postgres.dropped(fresh)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str | None:
    """Address of an empty database; None: SQLite in the state folder."""
    if request.param == "sqlite":
        return None
    reused = str(request.getfixturevalue("reused_url"))
    postgres.emptied(reused)
    return reused


@pytest.fixture
def database(url: str | None, tmp_path: Path) -> Iterator[Database]:
    folder = tmp_path / "state"
    folder.mkdir()
    opened = Database.open(url, folder)
    yield opened
    opened.close()
