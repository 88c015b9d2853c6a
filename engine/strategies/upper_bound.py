"""Strategy `upper-bound`: the model, every sender taken for as bad as it may well be."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl

from engine.exploring import explored
from engine.selection import Policy
from engine.strategies.thompson import RANDOM_SHARE
from engine.strategy import ScoredBy, Signals

QUANTILE: Final = 0.9
"""Where the bound lies in the distribution of a sender's rate (estimate; Bayes-UCB reads an upper
quantile, Kaufmann, Cappé and Garivier 2012)."""


@dataclass(frozen=True)
class ByBound:
    """Order by stake, each sender's rate at the upper end of what is not known of it."""

    name: str = "upper-bound"
    objective: str | None = None
    is_draw: bool = False

    def order(self, offered: pl.DataFrame) -> pl.DataFrame:
        """Best first by the upper rates; needs `engine.exploring.EXPLORED_COLUMNS`."""
        return explored(offered, np.full(offered.height, QUANTILE))

    def why(self) -> pl.Expr:
        """The risk, and how little is known of the sender."""
        return pl.format(
            "risk {} %, and it may be higher: the sender is known from {} controls only",
            (pl.col("risk") * 100).round(1),
            pl.col("sender_controls").round(1),
        )


@dataclass(frozen=True)
class UpperBound:
    """Open what is best if every sender is as bad as it may well be; known senders give way to
    those of whom little is known.
    """

    name: str = "upper-bound"
    meaning: str = (
        "the model, each sender's rate at the upper end of what is not known of it, and "
        f"{RANDOM_SHARE:.0%} drawn at random"
    )
    scored_by: ScoredBy = "model"
    policy: Policy = field(default_factory=ByBound)

    def random_share(self, signals: Signals) -> float:
        """Always the same."""
        return RANDOM_SHARE
