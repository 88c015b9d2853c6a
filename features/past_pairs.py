"""What is known of the pairs that today's items are of: a sender and its heading, its words, ...

History holds far more pairs than a flight shows. Its keys are looked up among the flight's, once;
what is summed up is then read by number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import Codes, combined
from features.decayed import DecayedTable
from features.item_keys import ItemKeys, located, matched
from features.units import whole

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PastPair:
    """A pair of keys of the items, and what history says of it.

    Attributes
    ----------
    pair : the pair of each item.
    first, second : what its keys are in each row of `past`, as numbers among the items'; -1 where
        no item has the key.
    past : the table of all pairs, as it was kept.
    at : row of `past` of each pair; -1 where it was never seen.
    """

    pair: Codes
    first: Ints
    second: Ints
    past: DecayedTable
    at: Ints

    @classmethod
    def of(cls, past: DecayedTable, first: Codes, second: Codes, items: pl.DataFrame) -> PastPair:
        """Look the pairs of items up.

        Parameters
        ----------
        past : table of two keys.
        first, second : its keys as those of the items.
        items : what they were coded from; has the keys under the table's names.
        """
        one, other = (
            located(past.rows[name], items[name].gather(codes.first))
            for name, codes in zip(past.keys, (first, second), strict=True)
        )
        pair = combined(first, second)
        known = np.flatnonzero((one >= 0) & (other >= 0))
        asked = first.of[pair.first] * second.count + second.of[pair.first]
        at = matched(asked, one[known] * second.count + other[known])
        return cls(pair, one, other, past, np.append(known, -1)[at])

    def sums(self, day: date, *names: str) -> pl.DataFrame:
        """Faded sums of each pair as of a day, in the order of its codes; null where unseen."""
        seen = np.flatnonzero(self.at >= 0)
        rows = faded(replace(self.past, rows=self.past.rows[self.at[seen]]), day, *names)
        where = np.full(self.pair.count, -1, np.int64)
        where[seen] = np.arange(len(seen))
        return rows.select(pl.all().gather(_or_null(where)))

    def told(self, sums: pl.DataFrame) -> pl.DataFrame:
        """What was read of pairs, told to every item."""
        return sums.select(pl.all().gather(pl.Series(self.pair.of)))


def faded(table: DecayedTable, day: date, *names: str) -> pl.DataFrame:
    """Some sums of a table as seen on a day, no others."""
    few = {name: table.half_lives[name] for name in names}
    return replace(table, rows=table.rows.select(names), half_lives=few).at(day)


def whole_counts(table: DecayedTable, day: date) -> Ints:
    """Items behind each row of a table as seen on a day, in whole 1024ths."""
    return faded(table, day, "items").select(whole("items")).to_series().to_numpy()


def _or_null(positions: Ints) -> pl.Series:
    """Positions, of which -1 is none."""
    return pl.select(pl.when(pl.Series(positions) >= 0).then(pl.Series(positions))).to_series()


@dataclass(frozen=True)
class PastPairs:
    """The pairs that the items of a sight are compared by."""

    sender_heading: PastPair
    sender_text: PastPair
    product_code: PastPair

    @classmethod
    def of(cls, keys: ItemKeys, pairs: dict[str, DecayedTable]) -> PastPairs:
        """Look them up in what history keeps of pairs."""
        return cls(
            PastPair.of(pairs["sender_heading"], keys.sender, keys.heading, keys.items),
            PastPair.of(pairs["sender_text"], keys.sender, keys.text, keys.items),
            PastPair.of(pairs["product_code"], keys.product, keys.code, keys.items),
        )

    def by_name(self) -> dict[str, PastPair]:
        """The pairs under their names in `features.history.PAIRS`."""
        return {
            "sender_heading": self.sender_heading,
            "sender_text": self.sender_text,
            "product_code": self.product_code,
        }
