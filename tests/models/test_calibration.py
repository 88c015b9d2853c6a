"""A known distortion is undone; little evidence changes nothing; no line ever falls."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import (
    SMALLEST_SLOPE,
    Calibrator,
    calibration_weights,
    found_share,
    log_odds,
)
from models.risk_model import Examples

ANSWERS = np.linspace(0.01, 0.99, 200)


def drawn(true: np.ndarray, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(true)) < true).astype(float)


def test_a_known_distortion_is_undone() -> None:
    told = np.random.default_rng(2).uniform(0.02, 0.9, 20_000)
    true = Calibrator(-1.0, 0.6)(told)
    learned = Calibrator.fitted(told, drawn(true), np.ones(len(told)))
    assert learned.level == pytest.approx(-1.0, abs=0.1)
    assert learned.slope == pytest.approx(0.6, abs=0.05)
    assert learned(told).mean() == pytest.approx(true.mean(), abs=0.01)


def test_right_answers_are_left_alone() -> None:
    told = np.random.default_rng(2).uniform(0.02, 0.9, 20_000)
    learned = Calibrator.fitted(told, drawn(told), np.ones(len(told)))
    assert np.abs(learned(told) - told).max() < 0.02


@pytest.mark.parametrize("labels", [np.zeros(500), np.ones(500), np.tile([0.0, 1.0], 9)])
def test_too_few_or_one_sided_labels_leave_answers_alone(labels: np.ndarray) -> None:
    told = np.linspace(0.1, 0.9, len(labels))
    assert Calibrator.fitted(told, labels, np.ones(len(labels))) == Calibrator()


def test_an_untouched_calibrator_changes_nothing() -> None:
    assert Calibrator()(ANSWERS) == pytest.approx(ANSWERS)


@given(seed=st.integers(0, 10_000), steepness=st.floats(-3, 3))
@settings(max_examples=20, deadline=None)
def test_no_line_falls(seed: int, steepness: float) -> None:
    true = 1 / (1 + np.exp(-steepness * log_odds(ANSWERS)))
    learned = Calibrator.fitted(ANSWERS, drawn(true, seed), np.ones(len(ANSWERS)))
    assert learned.slope >= SMALLEST_SLOPE
    assert (np.diff(learned(ANSWERS)) > 0).all()


def test_where_the_line_may_not_fall_the_level_is_right() -> None:
    rare = np.linspace(0.02, 0.3, 4000)
    true = 0.35 - rare
    labels = drawn(true)
    learned = Calibrator.fitted(rare, labels, np.ones(len(rare)))
    assert learned.slope == SMALLEST_SLOPE
    assert learned(rare).mean() == pytest.approx(labels.mean(), abs=0.005)


def test_certainty_stays_finite() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


@given(share=st.floats(0.001, 0.9))
@settings(max_examples=30, deadline=None)
def test_an_anchored_line_tells_the_flow_its_share_and_keeps_the_order(share: float) -> None:
    line = Calibrator(0.3, 0.8).anchored(ANSWERS, share)
    assert line(ANSWERS).mean() == pytest.approx(share, abs=1e-6)
    assert (np.diff(line(ANSWERS)) > 0).all()
    assert line.slope == 0.8


def test_without_a_flow_the_line_stays() -> None:
    line = Calibrator(0.3, 0.8)
    assert line.anchored(np.zeros(0), 0.5) == line


def test_random_controls_decide_and_chosen_ones_hardly_count() -> None:
    """Half of the chosen are irregular, few of the random ones: the level is that of the latter."""
    labels = pl.DataFrame(
        {
            "is_random": [True] * 400 + [False] * 400,
            "is_irregular": [at % 20 == 0 for at in range(400)]
            + [at % 2 == 0 for at in range(400)],
            "label_weight": 1.0,
            "selection_probability": 0.01,
        }
    )
    examples = Examples(labels, labels)
    told = np.full(800, 0.3)
    line = Calibrator.fitted(told, examples.label("any"), calibration_weights(examples))
    assert line(told)[0] < 0.12
    assert 0.05 < found_share(examples, "any") < 0.06
