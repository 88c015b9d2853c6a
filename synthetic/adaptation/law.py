"""What the law of July 2026 changes, whatever is controlled (domain report 2.6)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from synthetic.behaviour import PRODUCT_TYPOLOGIES, TAKES_HOLD, Behaviour, habits
from synthetic.draw import Floats, Indices, Mask
from synthetic.scenario import AFTER_JULY, EUR_3_FROM, PREVALENCES, ZERO_DUTY_EDGE_AFTER
from synthetic.world import World

_PURPOSE: Final = 42
"""Purpose of the law's own source of chance."""

SETTLING_DAYS: Final = 42
"""Days until the last sender has moved: six weeks (estimate)."""

_EDGE: Final = "edge-seeking undervaluation"

_UNIFYING: Final = 0.4
"""Share of the wrongly coded articles that senders with one code for everything take over; the
prevalence stays (estimate)."""


@dataclass(frozen=True, slots=True)
class LawChange:
    """Who moves when, and how far; arrays hold one element an operator.

    Attributes
    ----------
    day
        Day on which each operator moves; never, if the world began after the law.
    factor
        Factor on its propensity for edge-seeking.
    added
        Propensities that come on top, operator by typology.
    unifies
        Declares everything under its one cheap code from then on.
    drops
        Articles whose wrong code is given up on the day of the operator, so that the share of
        misclassification stays.
    """

    day: Indices
    factor: float
    added: Floats
    unifies: Mask
    drops: Mask

    def move(self, world: World, behaviour: Behaviour, after: int, until: int) -> None:
        """Move the operators whose day has come.

        Parameters
        ----------
        world
            Who lists which article.
        behaviour
            Changed in place.
        after, until
            Days later than the first, up to the second.
        """
        now = (self.day > after) & (self.day <= until)
        if not now.any():
            return
        edge, wrong = (behaviour.names.index(name) for name in (_EDGE, "misclassification"))
        behaviour.propensity[now, edge] *= self.factor
        behaviour.zero_duty_edge[now] = ZERO_DUTY_EDGE_AFTER
        raised = behaviour.propensity[now] + self.added[now]
        behaviour.propensity[now] = within_reason(raised)
        operator, typology = world.products.operator, behaviour.product_typology
        typology[now[operator] & self.drops & (typology == wrong)] = -1
        typology[(now & self.unifies)[operator] & (typology < 0)] = wrong


def within_reason(propensity: Floats) -> Floats:
    """Scale rows down so that no operator falsifies more than nine parcels in ten."""
    return np.asarray(propensity / np.maximum(propensity.sum(axis=1, keepdims=True) / 0.9, 1.0))


def law_change(world: World) -> LawChange:
    """Draw how a world answers to the law; nothing moves where it began under the law already."""
    scenario, operators = world.scenario, world.operators
    count = len(operators.volumes)
    rng = world.rng(_PURPOSE)
    starts = (EUR_3_FROM - scenario.start_date).days
    day = starts + rng.integers(0, SETTLING_DAYS, count)
    added = np.zeros((count, len(world.behaviour.names)))
    for column, name in enumerate(world.behaviour.names):
        more = _more(world, name)
        if more > 0:
            share = more / TAKES_HOLD.get(name, 1.0)
            added[:, column] = habits(rng, scenario, operators, share).clip(0)
    unifies, drops = _unifying(world, rng)
    never = np.full(count, -1, dtype=np.int64)
    return LawChange(day if starts > 0 else never, _edge_factor(world), added, unifies, drops)


def _more(world: World, name: str) -> float:
    """Return by how much the share of a typology rises, in the proportion of the presets."""
    if name in PRODUCT_TYPOLOGIES or AFTER_JULY[name] <= PREVALENCES[name]:
        return 0.0
    if not PREVALENCES[name]:
        return AFTER_JULY[name]
    return world.scenario.prevalences[name] * (AFTER_JULY[name] / PREVALENCES[name] - 1)


def _edge_factor(world: World) -> float:
    """Return the factor with which edge-seeking as a whole falls as in the presets.

    Goods free of duty fall further than dutiable ones, by the pull of the line; the factor is
    what is left to all.
    """
    behaviour = world.behaviour
    edge = behaviour.propensity[:, behaviour.names.index(_EDGE)] * world.operators.volumes
    is_free = world.goods.is_duty_free[behaviour.dear_goods]
    free = float((edge * is_free).sum() / max(edge.sum(), 1e-12))
    pull = ZERO_DUTY_EDGE_AFTER / max(world.scenario.zero_duty_edge, 1e-12)
    return min(1.0, AFTER_JULY[_EDGE] / PREVALENCES[_EDGE] / (1 - free + free * pull))


def _unifying(world: World, rng: np.random.Generator) -> tuple[Mask, Mask]:
    """Choose small senders who unify, and as many wrongly coded articles of others to set right."""
    products, behaviour = world.products, world.behaviour
    volume = world.operators.volumes[products.operator] * products.share
    wrong = behaviour.product_typology == behaviour.names.index("misclassification")
    wanted = _UNIFYING * volume[wrong].sum()
    has_wrong = np.zeros(len(world.operators.volumes), dtype=np.bool_)
    has_wrong[products.operator[wrong]] = True
    order = rng.permutation(np.flatnonzero(has_wrong & world.operators.is_dishonest))
    order = order[world.operators.volumes[order] <= wanted]
    held = np.cumsum(world.operators.volumes[order])
    unifies = np.zeros(len(has_wrong), dtype=np.bool_)
    unifies[order[held <= wanted]] = True
    others = rng.permutation(np.flatnonzero(wrong & ~unifies[products.operator]))
    gained = float(volume[unifies[products.operator] & (behaviour.product_typology < 0)].sum())
    drops = np.zeros(len(wrong), dtype=np.bool_)
    drops[others[np.cumsum(volume[others]) <= gained]] = True
    return unifies, drops
