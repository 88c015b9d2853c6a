"""From an answer to a probability: what share of consignments told so really is irregular.

A line in log-odds (Platt 1999) with a gentle pull to leaving the answer as it is. It is learned on
later controls than the model, the random ones counting full and the chosen ones little, because
those were chosen for being suspicious.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.risk_model import Floats

CHOSEN_WEIGHT = 0.25
"""What a chosen control counts beside a random one (estimate)."""

SLOPE_PULL = 60.0
LEVEL_PULL = 20.0
"""Strength of the pull to leaving slope and level as they are, in controls. A few dozen random
controls say little: with a weaker pull the calibrated risks were worse than the answers themselves
on every development world (estimates, settled there)."""

SMALLEST_SLOPE = 0.2
"""A flatter line would make all answers the same (estimate)."""

_SMALLEST = 1e-6


def _pulled(line: Floats) -> float:
    return float(SLOPE_PULL * (line[1] - 1) ** 2 + LEVEL_PULL * line[0] ** 2)


def log_odds(share: Floats) -> Floats:
    """Natural log-odds, held away from certainty."""
    held = np.clip(share, _SMALLEST, 1 - _SMALLEST)
    return np.log(held / (1 - held))


@dataclass(frozen=True)
class Calibrator:
    """Probability = logistic(intercept + slope * log-odds of the answer)."""

    intercept: float = 0.0
    slope: float = 1.0

    def __call__(self, answers: Floats) -> Floats:
        """Calibrated probabilities, in the same order as the answers."""
        return 1 / (1 + np.exp(-(self.intercept + self.slope * log_odds(answers))))

    @classmethod
    def fitted(cls, answers: Floats, labels: Floats, weights: Floats) -> Calibrator:
        """Learn the line; too few or one-sided labels leave the answers as they are."""
        if len(labels) < 20 or labels.min() == labels.max():
            return cls()
        from scipy.optimize import minimize  # a second that scoring need not wait

        x = log_odds(answers)

        def loss(line: Floats) -> float:
            z = line[0] + line[1] * x
            return float((weights * (np.logaddexp(0, z) - labels * z)).sum())

        start = np.array([0.0, 1.0])
        intercept, slope = minimize(lambda at: loss(at) + _pulled(at), start, method="BFGS").x
        if slope < SMALLEST_SLOPE:
            # A falling line would turn the list upside down: then only the level is corrected.
            slope = SMALLEST_SLOPE
            level = minimize(lambda at: loss(np.array([at[0], slope])), np.array([0.0]))
            intercept = level.x[0]
        return cls(float(intercept), float(slope))
