"""Compiled counts of `models.standing`."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.compiled import kernel
from models.lanes import LANES, count_below

MOST_AT_ONCE = 128
"""Up to so many asked, comparing a value with all of them is quicker than a search (estimate)."""


@kernel
def counted(values: Any, asked: Any) -> Any:
    """Of ascending different numbers, how many values are smaller and how many no larger: an array
    (2, asked), and how many values are known. NaN is not.
    """
    size = len(asked)
    between = np.zeros(size + 2, np.int64)
    at_one = np.zeros(size + 2, np.int64)
    ends = np.append(asked, np.array([np.nan, np.nan]))
    if size <= MOST_AT_ONCE:
        _by_blocks(values, asked, ends, between, at_one)
    else:
        _one_by_one(values, asked, ends, between, at_one)
    counts = np.empty((2, size), np.int64)
    total = 0
    for place in range(size):
        total += between[place]
        counts[0, place] = total - at_one[place]
        counts[1, place] = total
    return counts, total + between[size]


@kernel
def _by_blocks(values: Any, asked: Any, ends: Any, between: Any, at_one: Any) -> None:
    """Count the values by how many asked are smaller, and those that are the next one itself."""
    codes, padded = np.empty(LANES, np.uint8), np.empty(LANES)
    for first in range(0, len(values), LANES):
        rest = min(LANES, len(values) - first)
        column, start = values, first
        if rest < LANES:
            padded[:rest] = values[first:]
            column, start = padded, 0
        count_below(column, start, 0.0, asked, 0, len(asked), np.uint8(len(asked) + 1), codes, 0)
        for lane in range(rest):
            place = np.uint64(codes[lane])
            between[place] += 1
            at_one[place] += ends[place] == column[start + lane]


@kernel
def _one_by_one(values: Any, asked: Any, ends: Any, between: Any, at_one: Any) -> None:
    """The same for any number of asked."""
    for value in values:
        place, rest = 0, len(asked)
        while rest > 1:
            half = rest >> 1
            # A product, not a branch that would be foretold wrongly every second time.
            place += half * (asked[place + half - 1] < value)
            rest -= half
        place += asked[place] < value
        place = place if value == value else len(asked) + 1
        between[place] += 1
        at_one[place] += ends[place] == value
