"""Confidence intervals from days: how far a number would move had other days come.

Consignments of one day are not independent (one shipper sends a hundred alike), so whole days
are drawn with replacement, or left out in turn where they are few. Everything that is measured
is a sum over days or a function of such sums, hence a round is one row of a matrix product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

ROUNDS = 300
"""Rounds of the bootstrap; the ends of a 95 % interval then rest on some 7 rounds each
(estimate: the noise of the ends stays below a tenth of the interval)."""

LEVEL = 0.95
"""Share of worlds in which the interval should hold the true value."""

FEWEST_DAYS = 2
"""Days below which nothing can be said about days."""

ENOUGH_DAYS = 8
"""Days from which resampling is trusted. Simulated with hit rates of 50 controls a day, its 95 %
intervals hold the truth in 94 % of worlds of 14 days, but in 82 % of 3 days; with fewer days
Student's t on the jackknife takes its place, wide as it then is."""

Bounds = tuple[float, float]
"""The least and the most that a measure can be."""

NOT_NEGATIVE: Bounds = (0.0, float("inf"))
A_SHARE: Bounds = (0.0, 1.0)
ANYTHING: Bounds = (float("-inf"), float("inf"))

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends between which the true value lies with probability `LEVEL`."""

    low: float
    high: float


def day_draws(day_count: int, *, seed: int, rounds: int = ROUNDS) -> Numbers:
    """How often each day is drawn in each round; `rounds` x `day_count`, every row sums to days.

    Parameters
    ----------
    day_count : number of days that were measured, at least 1.
    seed : of the draws; the same seed gives the same draws.
    rounds : number of resampled worlds.
    """
    rng = np.random.default_rng(seed)
    shares = np.full(day_count, 1.0 / day_count)
    return rng.multinomial(day_count, shares, size=rounds).astype(np.float64)


def expanded_tail(day_count: int) -> float:
    """Probability to cut off at each end, widened for few days.

    The plain percentile interval is too narrow for few days; Hesterberg (2015), "What teachers
    should know about the bootstrap", section 5.3: the normal tail beyond sqrt(n / (n - 1)) times
    Student's t quantile. With 7 days this is 0.4 % an end instead of 2.5 %.
    """
    quantile = stats.t.ppf((1.0 - LEVEL) / 2.0, day_count - 1)
    return float(stats.norm.cdf(quantile * np.sqrt(day_count / (day_count - 1))))


def interval(
    draws: Numbers, measure: Callable[[Numbers], Numbers], bounds: Bounds = NOT_NEGATIVE
) -> Interval | None:
    """Interval of a measure over days: bootstrap, or jackknife where days are few.

    Parameters
    ----------
    draws : from `day_draws`.
    measure : from how often each day counts (a row a round) to the measured values; nan where
        it is undefined.
    bounds : the least and the most that the measure can be.

    Returns
    -------
    The interval; None for fewer than two days or a measure that most rounds leave undefined.
    """
    day_count = draws.shape[1]
    if day_count < FEWEST_DAYS:
        return None
    if day_count < ENOUGH_DAYS:
        return _jackknife(day_count, measure, bounds)
    values = measure(draws)
    values = values[np.isfinite(values)]
    if len(values) < draws.shape[0] / 2:
        return None
    tail = expanded_tail(day_count)
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return Interval(float(low), float(high))


def _jackknife(
    day_count: int, measure: Callable[[Numbers], Numbers], bounds: Bounds
) -> Interval | None:
    """Student's t interval on the jackknife's standard error (Tukey 1958): each day left out."""
    value = measure(np.ones((1, day_count)))[0]
    without = measure(1.0 - np.eye(day_count))
    if not np.isfinite(value) or not np.isfinite(without).all():
        return None
    error = np.sqrt((day_count - 1) * np.mean((without - without.mean()) ** 2))
    half = stats.t.ppf((1.0 + LEVEL) / 2.0, day_count - 1) * error
    low, high = np.clip([value - half, value + half], *bounds)
    return Interval(float(low), float(high))


def ratio(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Quotient by element; nan where the denominator is zero."""
    out = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out


def ratio_interval(
    numerator: Numbers, denominator: Numbers, draws: Numbers, bounds: Bounds = NOT_NEGATIVE
) -> Interval | None:
    """Interval of a quotient of sums over days, such as hits / controls.

    Parameters
    ----------
    numerator, denominator : one value a day.
    draws : from `day_draws`.
    bounds : the least and the most that the quotient can be.
    """
    return interval(draws, lambda drawn: ratio(drawn @ numerator, drawn @ denominator), bounds)
