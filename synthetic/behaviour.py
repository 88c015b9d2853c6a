"""How each operator cheats: the state that the world starts from and that may change.

Everything here is an array over operators (or products), so that a reaction to controls is an
assignment between two flights and needs no change in the typologies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Floats, Indices, Mask, filled, zipf_weights
from synthetic.goods import CATCH_ALL_CODES, COVER_CODES, DEAR_CODES
from synthetic.products import GoodsTable, Products
from synthetic.scenario import Scenario
from synthetic.shippers import Operators

PRODUCT_TYPOLOGIES: Final = ("misclassification", "counterfeit", "unsafe goods")
"""Typologies that lie in the article: every parcel with the product shows them."""

HABIT_RATE = 0.25
"""Share of a specialist's parcels in which he uses one tactic (estimate)."""

LINES_A_PARCEL = 1.5
"""Rough number of lines, to turn shares of parcels into shares of lines (domain report 7)."""

TAKES_HOLD: Final = {
    "line collapsing": 0.31,  # needs several lines
    "splitting": 0.6,  # needs followers of the same shipper in the file
    "constant undervaluation": 0.5,  # needs goods worth more than the constant
}
"""Share of the parcels in which a tactic that was chosen is possible; measured on `demo`."""

BAD_PIECES: Final = 0.6
"""Share of the pieces of a bad product that are bad: batches and makers differ (estimate)."""


@dataclass(slots=True)
class Behaviour:
    """Choices of the operators, free to change between two flights.

    Attributes
    ----------
    names
        Typologies in the order of the columns of `propensity`.
    propensity
        Chance that a parcel of an operator (row) shows a typology (column).
    product_typology
        For each product the typology that lies in it, or -1.
    value_ratio
        Declared over true value when undervaluing in proportion (0.15 to 0.6: domain report 3.2).
    constant_cents
        The one value declared for every article.
    cover_goods
        Kind of goods that stands on the label instead of the true ones.
    is_camouflaged
        Mass and pieces of the cover goods are made to fit the parcel.
    alteration
        Manner of altering names when splitting (position in the splitting typology's list).
    parts
        Consignments into which one purchase is split.
    dear_goods
        What is really sent when the goods are worth hiding.
    stolen_ioss
        IOSS number used without right.
    false_origin
        Position in the origin typology's list.
    cheap_code
        Code of lower duty that stands for any goods.
    value_band
        Where edge-seekers put the value: 0 just below EUR 150, 1 in the middle.
    imitation
        How far declared value and mass are drawn toward what honest senders of the code declare:
        0 not at all, 1 altogether.
    zero_duty_edge
        Pull of the EUR 150 line for goods free of duty; see `Scenario.zero_duty_edge`.
    is_spread
        Parts of a split order come on flights of several days, one a flight.
    """

    names: tuple[str, ...]
    propensity: Floats
    product_typology: Indices
    value_ratio: Floats
    constant_cents: Indices
    cover_goods: Indices
    is_camouflaged: Mask
    alteration: Indices
    parts: Indices
    dear_goods: Indices
    stolen_ioss: Indices
    false_origin: Indices
    cheap_code: pl.Series
    value_band: Indices
    imitation: Floats
    zero_duty_edge: Floats
    is_spread: Mask


def habits(rng: Generator, scenario: Scenario, operators: Operators, share: float) -> Floats:
    """Draw the chance of one tactic for every operator: specialists, and a little for everybody.

    Parameters
    ----------
    rng
        Source of chance.
    scenario
        How much of it lies with specialists.
    operators
        Who sends how much, and who cheats as a habit.
    share
        Share of all parcels in which the tactic is to be tried.
    """
    volumes = operators.volumes / operators.volumes.sum()
    dishonest = operators.is_dishonest.astype(float)
    wanted = share * scenario.habitual_share
    specialists = filled(rng, volumes, wanted / HABIT_RATE, dishonest)
    held = volumes[specialists].sum()
    habit = np.zeros(len(volumes))
    habit[specialists] = min(0.6, wanted / held) if held else 0.0
    return np.asarray(habit + (share - (habit * volumes).sum()))


