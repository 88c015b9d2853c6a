"""What the goods could be instead: mass and value read under the code that the words fit, too.

Wrong codes are mostly honest (domain report 7: 5 % and more): goods described as what they are,
under a code they do not belong to, weigh and cost what their words say. Goods under a false label
weigh and cost neither what the code nor what the words say.
"""

from __future__ import annotations

import polars as pl

CERTAIN = 0.5
"""Probability from which on the code that the words fit best is read as well (estimate)."""

READ: tuple[str, ...] = ("unit_mass", "unit_value")

_CODE = ["flight_index", "has_pieces", "hs6"]


def likely_goods(items: pl.DataFrame) -> pl.DataFrame:
    """The nearer of two readings of each item: under its code, and under that of its words.

    Parameters
    ----------
    items : prepared items with the columns of `References.read` and of `agreement`.

    Returns
    -------
    In the order of `items`, spreads: `unit_mass_either_z`, `unit_value_either_z`: distance from
    what is usual for the declared code or for the likeliest code of the words, whichever is nearer.
    """
    usual = [f"{name}_{what}" for name in READ for what in ("usual", "spread")]
    codes = items.select(*_CODE[:2], pl.col("hs6").cast(pl.Int32), *usual).unique(_CODE)
    codes = codes.rename({name: f"likely_{name}" for name in usual})
    is_certain = pl.col("text_certainty") >= CERTAIN
    asked = items.select(
        *_CODE[:2], *READ, *usual, hs6=pl.when(is_certain).then(pl.col("text_hs6"))
    )
    table = asked.join(codes, on=_CODE, how="left", maintain_order="left")
    return table.select(
        _nearer(
            (pl.col(name) - pl.col(f"{name}_usual")) / pl.col(f"{name}_spread"),
            (pl.col(name) - pl.col(f"likely_{name}_usual")) / pl.col(f"likely_{name}_spread"),
        ).alias(f"{name}_either_z")
        for name in READ
    )


def _nearer(declared: pl.Expr, likely: pl.Expr) -> pl.Expr:
    return pl.when(likely.abs() < declared.abs()).then(likely).otherwise(declared)
