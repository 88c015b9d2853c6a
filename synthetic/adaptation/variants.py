"""The ways in which a group can change what it does; each is one small function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.random import Generator

from synthetic.adaptation.choices import Choices
from synthetic.adaptation.evidence import Evidence
from synthetic.behaviour import PRODUCT_TYPOLOGIES
from synthetic.draw import Floats, Indices
from synthetic.goods import COVER_CODES
from synthetic.typologies.alteration import ALTERATIONS
from synthetic.typologies.undervaluation import MIDDLE
from synthetic.world import World

_IMITATION: Final = 0.8
"""How far imitators draw their figures toward honest ones (estimate)."""

_FULL_DAY: Final = 2.5
"""Factor on the chosen weekday for those who hold parcels back for it (estimate)."""

_ACQUAINTANCES: Final = 12
"""Senders whom a group asks which broker fares better (estimate)."""

_DOUBT: Final = 5.0
"""Parcels to add in reckoning how a broker or a weekday fares (estimate)."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of doing it: which kind of change, and what to.

    Attributes
    ----------
    move
        Name in `MOVES`.
    value
        What to: a kind of goods, a broker, a weekday, a typology; 0 where there is no choice.
    """

    move: str
    value: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """What a group looks at when it thinks of another way.

    Attributes
    ----------
    world, choices, evidence
        The world as built, what everybody has settled on, and what was seen.
    operator, typology
        The group.
    day
        Today, from 0.
    likely
        Weight of each typology as another way to cheat.
    """

    world: World
    choices: Choices
    evidence: Evidence
    operator: int
    typology: int
    day: int
    likely: Floats


_Draw = Callable[[Situation, Generator], int | None]
_Apply = Callable[[Choices, int, int, int], None]


@dataclass(frozen=True, slots=True)
class Move:
    """A kind of change: how its value is drawn (None: there is no such way), and how it is made.

    Attributes
    ----------
    draw
        From a situation and a source of chance to a value.
    apply
        Changes choices in place for an operator, its typology and the value.
    """

    draw: _Draw
    apply: _Apply


def _either(_: Situation, rng: Generator) -> int:
    return int(rng.integers(2))


def _once(_: Situation, __: Generator) -> int:
    return 0


def _to_the_middle(choices: Choices, operator: int, _: int, value: int) -> None:
    """Leave the edge for values in the middle, each time another; every second one imitates."""
    choices.behaviour.value_band[operator] = MIDDLE
    if value:
        choices.behaviour.imitation[operator] = _IMITATION


def _imitate(choices: Choices, operator: int, _: int, __: int) -> None:
    choices.behaviour.imitation[operator] = _IMITATION


def _draw_cover(at: Situation, rng: Generator) -> int:
    """Draw cover goods as often as honest senders declare them, of pieces that fit the mass."""
    table, behaviour = at.world.goods, at.choices.behaviour
    covers = table.positions(COVER_CODES)
    hidden = table.mass_mg[behaviour.dear_goods[at.operator]]
    pieces = np.maximum(1.0, np.round(hidden / table.mass_mg[covers]))
    off = np.abs(np.log(pieces * table.mass_mg[covers] / hidden)) + 0.1 * np.log(pieces)
    weight = (table.weight[covers] + 0.01) * np.exp(-off)
    weight[covers == behaviour.cover_goods[at.operator]] = 0.0
    return int(covers[rng.choice(len(covers), p=weight / weight.sum())])


def _cover(choices: Choices, operator: int, _: int, value: int) -> None:
    choices.behaviour.cover_goods[operator] = value


def _draw_camouflage(at: Situation, _: Generator) -> int | None:
    return None if at.choices.behaviour.is_camouflaged[at.operator] else 0


def _camouflage(choices: Choices, operator: int, _: int, __: int) -> None:
    choices.behaviour.is_camouflaged[operator] = True


def _draw_broker(at: Situation, rng: Generator) -> int | None:
    """Ask some other senders, and take the broker that fared best with them, if it is another."""
    asked = rng.integers(0, len(at.choices.broker), _ACQUAINTANCES)
    broker = brokers_now(at.world, at.choices)
    stopped, sent = (
        np.bincount(broker[asked], sums[asked].sum(axis=1), minlength=at.world.scenario.brokers)
        for sums in (at.evidence.stopped, at.evidence.sent)
    )
    heard = np.unique(broker[asked])
    share = (stopped[heard] + _DOUBT * 0.1) / (sent[heard] + _DOUBT)
    best = int(heard[np.argmin(share)])
    return None if best == broker[at.operator] else best


def _broker(choices: Choices, operator: int, _: int, value: int) -> None:
    choices.broker[operator] = value


def _draw_weekday(at: Situation, rng: Generator) -> int | None:
    """Take the weekday on which fewest of the own parcels were stopped, of those with flights."""
    flown = np.flatnonzero(at.evidence.sent_on.sum(axis=0) > 0)
    if len(flown) < 3:
        return None
    sent, stopped = (s[at.operator, flown] for s in (at.evidence.sent_on, at.evidence.stopped_on))
    share = (stopped + 0.1 * _DOUBT) / (sent + _DOUBT) + 1e-6 * rng.random(len(flown))
    bits = int((1 << flown).sum())
    return int(flown[np.argmin(share)]) + 8 * bits


def _weekday(choices: Choices, operator: int, _: int, value: int) -> None:
    """Hold parcels back for one weekday; the value holds it, and which weekdays have flights."""
    chosen, bits = value % 8, value // 8
    flown = [day for day in range(7) if bits >> day & 1]
    choices.weekdays[operator] = 1.0
    choices.weekdays[operator, flown] = (len(flown) - _FULL_DAY) / (len(flown) - 1)
    choices.weekdays[operator, chosen] = _FULL_DAY


def _draw_spread(at: Situation, rng: Generator) -> int | None:
    is_spread = at.choices.behaviour.is_spread[at.operator]
    return None if is_spread else int(rng.integers(len(ALTERATIONS)))


def _spread(choices: Choices, operator: int, _: int, value: int) -> None:
    """Send the parts of an order on flights of several days, with names altered another way."""
    choices.behaviour.is_spread[operator] = True
    choices.behaviour.alteration[operator] = value


def _draw_number(at: Situation, rng: Generator) -> int:
    return int(rng.integers(5, at.world.scenario.ioss_numbers))


def _number(choices: Choices, operator: int, _: int, value: int) -> None:
    choices.behaviour.stolen_ioss[operator] = value


def _draw_typology(at: Situation, rng: Generator) -> int | None:
    weight = at.likely.copy()
    weight[at.typology] = 0.0
    if at.typology in product_columns(at.choices) or not weight.any():
        return None
    return int(rng.choice(len(weight), p=weight / weight.sum()))


def _typology(choices: Choices, operator: int, typology: int, value: int) -> None:
    """Cheat in another way, as often."""
    propensity = choices.behaviour.propensity
    propensity[operator, value] += propensity[operator, typology]
    propensity[operator, typology] = 0.0


def _as_before(_: Choices, __: int, ___: int, ____: int) -> None:
    """Change nothing: what was changed was changed at once."""


MOVES: Final[Mapping[str, Move]] = MappingProxyType(
    {
        "value band": Move(_either, _to_the_middle),
        "imitation": Move(_once, _imitate),
        "cover goods": Move(_draw_cover, _cover),
        "camouflage": Move(_draw_camouflage, _camouflage),
        "broker": Move(_draw_broker, _broker),
        "timing": Move(_draw_weekday, _weekday),
        "spreading": Move(_draw_spread, _spread),
        "ioss number": Move(_draw_number, _number),
        "typology": Move(_draw_typology, _typology),
        "identity": Move(_once, _as_before),
        "relisting": Move(_once, _as_before),
        "giving up": Move(_once, _as_before),
    }
)
"""Every kind of change; the last three are made by `reaction` at once."""

AT_ONCE: Final = ("identity", "relisting", "giving up")
"""Changes that cannot be tried out for a day."""

_ANYBODY: Final[Mapping[str, float]] = MappingProxyType(
    {"identity": 2.0, "broker": 1.0, "timing": 1.0, "typology": 1.0, "giving up": 1.0}
)
"""Weights of the changes open to all (estimate)."""

_OWN: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        # After the column "reaction" of domain report 3.1; the weights are estimates.
        "edge-seeking undervaluation": {"value band": 6.0},
        "proportional undervaluation": {"imitation": 4.0},
        "constant undervaluation": {"imitation": 4.0},
        "mislabelling": {"cover goods": 3.0, "camouflage": 3.0},
        "prohibited goods": {"cover goods": 3.0},
        "splitting": {"spreading": 5.0},
        "ioss misuse": {"ioss number": 4.0},
        **{name: {"relisting": 5.0} for name in PRODUCT_TYPOLOGIES},
    }
)


def weights_of(typology: str) -> dict[str, float]:
    """Return how readily users of a typology take to each kind of change."""
    return {**_ANYBODY, **_OWN.get(typology, {})}


def product_columns(choices: Choices) -> Indices:
    """Return the positions of the typologies that lie in articles."""
    names = choices.behaviour.names
    return np.array([names.index(name) for name in PRODUCT_TYPOLOGIES], dtype=np.int64)


def brokers_now(world: World, choices: Choices) -> Indices:
    """Return the broker of each operator."""
    return np.where(choices.broker >= 0, choices.broker, world.operators.broker)
