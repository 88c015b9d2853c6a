"""From an answer to a probability: what share of consignments told so a control finds irregular.

A line in log-odds (Platt 1999) with a gentle pull to leaving the answer as it is, learned on the
random controls: the chosen ones were chosen for being suspicious, and count next to nothing. Then
the level is set so that the latest flow is told the share that random controls found: a history
that grows makes parcels look more suspicious than those of the first weeks did. What a random
control finds is the yardstick; what it misses shows in no data (`models.estimation` says what that
may be).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.risk_model import Examples, Floats

CHOSEN_WEIGHT = 0.02
"""What a chosen control counts beside a random one (estimate): enough to say that there are any
findings at the top where few random ones reach it. With 0.05 the risk of the whole flow was too
high by a quarter on development worlds."""

SLOPE_PULL = 20.0
LEVEL_PULL = 3.0
"""Strength of the pull to leaving slope and level as they are, in controls: a dozen random controls
say little (estimates, settled on development worlds of 12 and of 120 random controls)."""

USUAL_SHARES = {"any": 0.06, "fiscal": 0.03, "goods": 0.035}
"""Share of the flow that random controls usually find irregular (estimate: 12 % are, and about
half of it is found; domain report 7)."""

USUAL_COUNT = 20.0
"""Random controls that this is worth (estimate)."""

MIDDLE = -2.5
"""Log-odds at which the level is read: near 8 %, amid the flow, where a turn of the line does not
move it."""

SMALLEST_SLOPE = 0.2
"""A flatter line would make all answers the same (estimate)."""

FEWEST = 20
"""Controls below which answers are left as they are (estimate)."""

_SMALLEST = 1e-6

_FARTHEST = 40.0
"""Log-odds beyond which every risk is 0 or 1."""


def calibration_weights(examples: Examples) -> Floats:
    """What each control counts in calibration."""
    is_random = examples.labels["is_random"].to_numpy()
    return np.where(is_random, 1.0, CHOSEN_WEIGHT * examples.weight())


def found_share(examples: Examples, head: str) -> float:
    """Share that random controls found irregular, leaning on what is usual where they are few.

    Each counts for the consignments it was drawn from: the inverse of its probability, in units of
    their mean; one where it is not known.
    """
    drawn = examples.where(examples.labels["is_random"])
    stands_for = 1 / drawn.labels["selection_probability"]
    weight = (stands_for / stands_for.mean()).fill_null(1.0).to_numpy()
    found = float((weight * drawn.label(head)).sum())
    return (found + USUAL_COUNT * USUAL_SHARES[head]) / (len(drawn) + USUAL_COUNT)


def log_odds(share: Floats) -> Floats:
    """Natural log-odds, held away from certainty."""
    # Not `np.clip`, which takes five times as long for a single row.
    held = np.minimum(np.maximum(share, _SMALLEST), 1 - _SMALLEST)
    return np.asarray(np.log(held / (1 - held)))


def probability(odds: Floats) -> Floats:
    """The inverse of `log_odds`."""
    return np.asarray(1 / (1 + np.exp(-odds)))


@dataclass(frozen=True)
class Calibrator:
    """Probability = logistic(level + slope * (log-odds of the answer - `MIDDLE`) + `MIDDLE`).

    Attributes
    ----------
    level : shift in log-odds at the middle of the flow; 0 leaves it.
    slope : above 1 spreads the answers, below draws them together.
    """

    level: float = 0.0
    slope: float = 1.0

    def __call__(self, answers: Floats) -> Floats:
        """Calibrated probabilities, in the same order as the answers."""
        odds = MIDDLE + self.level + self.slope * (log_odds(answers) - MIDDLE)
        return probability(odds)

    @classmethod
    def fitted(cls, answers: Floats, labels: Floats, weights: Floats) -> Calibrator:
        """Learn the line; too few or one-sided labels leave the answers as they are."""
        if len(labels) < FEWEST or labels.min() == labels.max():
            return cls()
        from scipy.optimize import minimize  # a second that scoring need not wait

        x = log_odds(answers) - MIDDLE

        def loss(line: Floats) -> float:
            z = MIDDLE + line[0] + line[1] * x
            pull = SLOPE_PULL * (line[1] - 1) ** 2 + LEVEL_PULL * line[0] ** 2
            return float((weights * (np.logaddexp(0, z) - labels * z)).sum() + pull)

        # A falling line would turn the list upside down: the slope has a least.
        bounds = [(None, None), (SMALLEST_SLOPE, None)]
        level, slope = minimize(loss, np.array([0.0, 1.0]), method="L-BFGS-B", bounds=bounds).x
        return cls(float(level), float(slope))

    def anchored(self, answers: Floats, share: float) -> Calibrator:
        """The line with the level at which these answers have this mean.

        Parameters
        ----------
        answers : to consignments that stand for the flow; none leave the line as it is.
        share : the mean that the flow has, above 0 and below 1.
        """
        if not len(answers):
            return self
        from scipy.optimize import brentq  # a second that scoring need not wait

        def too_high(level: float) -> float:
            return float(replace(self, level=level)(answers).mean()) - share

        return replace(self, level=float(brentq(too_high, -_FARTHEST, _FARTHEST)))
