"""Which parcels of a flight are falsified, and how: the operators' behaviour put to work."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.behaviour import BAD_PIECES
from synthetic.draw import Indices, Mask, by_row
from synthetic.traffic import Parcels
from synthetic.typologies import TYPOLOGIES, Context
from synthetic.world import World


def plan(world: World, items: pl.DataFrame, rng: Generator, parcels: Parcels) -> Indices:
    """Draw, for each row, the typology of its parcel (or -1), by the operators' propensities."""
    planned = by_row(rng, world.behaviour.propensity[parcels.operator])
    return np.asarray(planned[items["parcel"].to_numpy()])


def chosen_products(world: World, items: pl.DataFrame, rng: Generator) -> Indices:
    """Return, for each row, the typology that lies in its article (or -1)."""
    typology = world.behaviour.product_typology[items["product"].to_numpy()]
    return np.where(rng.random(len(items)) < BAD_PIECES, typology, -1)


def falsify(
    world: World, items: pl.DataFrame, rng: Generator, parcels: Parcels, day: int
) -> pl.DataFrame:
    """Apply every typology to the rows that were drawn for it.

    Parameters
    ----------
    world
        The operators' behaviour.
    items
        Working frame of honest traffic.
    rng
        Source of chance of this flight.
    parcels
        The flight's parcels.
    day
        Day of arrival, from 0.
    """
    per_parcel = plan(world, items, rng, parcels)
    per_item = chosen_products(world, items, rng)
    items = items.with_columns(
        pl.Series("planned", per_parcel), pl.Series("planned_item", per_item)
    )
    for typology in TYPOLOGIES:
        bit = world.behaviour.names.index(typology.name)
        chosen: Mask = (items["planned"] == bit).to_numpy()
        chosen |= (items["planned_item"] == bit).to_numpy() & items["is_declared"].to_numpy()
        if chosen.any():
            items = typology.apply(items, rng, Context(world, world.on(day), chosen))
    return items.drop("planned", "planned_item")
