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
