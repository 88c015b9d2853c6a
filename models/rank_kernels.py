"""Compiled look-ups of `models.ranks`, which says what the arrays mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.compiled import kernel
from models.lanes import LANES, count_below
from models.ranks import WIDTH

FEW_ROWS = 8
"""Fewer than these are looked up one by one: a block of 64 costs as much as so many (estimate)."""


@kernel
def add(
    columns: Any, thresholds: Any, starts: Any, entries: Any, first_entries: Any, odds: Any
) -> None:
    """Add to `odds` (heads, rows) what every feature adds, in the order of the features."""
    rows = columns.shape[1]
    if rows < FEW_ROWS:
        _add_to_rows(columns, thresholds, starts, entries, first_entries, odds)
        return
    sums, padded = np.zeros((LANES, entries.shape[1])), np.zeros(LANES)
    for first in range(0, rows, LANES):
        rest = min(LANES, rows - first)
        for lane in range(rest):
            for head in range(odds.shape[0]):
                sums[lane, head] = odds[head, first + lane]
        _add_to_block(columns, first, thresholds, starts, entries, first_entries, padded, sums)
        for lane in range(rest):
            for head in range(odds.shape[0]):
                odds[head, first + lane] = sums[lane, head]


@kernel
def _add_to_rows(
    columns: Any, thresholds: Any, starts: Any, entries: Any, first_entries: Any, odds: Any
) -> None:
    for row in range(columns.shape[1]):
        for feature in range(columns.shape[0]):
            value = columns[feature, row]
            entry = _entry(value, feature, thresholds, starts, first_entries)
            for head in range(odds.shape[0]):
                odds[head, row] += entries[entry, head]


@kernel
def _add_to_block(
    columns: Any, first: int, thresholds: Any, starts: Any, entries: Any, first_entries: Any,
    padded: Any, sums: Any,
) -> None:  # fmt: skip
    """Of the 64 rows from `first` on; past the end zeros, whose sums nobody reads."""
    codes = np.empty(LANES, np.uint8)
    rest = columns.shape[1] - first
    for feature in range(columns.shape[0]):
        column, start = columns[feature], first
        if rest < LANES:
            padded[:rest] = column[first:]
            column, start = padded, 0
        begin, end = starts[feature], starts[feature + 1]
        missing = np.uint8(end - begin + 1)
        count_below(column, start, 0.0, thresholds, begin, end, missing, codes, 0)
        table = entries[first_entries[feature] : first_entries[feature + 1]]
        for lane in range(LANES):
            entry = np.uint64(codes[lane])
            for head in range(WIDTH):
                sums[lane, head] += table[entry, head]


@kernel
def parts(columns: Any, thresholds: Any, starts: Any, entries: Any, first_entries: Any) -> Any:
    """What every feature adds to the first head (rows, features)."""
    features, rows = columns.shape
    told = np.empty((rows, features))
    for row in range(rows):
        for feature in range(features):
            value = columns[feature, row]
            entry = _entry(value, feature, thresholds, starts, first_entries)
            told[row, feature] = entries[entry, 0]
    return told


@kernel
def _entry(value: float, feature: int, thresholds: Any, starts: Any, first_entries: Any) -> Any:
    """Where the entry of a value is."""
    if np.isnan(value):
        return first_entries[feature + 1] - 1
    low, high = starts[feature], starts[feature + 1]
    while low < high:
        middle = (low + high) >> 1
        if value > thresholds[middle]:
            low = middle + 1
        else:
            high = middle
    return first_entries[feature] + low - starts[feature]
