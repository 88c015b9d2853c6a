"""What the tests of several rooms share: a small world and a walk over it."""

from __future__ import annotations

import pytest

from models.examples import Seen, walk
from tests.trained_state import trained as trained
from tests.trained_state import world as world
from tests.worlds import Archive, small_archive


@pytest.fixture(scope="session")
def archive() -> Archive:
    return small_archive()


@pytest.fixture(scope="session")
def walked(archive: Archive) -> Seen:
    """Every consignment of the archive, as it was seen on its day."""
    return walk(archive, archive.outcomes, whole_from=archive.days()[0])


LONG = ("faults/", "models/test_training_on_ray.py", "service/access/test_serve.py",
        "service/jobs/", "service/page/test_browser.py", "service/page/test_pages.py",
        "service/routes/test_fuzz.py", "service/storage/test_killed_writers.py",
        "service/test_rescore_killed.py", "service/test_rescore_ray.py",
        "service/test_simulation_killed.py")  # fmt: skip
"""Folders and files below `tests` that are too long to be run at every change: they start real
processes, kill them, or drive a browser."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is long by where it lies."""
    for item in items:
        place = item.path.relative_to(config.rootpath / "tests").as_posix()
        if place.startswith(LONG):
            item.add_marker(pytest.mark.long)
