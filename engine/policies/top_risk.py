"""Policy `top_risk`: the highest risk first."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class TopRisk:
    """Open what is most likely to be irregular, whatever it is worth."""

    name: str = "top_risk"
    objective: str | None = None
    is_draw: bool = False

    def order(self, offered: pl.DataFrame) -> pl.DataFrame:
        """As offered: the one total order is by risk already."""
        return offered

    def why(self) -> pl.Expr:
        """The risk in per cent."""
        percent = (pl.col("risk") * 100).round(1)
        return pl.format("risk {} %: among the highest of the flight", percent)
