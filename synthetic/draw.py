"""Seeded draws and gathers over whole columns; nothing here knows about customs."""

from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

Indices: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]


def weighted(rng: Generator, weights: Floats, size: int) -> Indices:
    """Draw `size` positions in proportion to `weights`."""
    cumulative = np.cumsum(weights, dtype=np.float64)
    drawn = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    return np.asarray(np.minimum(drawn, len(weights) - 1), dtype=np.int64)


def zipf_weights(count: int, exponent: float) -> Floats:
    """Weights falling with the power of the rank, summing to 1."""
    weights = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum())


def by_row(rng: Generator, shares: Floats, row: Indices) -> Indices:
    """Draw a column of a table of shares for each case; -1 where the rest of the unit falls.

    Parameters
    ----------
    rng
        Source of chance.
    shares
        Rows that add up to at most 1.
    row
        Row of each case.
    """
    upto = np.cumsum(shares, axis=1)
    chance = rng.random(len(row))
    drawn = np.full(len(row), -1, dtype=np.int64)
    hit = np.flatnonzero(chance < upto[row, -1])
    drawn[hit] = (chance[hit, None] >= upto[row[hit]]).sum(axis=1)
    return drawn


def pick(rng: Generator, values: pl.Series, size: int) -> pl.Series:
    """Gather `size` values drawn evenly."""
    return values[rng.integers(0, len(values), size)]


def replaced(column: pl.Series, rows: Indices | Mask, values: Any) -> pl.Series:
    """Return the column with the given rows replaced, keeping its name and type.

    Parameters
    ----------
    column
        The column as it was.
    rows
        Positions, or a mask over all rows.
    values
        One value, or one per replaced row.
    """
    positions = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    if not len(positions):
        return column
    if column.dtype == pl.Int64 and not column.null_count() and not _has_nulls(values):
        numbers = column.to_numpy(writable=True)
        numbers[positions] = values
        return pl.Series(column.name, numbers)
    if isinstance(values, np.ndarray):
        values = pl.Series(values)
    elif not isinstance(values, pl.Series):
        values = pl.Series([values]).new_from_index(0, len(positions))
    index = np.arange(len(column), dtype=np.int64)
    index[positions] = len(column) + np.arange(len(positions))
    return column.clone().append(values.cast(column.dtype))[index]


def _has_nulls(values: Any) -> bool:
    return isinstance(values, pl.Series) and values.null_count() > 0


def with_series(frame: pl.DataFrame, *columns: pl.Series) -> pl.DataFrame:
    """Return the frame with whole columns exchanged: `with_columns` without its planning."""
    exchanged = frame.clone()
    for column in columns:
        exchanged.replace_column(frame.get_column_index(column.name), column)
    return exchanged


def spread(total: NDArray[np.int64], weights: Floats, group: Indices) -> NDArray[np.int64]:
    """Share each group's total over its rows by weight, in whole units of at least 1.

    Parameters
    ----------
    total
        The group's total, repeated on each of its rows.
    weights
        Positive weight of each row.
    group
        Group of each row, as small whole numbers.
    """
    sums = np.bincount(group, weights)[group]
    return np.maximum(np.floor(total * weights / sums), 1).astype(np.int64)


def filled(rng: Generator, volumes: Floats, share: float, proneness: Floats) -> Mask:
    """Choose members at random until they hold a share of the volume.

    Keeps the realised share near the wanted one although few members hold much of the volume.

    Parameters
    ----------
    rng
        Source of chance.
    volumes
        Volume of each member.
    share
        Wanted share of the whole volume.
    proneness
        Relative chance to be chosen early; members with 0 are never chosen.
    """
    wanted = share * volumes.sum()
    with np.errstate(divide="ignore"):
        order = np.argsort(rng.exponential(size=len(volumes)) / proneness, kind="stable")
    order = order[proneness[order] > 0]
    order = order[volumes[order] <= max(wanted * 0.5, volumes.min())]
    before = np.cumsum(volumes[order]) - volumes[order]
    chosen = np.zeros(len(volumes), dtype=np.bool_)
    chosen[order[before + volumes[order] / 2 <= wanted]] = True
    return chosen
