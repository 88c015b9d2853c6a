import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.intervals import (
    A_SHARE,
    ANYTHING,
    Interval,
    day_draws,
    expanded_tail,
    interval,
    ratio,
    ratio_interval,
)


def test_every_round_draws_as_many_days_as_there_are() -> None:
    assert (day_draws(6, seed=1).sum(axis=1) == 6).all()


def test_same_seed_same_draws_and_another_seed_others() -> None:
    assert np.array_equal(day_draws(6, seed=1), day_draws(6, seed=1))
    assert not np.array_equal(day_draws(6, seed=1), day_draws(6, seed=2))


def test_one_day_says_nothing_about_days() -> None:
    assert ratio_interval(np.array([3.0]), np.array([10.0]), day_draws(1, seed=0)) is None


def test_equal_days_leave_no_doubt() -> None:
    found = ratio_interval(np.full(4, 3.0), np.full(4, 10.0), day_draws(4, seed=0))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.3, 0.3))


def test_two_days_by_hand() -> None:
    # Student's t with one degree of freedom, 12.706, times a standard error of 0.1.
    hits, controls = np.array([1.0, 3.0]), np.array([10.0, 10.0])
    found = ratio_interval(hits, controls, day_draws(2, seed=0), ANYTHING)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.2 - 1.2706, 0.2 + 1.2706), abs=1e-4)
    bounded = ratio_interval(hits, controls, day_draws(2, seed=0), A_SHARE)
    assert bounded == Interval(0.0, 1.0)


def test_a_measure_that_is_mostly_undefined_has_no_interval() -> None:
    draws = day_draws(3, seed=0)
    assert interval(draws, lambda drawn: np.full(len(drawn), np.nan)) is None


def test_ratio_with_nothing_below_is_undefined() -> None:
    assert np.isnan(ratio(np.array([1.0]), np.array([0.0])))[0]


def test_tails_widen_as_days_become_few() -> None:
    tails = [expanded_tail(days) for days in (3, 5, 7, 14, 30, 1000)]
    assert tails == sorted(tails)
    assert tails[-1] == pytest.approx(0.025, abs=1e-3)


@pytest.mark.parametrize("days", [3, 7, 8, 20])
def test_intervals_hold_the_truth_about_as_often_as_they_say(days: int) -> None:
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(300):
        hits = rng.binomial(50, np.clip(rng.normal(0.3, 0.06, days), 0, 1)).astype(float)
        found = ratio_interval(hits, np.full(days, 50.0), day_draws(days, seed=seed))
        assert found is not None
        held += found.low <= 0.3 <= found.high
    assert 0.9 <= held / 300 <= 0.99


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(20, 40)), min_size=8, max_size=14))
def test_an_interval_lies_within_the_days(days: list[tuple[int, int]]) -> None:
    hits, controls = (np.array(part, dtype=float) for part in zip(*days, strict=True))
    found = ratio_interval(hits, controls, day_draws(len(days), seed=0))
    assert found is not None
    shares = hits / controls
    assert shares.min() - 1e-9 <= found.low <= found.high <= shares.max() + 1e-9
