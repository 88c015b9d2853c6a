"""What is usual for each item: the past and the flight itself, read at three levels at once.

Every code's items are put in order of their values by counting, not by comparing: values are whole
thousandths of logarithms, so there are few of them. Chapters and headings reuse the order of the
values. Whatever is the same for all items of a code is worked out once a code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from features.codes import coded
from features.compiled import kernel
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

LEVELS: tuple[int, ...] = (100_00, 100, 1)
"""What a code is divided by for its chapter, its heading, itself."""

_KEYS_A_FLIGHT = 2 * WITHOUT_PIECES
"""Flights are kept apart by this; a multiple of all of `LEVELS`."""


@dataclass(frozen=True)
class Groups:
    """The items of each code of each flight, at one level of the nomenclature.

    Attributes
    ----------
    of : group of each item; groups are in order of flight and code.
    codes : code of each group at this level (`features.references.code_of`).
    parent : group of each group at the level above; zeros at the uppermost.
    starts : where each group begins among the items sorted by group, and their number.
    """

    of: Ints
    codes: Ints
    parent: Ints
    starts: Ints


def groups_of(items: pl.DataFrame) -> list[Groups]:
    """The groups of items (`hs6`, `has_pieces`, `flight_index`) at each of `LEVELS`."""
    hs6 = coded(items["hs6"])
    numbers = items["hs6"].gather(hs6.first).cast(pl.Int64).to_numpy()
    told = items["has_pieces"].to_numpy()
    flight = items["flight_index"].to_numpy().astype(np.int64)
    keys = flight * _KEYS_A_FLIGHT + numbers[hs6.of] + np.where(told, 0, WITHOUT_PIECES)
    distinct = coded(pl.Series(keys))
    codes = keys[distinct.first]
    rank = np.empty(len(codes), np.int64)
    rank[np.argsort(codes)] = np.arange(len(codes))
    of, codes = rank[distinct.of], np.sort(codes)
    found: list[Groups] = []
    above = np.zeros(len(codes), np.int64)
    for digits in LEVELS:
        here, level_of = np.unique(codes // digits, return_inverse=True)
        parent = np.zeros(len(here), np.int64)
        parent[level_of] = above
        rows = level_of[of]
        starts = np.append(0, np.cumsum(np.bincount(rows, minlength=len(here))))
        found.append(Groups(rows, here % (_KEYS_A_FLIGHT // digits), parent, starts))
        above = level_of
    return found


def usual_of(items: pl.DataFrame, level_of: Callable[[str, int], Level]) -> pl.DataFrame:
    """What `References.read` tells of each item.

    Parameters
    ----------
    items : `hs6`, `has_pieces`, `flight_index` and the measures, in thousandths of ln.
    level_of : histograms of the past of a measure at a level.
    """
    groups = groups_of(items)
    columns: dict[str, Floats] = {}
    for name in MEASURES:
        values = items[name].to_numpy()
        order = _in_order(values)
        centre, spread, share = np.full(1, np.nan), np.full(1, np.nan), np.full(len(values), np.nan)
        total = np.zeros(1)
        for digits, group in zip(LEVELS, groups, strict=True):
            level = level_of(name, digits)
            past = level.rows(group.codes)
            cumulated = level.cumulated if len(level.codes) else np.zeros((1, BINS))
            ordered = _by_group(order, group.of, group.starts)
            centre, spread, total = _read(
                values, ordered, group.starts, group.parent, past, cumulated, level.centre,
                level.spread, centre, spread, share, digits == LEVELS[0],
            )  # fmt: skip
        least = SMALLEST_LOT_SPREAD if name == "lot" else SMALLEST_SPREAD
        own = groups[-1].of
        columns |= {f"{name}_usual": centre[own], f"{name}_spread": np.maximum(spread, least)[own],
                    f"{name}_percentile": share}  # fmt: skip
        if name == MEASURES[0]:
            columns["reference_count"] = total[own]
    return pl.DataFrame(columns)


@kernel
def _in_order(values: Any) -> Any:
    """Positions of values in ascending order; equal ones stay as they are."""
    if len(values) == 0:
        return np.empty(0, np.int64)
    low = values.min()
    at = np.zeros(values.max() - low + 2, np.int64)
    for value in values:
        at[value - low + 1] += 1
    for bucket in range(1, len(at)):
        at[bucket] += at[bucket - 1]
    order = np.empty(len(values), np.int64)
    for row in range(len(values)):
        bucket = values[row] - low
        order[at[bucket]] = row
        at[bucket] += 1
    return order


@kernel
def _by_group(order: Any, group: Any, starts: Any) -> Any:
    """The same positions, group by group."""
    at = starts.copy()
    grouped = np.empty(len(order), np.int64)
    for row in order:
        here = group[row]
        grouped[at[here]] = row
        at[here] += 1
    return grouped


@kernel
def _mix(a: float, weight_a: float, b: float, weight_b: float) -> float:
    """Weighted mean of two readings; where one is not a number the other stands."""
    if np.isnan(a):
        a, weight_a = 0.0, 0.0
    if np.isnan(b):
        b, weight_b = 0.0, 0.0
    total = weight_a + weight_b
    if total > 0:
        return (a * weight_a + b * weight_b) / total
    return np.nan


@kernel
def _share_below(cumulated: Any, value: int) -> Any:
    """Share of a histogram's goods that have less."""
    bin_at = min(max(value // BIN_WIDTH, 0), BINS - 1)
    below = cumulated[bin_at - 1] if bin_at > 0 else 0.0
    inside = cumulated[bin_at] - below
    part = min(max(value - bin_at * BIN_WIDTH, 0), BIN_WIDTH) / BIN_WIDTH
    return (below + inside * part) / cumulated[-1]


@kernel
def _middle(values: Any, rows: Any) -> Any:
    """Median of values that are in order."""
    half = len(rows) // 2
    if len(rows) % 2:
        return float(values[rows[half]])
    return (values[rows[half - 1]] + values[rows[half]]) / 2


@kernel
def _nearest(values: Any, rows: Any, share: float) -> Any:
    """Quantile of values that are in order: the nearest of them."""
    return values[rows[int(np.floor((len(rows) - 1) * share + 0.5))]]


@kernel
def _shares(
    values: Any, rows: Any, cumulated: Any, n: float, weight: float, share: Any, is_top: bool
) -> None:
    """Share of goods of a group that have less than each of its items, leaning on the level above.

    `share` holds the shares of the level above and gets those of this one.
    """
    count = len(rows)
    start = 0
    while start < count:
        value = values[rows[start]]
        end = start + 1
        while end < count and values[rows[end]] == value:
            end += 1
        past = _share_below(cumulated, value) if n > 0 else np.nan
        here = ((start + end + 1) / 2 - 0.5) / count
        mixed = _mix(past, n, here, float(count))
        for at in range(start, end):
            row = rows[at]
            share[row] = mixed if is_top else _mix(mixed, weight, share[row], PRIOR_COUNT)
        start = end


@kernel
def _read(
    values: Any, ordered: Any, starts: Any, parent: Any, past: Any, cumulated: Any,
    past_centre: Any, past_spread: Any, above_centre: Any, above_spread: Any, share: Any,
    is_top: bool,
) -> Any:  # fmt: skip
    """Centre, spread and items of each group; `share` of each item is brought to this level."""
    count = len(parent)
    centre, spread, total = np.empty(count), np.empty(count), np.empty(count)
    for group in range(count):
        rows = ordered[starts[group] : starts[group + 1]]
        here = float(len(rows))
        n, middle, width = 0.0, np.nan, np.nan
        if past[group] >= 0:
            n = cumulated[past[group], -1]
        if n > 0:
            middle, width = past_centre[past[group]], past_spread[past[group]]
        own_width = (_nearest(values, rows, 0.84) - _nearest(values, rows, 0.16)) / 2
        weight = n + here
        mixed_centre = _mix(middle, n, _middle(values, rows), here)
        mixed_spread = _mix(width, n, own_width, here)
        at = parent[group]
        centre[group] = _mix(mixed_centre, weight, above_centre[at], PRIOR_COUNT)
        spread[group] = _mix(mixed_spread, weight, above_spread[at], PRIOR_COUNT)
        total[group] = weight
        _shares(values, rows, cumulated[max(past[group], 0)], n, weight, share, is_top)
    return centre, spread, total
