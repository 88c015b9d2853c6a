"""Do the words fit the code? Learned from what others declare.

A description fits its code when its words stand with that code more often than chance (lifts), and
when no other code is likelier for them (odds, gap). Both are worked out once for each description
and code (`features.text_codes`), not for each goods item.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from features.history import History
from features.text_codes import CANDIDATES, DEPENDENCE, LEVELS, PRIOR, Evidence, evidence
from features.units import LN_PER_THOUSANDTH, UNIT

KNOWN_FROM = 3.0
"""Senders from which on a word counts as known (estimate)."""

MOST_ODDS = 9_000
"""No description is surer than e to the ninth, in thousandths: people err (estimate)."""

_MILLION = 1_000_000

TOLD: tuple[str, ...] = (
    *(f"text_{level}_lift" for level in LEVELS), *(f"text_{level}_odds" for level in LEVELS),
    "text_hs4_best_word", "text_known_share", "text_gap", "text_heading", "text_hs6",
    "text_certainty",
)  # fmt: skip
"""Columns of `agreement`."""


def agreement(items: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
    """How well each item's words fit its code.

    Parameters
    ----------
    items : prepared items of one day's flights: `flight_index`, `key_sender`, `text_key`, `words`,
        `hs6`.

    Returns
    -------
    In the order of `items`; null where no word is known:
    `text_hs6_lift`, `text_hs4_lift`, `text_hs2_lift` : mean over words of
        ln P(code | word) / P(code).
    `text_hs6_odds`, `text_hs4_odds`, `text_hs2_odds` : ln odds that the words' code is the
        declared one, at six, four and two digits.
    `text_hs4_best_word` : lift of the best word.
    `text_known_share` : share of words that others used.
    `text_gap` : ln of how much likelier another heading is; 0 where none is.
    `text_heading`, `text_hs6`, `text_certainty` : the likeliest heading and code, and the
        probability of that code.
    """
    found = evidence(items, history, day)
    seen = _seen(found)
    table = found.pairs.select("pair", "flight_index", "text_key", "hs6")
    for part in (_fits(seen), _weighed(_likelihoods(found, seen))):
        table = table.join(part, on="pair", how="left")
    key = ["flight_index", "text_key", "hs6"]
    asked = items.select("flight_index", "text_key", pl.col("hs6").cast(pl.Int32))
    return asked.join(table, on=key, how="left", maintain_order="left").select(TOLD)


def _seen(found: Evidence) -> pl.DataFrame:
    """Counts behind each word of each pair, less the one sender whose declaration it is."""
    n = pl.col("n")
    total = found.counts.group_by("flight_index", "word").agg(n_word=n.sum() - UNIT)
    table = found.words.join(total, on=["flight_index", "word"])
    for level in LEVELS:
        key = ["flight_index", "word", level]
        with_code = found.counts.group_by(key).agg((n.sum() - UNIT).alias(f"n_{level}"))
        shares = found.codes.group_by("flight_index", level).agg(n.sum())
        share = n / n.sum().over("flight_index")
        shares = shares.select("flight_index", level, share.alias(f"p_{level}"))
        table = table.join(with_code, on=key).join(shares, on=["flight_index", level])
    n_word = pl.col("n_word")
    floor = (PRIOR * UNIT / (n_word + PRIOR * UNIT)).log() * 1000
    return table.with_columns(
        *(_lift(f"n_{level}", f"p_{level}").alias(f"lift_{level}") for level in LEVELS),
        # Little while it is hardly known.
        weight=(1000 * n_word / (n_word + PRIOR * UNIT)).round().cast(pl.Int64),
        floor=floor.round().cast(pl.Int64),
    )


def _lift(with_code: str, share: str) -> pl.Expr:
    """Ln of P(code | word) over P(code), shrunk, in whole thousandths."""
    prior, p = PRIOR * UNIT, pl.col(share)
    ratio = (pl.col(with_code) + prior * p) / ((pl.col("n_word") + prior) * p)
    return (ratio.log() * 1000).round().cast(pl.Int64)


def _fits(seen: pl.DataFrame) -> pl.DataFrame:
    """Mean lifts of each pair, and how much of it is known."""
    total = pl.col("weight").sum()
    mean = {
        f"text_{level}_lift": pl.when(total > 0).then(
            (pl.col(f"lift_{level}") * pl.col("weight")).sum() / total * LN_PER_THOUSANDTH
        )
        for level in LEVELS
    }
    return seen.group_by("pair").agg(
        **mean,
        text_hs4_best_word=pl.col("lift_hs4").max() * LN_PER_THOUSANDTH,
        text_known_share=(pl.col("n_word") >= KNOWN_FROM * UNIT).sum() / pl.len(),
    )


def _likelihoods(found: Evidence, seen: pl.DataFrame) -> pl.DataFrame:
    """Ln of prior times likelihood of every code that may be meant, and of all others together.

    One row a pair and code: `pair`, `said` (the declared code), `hs6` (`said` is among them; null
    for all others together), `ln` in thousandths.
    """
    known = seen.filter(pl.col("weight") > 0)
    temper = pl.len().over("pair").cast(pl.Float64).pow(DEPENDENCE) * pl.col("weight")
    known = known.with_columns(weight=temper.round().cast(pl.Int64))
    gain = (pl.col("lift_hs6") - pl.col("floor")) * pl.col("weight")
    declared = known.select("pair", "hs6", share="p_hs6", gain=gain)
    rows = pl.concat([_of_others(found, known).select(declared.columns), declared])
    rows = rows.group_by("pair", "hs6").agg(pl.col("share").first(), pl.col("gain").sum())
    in_millionths = (pl.col("share") * _MILLION).round().cast(pl.Int64).clip(1)
    rows = rows.with_columns(share=in_millionths)
    rest = rows.group_by("pair").agg(share=(_MILLION - pl.col("share").sum()).clip(1_000))
    rest = rest.with_columns(hs6=pl.lit(None, pl.Int32), gain=pl.lit(0, pl.Int64))
    ln = ((pl.col("share") * (1 / _MILLION)).log() * 1000).round().cast(pl.Int64)
    rows = pl.concat([rows, rest.select(rows.columns)])
    rows = rows.select("pair", "hs6", ln=ln + pl.col("gain") // 1000)
    return rows.join(known.select("pair", said="hs6").unique("pair"), on="pair")


def _of_others(found: Evidence, known: pl.DataFrame) -> pl.DataFrame:
    """What the words of each pair gain for the codes that they stand with most, but the declared.

    `pair`, `hs6`, `share` of the code, `gain` of one word in millionths of ln.
    """
    n = pl.col("n")
    order = {"flight_index": False, "word": False, "n": True, "hs6": False}
    likely = found.counts.sort(*order, descending=list(order.values()))
    likely = likely.group_by("flight_index", "word", maintain_order=True).head(CANDIDATES)
    share = found.codes.select("flight_index", "hs6", share=n / n.sum().over("flight_index"))
    likely = likely.join(share, on=["flight_index", "hs6"]).rename({"n": "n_other"})
    asked = known.select("pair", "flight_index", "word", "n_word", "weight", "floor", said="hs6")
    others = asked.join(likely, on=["flight_index", "word"]).filter(pl.col("hs6") != pl.col("said"))
    gain = (_lift("n_other", "share") - pl.col("floor")) * pl.col("weight")
    return others.select("pair", "hs6", "share", gain=gain)


def _weighed(codes: pl.DataFrame) -> pl.DataFrame:
    """Odds of the declared code, the likeliest code, and how much likelier it is."""
    relative = (pl.col("ln") - pl.col("ln").max().over("pair")) * LN_PER_THOUSANDTH
    table = codes.with_columns(p=(relative.exp() * _MILLION).round().cast(pl.Int64))
    p, hs6, said = pl.col("p"), pl.col("hs6"), pl.col("said")
    headings = (
        table.drop_nulls("hs6")
        .group_by("pair", hs4=hs6 // 100)
        .agg(p.sum(), is_said=(hs6 // 100 == said // 100).first())
    )
    headings = headings.sort("pair", "p", "hs4", descending=[False, True, False])
    is_said = pl.col("is_said")
    best = headings.group_by("pair", maintain_order=True).agg(
        text_heading=pl.col("hs4").first().cast(pl.String).str.zfill(4),
        text_gap=(p.filter(~is_said).max().fill_null(1).clip(1) / p.filter(is_said).sum().clip(1))
        .log().clip(0, MOST_ODDS * LN_PER_THOUSANDTH),
    )  # fmt: skip
    odds = {
        f"text_{level}_odds": _odds(p.filter(hs6 // divisor == said // divisor).sum(), p.sum())
        for level, divisor in LEVELS.items()
    }
    likeliest = table.drop_nulls("hs6").sort("pair", "p", "hs6", descending=[False, True, False])
    likeliest = likeliest.group_by("pair", maintain_order=True).agg(
        text_hs6=hs6.first(), p_best=p.first()
    )
    sums = table.group_by("pair").agg(**odds, p_all=p.sum())
    joined = sums.join(best, on="pair").join(likeliest, on="pair")
    return joined.with_columns(text_certainty=pl.col("p_best") / pl.col("p_all"))


def _odds(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Ln of part against the rest."""
    most = MOST_ODDS * LN_PER_THOUSANDTH
    return (part.clip(1) / (whole - part).clip(1)).log().clip(-most, most)
