"""A table of a day looked up row by row.

A small table is a dictionary. In a large one keys are found by a hash (that of Python, keyed anew
in every process) in open addressing, and compared as they are written before anything is told, so
that no two keys are ever mixed up: some 20 bytes a key beside the table's own columns, and half a
second of work for a million keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.compiled import kernel

Marks = npt.NDArray[np.uint64]

_ALL_BITS = (1 << 64) - 1
_ODD = 0x9E3779B97F4A7C15
"""2 to the 64th over the golden ratio, odd: spreads what it multiplies (Knuth, TAOCP 6.4)."""

_ROWS_AT_ONCE = 65_536
"""Keys that are Python texts at one time, while a table is made: some 10 MB (estimate)."""


def mark_of(key: tuple[Any, ...]) -> int:
    """The mark of a key of one or more parts, 64 bits."""
    mark = hash(key[0]) & _ALL_BITS
    for part in key[1:]:
        mark = ((mark ^ (mark >> 29)) * _ODD + hash(part)) & _ALL_BITS
    return mark


def marks_of(keys: Sequence[pl.Series]) -> Marks:
    """Marks of many keys, as `mark_of` gives them."""
    marks = _hashes(keys[0])
    for part in keys[1:]:
        marks = (marks ^ (marks >> np.uint64(29))) * np.uint64(_ODD) + _hashes(part)
    return marks


def _hashes(keys: pl.Series) -> Marks:
    parts = [
        np.array([hash(key) for key in keys[at : at + _ROWS_AT_ONCE]], dtype=np.int64)
        for at in range(0, len(keys), _ROWS_AT_ONCE)
    ]
    return np.concatenate([*parts, np.zeros(0, np.int64)]).view(np.uint64)


@kernel
def _placed(marks, slots):  # type: ignore[no-untyped-def]  # numba
    mask = np.uint64(len(slots) - 1)
    for row in range(len(marks)):
        at = (marks[row] ^ (marks[row] >> np.uint64(32))) & mask
        while slots[at] != 0:
            at = (at + np.uint64(1)) & mask
        slots[at] = row + 1


SMALL = 20_000
"""Keys up to which a table is a dictionary: a tenth of the time, ten times the memory (estimate:
some 4 MB then)."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Rows of a table by key.

    Attributes
    ----------
    keys : the key's columns, as they are written.
    values : the other columns, by name; numbers, none missing.
    """

    keys: tuple[pl.Series, ...]
    values: dict[str, memoryview]
    _rows: dict[Any, int] | None
    _marks: memoryview
    _slots: memoryview

    @classmethod
    def of(
        cls,
        table: pl.DataFrame,
        keys: Sequence[str],
        values: Sequence[str] = (),
        *,
        small: int = SMALL,
    ) -> Lookup:
        """Make a table ready.

        Parameters
        ----------
        table : one row a key; rows without a key are left out.
        keys : its key columns, of text.
        values : columns of numbers to be told.
        small : rows up to which it is a dictionary.
        """
        table = table.drop_nulls(list(keys))
        columns = tuple(table[key].rechunk() for key in keys)
        told = {name: table[name].to_numpy().data for name in values}
        if table.height <= small:
            written = columns[0] if len(columns) == 1 else zip(*columns, strict=True)
            rows = {key: row for row, key in enumerate(written)}
            nothing = np.zeros(0, np.int32).data
            return cls(columns, told, rows, nothing, nothing)
        size = 1 << max(2 * table.height, 2).bit_length()
        slots = np.zeros(size, dtype=np.int32)
        marks = marks_of(columns)
        _placed(marks, slots)
        return cls(columns, told, None, marks.data, slots.data)

    def row(self, *key: Any) -> int:
        """Position of a key; -1 where it, or a part of it, is not there."""
        if self._rows is not None:
            return self._rows.get(key[0] if len(key) == 1 else key, -1)
        if None in key:
            return -1
        mark = mark_of(key)
        mask = len(self._slots) - 1
        at = (mark ^ (mark >> 32)) & mask
        while row := self._slots[at]:
            if self._marks[row - 1] == mark and self._is(row - 1, key):
                return row - 1
            at = (at + 1) & mask
        return -1

    def _is(self, row: int, key: tuple[Any, ...]) -> bool:
        keys = self.keys
        if len(keys) == 1:
            return bool(keys[0][row] == key[0])
        if len(keys) == 2:
            return bool(keys[0][row] == key[0] and keys[1][row] == key[1])
        return all(column[row] == part for column, part in zip(keys, key, strict=True))

    def told(self, name: str, row: int) -> Any:
        """A value of a row; None for no row."""
        return None if row < 0 else self.values[name][row]
