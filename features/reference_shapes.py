"""References as pictures: how the goods of a code spread over what they cost or weigh.

What features read off a histogram in numbers (`features.references`) an officer may look at. A code
with few items is shown by its heading, that by its chapter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.levels import BIN_WIDTH, WITHOUT_PIECES, Floats
from features.references import References

MOST_BARS = 24
"""Bars of a picture; more cannot be told apart at the size of a stamp (estimate)."""

FEWEST_ITEMS = 20.0
"""Items behind a picture; with fewer the level above is shown (estimate: one in each bar)."""

TAIL = 0.002
"""Share left out on either side: single slips of the keyboard would flatten the rest (estimate)."""

SCALES: dict[str, float] = {"unit_value": 1e-2, "unit_mass": 1e-6, "value_per_kg": 1e-2}
"""Measures that are shown, and what turns their unit into EUR, kg and EUR a kilogram."""


@dataclass(frozen=True)
class Shape:
    """A histogram as it is drawn.

    Attributes
    ----------
    edges : edges of the bars, ascending, in EUR, kg or EUR a kilogram; one more than bars.
    shares : share of the goods in each bar; what lies beyond the edges is not drawn.
    usual : the median.
    code : the code whose goods are shown: six, four or two digits.
    """

    edges: list[float]
    shares: list[float]
    usual: float
    code: str


def shape_of(references: References, measure: str, hs6: str, *, has_pieces: bool) -> Shape | None:
    """How the goods of a code spread; None if too few are known.

    Parameters
    ----------
    references : as of the evening before.
    measure : one of `SCALES`.
    hs6 : the declared code.
    has_pieces : whether the line says how many pieces it is; others are compared with their like.
    """
    key = int(hs6) + (0 if has_pieces else WITHOUT_PIECES)
    for digits, length in ((1, 6), (100, 4), (10_000, 2)):
        first = np.searchsorted(references.codes, key // digits * digits)
        last = np.searchsorted(references.codes, (key // digits + 1) * digits)
        counts = references.histograms[measure][first:last].sum(axis=0)
        if counts.sum() >= FEWEST_ITEMS:
            return _drawn(counts, SCALES[measure], hs6[:length])
    return None


def _drawn(counts: Floats, scale: float, code: str) -> Shape:
    cumulated = np.cumsum(counts) / counts.sum()
    first = int(np.searchsorted(cumulated, TAIL))
    last = int(np.searchsorted(cumulated, 1 - TAIL)) + 1
    step = -(-(last - first) // MOST_BARS)
    starts = np.arange(first, last, step)
    sums = np.add.reduceat(counts[: starts[-1] + step], starts)
    edges = np.exp(np.append(starts, starts[-1] + step) * BIN_WIDTH / 1000) * scale
    return Shape(
        [float(f"{edge:.6g}") for edge in edges],
        [round(float(part), 6) for part in sums / counts.sum()],
        float(f"{_median(counts) * scale:.6g}"),
        code,
    )


def _median(counts: Floats) -> float:
    """Where half of the counts lie below, in the measure's own unit."""
    cumulated = np.cumsum(counts)
    at = int(np.searchsorted(cumulated, cumulated[-1] / 2))
    below = cumulated[at - 1] if at else 0.0
    part = (cumulated[-1] / 2 - below) / counts[at]
    return float(np.exp((at + part) * BIN_WIDTH / 1000))
