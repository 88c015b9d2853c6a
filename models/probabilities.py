"""How well probabilities separate (AUC, average precision) and keep their word (calibration).

Separation is computed on counts of positives and negatives by score, highest score first; with a
row a bootstrap round, the same functions give the value and its interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.intervals import A_SHARE, Interval, Numbers, interval, ratio

BINS = 10
"""Equal-mass bins of the calibration error; the custom of Naeini, Cooper and Hauskrecht (2015),
there of equal width, which would leave most bins of a rare event empty."""

STEPS = 2_000
"""Score steps that intervals of AUC and average precision are computed on; finer at the top
(estimate: differs from the exact value by less than a tenth of the interval)."""

TOP_SHARE = 0.01
"""The part of the flow that decides lists; calibration is shown for it apart."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Probabilities with what came true; one element a consignment, in a canonical order.

    Parameters
    ----------
    risk : probability, in [0, 1].
    is_true : 1.0 where the event happened, else 0.0.
    weight : consignments that each one stands for.
    day : number of its day, from 0.
    day_count : days in all.
    """

    risk: Numbers
    is_true: Numbers
    weight: Numbers
    day: npt.NDArray[np.int64]
    day_count: int

    @property
    def has_both(self) -> bool:
        """Whether something happened and something did not; separation needs both."""
        return bool(0 < self.is_true.sum() < len(self.is_true))

    def by_day(self, values: Numbers | float = 1.0) -> Numbers:
        """Weighted sum of values, one a consignment, by day."""
        return _sums(self.day, self.weight * values, self.day_count)


def auc(positives: Numbers, negatives: Numbers) -> Numbers:
    """Area under the ROC curve: chance that a positive outranks a negative, ties counted half.

    Parameters
    ----------
    positives, negatives : weights by score step, highest first, along the last axis.
    """
    above = np.cumsum(negatives, axis=-1) - negatives / 2
    lost = (positives * above).sum(axis=-1)
    return 1.0 - ratio(lost, positives.sum(axis=-1) * negatives.sum(axis=-1))


def average_precision(positives: Numbers, negatives: Numbers) -> Numbers:
    """Precision averaged over the positives, tied scores taken at once (as scikit-learn does)."""
    found = np.cumsum(positives, axis=-1)
    precision = np.nan_to_num(ratio(found, found + np.cumsum(negatives, axis=-1)))
    return ratio((positives * precision).sum(axis=-1), positives.sum(axis=-1))


def separation(judged: Judged, draws: Numbers) -> dict[str, tuple[float, Interval | None]]:
    """AUC and average precision, exact, with intervals over days."""
    steps = _steps(judged.risk)
    coarse = _coarse(steps)
    one_day = np.zeros_like(judged.day)
    exact = _counts(judged, steps, one_day, 1)
    by_day = _counts(judged, coarse, judged.day, judged.day_count)
    answer: dict[str, tuple[float, Interval | None]] = {}
    for name, measure in (("auc", auc), ("average_precision", average_precision)):
        over_days = interval(draws, lambda d, m=measure: m(d @ by_day[0], d @ by_day[1]), A_SHARE)  # type: ignore[misc]
        answer[name] = (float(measure(*exact)[0]), over_days)
    return answer


def calibration(judged: Judged, draws: Numbers) -> dict[str, tuple[float, Interval | None]]:
    """How far the probabilities are from what happened.

    Returns
    -------
    `brier` (mean squared error), `calibration_error` (mean distance of promised and observed
    share over ten bins of equal mass), `calibration_error_top_1_percent` (the same distance in
    the highest hundredth alone) and `calibration_ratio` (promised / observed; 1 is right). The
    errors carry no interval: resampling adds noise to a distance and so moves it upward.
    """
    table = calibration_table(judged)
    bins = table.filter(~pl.col("is_top"))
    top = table.filter(pl.col("is_top"))
    distance = (bins["mean_risk"] - bins["observed_share"]).abs().to_numpy()
    squares = judged.by_day((judged.risk - judged.is_true) ** 2)
    promised, observed = judged.by_day(judged.risk), judged.by_day(judged.is_true)
    answer: dict[str, tuple[float, Interval | None]] = {
        "brier": (
            float(squares.sum() / judged.weight.sum()),
            interval(draws, lambda d: ratio(d @ squares, d @ judged.by_day()), A_SHARE),
        ),
        "calibration_error": (float(np.average(distance, weights=bins["weight"].to_numpy())), None),
        "calibration_error_top_1_percent": (
            abs(top["mean_risk"].item() - top["observed_share"].item()),
            None,
        ),
    }
    if observed.sum() > 0:
        ratios = interval(draws, lambda d: ratio(d @ promised, d @ observed))
        answer["calibration_ratio"] = (float(promised.sum() / observed.sum()), ratios)
    return answer


def calibration_table(judged: Judged) -> pl.DataFrame:
    """Promised and observed share in bins of equal mass, and in the highest hundredth.

    Returns
    -------
    `bin` (from the lowest), `is_top`, `mean_risk`, `observed_share`, `low` and `high` (Wilson's
    95 % interval of the share, on the effective number of consignments), `weight`, `count`.
    """
    order = np.argsort(judged.risk, kind="stable")
    weight = judged.weight[order]
    middle = (np.cumsum(weight) - weight / 2) / weight.sum()
    part = np.minimum((middle * BINS).astype(np.int64), BINS - 1)
    rows = [_bin(judged, order[part == at], at, is_top=False) for at in np.unique(part)]
    top = order[middle >= 1.0 - TOP_SHARE]
    rows.append(_bin(judged, top if len(top) else order[-1:], BINS, is_top=True))
    return pl.DataFrame(rows)


def _bin(
    judged: Judged, rows: npt.NDArray[np.int64], at: int, *, is_top: bool
) -> dict[str, float | int | bool]:
    weight = judged.weight[rows]
    total = weight.sum()
    share = float((weight * judged.is_true[rows]).sum() / total)
    low, high = wilson(share, float(total**2 / (weight**2).sum()))
    return {
        "bin": int(at),
        "is_top": is_top,
        "mean_risk": float((weight * judged.risk[rows]).sum() / total),
        "observed_share": share,
        "low": low,
        "high": high,
        "weight": float(total),
        "count": len(rows),
    }


def wilson(share: float, count: float) -> tuple[float, float]:
    """95 % interval of a share observed on so many (Wilson 1927).

    Parameters
    ----------
    share : observed, in [0, 1].
    count : consignments it was observed on; may be an effective number.
    """
    z2 = 1.959964**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = np.sqrt(z2 * (share * (1 - share) / count + z2 / (4 * count**2))) / (1 + z2 / count)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _steps(risk: Numbers) -> npt.NDArray[np.int64]:
    """Number of each one's distinct score, 0 being the highest."""
    distinct, code = np.unique(risk, return_inverse=True)
    return (len(distinct) - 1 - code).astype(np.int64)


def _coarse(steps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """At most `STEPS` steps, narrow for the highest scores, without parting equal scores."""
    counts = np.bincount(steps)
    first_rank = np.cumsum(counts) - counts + 1
    edges = np.unique(np.geomspace(1, len(steps), STEPS).astype(np.int64))
    return np.searchsorted(edges, first_rank, side="right")[steps] - 1


def _counts(
    judged: Judged, steps: npt.NDArray[np.int64], day: npt.NDArray[np.int64], day_count: int
) -> tuple[Numbers, Numbers]:
    """Weights of positives and of negatives, by day and step."""
    width = int(steps.max()) + 1
    cell = day * width + steps
    positive = judged.weight * judged.is_true
    shape = (day_count, width)
    return (
        _sums(cell, positive, day_count * width).reshape(shape),
        _sums(cell, judged.weight - positive, day_count * width).reshape(shape),
    )


def _sums(groups: npt.NDArray[np.int64], values: Numbers, group_count: int) -> Numbers:
    return np.asarray(np.bincount(groups, values, group_count), dtype=np.float64)
