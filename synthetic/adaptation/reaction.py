"""The end of a day: who has had enough, what they do instead, and how their trials end."""

from typing import Final

import numpy as np
from numpy.random import Generator

from synthetic.adaptation.choices import Choices
from synthetic.adaptation.evidence import Evidence
from synthetic.adaptation.listing import bad_articles, exchange, relist
from synthetic.adaptation.naming import rename
from synthetic.adaptation.newcomers import Market
from synthetic.adaptation.pressure import chance_to_change, felt_shares
from synthetic.adaptation.probing import Trial, drawn_trial
from synthetic.adaptation.variants import (
    MOVES,
    Situation,
    Variant,
    brokers_now,
    product_columns,
    weights_of,
)
from synthetic.draw import Floats, Mask
from synthetic.world import World

_HABIT: Final = 0.02
"""Propensity from which a tactic is a habit that can be changed; less is an occasional slip that
nobody steers (estimate)."""

_GIVES_UP_AFTER: Final = 0.5
"""Chance to give the tactic up when every way that was tried failed (estimate)."""

_EXCHANGES: Final = 0.3
"""Share of relistings in which other articles take the place of the bad ones (estimate)."""


class Reactions:
    """What groups do at the end of a day; holds the trials that are going on.

    Parameters
    ----------
    world
        As built.
    intensity
        From 0, nobody reacts, to 1; see `pressure.chance_to_change`.
    """

    def __init__(self, world: World, intensity: float) -> None:
        self._world = world
        self._intensity = intensity
        self.trials: list[Trial] = []

    def react(
        self,
        choices: Choices,
        evidence: Evidence,
        rng: Generator,
        day: int,
        days: int,
        there: Market,
    ) -> None:
        """Finish the trials whose time is over, and begin those of groups that had enough.

        Parameters
        ----------
        choices
            Changed in place.
        evidence
            What the groups saw; forgotten by those who changed.
        rng
            Source of chance of the day.
        day, days
            Today, and how many days have gone by since the last time.
        there
            Who is there tomorrow.
        """
        self._finish(choices, evidence, rng, day, there)
        felt = felt_shares(
            evidence, brokers_now(self._world, choices), self._world.scenario.brokers
        )
        chance = chance_to_change(felt, self._intensity, days)
        leaves = (rng.random(chance.shape) < chance) & self._habitual(choices, there)
        busy = np.array([trial.operator for trial in self.trials], dtype=np.int64)
        leaves[busy] = False
        renamed: list[int] = []
        for operator, typology in _one_each(leaves):
            at = self._situation(choices, evidence, operator, typology, day)
            renamed += self._change(at, rng)
        if renamed:
            rename(self._world, choices, rng, renamed, day + 1)

    def _situation(
        self, choices: Choices, evidence: Evidence, operator: int, typology: int, day: int
    ) -> Situation:
        likely = choices.behaviour.propensity.T @ self._world.operators.volumes
        return Situation(self._world, choices, evidence, operator, typology, day, likely)

    def _habitual(self, choices: Choices, there: Market) -> Mask:
        """Return the groups that could change: there tomorrow, and cheating this way as a habit."""
        behaviour, products = choices.behaviour, choices.products
        has = behaviour.propensity > _HABIT
        for column in product_columns(choices):
            bad = products.operator[behaviour.product_typology == column]
            has[bad, column] = True
        return np.asarray(has & (there.volume > 0)[:, None])

    def _change(self, at: Situation, rng: Generator) -> list[int]:
        """Begin a change; return the operator if it takes a new name."""
        move, value = _first_open(at, rng)
        if move == "giving up":
            give_up(at.choices, at.operator, at.typology)
            at.evidence.forget(at.operator, at.typology)
            return []
        if move == "relisting":
            articles = bad_articles(at.choices, at.operator, at.typology)
            if rng.random() < _EXCHANGES:
                exchange(at.choices, rng, articles)
                articles = bad_articles(at.choices, at.operator, at.typology)
            relist(self._world, at.choices, rng, articles)
        self.trials.append(drawn_trial(at, Variant(move, value), rng))
        return [at.operator] if move == "identity" else []

    def _finish(
        self, choices: Choices, evidence: Evidence, rng: Generator, day: int, there: Market
    ) -> None:
        """Follow with volume in what passed; where nothing did, some give up."""
        over = [trial for trial in self.trials if trial.to_day <= day + 1]
        self.trials = [trial for trial in self.trials if trial.to_day > day + 1]
        for trial in over:
            best = trial.best()
            evidence.forget(trial.operator, trial.typology)
            if best is not None:
                variant = trial.variants[best]
                MOVES[variant.move].apply(choices, trial.operator, trial.typology, variant.value)
            elif rng.random() < _GIVES_UP_AFTER and there.volume[trial.operator] > 0:
                give_up(choices, trial.operator, trial.typology)


def _first_open(at: Situation, rng: Generator) -> tuple[str, int]:
    """Draw a change by the weights of the typology, and again where there is no such way."""
    weights = weights_of(at.choices.behaviour.names[at.typology])
    shares: Floats = np.array(list(weights.values()))
    moves = list(weights)
    for place in rng.choice(len(moves), len(moves), replace=False, p=shares / shares.sum()):
        move = moves[int(place)]
        if (value := MOVES[move].draw(at, rng)) is not None:
            return move, value
    return "giving up", 0


def _one_each(leaves: Mask) -> list[tuple[int, int]]:
    """Return operator and typology of the groups that leave, the first of each operator."""
    operators = np.flatnonzero(leaves.any(axis=1))
    return list(zip(operators.tolist(), leaves[operators].argmax(axis=1).tolist(), strict=True))


def give_up(choices: Choices, operator: int, typology: int) -> None:
    """Stop cheating in one way.

    Parameters
    ----------
    choices
        Changed in place.
    operator, typology
        The group that stops.
    """
    choices.behaviour.propensity[operator, typology] = 0.0
    choices.behaviour.product_typology[bad_articles(choices, operator, typology)] = -1
    choices.has_given_up[operator] = True
