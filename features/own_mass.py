"""What a sender's goods of a heading, and of the same words, weigh, and how much that varies.

One article weighs the same each time it is sent. Where many kinds of goods hide behind one label,
the mass behind the same words varies from parcel to parcel; and where one kind hides, the sender's
goods of that heading weigh, or are as many, as nobody else's (domain report 3.1, T3).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from features.history import History
from features.units import LN_PER_THOUSANDTH, UNIT, whole

PRIOR = 3.0
"""Items that the usual spread and mean count for beside the sender's own (estimate)."""

USUAL_SPREAD = 300
"""Spread of the mass of one article, in thousandths of ln: packing, sizes, scales (estimate; domain
report 7: 15 % for scales alone)."""

_SUMS = ("items", "unit_mass_sum", "unit_mass_square_sum", "lot_sum")


def own_mass(items: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
    """How a sender's goods vary and deviate in mass.

    Parameters
    ----------
    items : prepared items of one day's flights with the columns of `References.read`.

    Returns
    -------
    In the order of `items`, going by the sender's other items of the past and of the flight:
    `text_mass_spread`, `heading_mass_spread` : spread of the mass per piece of the same words and
        of the same heading, ln; shrunk to what one article varies.
    `heading_mass_habit`, `heading_lot_habit` : how far the mass per piece, and the pieces a line,
        of its goods of the heading are from what is usual for the code, ln; shrunk to 0.
    """
    text = _own(items, history, day, "sender_text", "text_key")
    heading = _own(items, history, day, "sender_heading", "hs4")
    n = heading["n"] / UNIT
    kept = n / (n + PRIOR)
    usual = items.select("unit_mass_usual", "lot_usual")
    habits = heading.with_columns(usual, kept=kept).select(
        heading_mass_habit=(pl.col("mean") - pl.col("unit_mass_usual")) * pl.col("kept"),
        heading_lot_habit=(pl.col("lot_mean") - pl.col("lot_usual")) * pl.col("kept"),
    )
    table = habits.with_columns(
        text_mass_spread=text["spread"], heading_mass_spread=heading["spread"]
    )
    return table.select(pl.all() * LN_PER_THOUSANDTH)


def _own(items: pl.DataFrame, history: History, day: date, pair: str, what: str) -> pl.DataFrame:
    """Count, means and spread of a sender's other items of a kind, aligned to `items`."""
    past = history.pairs[pair].at(day).select(
        "key_sender", what, *map(whole, _SUMS)
    )  # fmt: skip
    here = ["flight_index", "key_sender", what]
    mass, lot = pl.col("unit_mass"), pl.col("lot")
    each = {"items": pl.lit(1, pl.Int64), "unit_mass_sum": mass,
            "unit_mass_square_sum": mass**2, "lot_sum": lot}  # fmt: skip
    sums = items.group_by(here).agg(
        pl.len().cast(pl.Int64).alias("items"), unit_mass_sum=mass.sum(),
        unit_mass_square_sum=(mass**2).sum(), lot_sum=lot.sum(),
    )  # fmt: skip
    sums = sums.join(past, on=["key_sender", what], how="left", suffix="_past")
    sums = sums.select(
        *here,
        *((pl.col(s) * UNIT + pl.col(f"{s}_past").fill_null(0)).alias(f"all_{s}") for s in _SUMS),
    )
    table = items.select(*here, "unit_mass", "lot").join(
        sums, on=here, how="left", maintain_order="left"
    )
    n, total, square, lots = (pl.col(f"all_{name}") - each[name] * UNIT for name in _SUMS)
    table = table.select(n=n, total=total, square=square, lots=lots)
    known = pl.when(pl.col("n") >= UNIT // 2)
    mean = pl.col("total") / pl.col("n")
    scatter = known.then((pl.col("square") - pl.col("total") * mean).clip(0)).otherwise(0.0)
    prior = PRIOR * UNIT
    return table.select(
        "n",
        mean=known.then(mean),
        lot_mean=known.then(pl.col("lots") / pl.col("n")),
        spread=((scatter + prior * USUAL_SPREAD**2) / (pl.col("n") + prior)).sqrt(),
    )
