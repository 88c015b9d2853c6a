"""What ranks in a scoring child, as its parent is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoringState:
    """What ranks in a child.

    Attributes
    ----------
    version : the model in force, such as `3 (ensemble)`; `none` where rules rank.
    is_degraded : rules rank, for want of a usable model.
    note : why, or why a newer version does not rank, and the way out; empty where all is well.
    """

    version: str = "none"
    is_degraded: bool = True
    note: str = "the scoring child has not started yet."