def proneness(name: str, table: GoodsTable, products: Products) -> Floats:
    """Return how readily each article goes with one of `PRODUCT_TYPOLOGIES`."""
    if name == "counterfeit":
        return table.brand[products.goods] ** 2 + 0.005
    if name == "unsafe goods":
        cheap = products.value_cents < table.value_cents[products.goods]
        return (table.safety[products.goods] ** 1.5 + 0.01) * np.where(cheap, 1.5, 1.0)
    heading = products.true_hs6.str.slice(0, 2).is_in(["61", "62", "63", "64", "42", "39", "69"])
    return np.where(heading.to_numpy(), 1.0, 0.15)  # where duty is worth saving


def _bad_products(
    rng: Generator, scenario: Scenario, table: GoodsTable, operators: Operators, products: Products
) -> Indices:
    volumes = operators.volumes[products.operator] * products.share
    volumes = volumes / volumes.sum()
    dishonest = operators.is_dishonest[products.operator]
    share = volumes[dishonest].sum()
    habitual = scenario.habitual_share
    ratio = habitual * (1 - share) / max((1 - habitual) * share, 1e-9)
    typology = np.full(len(volumes), -1, dtype=np.int64)
    for name in PRODUCT_TYPOLOGIES:
        wanted = scenario.prevalences[name] / LINES_A_PARCEL / BAD_PIECES
        prone = proneness(name, table, products) * np.where(dishonest, ratio, 1.0)
        chosen = filled(rng, volumes, wanted, prone * (typology < 0))
        typology[chosen] = list(scenario.prevalences).index(name)
    return typology


def _propensity(
    rng: Generator, scenario: Scenario, operators: Operators, prevalences: Mapping[str, float]
) -> Floats:
    columns = [
        np.zeros(len(operators.volumes))
        if name in PRODUCT_TYPOLOGIES or not share
        else habits(rng, scenario, operators, share / TAKES_HOLD.get(name, 1.0))
        for name, share in prevalences.items()
    ]
    table = np.stack(columns, axis=1).clip(0)
    return np.asarray(table / np.maximum(table.sum(axis=1, keepdims=True) / 0.9, 1.0))


def build_behaviour(
    rng: Generator, scenario: Scenario, table: GoodsTable, operators: Operators, products: Products
) -> Behaviour:
    """Decide who cheats how, so that the shares of the scenario come out over the flow.

    Parameters
    ----------
    rng
        Source of chance.
    scenario
        Prevalences and honesty.
    table, operators, products
        The world so far.
    """
    count = len(operators.volumes)
    dear = table.positions(DEAR_CODES)
    return Behaviour(
        names=tuple(scenario.prevalences),
        propensity=_propensity(rng, scenario, operators, scenario.prevalences),
        product_typology=_bad_products(rng, scenario, table, operators, products),
        value_ratio=rng.uniform(0.15, 0.6, count),
        constant_cents=rng.choice([100, 150, 199, 250, 300, 499, 500, 699, 800, 1000], count),
        cover_goods=rng.choice(table.positions(COVER_CODES), count),
        is_camouflaged=rng.random(count) < 0.45,
        alteration=rng.integers(0, 7, count),
        parts=rng.choice([2, 3, 4, 5], count, p=[0.45, 0.3, 0.15, 0.1]),
        dear_goods=dear[rng.choice(len(dear), count, p=zipf_weights(len(dear), 0.6))],
        stolen_ioss=rng.integers(0, scenario.ioss_numbers, count),
        false_origin=rng.integers(0, 4, count),
        cheap_code=pl.Series("hs6", rng.choice(CATCH_ALL_CODES, count)),
        value_band=np.zeros(count, dtype=np.int64),
        imitation=np.zeros(count),
        zero_duty_edge=np.full(count, scenario.zero_duty_edge),
        is_spread=np.zeros(count, dtype=np.bool_),
    )
