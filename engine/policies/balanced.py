"""Policy `balanced`: the highest risk first, raised where there is money behind it."""

from dataclasses import dataclass

import polars as pl

HIGHEST_RAISE = 2.0
"""Money raises a consignment at most to three times its risk, so that a sure finding without
revenue (a counterfeit) is never pushed aside by a faint chance of much money (estimate)."""

HALF_RAISE_EUR = 10.0
"""Expected revenue at which half of that is reached: an even chance of a typical finding of
EUR 20 (domain report 2.5: EUR 5 to 40)."""


def raised_risk() -> pl.Expr:
    """The risk, raised by the expected revenue; what the policy sorts by. From 0 to 3."""
    revenue = pl.col("expected_revenue_eur").clip(0.0)
    raised = 1 + HIGHEST_RAISE * revenue / (revenue + HALF_RAISE_EUR)
    return (pl.col("risk") * raised).alias("raised_risk")


@dataclass(frozen=True)
class Balanced:
    """Open what is most likely irregular, and among the likely what would pay."""

    name: str = "balanced"
    objective: str | None = None
    is_draw: bool = False

    def order(self, offered: pl.DataFrame) -> pl.DataFrame:
        """By risk, raised by the expected revenue; stable, so ties keep the one total order."""
        return offered.sort(raised_risk(), descending=True, maintain_order=True)

    def why(self) -> pl.Expr:
        """Risk in per cent, and revenue."""
        percent = (pl.col("risk") * 100).round(1)
        revenue = pl.col("expected_revenue_eur").round(2)
        return pl.format("risk {} %, EUR {} of revenue expected", percent, revenue)
