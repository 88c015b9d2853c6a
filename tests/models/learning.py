"""Examples of the small world, and every kind fitted on them, small enough for tests."""

from __future__ import annotations

from datetime import date

from models.ensemble import Ensemble
from models.examples import Seen, after, examples_of, labels_known
from models.gradient_boosting import GradientBoosting, Settings
from models.kinds import model_class
from models.risk_model import Examples, RiskModel
from tests.worlds import Archive

SMALL = Settings(rounds=24, learning_rate=0.15, bags=1)
"""Fewer trees than in earnest; what is tested does not depend on their number."""


def unfitted(kind: str) -> RiskModel:
    """A model of a kind, with few trees."""
    if kind == GradientBoosting.kind:
        return GradientBoosting(SMALL)
    if kind == Ensemble.kind:
        return Ensemble(GradientBoosting(SMALL))
    return model_class(kind)()


def known_by(archive: Archive, seen: Seen, last: date) -> Examples:
    """Controls known by the end of a day."""
    return examples_of(seen.features, labels_known(archive.outcomes, before=after(last)))
