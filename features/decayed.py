"""Tables of sums that fade: one row an entity, updated once a day.

A day's counts lose half their weight every `half_life_days`. The sums of one entity depend only on
its own days, never on when a snapshot was taken or what else was in the table, so they are equal
to the bit however they were reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

SMALLEST_WEIGHT = 0.02
"""Entities whose count has faded below this are dropped (estimate: a single consignment is
forgotten after some six half-lives)."""


@dataclass(frozen=True)
class DecayedTable:
    """Decayed sums by key.

    Attributes
    ----------
    keys : key columns.
    half_lives : half-life in days of every summed column; the first is the count.
    rows : keys, sums as of `as_of`, and `first_on`, the first day the key was seen.
    as_of : last day included; None if nothing is.
    """

    keys: tuple[str, ...]
    half_lives: dict[str, float]
    rows: pl.DataFrame
    as_of: date | None

    @classmethod
    def empty(cls, keys: dict[str, pl.DataType], half_lives: dict[str, float]) -> DecayedTable:
        """A table of nothing."""
        schema = keys | {name: pl.Float64() for name in half_lives} | {"first_on": pl.Date()}
        return cls(tuple(keys), half_lives, pl.DataFrame(schema=schema), None)

    def advanced(self, counts: pl.DataFrame, day: date) -> DecayedTable:
        """The table after one more day.

        Parameters
        ----------
        counts : one row a key that was seen on `day`, with the day's sums (exact integers).
        day : later than `as_of`.
        """
        old = self.rows
        if self.as_of is not None:
            gap = (day - self.as_of).days
            if gap <= 0:
                raise ValueError(f"Days must come in order: {day} after {self.as_of}.")
            old = old.with_columns(
                pl.col(name) * 0.5 ** (gap / half_life)
                for name, half_life in self.half_lives.items()
            )
            # The first sum counts; sums of logarithms are thousands a count and would never fade.
            old = old.filter(pl.col(next(iter(self.half_lives))) >= SMALLEST_WEIGHT)
        new = counts.select(
            *(pl.col(key).cast(old.schema[key]) for key in self.keys),
            *(pl.col(name).cast(pl.Float64) for name in self.half_lives),
            pl.lit(day).alias("first_on"),
        ).drop_nulls(list(self.keys))
        # A key has at most one old and one new row: the sum of two is the same in either order.
        today = new.drop("first_on").rename({name: f"_{name}" for name in self.half_lives})
        both = old.join(today, on=self.keys, how="left", maintain_order="left")
        seen = both.select(
            *self.keys,
            *(pl.col(name) + pl.col(f"_{name}").fill_null(0.0) for name in self.half_lives),
            "first_on",
        )
        merged = pl.concat([seen, new.join(old, on=self.keys, how="anti")])
        return DecayedTable(self.keys, self.half_lives, merged, day)

    def at(self, day: date) -> pl.DataFrame:
        """The rows as seen on a later day: faded further, nothing added.

        Raises
        ------
        ValueError
            The day is included already: seen from there, this would be the future.
        """
        return self._faded(self.rows, day)

    def met(self, asked: pl.DataFrame, day: date) -> pl.DataFrame:
        """The rows of some keys as seen on a later day: a flight meets few of all there are.

        Parameters
        ----------
        asked : columns that are keys of the table, or some of them; rows that share them are given.
        day : later than `as_of`.

        Raises
        ------
        ValueError
            The day is included already.
        """
        return self._faded(self.rows.join(asked, on=asked.columns, how="semi"), day)

    def _faded(self, rows: pl.DataFrame, day: date) -> pl.DataFrame:
        if self.as_of is None:
            return rows
        if day <= self.as_of:
            raise ValueError(f"A table as of {self.as_of} cannot be read on {day}.")
        gap = (day - self.as_of).days - 1
        if gap == 0:
            return rows
        return rows.with_columns(
            pl.col(name) * 0.5 ** (gap / half_life) for name, half_life in self.half_lives.items()
        )
