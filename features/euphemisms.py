"""Which words stand on parcels that were found irregular: euphemisms, learned from outcomes.

Words get stopped, and others come in their place (domain report 1.5, point 6). A word is told by
the rate of irregular controls with it, shrunk to the overall rate and taken at its cautious end, so
that three finds in four controls do not outweigh thirty in sixty. A sender's repeated words would
only be its fingerprint: each sender counts for two controls at most, and a word must have stood on
parcels of three. Only what was recorded before the day counts, so never a parcel's own outcome.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from features.item_keys import ItemKeys
from features.units import LN_PER_THOUSANDTH, UNIT

FEWEST_SENDERS = 3
"""Senders that a word must have been controlled with (estimate)."""

MOST_PER_SENDER = 2
"""Controls that one sender counts for (estimate)."""

PRIOR = 4.0
"""Weight of the overall rate, in controls (estimate)."""


def with_word_odds(
    items: pl.DataFrame, keys: ItemKeys, known: pl.DataFrame, base: float
) -> pl.DataFrame:
    """Add `word_odds_max` and `word_odds_sum` to items: of the words that are told, null if none.

    Parameters
    ----------
    items : prepared items.
    keys : their keys.
    known : the ledger as known on the day (`features.ledger.known_on`).
    base : overall rate of irregular controls.
    """
    spelled = keys.spelled
    text, word = spelled.of_texts(np.arange(keys.text.count))
    said = pl.DataFrame({"text": text, "word": spelled.words.gather(word)})
    told = said.join(word_odds(known, base), on="word").group_by("text").agg(
        word_odds_max=pl.col("odds").max() * LN_PER_THOUSANDTH,
        word_odds_sum=pl.col("odds").sum() * LN_PER_THOUSANDTH,
    )  # fmt: skip
    texts = pl.DataFrame({"text": np.arange(keys.text.count)})
    texts = texts.join(told, on="text", how="left", maintain_order="left").drop("text")
    return items.hstack(texts.select(pl.all().gather(pl.Series(keys.text.of))))


def word_odds(known: pl.DataFrame, base: float) -> pl.DataFrame:
    """How suspicious each word is.

    Returns
    -------
    `word`, `odds`: thousandths of ln of its cautious rate over the overall one: the rate less (or
    more) one standard deviation of a beta distribution; 0 where that reaches the overall rate.
    """
    rows = known.select("word", pl.col("key_sender").fill_null("?"), "w", "w_irregular")
    rows = rows.explode("word").drop_nulls("word")
    senders = rows.group_by("word", "key_sender").agg(pl.sum("w", "w_irregular"))
    kept = pl.min_horizontal(pl.col("w"), pl.lit(MOST_PER_SENDER * UNIT, dtype=pl.Int64))
    senders = senders.filter(pl.col("w") > 0).with_columns(
        w=kept, w_irregular=pl.col("w_irregular") * kept // pl.col("w")
    )
    sums = senders.group_by("word").agg(pl.sum("w", "w_irregular"), senders=pl.len())
    sums = sums.filter(pl.col("senders") >= FEWEST_SENDERS)
    weight = pl.col("w") * (1 / UNIT) + PRIOR
    rate = (pl.col("w_irregular") * (1 / UNIT) + PRIOR * base) / weight
    doubt = (rate * (1 - rate) / (weight + 1)).sqrt()
    cautious = (
        pl.when(rate > base)
        .then(pl.max_horizontal(rate - doubt, pl.lit(base)))
        .otherwise(pl.min_horizontal(rate + doubt, pl.lit(base)))
    )
    odds = ((cautious * (1 / base)).log() * 1000).round().cast(pl.Int64)
    return sums.select("word", odds=odds)
