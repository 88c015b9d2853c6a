"""A strategy: how a service uses its budget flight after flight, and what it does about drift.

A policy (`engine.selection.Policy`) orders one flight. A strategy says what orders it (the trained
model, the rule list, nothing), by which policy, and how much of the budget is drawn at random, and
it may change that as the service learns how well it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from engine.selection import Policy

ScoredBy = Literal["model", "rules", "nothing"]
"""What gives consignments their risks; nothing: all are alike."""


@dataclass(frozen=True)
class Signals:
    """What a service knows of its own work on the morning of a day.

    Everything was declared or recorded before that day; the truth is not among it.

    Attributes
    ----------
    drift_index
        Population stability index of the declared trait that moved most, against the flow that the
        model in force learned from; None: not measured.
    promised_rate
        Mean risk told of the consignments that were chosen for their risk in the last weeks.
    hit_rate
        Share of these controls that found something; None: there were none.
    """

    drift_index: float | None = None
    promised_rate: float | None = None
    hit_rate: float | None = None


class Strategy(Protocol):
    """How a service uses its budget. One file each in `engine.strategies`."""

    @property
    def name(self) -> str:
        """The name by which users ask for it."""

    @property
    def meaning(self) -> str:
        """One sentence that an analyst reads."""

    @property
    def scored_by(self) -> ScoredBy:
        """What gives consignments their risks."""

    @property
    def policy(self) -> Policy:
        """Fills what the random draw leaves of the budget."""

    def random_share(self, signals: Signals) -> float:
        """Share of the budget to draw at random, 0 to 1."""
