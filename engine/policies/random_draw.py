"""Policy `random`: nothing but the random draw."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class RandomDraw:
    """Open a simple random sample of the flight: what every other policy is measured against.

    Under a budget of minutes the sample is so small that it fits whichever parcels are drawn, each
    in a bag and a ULD of its own, so that each consignment has the same known probability; some
    minutes stay unspent.
    """

    name: str = "random"
    objective: str | None = None
    is_draw: bool = True

    def order(self, offered: pl.DataFrame) -> pl.DataFrame:
        """Nothing is left to a choice."""
        return offered.clear()

    def why(self) -> pl.Expr:
        """Never said of a row: the draw gives its own reason."""
        return pl.lit("drawn at random")
