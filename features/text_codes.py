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

import polars as pl

from features.goods_words import goods_words
from features.history import History
from features.look_alikes import borrowed
from features.units import UNIT, whole

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
    pairs : one row a (`flight_index`, `text_key`, `hs6`), numbered by `pair`.
    words : one row a word of a pair: `pair`, `flight_index`, `word` (a number), its codes.
    counts : `flight_index`, `word`, codes, `n`: senders of the past and of the flight, in 1024ths,
        among them the one whose declaration is looked at.
    codes : the same for a code, whatever the words: `flight_index`, codes, `n`.
    """

    pairs: pl.DataFrame
    words: pl.DataFrame
    counts: pl.DataFrame
    codes: pl.DataFrame


def evidence(items: pl.DataFrame, history: History, day: date) -> Evidence:
    """Count what is behind the words of a day's flights.

    Parameters
    ----------
    items : prepared items: `flight_index`, `key_sender`, `text_key`, `words`, `hs6`.
    history : as of a day before.
    day : the day of the flights.
    """
    key = ["flight_index", "text_key", "hs6"]
    said = items.select(*key, "words", pl.col("key_sender").fill_null("?"))
    said = said.unique([*key, "key_sender"]).with_columns(levels())
    pairs = said.unique(key).sort(key).with_row_index("pair")
    spelled = pairs.select("text_key", text="words").unique("text_key").explode("text")
    spelled = spelled.drop_nulls("text")
    # Words as numbers, codes too: grouping on text costs three times as much.
    numbers = spelled.select("text").unique().sort("text").with_row_index("word")
    spelled = spelled.join(numbers, on="text", how="left").select("text_key", "word")
    past = _past(history, day)
    here = _here(said, spelled)
    of_words = past.join(numbers, on="text", how="inner").select("word", *LEVELS, "n")
    lent = borrowed(past, numbers, list(LEVELS)).select(of_words.columns)
    return Evidence(
        pairs.select("pair", *key[:2], *LEVELS),
        pairs.select("pair", *key[:2], *LEVELS).join(spelled, on="text_key").drop("text_key"),
        _joined(here, pl.concat([of_words, lent]), "word"),
        _joined(here, past, "flight_index"),
    )


def _here(said: pl.DataFrame, spelled: pl.DataFrame) -> pl.DataFrame:
    """Senders on the flight behind each word and code."""
    key = ["flight_index", "word", *LEVELS]
    senders = said.select("flight_index", "text_key", *LEVELS, pl.col("key_sender").rank("dense"))
    rows = senders.join(spelled, on="text_key").unique([*key, "key_sender"])
    return rows.group_by(key).agg(n=pl.len().cast(pl.Int64) * UNIT)


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
