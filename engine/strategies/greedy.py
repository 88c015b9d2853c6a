"""Strategy `greedy`: the model alone."""

from dataclasses import dataclass, field

from engine.policies.balanced import Balanced
from engine.selection import Policy
from engine.strategy import ScoredBy, Signals


@dataclass(frozen=True)
class Greedy:
    """Open what the model holds for the best, and nothing else: it sees only what it suspects."""

    name: str = "greedy"
    meaning: str = "the model's best alone, nothing drawn at random"
    scored_by: ScoredBy = "model"
    policy: Policy = field(default_factory=Balanced)

    def random_share(self, signals: Signals) -> float:
        """Nothing."""
        return 0.0
