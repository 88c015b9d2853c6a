"""Do the words fit the code? Learned from what everybody declares.

For every word the codes it usually stands with are counted, in the fading history and on the flight
itself (the declaration asked about is left out). A description fits its code when its words stand
with that code more often than chance; `text_gap` is how much better another heading fits.
All sums are whole thousandths of a natural logarithm, so that they are exact in any order.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from features.history import History
from features.units import LN_PER_THOUSANDTH

PRIOR = 4.0
"""Items that a word must have been seen with before its codes outweigh chance (estimate)."""

KNOWN_FROM = 3.0
"""Items from which on a word counts as known (estimate)."""

CANDIDATES = 8
"""Headings kept a word when looking for a better one."""

UNIT = 1024
_LEVELS = {"hs6": 6, "hs4": 4, "hs2": 2}


def agreement(items: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
    """How well each item's words fit its code.

    Parameters
    ----------
    items : prepared items of one day's flights: `flight_index`, `goods_description`, `hs6`,
        `words`.

    Returns
    -------
    In the order of `items`: `text_hs6_lift`, `text_hs4_lift`, `text_hs2_lift` (mean over words of
    ln P(code | word) / P(code)), `text_hs4_best_word` (best word), `text_known_share`, `text_gap`
    (ln; 0 where no other heading fits better), `text_heading` (the heading that fits best).
    """
    columns = ["flight_index", "goods_description", "hs6"]
    pairs = items.group_by(columns).agg(
        n=pl.len().cast(pl.Int64) * UNIT, words=pl.col("words").first()
    )
    pairs = pairs.sort(columns).with_row_index("pair")
    words = pairs.select("pair", "flight_index", "hs6", "n", text="words").explode("text")
    words = words.drop_nulls("text")
    # Words as numbers, codes too: grouping on text costs three times as much.
    numbers = words.select("text").unique().sort("text").with_row_index("word")
    words = words.join(numbers, on="text", how="left", maintain_order="left").drop("text")
    words = words.with_columns(_levels()).drop("goods_description", strict=False)
    past = _past(history, day, numbers)
    seen = _counted(words, past)
    fits = _fits(seen)
    best = _best_heading(words, past, seen)
    best = best.with_columns(pl.col("text_heading").cast(pl.String).str.zfill(4))
    table = pairs.drop("words").join(fits, on="pair", how="left").join(best, on="pair", how="left")
    joined = items.select(columns).join(table, on=columns, how="left", maintain_order="left")
    return joined.select(
        *(f"text_{level}_lift" for level in _LEVELS), "text_hs4_best_word", "text_known_share",
        "text_gap", "text_heading",
    )  # fmt: skip


def _levels() -> list[pl.Expr]:
    """The code at each level, as a number."""
    code = pl.col("hs6").cast(pl.Int32)
    return [code, (code // 100).alias("hs4"), (code // 10_000).alias("hs2")]


def _past(history: History, day: date, numbers: pl.DataFrame) -> pl.DataFrame:
    """Counts of the history, as integers, with all levels of the code; unknown words have none."""
    rows = history.words.at(day).select(
        text="word", hs6="hs6", n=(pl.col("items") * UNIT).round().cast(pl.Int64)
    )
    return rows.join(numbers, on="text", how="left").drop("text").with_columns(_levels())


def _counted(words: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """Counts behind each (pair, word): of the word, and of the word with the code, at each level.

    The pair's own items are taken out of all of them.
    """
    relevant = past.join(words.select("word").unique(), on="word", how="semi")
    n = pl.col("n")
    word_past = relevant.group_by("word").agg(n_word=n.sum())
    table = words.join(word_past, on="word", how="left", maintain_order="left")
    table = table.with_columns(
        n_word=pl.col("n_word").fill_null(0) + n.sum().over("flight_index", "word") - n,
    )
    all_past, all_here = past["n"].sum(), pl.col("n").sum().over("flight_index")
    for level in _LEVELS:
        with_code = relevant.group_by("word", level).agg(past_with=n.sum())
        of_code = past.group_by(level).agg(past_code=n.sum())
        table = table.join(with_code, on=["word", level], how="left", maintain_order="left")
        table = table.join(of_code, on=level, how="left", maintain_order="left")
        here_with = n.sum().over("flight_index", "word", level) - n
        here_code = n.sum().over("flight_index", level)
        share = (pl.col("past_code").fill_null(0) + here_code) / (all_past + all_here)
        table = table.with_columns(
            (pl.col("past_with").fill_null(0) + here_with).alias(f"n_{level}"),
            share.alias(f"p_{level}"),
        ).drop("past_with", "past_code")
    return table


def _lift(n_with: pl.Expr, n_word: pl.Expr, share: pl.Expr) -> pl.Expr:
    """Ln of P(code | word) over P(code), shrunk, in whole thousandths."""
    prior = PRIOR * UNIT
    ratio = (n_with + prior * share) / ((n_word + prior) * share)
    return (ratio.log() * 1000).round().cast(pl.Int64)


def _weight() -> pl.Expr:
    """How much a word counts, 0 to 1000: little while it is hardly known."""
    n_word = pl.col("n_word")
    return (1000 * n_word / (n_word + 2 * PRIOR * UNIT)).round().cast(pl.Int64)


def _fits(seen: pl.DataFrame) -> pl.DataFrame:
    lifts = seen.with_columns(
        *(
            _lift(pl.col(f"n_{level}"), pl.col("n_word"), pl.col(f"p_{level}")).alias(level)
            for level in _LEVELS
        ),
        weight=_weight(),
    )
    total = pl.col("weight").sum()
    mean = {
        f"text_{level}_lift": pl.when(total > 0).then(
            (pl.col(level) * pl.col("weight")).sum() / total * LN_PER_THOUSANDTH
        )
        for level in _LEVELS
    }
    return lifts.group_by("pair").agg(
        **mean,
        text_hs4_best_word=pl.col("hs4").max() * LN_PER_THOUSANDTH,
        text_known_share=(pl.col("n_word") >= KNOWN_FROM * UNIT).sum() / pl.len(),
    )


def _best_heading(words: pl.DataFrame, past: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """The heading that fits the words best, and by how much better than the declared one."""
    here = words.group_by("flight_index", "word", "hs4").agg(n_with=pl.col("n").sum())
    flights = here.select("flight_index", "word").unique()
    before = past.group_by("word", "hs4").agg(n_with=pl.col("n").sum()).join(flights, on="word")
    candidates = (
        pl.concat([here, before.select(here.columns)])
        .group_by("flight_index", "word", "hs4")
        .agg(pl.col("n_with").sum())
        .sort("flight_index", "word", "n_with", "hs4", descending=[False, False, True, False])
        .group_by("flight_index", "word", maintain_order=True)
        .head(CANDIDATES)
    )
    shares = past.group_by("hs4").agg(past_code=pl.col("n").sum())
    here_shares = words.group_by("flight_index", "hs4").agg(here_code=pl.col("n").sum())
    here_total = pl.col("here_code").sum().over("flight_index")
    candidates = (
        candidates.join(shares, on="hs4", how="left")
        .join(here_shares, on=["flight_index", "hs4"], how="left")
        .with_columns(
            share=(pl.col("past_code").fill_null(0) + pl.col("here_code").fill_null(0) + UNIT)
            / (past["n"].sum() + here_total + UNIT)
        )
        .select("flight_index", "word", "hs4", "n_with", "share")
    )
    asked = seen.select("pair", "flight_index", "word", "n", "n_word", declared="hs4",
                        weight=_weight(), floor=(PRIOR * UNIT / (pl.col("n_word") + PRIOR * UNIT))
                        )  # fmt: skip
    asked = asked.with_columns(floor=(pl.col("floor").log() * 1000).round().cast(pl.Int64))
    lowest = asked.group_by("pair").agg(base=(pl.col("floor") * pl.col("weight")).sum())
    fitted = asked.join(candidates, on=["flight_index", "word"]).with_columns(
        own=pl.when(pl.col("hs4") == pl.col("declared")).then(pl.col("n")).otherwise(0)
    )
    lift = _lift(pl.col("n_with") - pl.col("own"), pl.col("n_word"), pl.col("share"))
    gained = (
        fitted.with_columns(gain=(lift - pl.col("floor")) * pl.col("weight"))
        .group_by("pair", "hs4", "declared")
        .agg(pl.col("gain").sum())
    )
    declared = gained.filter(pl.col("hs4") == pl.col("declared")).select("pair", own_gain="gain")
    best = gained.sort("pair", "gain", "hs4", descending=[False, True, False]).unique(
        "pair", keep="first", maintain_order=True
    )
    gap = (pl.col("gain") - pl.col("own_gain").fill_null(0)).clip(0) * (LN_PER_THOUSANDTH / 1000)
    return (
        lowest.join(best, on="pair", how="left")
        .join(declared, on="pair", how="left")
        .select("pair", text_gap=gap, text_heading="hs4")
    )
