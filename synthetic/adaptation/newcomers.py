"""New cheats in the place of those who gave up, so that there is about as much cheating as ever."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from synthetic.adaptation.choices import Choices
from synthetic.behaviour import BAD_PIECES, HABIT_RATE, PRODUCT_TYPOLOGIES, Behaviour, proneness
from synthetic.draw import Floats, Indices
from synthetic.world import World

_NEW_SENDER_DAYS: Final = 30
_NEW_SENDERS: Final = 3.0
"""Senders who came within these days take to cheating so much more readily (estimate)."""

_TOLERANCE: Final = 0.01
"""Part of the cheating that may be missing before somebody comes for it (estimate)."""

_HONEST_SO_FAR: Final = 0.15
"""Propensity up to which a sender counts as one who may begin (estimate)."""


@dataclass(frozen=True, slots=True)
class Market:
    """Who is there on a day; arrays hold one element an operator.

    Attributes
    ----------
    volume
        Share of the day's flow.
    is_new
        Came within the last month.
    """

    volume: Floats
    is_new: np.ndarray


def market(world: World, day: int) -> Market:
    """Return who is there on a day, and how much of the flow each sends."""
    active = world.active(day)
    operator, count = world.identities.operator[active], len(world.operators.volumes)
    volume = np.bincount(operator, world.operators.volumes[operator], minlength=count)
    is_new = np.zeros(count, dtype=np.bool_)
    is_new[operator[world.identities.from_day[active] > day - _NEW_SENDER_DAYS]] = True
    return Market(volume / volume.sum(), is_new)


def tactic_shares(behaviour: Behaviour, volume: Floats) -> Floats:
    """Return the share of parcels planned for each typology, without those of articles."""
    return np.asarray(volume @ behaviour.propensity)


def article_shares(world: World, behaviour: Behaviour, volume: Floats) -> Floats:
    """Return the share of goods items that are bad, for each typology that lies in articles."""
    sold = volume[world.products.operator] * world.products.share * BAD_PIECES
    names = [behaviour.names.index(name) for name in PRODUCT_TYPOLOGIES]
    return np.array([sold[behaviour.product_typology == column].sum() for column in names])


def recruit(
    world: World, choices: Choices, reference: Behaviour, rng: Generator, there: Market
) -> None:
    """Let new cheats begin where less is cheated than if nobody had ever reacted.

    Parameters
    ----------
    world
        As built.
    choices
        Changed in place.
    reference
        How everybody would cheat if nobody had reacted, under the law of the day.
    rng
        Source of chance.
    there
        Who is there to begin.
    """
    wanted = tactic_shares(reference, there.volume)
    missing = float(wanted.sum() - tactic_shares(choices.behaviour, there.volume).sum())
    if missing > _TOLERANCE * wanted.sum():
        _take_up(choices, rng, there, wanted, missing)
    goods = article_shares(world, reference, there.volume)
    gap = goods.sum() - article_shares(world, choices.behaviour, there.volume).sum()
    if gap > _TOLERANCE * goods.sum():
        _list_bad(world, choices, rng, there, goods, float(gap))


def _take_up(
    choices: Choices, rng: Generator, there: Market, wanted: Floats, missing: float
) -> None:
    propensity = choices.behaviour.propensity
    may = (there.volume > 0) & (propensity.sum(axis=1) < _HONEST_SO_FAR) & ~choices.has_given_up
    may &= there.volume * HABIT_RATE <= missing
    for operator in _drawn(rng, np.where(may, 1 + (_NEW_SENDERS - 1) * there.is_new, 0.0)).tolist():
        gain = there.volume[operator] * HABIT_RATE
        if gain <= missing:
            column = int(rng.choice(len(wanted), p=wanted / wanted.sum()))
            propensity[operator, column] += HABIT_RATE
            choices.is_newcomer[operator] = True
            missing -= gain


def _list_bad(
    world: World, choices: Choices, rng: Generator, there: Market, wanted: Floats, missing: float
) -> None:
    products, typology = world.products, choices.behaviour.product_typology
    column = int(rng.choice(len(wanted), p=wanted / wanted.sum()))
    sold = there.volume[products.operator] * products.share * BAD_PIECES
    prone = proneness(PRODUCT_TYPOLOGIES[column], world.goods, products)
    prone *= (typology < 0) & (sold > 0) & (sold <= missing)
    prone *= ~choices.has_given_up[products.operator]
    order = _drawn(rng, prone)
    begins = order[np.cumsum(sold[order]) <= missing]
    typology[begins] = choices.behaviour.names.index(PRODUCT_TYPOLOGIES[column])
    choices.is_newcomer[products.operator[begins]] = True


def _drawn(rng: Generator, weight: Floats) -> Indices:
    """Return the members with a weight in a random order, the heavier rather earlier."""
    with np.errstate(divide="ignore"):
        order = np.argsort(rng.exponential(size=len(weight)) / weight, kind="stable")
    return np.asarray(order[weight[order] > 0])
