"""The ensemble lies between its two members."""

from __future__ import annotations

import numpy as np
import pytest

from models.ensemble import TREES_WEIGHT, Ensemble
from models.risk_model import HEADS, Examples, RiskModel


@pytest.mark.parametrize("head", HEADS)
def test_a_risk_lies_between_those_of_the_members(
    head: str, fitted: dict[str, RiskModel], examples: Examples
) -> None:
    model = fitted["ensemble"]
    assert isinstance(model, Ensemble)
    members = [m.predict(examples.features)[head].to_numpy() for m in (model.trees, model.line)]
    told = model.predict(examples.features)[head].to_numpy()
    assert (told >= np.minimum(*members) - 1e-12).all()
    assert (told <= np.maximum(*members) + 1e-12).all()


def test_contributions_are_weighted_as_the_answers_are(
    fitted: dict[str, RiskModel], examples: Examples
) -> None:
    model = fitted["ensemble"]
    assert isinstance(model, Ensemble)
    trees, line = (m.contributions(examples.features) for m in (model.trees, model.line))
    told = model.contributions(examples.features)
    assert told == pytest.approx(TREES_WEIGHT * trees + (1 - TREES_WEIGHT) * line)


def test_settings_are_those_of_the_trees() -> None:
    model = Ensemble()
    assert model.settings is model.trees.settings
