"""How foreign goods and words are to their sender: what it usually sends.

Who hides goods under a false label takes the label of something harmless, mostly of something it
does not deal in (domain report 3.1, T3: the shipper's other goods). Compared is how often the
sender declares a heading, or uses a word, with how often everybody does; a sender hardly known
tells nothing. Counts are whole 1024ths, so that sums are exact in any order.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from features.history import History
from features.units import LN_PER_THOUSANDTH, UNIT, whole

PRIOR = 5.0
"""Items of everybody's goods added to a sender's own (estimate)."""


_WHO = ["flight_index", "key_sender"]


def own_goods(items: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
    """How foreign each item is to its sender.

    Parameters
    ----------
    items : prepared items of one day's flights: `flight_index`, `key_sender`, `hs4`, `text_key`,
        `words`.

    Returns
    -------
    In the order of `items`, ln: `heading_surprise` and `words_surprise` (mean over words): how much
    rarer the heading and the words are with this sender than with everybody, going by its other
    items of the past and of the flight. 0 is what one expects of anybody; null where there is no
    sender, or no word. `goods_surprise` is the smaller of the two: with an honest slip of the code
    the words stay the sender's own, with a rewritten text the heading does.
    """
    goods = items.group_by(*_WHO, "hs4", "text_key").agg(
        n=pl.len().cast(pl.Int64) * UNIT, words=pl.col("words").first()
    )
    goods = goods.drop_nulls("key_sender")
    past = history.pairs["sender_heading"].at(day)
    headings = past.select("key_sender", thing="hs4", n=whole("items"))
    sent = _sent(goods, headings)
    here = goods.group_by(*_WHO, thing="hs4").agg(pl.sum("n"))
    heading = _surprise(here, headings, sent).rename({"thing": "hs4"})
    table = items.select(*_WHO, "hs4", "text_key")
    table = table.join(
        heading.rename({"surprise": "heading_surprise"}), on=[*_WHO, "hs4"],
        how="left", maintain_order="left",
    )  # fmt: skip
    table = table.join(
        _of_words(goods, history, day, sent), on=[*_WHO, "text_key"],
        how="left", maintain_order="left",
    )  # fmt: skip
    both = pl.min_horizontal("heading_surprise", "words_surprise")
    known = pl.all_horizontal(pl.col("heading_surprise", "words_surprise").is_not_null())
    table = table.with_columns(goods_surprise=pl.when(known).then(both))
    return table.select(
        pl.col("heading_surprise", "words_surprise", "goods_surprise") * LN_PER_THOUSANDTH
    )


def _of_words(goods: pl.DataFrame, history: History, day: date, sent: pl.DataFrame) -> pl.DataFrame:
    """Mean surprise of the words of each sender's texts, in thousandths."""
    spelled = goods.select("text_key", "words").unique("text_key").explode("words")
    spelled = spelled.drop_nulls("words")
    numbers = spelled.select("words").unique().sort("words").with_row_index("thing")
    spelled = spelled.join(numbers, on="words").select("text_key", "thing")
    texts = goods.group_by(*_WHO, "text_key").agg(pl.sum("n")).join(spelled, on="text_key")
    past = history.sender_words.at(day).join(numbers, left_on="word", right_on="words")
    past = past.select("key_sender", "thing", n=whole("items"))
    read = _surprise(texts.group_by(*_WHO, "thing").agg(pl.sum("n")), past, sent)
    read = texts.join(read, on=[*_WHO, "thing"])
    mean = (pl.col("surprise").sum() / pl.len()).alias("words_surprise")
    return read.group_by(*_WHO, "text_key").agg(mean)


def _sent(goods: pl.DataFrame, headings: pl.DataFrame) -> pl.DataFrame:
    """Items of each sender on a flight and before, and of everybody: `n_sent`, `n_all`."""
    here = goods.group_by(_WHO).agg(here=pl.sum("n"))
    past = headings.group_by("key_sender").agg(past=pl.sum("n"))
    table = here.join(past, on="key_sender", how="left").with_columns(pl.col("past").fill_null(0))
    everybody = pl.col("here").sum().over("flight_index") + headings["n"].sum()
    return table.select(*_WHO, n_sent=pl.col("here") + pl.col("past"), n_all=everybody)


def _surprise(here: pl.DataFrame, past: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """Surprise of each thing of a flight for its sender, in thousandths, its own item left out.

    Parameters
    ----------
    here : `flight_index`, `key_sender`, `thing`, `n`.
    past : `key_sender`, `thing`, `n`.
    sent : of `_sent`.
    """
    everybody = past.group_by("thing").agg(past_all=pl.sum("n"))
    own = past.rename({"n": "past_own"})
    table = here.join(everybody, on="thing", how="left").join(sent, on=_WHO)
    table = table.join(own, on=["key_sender", "thing"], how="left")
    n_all = pl.col("n").sum().over("flight_index", "thing") + pl.col("past_all").fill_null(0)
    n_own = pl.col("n") + pl.col("past_own").fill_null(0) - UNIT
    share = n_all / pl.col("n_all")
    prior = PRIOR * UNIT
    ratio = (pl.col("n_sent") - UNIT + prior) * share / (n_own + prior * share)
    return table.select(*_WHO, "thing", surprise=(ratio.log() * 1000).round().cast(pl.Int64))
