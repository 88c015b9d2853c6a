"""Which code do words stand with? Counted over senders, told as a probability.

For every word the senders are counted that declared it under a code: on the flight itself, and day
by day in the fading history. A sender counts once a day however often it repeats itself, and the
one asked about is taken out of its flight, so that a lie told often does not look usual. Our own
table of goods words (`features.goods_words`) stands in for a few senders until real ones are known.

The probability of a code given a description is a naive Bayes estimate over its words. Words of one
description are not independent, so that their evidence is tempered. Sums are of whole thousandths
of natural logarithms, and of whole millionths of a probability: equal in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import Codes, coded, combined
from features.goods_words import goods_words
from features.history import History
from features.item_keys import ItemKeys
from features.look_alikes import borrowed
from features.units import UNIT, whole

Ints = npt.NDArray[np.int64]

PRIOR = 4.0
"""Senders that a word must have been seen with before its codes outweigh chance (estimate)."""

TABLE_SENDERS = 10
"""Senders that a line of our own table of goods words stands for (estimate)."""

CANDIDATES = 12
"""Codes kept a word, the most frequent (estimate: few words stand for more)."""

DEPENDENCE = -0.3
"""Power of the number of known words that their evidence is tempered by: one word counts in full,
four for 2.6 and eight for 4.3 of them (estimate; 0: independent words)."""

LEVELS: dict[str, int] = {"hs6": 1, "hs4": 100, "hs2": 10_000}
"""Levels of the code, and what their number is divided by."""


def levels() -> list[pl.Expr]:
    """The code as a number, at each level."""
    code = pl.col("hs6").cast(pl.Int32)
    return [(code // divisor).alias(level) for level, divisor in LEVELS.items()]


@dataclass(frozen=True)
class Evidence:
    """What is behind the words of a day's flights.

    Attributes
    ----------
    pair : the text and code of each item, each flight for itself.
    flight, text, hs6 : of each pair: numbers of the flight and the text (`ItemKeys`), and the code.
    counts : `flight_index` and `word` (numbers of `ItemKeys`), codes, `n`: senders of the past and
        of the flight, in 1024ths, among them the one whose declaration is looked at.
    codes : the same for a code, whatever the words: `flight_index`, codes, `n`.
    """

    pair: Codes
    flight: Ints
    text: Ints
    hs6: Ints
    counts: pl.DataFrame
    codes: pl.DataFrame


def evidence(keys: ItemKeys, history: History, day: date) -> Evidence:
    """Count what is behind the words of a day's flights.

    Parameters
    ----------
    keys : of the prepared items.
    history : as of a day before.
    day : the day of the flights.
    """
    pair = keys.on_flight(keys.text, keys.code)
    numbers = keys.spelled.words.rename("text").to_frame()
    numbers = numbers.with_columns(word=pl.int_range(pl.len(), dtype=pl.Int64))
    past = _past(history, day)
    here = _here(keys, pair)
    of_words = past.join(numbers, on="text", how="inner").select("word", *LEVELS, "n")
    lent = borrowed(past, numbers, list(LEVELS)).select(of_words.columns)
    return Evidence(
        pair,
        keys.flight.of[pair.first],
        keys.text.of[pair.first],
        _number(keys)[keys.code.of[pair.first]],
        _joined(here, pl.concat([of_words, lent]), "word"),
        _joined(here, past, "flight_index"),
    )


def _number(keys: ItemKeys) -> Ints:
    """The codes as the numbers that they are."""
    return keys.items["hs6"].gather(keys.code.first).cast(pl.Int64).to_numpy()


def _here(keys: ItemKeys, pair: Codes) -> pl.DataFrame:
    """Senders on the flight behind each word and code."""
    said = combined(pair, keys.sender).first
    at, word = keys.spelled.of_texts(keys.text.of[said])
    row = said[at]
    words = keys.flight.of[row] * len(keys.spelled.words) + word
    thing = coded(pl.Series(words * keys.code.count + keys.code.of[row]))
    # A sender counts once for a word and code, however many of its texts have the word.
    once = coded(pl.Series(thing.of * keys.sender.count + keys.sender.of[row])).first
    senders = np.bincount(thing.of[once], minlength=thing.count)
    first = row[thing.first]
    rows = pl.DataFrame(
        {
            "flight_index": keys.flight.of[first],
            "word": word[thing.first],
            "hs6": _number(keys)[keys.code.of[first]].astype(np.int32),
            "n": senders * UNIT,
        }
    )
    return rows.with_columns(levels()).select("flight_index", "word", *LEVELS, "n")


def _past(history: History, day: date) -> pl.DataFrame:
    """Senders of the past behind each word and code, our own table among them."""
    rows = history.words.at(day).select("hs6", text="word", n=whole("senders"))
    table = goods_words().select("hs6", "text", n=pl.col("share") * (TABLE_SENDERS * UNIT) // 1000)
    both = pl.concat([rows, table]).group_by("text", "hs6").agg(pl.sum("n"))
    return both.with_columns(levels())


def _joined(here: pl.DataFrame, past: pl.DataFrame, by: str) -> pl.DataFrame:
    """Counts of each flight and of the past together, by flight, codes and perhaps word."""
    key = list(dict.fromkeys(["flight_index", by, *LEVELS]))
    flights = here.select(key[:-3]).unique()
    before = past.group_by([name for name in key if name != "flight_index"]).agg(pl.sum("n"))
    before = (
        flights.join(before, how="cross") if by == "flight_index" else flights.join(before, on=by)
    )
    return (
        pl.concat([here.select(*key, "n"), before.select(*key, "n")]).group_by(key).agg(pl.sum("n"))
    )
