"""Every kind, fitted once on the first days of the small world."""

from __future__ import annotations

import pytest

from models.examples import Seen
from models.kinds import KINDS
from models.risk_model import Examples, RiskModel
from tests.models.learning import known_by, unfitted
from tests.worlds import Archive


@pytest.fixture(scope="session")
def examples(archive: Archive, walked: Seen) -> Examples:
    """What was known after nine of twelve days."""
    return known_by(archive, walked, archive.days()[8])


@pytest.fixture(scope="session")
def fitted(examples: Examples) -> dict[str, RiskModel]:
    """Kind -> a model fitted on the examples."""
    return {known.kind: unfitted(known.kind).fit(examples) for known in KINDS}
