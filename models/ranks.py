"""A line over ranks, read from tables: what every value adds is known beforehand.

A rank has as many values as there are knots and places between them, so what a feature's value adds
to the log-odds of every head is looked up by one byte: how many knots lie below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.risk_model import Floats

WIDTH = 4
"""Numbers an entry: one a head, and the rest zero; what a vector of doubles often holds."""

MOST_KNOTS = 127
"""What one byte can tell apart: at each knot, below it and above."""


@dataclass(frozen=True)
class RankTables:
    """What ranks and marks of being missing add, by feature and code.

    Attributes
    ----------
    thresholds : of all features, each ascending, one after another; a value's code is the number of
        its feature's thresholds below it.
    starts : where each feature's thresholds begin, and the end.
    entries : what a code adds (entries, `WIDTH`); of each feature the codes, and last what is
        missing.
    first_entries : where each feature's begin, and the end.
    """

    thresholds: Floats
    starts: NDArray[np.int64]
    entries: Floats
    first_entries: NDArray[np.int64]

    @classmethod
    def of(cls, knots: Sequence[Floats], slopes: Sequence[tuple[Floats, Floats]]) -> RankTables:
        """Tables of a line.

        Parameters
        ----------
        knots : of each feature, ascending; with fewer than two its rank is always 0.
        slopes : of each head, what a rank and what a mark of being missing is multiplied with, a
            number a feature each.

        Raises
        ------
        ValueError
            There are too many knots.
        """
        if any(len(of_one) > MOST_KNOTS for of_one in knots):
            raise ValueError(f"a feature has more than {MOST_KNOTS} knots")
        thresholds, entries = [], []
        for at, of_one in enumerate(knots):
            cuts, ranks = _ranks(of_one)
            ranks = np.append(ranks, 0.0)
            missing = np.zeros(len(ranks))
            missing[-1] = 0.5
            table = np.zeros((len(ranks), WIDTH))
            for head, (rank_slopes, missing_slopes) in enumerate(slopes):
                table[:, head] = rank_slopes[at] * ranks + missing_slopes[at] * missing
            thresholds.append(cuts)
            entries.append(table)
        return cls(
            np.concatenate(thresholds),
            np.cumsum([0, *map(len, thresholds)], dtype=np.int64),
            np.concatenate(entries),
            np.cumsum([0, *map(len, entries)], dtype=np.int64),
        )

    def add_to(self, odds: Floats, columns: Floats) -> None:
        """Add what every feature adds, one after another, to log-odds (heads, rows).

        Parameters
        ----------
        odds : changed in place.
        columns : (features, rows), contiguous; NaN is missing.
        """
        from models import rank_kernels  # numba's import takes most of a second

        rank_kernels.add(columns, self.thresholds, self.starts, self.entries, self.first_entries,
                         odds)  # fmt: skip

    def parts(self, columns: Floats) -> Floats:
        """What every feature adds to the first head: array (rows, features)."""
        from models import rank_kernels  # numba's import takes most of a second

        return np.asarray(
            rank_kernels.parts(
                columns, self.thresholds, self.starts, self.entries, self.first_entries
            )
        )


def _ranks(knots: Floats) -> tuple[Floats, Floats]:
    """Thresholds, and the rank from -1 to 1 of what has 0, 1 ... of them below.

    The middle of equal knots: a constant run sits at its mean rank. So both the knots below a value
    and those not above it count; the latter are those that something just less lies below.
    """
    if len(knots) < 2:
        return np.zeros(0), np.zeros(1)
    both = np.concatenate([knots, np.nextafter(knots, -np.inf)])
    cuts, counts = np.unique(both, return_counts=True)
    return cuts, np.concatenate([[0], np.cumsum(counts)]) / len(knots) - 1
