"""The keys of the items of a sight as numbers: coded once for all that count and join by them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import Codes, coded, combined

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Spelled:
    """Texts as words, each a number.

    Attributes
    ----------
    words : distinct words, in the order of their numbers.
    of : number of each word of each text, text by text.
    starts : where each text begins in `of`, and how many words there are in all.
    """

    words: pl.Series
    of: Ints
    starts: Ints

    @classmethod
    def of_lists(cls, lists: pl.Series) -> Spelled:
        """Number the words of texts, given as lists; an empty list is a text without words."""
        said = lists.explode().drop_nulls()
        codes = coded(said)
        starts = np.append(0, np.cumsum(lists.list.len().to_numpy(), dtype=np.int64))
        return cls(said.gather(codes.first), codes.of, starts)

    def of_texts(self, texts: Ints) -> tuple[Ints, Ints]:
        """The words of some texts: which of these each is of, and its number."""
        counts = np.diff(self.starts)[texts]
        at = np.repeat(np.arange(len(texts)), counts)
        within_text = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
        return at, self.of[self.starts[texts][at] + within_text]


@dataclass(frozen=True)
class ItemKeys:
    """Keys of prepared items (`features.sight.prepared`), each a number from 0 on.

    Attributes
    ----------
    items : the frame that they were read off; `Codes.first` are rows of it.
    """

    items: pl.DataFrame

    @cached_property
    def flight(self) -> Codes:
        """The flight."""
        return coded(self.items["flight_index"])

    @cached_property
    def sender(self) -> Codes:
        """The sender; missing is one key."""
        return coded(self.items["key_sender"])

    @cached_property
    def has_sender(self) -> npt.NDArray[np.bool_]:
        """Whether each item has a sender."""
        return self.items["key_sender"].is_not_null().to_numpy()

    @cached_property
    def text(self) -> Codes:
        """Its words."""
        return coded(self.items["text_key"])

    @cached_property
    def code(self) -> Codes:
        """The commodity code."""
        return coded(self.items["hs6"])

    @cached_property
    def heading(self) -> Codes:
        """The heading."""
        return within(self.code, self.items["hs4"])

    @cached_property
    def chapter(self) -> Codes:
        """The chapter."""
        return within(self.code, self.items["hs2"])

    @cached_property
    def like(self) -> Codes:
        """Goods compared with each other: a code of a flight, pieces told or not."""
        return self.on_flight(self.code, coded(self.items["has_pieces"]))

    @cached_property
    def product(self) -> Codes:
        """The merchant's product; missing is one key."""
        return coded(self.items["merchant_product_id"])

    @cached_property
    def spelled(self) -> Spelled:
        """The words of the texts, in the order of the codes of `text`."""
        return Spelled.of_lists(self.items["words"].gather(self.text.first))

    @cached_property
    def who(self) -> Codes:
        """Senders, each flight for itself."""
        return self.on_flight(self.sender)

    def on_flight(self, *keys: Codes) -> Codes:
        """Combinations of keys, each flight for itself."""
        return combined(self.flight, *keys)


def within(finer: Codes, values: pl.Series) -> Codes:
    """Codes of a column that is the same wherever a finer key is: looked at once a finer key."""
    coarse = coded(values.gather(finer.first))
    # The first of a coarser key is the first of its finer keys, and these are in order of rows.
    return Codes(coarse.of[finer.of], finer.first[coarse.first])


def located(values: pl.Series, among: pl.Series) -> Ints:
    """Where each value is among distinct ones; -1 where it is not, or is missing.

    Parameters
    ----------
    values : texts to be looked up.
    among : distinct texts; one of them may be missing.
    """
    both = coded(pl.concat([among, values]))
    at = both.of[len(among) :]
    return np.where((at < len(among)) & values.is_not_null().to_numpy(), at, -1)


def matched(asked: Ints, held: Ints) -> Ints:
    """Where each number asked about is among distinct ones that are held; -1 where it is not."""
    both = coded(pl.Series(np.concatenate([held, asked])))
    at = both.of[len(held) :]
    return np.where(at < len(held), at, -1)
