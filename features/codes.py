"""Keys as dense integers, and what is counted and summed by them.

Grouping on text costs several times what grouping on small integers does, and a flight is grouped
by the same keys again and again. So every key is coded once, exactly (texts are compared, not
their hashes alone), and counted over with plain loops. Sums are of integers: equal in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.compiled import kernel

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""Golden ratio in 64 bits (Knuth, The Art of Computer Programming 3, 6.4)."""


@dataclass(frozen=True)
class Codes:
    """A key of every row as a number from 0 on.

    Attributes
    ----------
    of : code of each row, in the order in which the keys first appear.
    first : position of the first row of each code.
    """

    of: Ints
    first: Ints

    @property
    def count(self) -> int:
        """How many keys there are."""
        return len(self.first)

    def counted(self) -> pl.Series:
        """Rows of each key, told to every row of it."""
        return pl.Series(np.bincount(self.of, minlength=self.count)[self.of], dtype=pl.Int64)

    def summed(self, values: pl.Series) -> pl.Series:
        """Sum of known whole numbers, or count of true values, over the rows of each key."""
        told = values.cast(pl.Int64).fill_null(0).to_numpy()
        return pl.Series(_sums(self.of, told, self.count)[self.of])

    def largest(self, values: pl.Series) -> pl.Series:
        """Largest of whole numbers, none of which is missing, over the rows of each key."""
        return pl.Series(_largest(self.of, values.to_numpy(), self.count)[self.of])

    def distinct(self, other: Codes) -> pl.Series:
        """How many different keys of another kind stand with each key; missing is one of them."""
        both = combined(self, other)
        number = np.bincount(self.of[both.first], minlength=self.count)[self.of]
        return pl.Series(number, dtype=pl.Int64)

    def median(self, values: pl.Series) -> pl.Series:
        """Median of the known values of each key, told to every row of it; null if none is."""
        known = values.is_not_null().to_numpy()
        filled = values.cast(pl.Float64).fill_null(0.0).to_numpy()
        middle, has = _medians(self.of, filled, known, self.count)
        told = pl.Series(values.name, middle[self.of])
        return told.to_frame().select(
            pl.when(pl.Series(has[self.of])).then(pl.col(values.name))
        ).to_series()  # fmt: skip


class Keyed:
    """The keys of a table, each coded when first asked for.

    Parameters
    ----------
    table : its rows.
    """

    def __init__(self, table: pl.DataFrame) -> None:
        self._table = table
        self._codes: dict[tuple[str, ...], Codes] = {}

    def of(self, *names: str) -> Codes:
        """Codes of a column, or of combinations of columns."""
        if names not in self._codes:
            self._codes[names] = (
                coded(self._table[names[0]])
                if len(names) == 1
                else combined(self.of(*names[:-1]), self.of(names[-1]))
            )
        return self._codes[names]

    def distinct(self, *names: str) -> pl.DataFrame:
        """One row a key, in the order of their codes."""
        return self._table.select(names)[self.of(*names).first]

    def looked_up(self, rows: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
        """Columns of another table for the keys of each row, null where it has no such key: a left
        join, in which each key is looked up once however many rows have it.

        Parameters
        ----------
        rows : one row a key.
        on : the key columns, of both tables.
        """
        asked = self.distinct(*on)
        found = asked.join(rows, on=list(on), how="left", maintain_order="left").drop(on)
        return found[self.of(*on).of]


def coded(values: pl.Series) -> Codes:
    """Codes of a column of texts or numbers; missing is a key like any other."""
    if values.dtype == pl.String:
        return _coded_texts(values)
    if values.dtype.is_float():
        bits = (values.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0).view(np.int64)
        return Codes(*_coded_numbers(bits, values.is_not_null().to_numpy()))
    whole = values.cast(pl.Int64)
    return Codes(*_coded_numbers(whole.fill_null(0).to_numpy(), whole.is_not_null().to_numpy()))


def combined(*keys: Codes) -> Codes:
    """Codes of combinations of keys of the same rows."""
    result = keys[0]
    for key in keys[1:]:
        if result.count <= 1:
            result = key
            continue
        both = result.of * key.count + key.of
        result = Codes(*_coded_numbers(both, np.ones(len(both), np.bool_)))
    return result


def _coded_texts(values: pl.Series) -> Codes:
    """By their hashes, and then compared: of two texts with one hash neither is lost."""
    known = values.is_not_null().to_numpy()
    hashes = values.hash().to_numpy().view(np.int64)
    codes = Codes(*_coded_numbers(hashes, known))
    if not values.equals(values.gather(codes.first).gather(codes.of), null_equal=True):
        ranks = values.rank("dense")
        codes = Codes(*_coded_numbers(ranks.fill_null(0).to_numpy().astype(np.int64), known))
    return codes


@kernel
def _size(count: int) -> int:
    """A power of two at least twice the count."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@kernel
def _coded_numbers(values: Any, known: Any) -> Any:
    rows = len(values)
    mask = _size(rows) - 1
    slots = np.full(mask + 1, -1, np.int64)
    codes = np.empty(rows, np.int64)
    first = np.empty(rows, np.int64)
    count = 0
    missing = -1
    for row in range(rows):
        if not known[row]:
            if missing < 0:
                missing = count
                first[count] = row
                count += 1
            codes[row] = missing
            continue
        value = values[row]
        mixed = np.uint64(value) * _MIX
        at = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(mask))
        while slots[at] >= 0 and values[first[slots[at]]] != value:
            at = (at + 1) & mask
        if slots[at] < 0:
            slots[at] = count
            first[count] = row
            count += 1
        codes[row] = slots[at]
    return codes, first[:count].copy()


@kernel
def _sums(codes: Any, values: Any, count: int) -> Any:
    sums = np.zeros(count, np.int64)
    for row in range(len(codes)):
        sums[codes[row]] += values[row]
    return sums


@kernel
def _largest(codes: Any, values: Any, count: int) -> Any:
    most = np.full(count, np.iinfo(np.int64).min, np.int64)
    for row in range(len(codes)):
        if values[row] > most[codes[row]]:
            most[codes[row]] = values[row]
    return most


@kernel
def _medians(codes: Any, values: Any, known: Any, count: int) -> Any:
    starts = np.zeros(count + 1, np.int64)
    for row in range(len(codes)):
        if known[row]:
            starts[codes[row] + 1] += 1
    for code in range(count):
        starts[code + 1] += starts[code]
    ends = starts[:-1].copy()
    grouped = np.empty(starts[-1], np.float64)
    for row in range(len(codes)):
        if known[row]:
            grouped[ends[codes[row]]] = values[row]
            ends[codes[row]] += 1
    middle = np.zeros(count, np.float64)
    has = np.zeros(count, np.bool_)
    for code in range(count):
        size = starts[code + 1] - starts[code]
        if size:
            part = np.sort(grouped[starts[code] : starts[code + 1]])
            half = size // 2
            has[code] = True
            middle[code] = part[half]
            if size % 2 == 0:
                # As polars interpolates, to the bit.
                middle[code] = part[half - 1] + (part[half] - part[half - 1]) * 0.5
    return middle, has
