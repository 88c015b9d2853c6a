"""The working table of a flight: numbers, and words that are written out only at the end.

Nearly every text of a declaration is one of a pool that the world holds. Steps between drawing
and declaring therefore move positions in pools; each text is gathered once, when the row is
written. What is worked on in earnest, such as the parcels of cheats, is written out as a frame.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic.draw import Indices, Mask

Column: TypeAlias = NDArray[Any]

NOTHING: Final = -1
"""Stands for null in the numbers of `NULLABLE`."""

NULLABLE: Final = frozenset({"transport_cents"})
"""Numbers that may be missing."""


@dataclass(frozen=True, slots=True)
class Words:
    """A column of texts as positions in pools.

    Attributes
    ----------
    pools
        Texts, thought of as end to end.
    index
        Position of each row's text.
    """

    pools: tuple[pl.Series, ...]
    index: Indices

    @classmethod
    def or_null(cls, pool: pl.Series, index: Indices) -> Self:
        """Take texts of a pool, null where the position is -1."""
        nothing = pl.Series([None], dtype=pl.String)
        return cls((pool, nothing), np.where(index < 0, len(pool), index))

    @property
    def pool(self) -> pl.Series:
        """All texts, used or not."""
        return pl.concat(self.pools) if len(self.pools) > 1 else self.pools[0]

    def at(self, rows: Indices | Mask) -> "Words":
        """Return the words of some rows, or of rows many times over."""
        return Words(self.pools, self.index[rows])

    def written(self) -> pl.Series:
        """Write the texts out, one a row."""
        return self.pool[pl.Series(self.index.astype(np.uint32))]

    def having(self, text: str) -> Mask:
        """Return where the text is this one."""
        return np.asarray((self.pool == text).fill_null(False).to_numpy()[self.index])

    def replaced(self, rows: Indices | Mask, texts: pl.Series | str | None) -> "Words":
        """Return the words with other texts on some rows: one for all, or one each."""
        positions = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        if not len(positions):
            return self
        added = texts if isinstance(texts, pl.Series) else pl.Series([texts], dtype=pl.String)
        index = self.index.copy()
        place = np.arange(len(positions)) if isinstance(texts, pl.Series) else 0
        index[positions] = sum(map(len, self.pools)) + place
        return Words((*self.pools, added), index)

    def rewritten(self, rows: Indices | Mask, change: Callable[[pl.Series], pl.Series]) -> "Words":
        """Return the words changed on some rows; each distinct text is changed once."""
        distinct, place = np.unique(self.index[rows], return_inverse=True)
        if not len(distinct):
            return self
        changed = change(self.pool[distinct])
        index = self.index.copy()
        index[rows] = sum(map(len, self.pools)) + place
        return Words((*self.pools, changed), index)


@dataclass(frozen=True, slots=True)
class Rows:
    """Goods items in the order of parcels and lines.

    Attributes
    ----------
    numbers
        Whole numbers and truth values; money in cents, mass in milligrams.
    words
        Texts.
    """

    numbers: Mapping[str, Column]
    words: Mapping[str, Words]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.numbers["parcel"])

    def __getitem__(self, name: str) -> Column:
        """Return a column of numbers."""
        return self.numbers[name]

    def changed(self, **columns: Column | Words) -> "Rows":
        """Return the table with whole columns exchanged or added."""
        words = {name: new for name, new in columns.items() if isinstance(new, Words)}
        numbers = {name: new for name, new in columns.items() if not isinstance(new, Words)}
        return Rows({**self.numbers, **numbers}, {**self.words, **words})

    def frame(
        self, rows: Indices | Mask | None = None, *, without: frozenset[str] = frozenset()
    ) -> pl.DataFrame:
        """Write rows out, all of them unless some are named.

        Parameters
        ----------
        rows
            Rows to write.
        without
            Columns to leave out.
        """
        chosen = np.arange(len(self)) if rows is None else rows
        numbers = {n: column for n, column in self.numbers.items() if n not in without}
        words = {n: column for n, column in self.words.items() if n not in without}
        return pl.DataFrame(
            [
                *(_series(name, column[chosen]) for name, column in numbers.items()),
                *(column.at(chosen).written().alias(name) for name, column in words.items()),
            ]
        )

    def merged(self, kept: Indices, frame: pl.DataFrame) -> "Rows":
        """Return some of these rows together with those of a frame, in their order.

        Parameters
        ----------
        kept
            Rows to keep.
        frame
            Other rows, with the same columns.
        """
        both = np.concatenate([kept, len(self) + np.arange(len(frame))])
        place = [
            name * 1000 + line
            for name, line in (
                (self["parcel"][kept], self["line"][kept]),
                (frame["parcel"].to_numpy(), frame["line"].to_numpy()),
            )
        ]
        source = both[np.argsort(np.concatenate(place), kind="stable")]
        numbers = {
            name: np.concatenate([column, _numbers(frame[name])])[source]
            for name, column in self.numbers.items()
        }
        return Rows(numbers, {n: _joined(w, frame[n], source) for n, w in self.words.items()})


def _joined(words: Words, texts: pl.Series, source: Indices) -> Words:
    size = sum(map(len, words.pools))
    index = np.concatenate([words.index, size + np.arange(len(texts))])
    return Words((*words.pools, texts), index[source])


def _series(name: str, numbers: Column) -> pl.Series:
    column = pl.Series(name, numbers)
    return column.set(column == NOTHING, None) if name in NULLABLE else column


def _numbers(column: pl.Series) -> Column:
    return np.asarray((column.fill_null(NOTHING) if column.null_count() else column).to_numpy())
