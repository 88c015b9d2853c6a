"""Strategies `mixed-5`, `mixed-10`, `mixed-20`: the model, and a fixed share drawn at random."""

from dataclasses import dataclass, field

from engine.policies.balanced import Balanced
from engine.selection import Policy
from engine.strategy import ScoredBy, Signals


@dataclass(frozen=True)
class Mixed:
    """Open the model's best, and draw a fixed share of the budget at random.

    Attributes
    ----------
    share
        Share of the budget that is drawn; 10 % is usual in simulations of customs selection.
    """

    share: float = 0.10
    scored_by: ScoredBy = "model"
    policy: Policy = field(default_factory=Balanced)

    @property
    def name(self) -> str:
        """With the share in per cent."""
        return f"mixed-{round(100 * self.share)}"

    @property
    def meaning(self) -> str:
        """With the share in per cent."""
        return f"the model's best, and {round(100 * self.share)} % of the budget drawn at random"

    def random_share(self, signals: Signals) -> float:
        """Always the same."""
        return self.share
