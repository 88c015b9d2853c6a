"""Rows that stand together, rolled up: items are in canonical order, so that those of a consignment
are neighbours and need no grouping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import Codes
from features.compiled import kernel

Ints = npt.NDArray[np.int64]

_ABREAST = 4
"""Columns that are rolled up at once."""


@dataclass(frozen=True)
class Segments:
    """Runs of neighbouring rows.

    Attributes
    ----------
    bounds : where each run begins, ascending from 0, and the number of rows; no run is empty.
    """

    bounds: Ints

    @classmethod
    def of(cls, ids: pl.Series) -> Segments:
        """The runs of equal numbers, none of which is missing or comes again later."""
        numbers = ids.to_numpy()
        begins = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])[: len(numbers)])
        return cls(np.append(begins, len(numbers)).astype(np.int64))

    def first(self, values: pl.Series) -> pl.Series:
        """The first value of each run, which may be missing."""
        return values.gather(pl.Series(self.bounds[:-1]))

    def at_largest(self, values: pl.Series) -> Ints:
        """Row of the largest whole number of each run, the first of several."""
        found: Ints = _at_largest(values.to_numpy(), self.bounds)
        return found

    def extremes(
        self, values: pl.DataFrame, smallest: Sequence[str], largest: Sequence[str]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Smallest and largest known number of each run; null where none is known.

        Parameters
        ----------
        values : floating point numbers, finite or missing, or whole numbers below 2 to the 53rd.
        smallest, largest : columns of which the smallest and the largest are asked.
        """
        found = [np.empty((len(side), len(self.bounds) - 1)) for side in (smallest, largest)]
        names = list(dict.fromkeys([*smallest, *largest]))
        for at in range(0, len(names), _ABREAST):
            # Where fewer are left, the last one is read again.
            some = [names[min(at + beside, len(names) - 1)] for beside in range(_ABREAST)]
            rows = [
                np.array([side.index(name) if name in side else -1 for name in some])
                for side in (smallest, largest)
            ]
            _extremes(*(_numbers(values[name]) for name in some), self.bounds, *rows, *found)
        low, high = (
            pl.DataFrame([pl.Series(name, row, nan_to_null=True).cast(values.schema[name])
                          for name, row in zip(side, rows, strict=True)])
            for side, rows in zip((smallest, largest), found, strict=True)
        )  # fmt: skip
        return low, high

    def total(self, values: pl.Series) -> pl.Series:
        """Sum of whole numbers, none of which is missing."""
        return pl.Series(values.name, _totals(values.to_numpy(), self.bounds))

    def any(self, values: pl.Series) -> pl.Series:
        """Whether any is true; none is missing."""
        return pl.Series(values.name, _totals(values.to_numpy(), self.bounds) > 0)

    def median(self, values: pl.Series) -> pl.Series:
        """Median of the known numbers of each run; null where none is known."""
        found = _medians(values.cast(pl.Float64).to_numpy(), self.bounds)
        return pl.Series(values.name, found, nan_to_null=True)

    def distinct(self, keys: Codes) -> pl.Series:
        """How many different keys there are; a missing one is a key."""
        return pl.Series(_distinct(keys.of, keys.count, self.bounds)).cast(pl.UInt32)


def _numbers(values: pl.Series) -> npt.NDArray[np.float64]:
    """Values as numbers; not a number where they are missing."""
    return values.cast(pl.Float64).rechunk().fill_null(float("nan")).to_numpy()


@kernel
def _put(found: Any, row: int, run: int, value: float) -> None:
    """Keep a number where it is asked for; not a number where nothing was known."""
    if row >= 0:
        found[row, run] = value if np.isfinite(value) else np.nan


@kernel
def _extremes(
    a: Any, b: Any, c: Any, d: Any, bounds: Any, low: Any, high: Any, smallest: Any, largest: Any
) -> None:
    """Four columns at once: most runs are short, and going from run to run is what costs."""
    for run in range(len(bounds) - 1):
        low_a, low_b, low_c, low_d = np.inf, np.inf, np.inf, np.inf
        high_a, high_b, high_c, high_d = -np.inf, -np.inf, -np.inf, -np.inf
        for row in range(bounds[run], bounds[run + 1]):
            # What is not a number is neither less nor more than any.
            low_a = a[row] if a[row] < low_a else low_a
            high_a = a[row] if a[row] > high_a else high_a
            low_b = b[row] if b[row] < low_b else low_b
            high_b = b[row] if b[row] > high_b else high_b
            low_c = c[row] if c[row] < low_c else low_c
            high_c = c[row] if c[row] > high_c else high_c
            low_d = d[row] if d[row] < low_d else low_d
            high_d = d[row] if d[row] > high_d else high_d
        for place, value in enumerate((low_a, low_b, low_c, low_d)):
            _put(smallest, low[place], run, value)
        for place, value in enumerate((high_a, high_b, high_c, high_d)):
            _put(largest, high[place], run, value)


@kernel
def _at_largest(values: Any, bounds: Any) -> Any:
    found = np.empty(len(bounds) - 1, np.int64)
    for run in range(len(found)):
        best = bounds[run]
        for row in range(bounds[run] + 1, bounds[run + 1]):
            if values[row] > values[best]:
                best = row
        found[run] = best
    return found


@kernel
def _totals(values: Any, bounds: Any) -> Any:
    found = np.zeros(len(bounds) - 1, np.int64)
    for run in range(len(found)):
        for row in range(bounds[run], bounds[run + 1]):
            found[run] += values[row]
    return found


@kernel
def _medians(values: Any, bounds: Any) -> Any:
    found = np.full(len(bounds) - 1, np.nan)
    known = np.empty(len(values), np.float64)
    for run in range(len(found)):
        count = 0
        for row in range(bounds[run], bounds[run + 1]):
            if not np.isnan(values[row]):
                known[count] = values[row]
                count += 1
        if count > 1:
            known[:count] = np.sort(known[:count])
        if count:
            half = count // 2
            lower = known[half - 1 + count % 2]
            # As polars interpolates, to the last bit.
            found[run] = (known[half] - lower) * 0.5 + lower
    return found


@kernel
def _distinct(codes: Any, count: int, bounds: Any) -> Any:
    found = np.zeros(len(bounds) - 1, np.int64)
    seen_in = np.full(count, -1, np.int64)
    for run in range(len(found)):
        for row in range(bounds[run], bounds[run + 1]):
            if seen_in[codes[row]] != run:
                seen_in[codes[row]] = run
                found[run] += 1
    return found
