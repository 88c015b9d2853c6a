"""Strategy `adaptive`: the more the flow drifts, the more is drawn at random."""

from dataclasses import dataclass, field
from typing import Final

from engine.policies.balanced import Balanced
from engine.selection import Policy
from engine.strategy import ScoredBy, Signals

LEAST: Final = 0.05
MOST: Final = 0.25
"""Bounds of the share. Published best shares differ by country and week from 1 % to more than 10 %
(Kim et al., TKDE 2022; Mai et al., ADAPT, 2021); the bounds are estimates around them."""

FULL_DRIFT: Final = 0.25
"""Stability index from which on drift alone asks for the most: "changed" by the usual limits."""

FULL_SHORTFALL: Final = 0.5
"""Share of the promised hits that fail to come from which on that alone asks for the most
(estimate)."""


@dataclass(frozen=True)
class Adaptive:
    """Draw more when the flow has moved away from what the model learned, or when it finds less
    than it promised; draw little while all is as it was.
    """

    name: str = "adaptive"
    meaning: str = (
        f"the model's best, and {LEAST:.0%} to {MOST:.0%} drawn at random, the more the flow "
        "drifts or the promised hits fail to come"
    )
    scored_by: ScoredBy = "model"
    policy: Policy = field(default_factory=Balanced)

    def random_share(self, signals: Signals) -> float:
        """Between the bounds, by the larger of drift and shortfall."""
        drift = (signals.drift_index or 0.0) / FULL_DRIFT
        need = min(max(drift, _shortfall(signals) / FULL_SHORTFALL, 0.0), 1.0)
        return LEAST + (MOST - LEAST) * need


def _shortfall(signals: Signals) -> float:
    """Share of the promised hits that did not come."""
    if signals.hit_rate is None or not signals.promised_rate:
        return 0.0
    return 1.0 - signals.hit_rate / signals.promised_rate
