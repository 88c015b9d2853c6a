"""Champion and challenger: a newer model is put in force only when it has won at work.

The challenger answers in the shadow: every control since it learned is answered by both, and
neither has learned from any of them. What was chosen was chosen by the champion's light, so the
random controls, where there are any, count as much as all the others together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.promises import Promises
from models.risk_model import Examples, Floats

FEWEST_CONTROLS: Final = 20
"""New controls below which nobody has won and the challenger waits for more: chance would decide
(estimate)."""

_SMALLEST = 1e-4
"""No answer is nearer to never or always: one slip must not outweigh a hundred controls."""


@dataclass(frozen=True)
class Duel:
    """How two models answered the same controls.

    Attributes
    ----------
    control_count, random_count : controls both were asked about, and how many of them were drawn
        at random.
    champion_loss, challenger_loss : mean surprise (log loss, natural logarithms) at what was
        found; of random and of chosen controls in equal parts where there are both.
    """

    control_count: int
    random_count: int
    champion_loss: float
    challenger_loss: float

    @property
    def is_decided(self) -> bool:
        """Whether there are controls enough to tell."""
        return self.control_count >= FEWEST_CONTROLS

    @property
    def is_won(self) -> bool:
        """Whether the challenger is the better one."""
        return self.is_decided and self.challenger_loss < self.champion_loss


def duel(champion: Promises, challenger: Promises, controls: Examples) -> Duel:
    """Ask both models about controls that neither has learned from.

    Parameters
    ----------
    champion, challenger : the model in force, and the newer one.
    controls : with their results, of days after both have learned.
    """
    if not len(controls):
        return Duel(0, 0, 0.0, 0.0)
    is_random = controls.labels["is_random"].to_numpy().astype(np.bool_)
    losses = []
    for promises in (champion, challenger):
        risk = promises.of(controls.features)["risk"].to_numpy()
        surprise = _surprise(risk, controls.label("any"), controls.weight())
        parts = [surprise[mask] for mask in (is_random, ~is_random) if mask.any()]
        losses.append(float(np.mean([part.mean() for part in parts])))
    return Duel(len(controls), int(is_random.sum()), *losses)


def _surprise(risk: Floats, found: Floats, weight: Floats) -> Floats:
    """Log loss of each answer, times what the control says."""
    risk = np.clip(risk, _SMALLEST, 1 - _SMALLEST)
    return np.asarray(-weight * np.where(found > 0, np.log(risk), np.log1p(-risk)))
