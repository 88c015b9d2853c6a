"""Boosted trees: known directions hold, and the expert is where they start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from features.catalogue import NAMES
from models.calibration import log_odds
from models.findings import Findings
from models.gradient_boosting import DOWN, UP, GradientBoosting
from models.risk_model import Examples, RiskModel
from models.values import Values
from tests.models.learning import SMALL


def test_directions_are_of_features_that_exist() -> None:
    assert set(NAMES) >= UP | DOWN
    assert UP.isdisjoint(DOWN)


@pytest.mark.parametrize(("name", "sign"), [("text_gap", 1), ("sender_rate", 1),
                                            ("text_hs4_lift", -1)])  # fmt: skip
def test_a_known_direction_holds(
    name: str, sign: int, fitted: dict[str, RiskModel], examples: Examples
) -> None:
    model = fitted["gradient_boosting"]
    assert isinstance(model, GradientBoosting)
    rows = examples.features.head(50)
    steps = [
        model.boosters_.means(
            Values.of(rows.with_columns(pl.lit(float(value)).alias(name))).columns
        )["any"]
        for value in np.quantile(examples.features[name].drop_nulls(), np.linspace(0, 1, 8))
    ]
    assert (np.diff(np.array(steps), axis=0) * sign >= -1e-12).all()


def test_without_evidence_the_expert_speaks(examples: Examples) -> None:
    """Trees that cannot split leave half of the informed expert's log-odds, and a level."""
    few = examples.where(pl.int_range(len(examples), eager=True) < 12)
    told = GradientBoosting(SMALL).fit(few).predict(examples.features)["any"].to_numpy()
    expert = Findings.of_an_officer().fitted(few).log_odds(examples.features)["any"]
    rest = log_odds(told) - SMALL.prior * expert
    assert np.ptp(rest) < 1e-6


def test_the_level_is_that_of_the_labels(fitted: dict[str, RiskModel], examples: Examples) -> None:
    told = fitted["gradient_boosting"].predict(examples.features)
    share = np.average(examples.label("any"), weights=examples.weight())
    assert np.average(told["any"], weights=examples.weight()) == pytest.approx(share, abs=0.03)


def test_another_seed_is_another_model(examples: Examples) -> None:
    one = GradientBoosting(SMALL).fit(examples).predict(examples.features)
    other = GradientBoosting(replace(SMALL, seed=1)).fit(examples).predict(examples.features)
    assert not one.equals(other)
