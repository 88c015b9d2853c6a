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

HALF_LIFE_DAYS = 60.0
"""Prices drift within months (estimate)."""

PRIOR_COUNT = 20.0
"""Goods items of the parent level that a code's own items must outweigh (estimate)."""

SMALLEST_SPREAD = 150.0
"""No reference is narrower than 15 %: packing and scales vary that much (domain report 7)."""

SMALLEST_LOT_SPREAD = 500.0
"""Nor narrower than this for pieces: of goods bought singly two are nothing strange (estimate)."""

_WITHOUT_PIECES = 1_000_000
"""Added to the code of lines that do not say how many pieces they are."""


def milli_log(value: pl.Expr) -> pl.Expr:
    """Natural logarithm in whole thousandths; values below one count as one."""
    return (value.cast(pl.Float64).clip(1.0).log() * 1000).round().cast(pl.Int64)


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
        codes = items.select(_code()).to_series().to_numpy()
        columns: dict[str, Floats] = {}
        for name in MEASURES:
            columns |= self._read_measure(name, items, codes)
        return pl.DataFrame(columns)

    def _read_measure(self, name: str, items: pl.DataFrame, codes: Ints) -> dict[str, Floats]:
        values = items[name].to_numpy()
        centre, spread, share = np.full(len(codes), np.nan), np.full(len(codes), np.nan), None
        for digits in (100_00, 100, 1):
            level = self._level(name, digits)
            here, own = _flight_level(items, name, digits)
            n, c, s, p = _at(level, codes // digits, values)
            total = n + here
            own_c = own["centre"]
            mixed_c = _mix(c, n, own_c, here)
            mixed_s = _mix(s, n, own["spread"], here)
            mixed_p = _mix(p, n, own["percentile"], here)
            centre = _mix(mixed_c, total, centre, PRIOR_COUNT)
            spread = _mix(mixed_s, total, spread, PRIOR_COUNT)
            share = mixed_p if share is None else _mix(mixed_p, total, share, PRIOR_COUNT)
        assert share is not None
        least = SMALLEST_LOT_SPREAD if name == "lot" else SMALLEST_SPREAD
        result = {f"{name}_usual": centre, f"{name}_spread": np.maximum(spread, least),
                  f"{name}_percentile": share}  # fmt: skip
        if name == MEASURES[0]:
            result["reference_count"] = total
        return result

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
    return pl.col("hs6").cast(pl.Int64) + _WITHOUT_PIECES * (~pl.col("has_pieces")).cast(pl.Int64)


def _mix(a: Floats, weight_a: Floats | float, b: Floats, weight_b: Floats | float) -> Floats:
    """Weighted mean of two readings; where one is not a number the other stands."""
    wa = np.where(np.isnan(a), 0.0, weight_a)
    wb = np.where(np.isnan(b), 0.0, weight_b)
    total = wa + wb
    mixed = (np.nan_to_num(a) * wa + np.nan_to_num(b) * wb) / np.where(total > 0, total, 1.0)
    return np.where(total > 0, mixed, np.nan)


def _at(level: Level, codes: Ints, values: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Count, centre, spread and percentile of values at a level of the history."""
    rows = level.rows(codes)
    none = np.full(len(codes), np.nan)
    if not len(level.codes):
        return np.zeros(len(codes)), none, none, none
    known = rows >= 0
    count = np.where(known, level.cumulated[rows, -1], 0.0)
    bins = np.clip(values // BIN_WIDTH, 0, BINS - 1)
    below = np.where(bins > 0, level.cumulated[rows, bins - 1], 0.0)
    inside = level.cumulated[rows, bins] - below
    part = np.clip(values - bins * BIN_WIDTH, 0, BIN_WIDTH) / BIN_WIDTH
    percentile = (below + inside * part) / np.where(count > 0, count, 1.0)
    known &= count > 0
    return (
        count,
        np.where(known, level.centre[rows], np.nan),
        np.where(known, level.spread[rows], np.nan),
        np.where(known, percentile, np.nan),
    )


def _flight_level(items: pl.DataFrame, name: str, digits: int) -> tuple[Floats, dict[str, Floats]]:
    """The same, read from the flight itself."""
    group = ["flight_index", _code() // digits]
    value = pl.col(name)
    read = items.select(
        n=pl.len().over(group).cast(pl.Float64),
        centre=value.median().over(group),
        low=value.quantile(0.16).over(group),
        high=value.quantile(0.84).over(group),
        rank=value.rank("average").over(group),
    )
    n = read["n"].to_numpy()
    spread = (read["high"] - read["low"]).to_numpy() / 2
    return n, {
        "centre": read["centre"].to_numpy(),
        "spread": spread,
        "percentile": (read["rank"].to_numpy() - 0.5) / n,
    }
