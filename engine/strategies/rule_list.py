"""Strategy `rules`: the rule list of a selectivity system."""

from dataclasses import dataclass, field

from engine.policies.top_risk import TopRisk
from engine.selection import Policy
from engine.strategy import ScoredBy, Signals


@dataclass(frozen=True)
class RuleList:
    """Open what the rule list gives most points; no model, no random draw."""

    name: str = "rules"
    meaning: str = "the rule list alone, highest points first"
    scored_by: ScoredBy = "rules"
    policy: Policy = field(default_factory=TopRisk)

    def random_share(self, signals: Signals) -> float:
        """Nothing."""
        return 0.0
