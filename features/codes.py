"""Keys as dense integers, and what is counted and summed by them.

Grouping on text costs several times what grouping on small integers does, and a flight is grouped
by the same keys again and again. So every key is coded once, exactly (texts are compared, not
their hashes alone), and counted over with plain loops. Sums are of integers: equal in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import polars as pl

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

    def counted(self) -> Ints:
        """Rows of each key, told to every row of it."""
        return np.asarray(np.bincount(self.of, minlength=self.count)[self.of])

    def summed(self, values: npt.NDArray[Any]) -> Ints:
        """Sum of whole numbers over the rows of each key, told to every row of it."""
        return np.asarray(_sums(self.of, values.astype(np.int64), self.count)[self.of])

    def largest(self, values: npt.NDArray[Any]) -> Ints:
        """Largest whole number of each key, told to every row of it."""
        return np.asarray(_largest(self.of, values.astype(np.int64), self.count)[self.of])

    def distinct(self, other: Codes) -> Ints:
        """How many different keys of another kind stand with each key, told to every row of it."""
        both = combined(self, other)
        return np.asarray(np.bincount(self.of[both.first], minlength=self.count)[self.of])

    def median(self, values: pl.Series) -> pl.Series:
        """Median of the known values of each key, told to every row of it; null if none is."""
        known = values.is_not_null().to_numpy()
        filled = values.cast(pl.Float64).fill_null(0.0).to_numpy()
        middle, has = _medians(self.of, filled, known, self.count)
        told = pl.Series(values.name, middle[self.of])
        return told.to_frame().select(
            pl.when(pl.Series(has[self.of])).then(pl.col(values.name))
        ).to_series()  # fmt: skip


def coded(values: pl.Series) -> Codes:
    """Codes of a column of texts or whole numbers; missing is a key like any other."""
    if values.dtype == pl.String:
        array = values.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        _, offsets, data = array.buffers()
        at = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
        letters = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
        known = values.is_not_null().to_numpy()
        return Codes(*_coded_texts(at, letters, known))
    whole = values.cast(pl.Int64)
    return Codes(*_coded_numbers(whole.fill_null(0).to_numpy(), whole.is_not_null().to_numpy()))


def combined(*keys: Codes) -> Codes:
    """Codes of combinations of keys of the same rows."""
    result = keys[0]
    for key in keys[1:]:
        both = result.of * key.count + key.of
        result = Codes(*_coded_numbers(both, np.ones(len(both), np.bool_)))
    return result


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _size(count: int) -> int:
    """A power of two at least twice the count."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _hashed(letters: Any, start: int, end: int) -> Any:
    """A hash of a stretch of bytes; only speed depends on it."""
    mixed = np.uint64(end - start) * _MIX
    word = np.uint64(0)
    filled = 0
    for at in range(start, end):
        word = (word << np.uint64(8)) | np.uint64(letters[at])
        filled += 1
        if filled == 8:
            mixed = (mixed ^ word) * _MIX
            mixed ^= mixed >> np.uint64(29)
            word = np.uint64(0)
            filled = 0
    mixed = (mixed ^ word) * _MIX
    return mixed ^ (mixed >> np.uint64(32))


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _is_same(letters: Any, start: int, other: int, length: int) -> bool:
    same = 0
    while same < length and letters[start + same] == letters[other + same]:
        same += 1
    return same == length


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _coded_texts(offsets: Any, letters: Any, known: Any) -> Any:
    rows = len(offsets) - 1
    mask = _size(rows) - 1
    slots = np.full(mask + 1, -1, np.int64)
    hashes = np.empty(rows, np.uint64)
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
        start = offsets[row]
        length = offsets[row + 1] - start
        mixed = _hashed(letters, start, start + length)
        hashes[row] = mixed
        at = np.int64(mixed & np.uint64(mask))
        while slots[at] >= 0:
            one = first[slots[at]]
            is_alike = hashes[one] == mixed and offsets[one + 1] - offsets[one] == length
            if is_alike and _is_same(letters, start, offsets[one], length):
                break
            at = (at + 1) & mask
        if slots[at] < 0:
            slots[at] = count
            first[count] = row
            count += 1
        codes[row] = slots[at]
    return codes, first[:count].copy()


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sums(codes: Any, values: Any, count: int) -> Any:
    sums = np.zeros(count, np.int64)
    for row in range(len(codes)):
        sums[codes[row]] += values[row]
    return sums


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _largest(codes: Any, values: Any, count: int) -> Any:
    most = np.full(count, np.iinfo(np.int64).min, np.int64)
    for row in range(len(codes)):
        if values[row] > most[codes[row]]:
            most[codes[row]] = values[row]
    return most


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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
            middle[code] = part[half] if size % 2 else (part[half - 1] + part[half]) * 0.5
    return middle, has
