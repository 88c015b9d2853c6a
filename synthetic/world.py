"""A world: every party and product, built once from a scenario and a seed."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Final

import numpy as np
import polars as pl

from synthetic.behaviour import Behaviour, build_behaviour
from synthetic.brokers import Brokers, build_brokers, ioss_numbers
from synthetic.draw import Indices
from synthetic.people import Consignees, build_consignees
from synthetic.products import GoodsTable, Products, build_products, goods_table
from synthetic.scenario import Scenario
from synthetic.shippers import Identities, Operators, build_shippers

_HORIZON_DAYS: Final = 120
"""Lives of identities are drawn for whole multiples of this, so that a longer run begins with
the very days of a shorter one."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything that exists before the first flight.

    Attributes
    ----------
    scenario, seed
        Where it comes from.
    goods, brokers, operators, identities, products, consignees
        Parties and goods.
    ioss
        Numbers of the import one-stop shop; the first five are the marketplaces'.
    behaviour
        How the operators cheat; the only part that may change as the days go by.
    """

    scenario: Scenario
    seed: int
    goods: GoodsTable
    brokers: Brokers
    operators: Operators
    identities: Identities
    products: Products
    consignees: Consignees
    ioss: pl.Series
    behaviour: Behaviour

    def rng(self, *purpose: int) -> np.random.Generator:
        """Return the source of chance of one purpose, such as a day and a flight."""
        return np.random.default_rng([self.seed, *purpose])

    def on(self, day: int) -> date:
        """Return the date of a day, counted from 0."""
        return self.scenario.start_date + timedelta(days=day)

    def active(self, day: int) -> Indices:
        """Return the identities in use on a day."""
        alive = (self.identities.from_day <= day) & (day < self.identities.to_day)
        return np.flatnonzero(alive)


def build_world(scenario: Scenario, *, days: int, seed: int) -> World:
    """Build the parties, products and habits of a world.

    Parameters
    ----------
    scenario
        What kind of world.
    days
        Days it must last.
    seed
        Same scenario and seed, same world.
    """
    rng = np.random.default_rng([seed, 0])
    table = goods_table(scenario.price_factor)
    brokers = build_brokers(rng, scenario.brokers, scenario.prepared_share)
    ioss = ioss_numbers(rng, scenario.ioss_numbers)
    consignees = build_consignees(rng, scenario.consignees)
    horizon = _HORIZON_DAYS * max(1, ceil(days / _HORIZON_DAYS))
    operators, identities = build_shippers(rng, scenario, brokers, horizon)
    products = build_products(rng, scenario, table, operators)
    behaviour = build_behaviour(rng, scenario, table, operators, products)
    return World(
        scenario, seed, table, brokers, operators, identities, products, consignees, ioss, behaviour
    )
