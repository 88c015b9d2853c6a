"""Policy `expected_yield`: the most expected yield for the budget."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class ExpectedYield:
    """Open what brings most within the budget, ULDs and bags to be opened included.

    Yield is expected revenue plus the configured weight of harm, in euro. The choice is made as a
    route (`engine.routing`), with a bound on what any list could bring.
    """

    name: str = "expected_yield"
    objective: str | None = "expected_yield"
    is_draw: bool = False

    def order(self, offered: pl.DataFrame) -> pl.DataFrame:
        """Highest expected yield per unit of the budget first; for what the route leaves over."""
        density = pl.col("expected_yield") / pl.col("cost")
        return offered.sort(density, descending=True, maintain_order=True)

    def why(self) -> pl.Expr:
        """The yield and the minutes it takes."""
        return pl.format(
            "expected yield EUR {} in {} minutes of its own: on the way of the best route",
            pl.col("expected_yield").round(2),
            pl.col("minutes").round(1),
        )
