"""Histograms of a measure, summed up for reading: how many goods of a code have less.

One row a code; at a higher level of the nomenclature the histograms of its codes are added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MEASURES: tuple[str, ...] = ("unit_mass", "unit_value", "value_per_kg", "lot")
"""Milligrams a piece, cents a piece, cents a kilogram, pieces a line; natural logarithms in
thousandths."""

BIN_WIDTH = 100
"""Width of a bin in thousandths of a natural logarithm: steps of 10 %."""

BINS = 256
"""Bins from ln 0 to ln 25.6; nothing that flies is outside."""

PRIOR_COUNT = 20.0
"""Goods items of the parent level that a code's own items must outweigh (estimate)."""

SMALLEST_SPREAD = 150.0
"""No reference is narrower than 15 %: packing and scales vary that much (domain report 7)."""

SMALLEST_LOT_SPREAD = 500.0
"""Nor narrower than this for pieces: of goods bought singly two are nothing strange (estimate)."""

WITHOUT_PIECES = 1_000_000
"""Added to the code of lines that do not say how many pieces they are."""


@dataclass(frozen=True)
class Level:
    """Histograms of one measure at one level of the nomenclature, summed up for reading."""

    codes: Ints
    cumulated: Floats
    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, codes: Ints, histograms: Floats) -> Level:
        """Cumulate histograms and read their quantiles."""
        cumulated = np.cumsum(histograms, axis=1)
        low, mid, high = (_quantile(cumulated, share) for share in (0.16, 0.5, 0.84))
        return cls(codes, cumulated, mid, (high - low) / 2)

    def rows(self, codes: Ints) -> Ints:
        """Row of each code; -1 where it is unknown."""
        if not len(self.codes):
            return np.full(len(codes), -1)
        at = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[at] == codes, at, -1)


def _quantile(cumulated: Floats, share: float) -> Floats:
    """Where each row's cumulated counts pass a share of its total, in thousandths of ln."""
    if not len(cumulated):
        return np.zeros(0)
    goal = cumulated[:, -1:] * share
    at = np.minimum((cumulated < goal).sum(axis=1), BINS - 1)
    rows = np.arange(len(cumulated))
    below = np.where(at > 0, cumulated[rows, at - 1], 0.0)
    inside = np.maximum(cumulated[rows, at] - below, 1e-12)
    return np.asarray((at + (goal[:, 0] - below) / inside) * BIN_WIDTH)
