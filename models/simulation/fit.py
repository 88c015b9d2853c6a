"""A fitted model of a desk, and when it learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.promises import Promises


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    number : the first one is 0.
    promises : what it answers.
    learned_until : last day whose flights it learned from.
    """

    number: int
    promises: Promises
    learned_until: date
