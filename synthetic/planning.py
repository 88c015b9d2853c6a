"""Which parcels of a flight are falsified, and how: the operators' behaviour put to work."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.behaviour import BAD_PIECES
from synthetic.draw import Indices, Mask, by_row
from synthetic.rows import Rows
from synthetic.traffic import Parcels
from synthetic.typologies import TYPOLOGIES, Context
from synthetic.typologies.splitting import MOST_PARTS, Splitting
from synthetic.world import World


def plan(world: World, items: Rows, rng: Generator, parcels: Parcels) -> Indices:
    """Draw, for each row, the typology of its parcel (or -1), by the operators' propensities."""
    planned = by_row(rng, world.behaviour.propensity, parcels.operator)
    return np.asarray(planned[items["parcel"]])


def chosen_products(world: World, items: Rows, rng: Generator) -> Indices:
    """Return, for each row, the typology that lies in its article (or -1)."""
    typology = world.behaviour.product_typology[items["product"]]
    return np.where(rng.random(len(items)) < BAD_PIECES, typology, -1)


def falsify(world: World, items: Rows, rng: Generator, parcels: Parcels, day: int) -> Rows:
    """Apply every typology to the rows that were drawn for it.

    Parameters
    ----------
    world
        The operators' behaviour.
    items
        Working table of honest traffic.
    rng
        Source of chance of this flight.
    parcels
        The flight's parcels.
    day
        Day of arrival, from 0.
    """
    per_parcel = plan(world, items, rng, parcels)
    per_item = chosen_products(world, items, rng)
    touched = _touched(world, items, per_parcel, per_item)
    rows = np.flatnonzero(touched)
    guilty = items.frame(rows).with_columns(
        pl.Series("planned", per_parcel[rows]), pl.Series("planned_item", per_item[rows])
    )
    for typology in TYPOLOGIES:
        bit = world.behaviour.names.index(typology.name)
        chosen: Mask = (guilty["planned"] == bit).to_numpy()
        chosen |= (guilty["planned_item"] == bit).to_numpy() & guilty["is_declared"].to_numpy()
        if chosen.any():
            guilty = typology.apply(guilty, rng, Context(world, world.on(day), chosen))
    return items.merged(np.flatnonzero(~touched), guilty)


def _touched(world: World, items: Rows, per_parcel: Indices, per_item: Indices) -> Mask:
    """Return the rows of all parcels that a typology may work on: a small part of the flight.

    A split order also takes the parcels that follow it in the file.
    """
    parcel = items["parcel"]
    count = int(parcel[-1]) + 1
    touched = np.zeros(count + MOST_PARTS, dtype=np.bool_)
    touched[parcel[(per_parcel >= 0) | (per_item >= 0)]] = True
    leaders = np.unique(parcel[per_parcel == world.behaviour.names.index(Splitting.name)])
    for step in range(1, MOST_PARTS):
        touched[leaders + step] = True
    return np.asarray(touched[parcel])
