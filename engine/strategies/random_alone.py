"""Strategy `random`: nothing but the draw."""

from dataclasses import dataclass, field

from engine.policies.random_draw import RandomDraw
from engine.selection import Policy
from engine.strategy import ScoredBy, Signals


@dataclass(frozen=True)
class RandomAlone:
    """Draw every control at random: what chance finds, and the surest estimate of the flow."""

    name: str = "random"
    meaning: str = "every control is drawn at random"
    scored_by: ScoredBy = "nothing"
    policy: Policy = field(default_factory=RandomDraw)

    def random_share(self, signals: Signals) -> float:
        """Everything."""
        return 1.0
