"""Trials: small varied batches, then volume in the variant that passed (T15)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from synthetic.adaptation.choices import Choices
from synthetic.adaptation.evidence import Tally
from synthetic.adaptation.variants import (
    AT_ONCE,
    MOVES,
    Situation,
    Variant,
    product_columns,
    weights_of,
)

BATCH_SHARE: Final = 0.25
"""Volume while trying, against that before and after (estimate: "small batches", T15)."""

_DAYS: Final = (7, 14)
"""Length of a trial: one to two weeks (estimate)."""

_VARIANTS: Final = 3
"""Ways that are tried in turn, at the most (estimate)."""

_GOOD_ENOUGH: Final = 0.15
"""Share stopped above which the best way is not followed (as the share at which users switch)."""


@dataclass(slots=True)
class Trial:
    """One group's trial; each day one variant is sent.

    Attributes
    ----------
    operator, typology
        Who tries, and in place of what.
    from_day, to_day
        First day of the trial, and first day no longer.
    variants
        Ways that are tried in turn.
    sent, stopped
        Parcels of each variant so far.
    """

    operator: int
    typology: int
    from_day: int
    to_day: int
    variants: tuple[Variant, ...]
    sent: list[int]
    stopped: list[int]

    def turn(self, day: int) -> int:
        """Return which variant is sent on a day."""
        return (day - self.from_day) % len(self.variants)

    def watch(self, seen: Tally, day: int) -> None:
        """Count what became of the day's batch.

        Parameters
        ----------
        seen
            A flight of the day.
        day
            Day from 0.
        """
        if not self.from_day <= day < self.to_day:
            return
        turn = self.turn(day)
        variant = self.variants[turn]
        column = variant.value if variant.move == "typology" else self.typology
        self.sent[turn] += int(seen.sent[self.operator, column])
        self.stopped[turn] += int(seen.stopped[self.operator, column])

    def best(self) -> int | None:
        """Return the variant of which fewest were stopped; None if even of it too many were."""
        shares = [
            (stopped + 0.1) / (sent + 1.0)
            for sent, stopped in zip(self.sent, self.stopped, strict=True)
        ]
        best = int(np.argmin(shares))
        share = self.stopped[best] / max(self.sent[best], 1)
        return None if share > _GOOD_ENOUGH else best

    def to_json(self) -> dict[str, Any]:
        """Return the trial as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Trial":
        """Return the trial that `to_json` wrote."""
        variants = tuple(Variant(**variant) for variant in data["variants"])
        return cls(**{**data, "variants": variants})


def drawn_trial(at: Situation, first: Variant, rng: Generator) -> Trial:
    """Draw the trial by which a group goes over to another way.

    Parameters
    ----------
    at
        The group and what it knows.
    first
        The change it has in mind; others are tried beside it, unless it was made at once.
    rng
        Source of chance.
    """
    variants = [first]
    if first.move not in AT_ONCE:
        weights = weights_of(at.choices.behaviour.names[at.typology])
        open_ = [move for move in weights if move not in AT_ONCE]
        shares = np.array([weights[move] for move in open_])
        for place in rng.choice(len(open_), _VARIANTS - 1, p=shares / shares.sum()):
            move = open_[int(place)]
            value = MOVES[move].draw(at, rng)
            if value is not None and Variant(move, value) not in variants:
                variants.append(Variant(move, value))
    nothing = [0] * len(variants)
    length = int(rng.integers(_DAYS[0], _DAYS[1] + 1))
    start = at.day + 1
    return Trial(
        at.operator, at.typology, start, start + length, tuple(variants), nothing, nothing.copy()
    )


def put_to_work(choices: Choices, trial: Trial, day: int) -> None:
    """Send the day's small batch: change a day's copy of the choices.

    Parameters
    ----------
    choices
        From `for_a_day`; changed in place.
    trial
        The trial.
    day
        Day from 0.
    """
    behaviour, operator = choices.behaviour, trial.operator
    if trial.typology in product_columns(choices):
        products = choices.products
        own = products.first[operator] + np.arange(products.count[operator])
        bad = own[behaviour.product_typology[own] == trial.typology]
        rests = np.arange(len(bad)) % round(1 / BATCH_SHARE) != 0
        behaviour.product_typology[bad[rests]] = -1
    behaviour.propensity[operator, trial.typology] *= BATCH_SHARE
    variant = trial.variants[trial.turn(day)]
    MOVES[variant.move].apply(choices, operator, trial.typology, variant.value)
