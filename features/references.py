"""What goods of a commodity code usually weigh and cost: learned from the declarations.

For every HS6 a fading histogram of the logarithm of mass per piece, value per piece, value per
kilogram and pieces a line. From it come robust centres and spreads (median, 16th and 84th
percentile) and percentiles; a rare code leans on its heading (HS4) and that on its chapter. The
flight itself counts too, so that the first day already has a reference.

Many declarants leave the number of pieces out (it is optional). Their lines are compared with their
like: counted as one piece among the others they would blur what a piece weighs and costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from features.levels import BIN_WIDTH, BINS, MEASURES, WITHOUT_PIECES, Floats, Ints, Level

HALF_LIFE_DAYS = 60.0
"""Prices drift within months (estimate)."""


def milli_log(value: pl.Expr) -> pl.Expr:
    """Natural logarithm in whole thousandths; values below one count as one."""
    return (value.cast(pl.Float64).clip(1.0).log() * 1000).round().cast(pl.Int64)


@dataclass(frozen=True)
class References:
    """Histograms per HS6 and measure.

    Attributes
    ----------
    codes : the HS6 codes seen, as numbers, ascending; a million more where pieces are not told.
    histograms : measure -> array (codes, bins) of decayed counts as of `as_of`.
    as_of : last day included.
    """

    codes: Ints
    histograms: dict[str, Floats]
    as_of: date | None

    @classmethod
    def empty(cls) -> References:
        """No reference at all."""
        none = np.zeros((0, BINS))
        return cls(np.zeros(0, dtype=np.int64), {name: none for name in MEASURES}, None)

    def advanced(self, items: pl.DataFrame, day: date) -> References:
        """The references after one more day of items (`hs6`, `has_pieces`, and the measures)."""
        return self.after(counted(items), day)

    def after(self, counts: References, day: date) -> References:
        """The references after one more day, of which the counts are known.

        Parameters
        ----------
        counts : of the day; those of its flights may be put together with `with_counts`.
        day : the day.
        """
        fade = 1.0 if self.as_of is None else 0.5 ** ((day - self.as_of).days / HALF_LIFE_DAYS)
        return replace(counts._plus(self, fade), as_of=day)

    def with_counts(self, others: References) -> References:
        """Counts of these items and of others."""
        return self._plus(others, 1.0)

    def _plus(self, other: References, weight: float) -> References:
        codes = np.union1d(self.codes, other.codes).astype(np.int64)
        own_rows, other_rows = (np.searchsorted(codes, part.codes) for part in (self, other))
        histograms = {}
        for name in MEASURES:
            merged = np.zeros((len(codes), BINS))
            merged[own_rows] = self.histograms[name]
            merged[other_rows] += other.histograms[name] * weight
            histograms[name] = merged
        return References(codes, histograms, None)

    def read(self, items: pl.DataFrame) -> pl.DataFrame:
        """What is usual for each item's code.

        Parameters
        ----------
        items : `hs6`, `has_pieces`, `flight_index` and the measures, in thousandths of ln.

        Returns
        -------
        Per measure: `<measure>_usual` (centre), `<measure>_spread`, both thousandths of ln,
        `<measure>_percentile` (share of goods declared so that have less), and once
        `reference_count` (decayed items behind the code's own histogram).
        """
        # Compiling kernels is nothing for those who only look at references.
        from features.usual import usual_of

        return usual_of(items, self._level)

    def _level(self, name: str, digits: int) -> Level:
        codes = self.codes // digits
        distinct, starts = np.unique(codes, return_index=True)
        histograms = self.histograms[name]
        if len(starts):
            histograms = np.add.reduceat(histograms, starts, axis=0)
        return Level.of(distinct, histograms)


def counted(items: pl.DataFrame) -> References:
    """Histograms of some items alone, as whole numbers."""
    of_items = items.select(_code()).to_series().to_numpy()
    codes, rows = np.unique(of_items, return_inverse=True)
    histograms = {}
    for name in MEASURES:
        bins = np.clip(items[name].to_numpy() // BIN_WIDTH, 0, BINS - 1)
        counts = np.bincount(rows * BINS + bins, minlength=len(codes) * BINS)
        histograms[name] = counts.reshape(len(codes), BINS).astype(np.float64)
    return References(codes.astype(np.int64), histograms, None)


def _code() -> pl.Expr:
    """The key of a line's histogram: its code as a number, apart where pieces are not told."""
    return pl.col("hs6").cast(pl.Int64) + WITHOUT_PIECES * (~pl.col("has_pieces")).cast(pl.Int64)
