"""Strategy `thompson`: the model, its doubt about each sender drawn anew on every flight."""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from engine.exploring import explored
from engine.selection import Policy
from engine.strategy import ScoredBy, Signals

RANDOM_SHARE: Final = 0.05
"""Still drawn blindly, so that the flow can be estimated (estimate: half of what is usual, since
the policy explores by itself)."""


@dataclass(frozen=True)
class ByDraw:
    """Order by stake, each sender's rate drawn from what is not known of it (Thompson sampling)."""

    name: str = "thompson"
    objective: str | None = None
    is_draw: bool = False

    def order(self, offered: pl.DataFrame) -> pl.DataFrame:
        """Best first by the drawn rates; needs `engine.exploring.EXPLORED_COLUMNS`."""
        return explored(offered, offered["sender_luck"].to_numpy())

    def why(self) -> pl.Expr:
        """The risk, and how little is known of the sender."""
        return pl.format(
            "risk {} %, and the sender's rate of findings is known from {} controls only",
            (pl.col("risk") * 100).round(1),
            pl.col("sender_controls").round(1),
        )


@dataclass(frozen=True)
class Thompson:
    """Open what is best by rates drawn from the doubt about each sender: senders of whom little is
    known come up at times, and stay as long as they turn out badly.
    """

    name: str = "thompson"
    meaning: str = (
        "the model, each sender's rate drawn from what is not known of it (Thompson sampling), "
        f"and {RANDOM_SHARE:.0%} drawn at random"
    )
    scored_by: ScoredBy = "model"
    policy: Policy = field(default_factory=ByDraw)

    def random_share(self, signals: Signals) -> float:
        """Always the same."""
        return RANDOM_SHARE
