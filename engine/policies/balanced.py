"""Policy `balanced`: what is at stake, and once more how sure it is."""

from dataclasses import dataclass

import polars as pl

ANY_FINDING_EUR = 10.0
"""What any finding is worth by being found, beside its revenue and harm (estimate, a typical loss
of EUR 5 to 40 in domain report 2.5): a sure one without either is still on the list."""


def raised_risk() -> pl.Expr:
    """The risk times what is at stake, EUR; what the policy sorts by.

    At stake is the expected yield: revenue, and harm as the administration weighs it.
    """
    stake = pl.col("expected_yield").clip(0.0) + ANY_FINDING_EUR
    return (pl.col("risk") * stake).alias("raised_risk")


@dataclass(frozen=True)
class Balanced:
    """Open what would matter most, and of that what is surest.

    The expected yield holds the risk already; the risk counts once more because a list of
    sure findings keeps officers, and those who give them time, in the belief that it is worth it.
    """

    name: str = "balanced"
    objective: str | None = None
    is_draw: bool = False

    def order(self, offered: pl.DataFrame) -> pl.DataFrame:
        """By risk times stake; stable, so ties keep the one total order."""
        return offered.sort(raised_risk(), descending=True, maintain_order=True)

    def why(self) -> pl.Expr:
        """Risk in per cent, and yield."""
        return pl.format(
            "risk {} %, EUR {} of revenue and weighted harm expected",
            (pl.col("risk") * 100).round(1),
            pl.col("expected_yield").round(2),
        )
