"""What is usual for the items of one consignment: `features.references` for one alone.

Of a code only what is asked for is cumulated, once a day, and kept: two kilobytes a measure and
level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.levels import (
    BIN_WIDTH,
    BINS,
    MEASURES,
    PRIOR_COUNT,
    SMALLEST_LOT_SPREAD,
    SMALLEST_SPREAD,
    WITHOUT_PIECES,
    Floats,
    Ints,
    Level,
)
from features.references import References
from features.single.parcel import Item

DIGITS = (100_00, 100, 1)
"""What a code is divided by at each level, the widest first: chapter, heading, code."""

KEPT_READINGS = 20_000
"""Codes whose readings are kept: some 40 MB."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The histogram of one code, summed up.

    Attributes
    ----------
    cumulated : counts up to the end of each bin.
    count : all of them.
    centre, spread : thousandths of ln.
    """

    cumulated: list[float]
    count: float
    centre: float
    spread: float

    def percentile(self, value: int) -> float:
        """Share of goods declared so that have less."""
        at = value // BIN_WIDTH  # no value is below zero
        at = BINS - 1 if at >= BINS else at
        below = self.cumulated[at - 1] if at > 0 else 0.0
        inside = self.cumulated[at] - below
        rest = value - at * BIN_WIDTH
        part = (BIN_WIDTH if rest > BIN_WIDTH else rest) / BIN_WIDTH
        return (below + inside * part) / self.count


@dataclass(frozen=True)
class _Histograms:
    """Histograms of one measure at one level, ascending by code."""

    codes: Ints
    counts: Floats

    def reading(self, code: int) -> Reading | None:
        """Of one code; None where nothing is known."""
        row = int(np.searchsorted(self.codes, code))
        if row == len(self.codes) or self.codes[row] != code:
            return None
        level = Level.of(self.codes[row : row + 1], self.counts[row : row + 1])
        cumulated = level.cumulated[0].tolist()
        if not cumulated[-1] > 0:
            return None
        return Reading(cumulated, cumulated[-1], float(level.centre[0]), float(level.spread[0]))


class Usual:
    """What is usual, as of a day.

    Parameters
    ----------
    references : as of the evening before.
    """

    def __init__(self, references: References) -> None:
        self._references = references
        self._kept: dict[tuple[str, int, int], Reading | None] = {}

    @cached_property
    def _histograms(self) -> dict[tuple[str, int], _Histograms]:
        return {
            (name, digits): self._summed(name, digits) for name in MEASURES for digits in DIGITS
        }

    def _summed(self, name: str, digits: int) -> _Histograms:
        codes, counts = self._references.codes, self._references.histograms[name]
        distinct, starts = np.unique(codes // digits, return_index=True)
        if len(starts) and digits > 1:
            counts = np.add.reduceat(counts, starts, axis=0)
        return _Histograms(distinct, counts)

    def reading(self, name: str, digits: int, code: int) -> Reading | None:
        """What was known of a code the evening before; None: nothing."""
        key = (name, digits, code)
        if key not in self._kept:
            if len(self._kept) >= KEPT_READINGS:
                self._kept.clear()
            self._kept[key] = self._histograms[name, digits].reading(code)
        return self._kept[key]

    def add(self, items: Sequence[Item]) -> None:
        """Add to items what `References.read` tells of them."""
        codes = [int(item["hs6"]) + (0 if item["has_pieces"] else WITHOUT_PIECES) for item in items]
        for name in MEASURES:
            values = [item[name] for item in items]
            for at, item in enumerate(items):
                self._read(name, at, codes, values, item)

    def _read(
        self, name: str, at: int, codes: Sequence[int], values: Sequence[int], item: Item
    ) -> None:
        centre = spread = share = 0.0
        above, total, value, is_only = 0.0, 0.0, values[at], len(values) == 1
        for digits in DIGITS:
            code = codes[at] // digits
            if is_only:
                here, own_c, own_s, own_p = 1.0, float(value), 0.0, 0.5
            else:
                here, own_c, own_s, own_p = _own(code, digits, at, codes, values)
            known = self.reading(name, digits, code)
            if known is None:
                n = c = s = p = 0.0
            else:
                n, c, s = known.count, known.centre, known.spread
                p = known.percentile(value)
            total = n + here
            c = (c * n + own_c * here) / total
            s = (s * n + own_s * here) / total
            p = (p * n + own_p * here) / total
            both = total + above
            centre = (c * total + centre * above) / both
            spread = (s * total + spread * above) / both
            share = (p * total + share * above) / both if above else p
            above = PRIOR_COUNT
        item[f"{name}_usual"] = centre
        item[f"{name}_spread"] = max(
            spread, SMALLEST_LOT_SPREAD if name == "lot" else SMALLEST_SPREAD
        )
        item[f"{name}_percentile"] = share
        if name == MEASURES[0]:
            item["reference_count"] = total


def _own(
    code: int, digits: int, at: int, codes: Sequence[int], values: Sequence[int]
) -> tuple[float, float, float, float]:
    """Count, centre, spread and percentile of an item among those of its consignment."""
    value = values[at]
    beside = sorted(
        one for other, one in zip(codes, values, strict=True) if other // digits == code
    )
    n = len(beside)
    centre = (beside[(n - 1) // 2] + beside[n // 2]) / 2
    low, high = (beside[math.floor((n - 1) * share + 0.5)] for share in (0.16, 0.84))
    rank = sum(one < value for one in beside) + (sum(one == value for one in beside) + 1) / 2
    return float(n), centre, (high - low) / 2, (rank - 0.5) / n
