"""What every typology is, and the tools they share."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Floats, Indices, Mask, replaced, spread, weighted, with_series
from synthetic.products import texts
from synthetic.world import World

TRUTH_MARK = "typologies"
"""Column of bits: bit `k` is set where the k-th typology of the scenario was applied."""

_HEAVIEST_MG = 28_000_000
"""Parcels of this trade stay below 30 kg (domain report 7)."""


class Typology(Protocol):
    """One way to cheat.

    Attributes
    ----------
    name
        Unique name, as in `Scenario.prevalences`.
    finding
        What an inspector who sees through it records.
    columns
        Columns of the working frame it may touch, beside the mark of the truth.
    """

    name: str
    finding: str
    columns: frozenset[str]

    def apply(self, frame: pl.DataFrame, rng: Generator, context: "Context") -> pl.DataFrame:
        """Return the frame with the chosen rows falsified and marked.

        Parameters
        ----------
        frame
            Working frame of the flight, in the order of parcels and lines.
        rng
            Source of chance of this flight.
        context
            The world, the day, and the rows to work on.
        """
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a typology may know.

    Attributes
    ----------
    world
        Parties, goods and the operators' behaviour.
    on
        Day of arrival.
    chosen
        Mask of the rows of the chosen parcels (or of the chosen products).
    """

    world: World
    on: date
    chosen: Mask


def marked(
    frame: pl.DataFrame, rows: Indices, context: Context, name: str, *, has_new_goods: bool = False
) -> pl.DataFrame:
    """Set the typology's bit on some rows; what lay in goods that were replaced is gone."""
    bits = frame[TRUTH_MARK].to_numpy().copy()
    if has_new_goods:
        bits[rows] = 0
    bits[rows] |= 1 << context.world.behaviour.names.index(name)
    return with_series(frame, pl.Series(TRUTH_MARK, bits))


def with_values(frame: pl.DataFrame, rows: Indices, **values: Any) -> pl.DataFrame:
    """Return the frame with columns replaced on some rows."""
    if not len(rows):
        return frame
    return with_series(frame, *(replaced(frame[name], rows, new) for name, new in values.items()))


def ints(values: Floats | Indices, low: int = 1) -> Indices:
    """Round to whole units of at least `low`."""
    return np.maximum(np.round(values), low).astype(np.int64)


def operators_of(frame: pl.DataFrame, rows: Indices) -> Indices:
    """Return the operator of each row."""
    return frame["operator"].to_numpy()[rows].astype(np.int64)


def first_lines(frame: pl.DataFrame, chosen: Mask) -> Indices:
    """Return the rows that open a chosen parcel."""
    return np.flatnonzero(chosen & (frame["line"].to_numpy() == 1))


def parcel_values(frame: pl.DataFrame, rows: Indices, totals: Floats) -> Indices:
    """Share the totals of parcels over their rows by the true values.

    Parameters
    ----------
    frame, rows
        All rows of the parcels concerned.
    totals
        The wanted total in cents, repeated on every row of its parcel.
    """
    group = np.unique(frame["parcel"].to_numpy()[rows], return_inverse=True)[1]
    weights = frame["true_value_cents"].to_numpy()[rows].astype(float)
    return spread(totals.astype(np.int64), weights, group)


def sums_by_parcel(frame: pl.DataFrame, column: str, rows: Indices) -> Floats:
    """Return the sum of a column over the parcel of each row."""
    parcel = frame["parcel"].to_numpy()
    values = frame[column].to_numpy() * frame["is_declared"].to_numpy()
    return np.asarray(np.bincount(parcel, values)[parcel[rows]])


def dear_goods(rng: Generator, context: Context, operator: Indices) -> Indices:
    """Draw what is worth hiding: mostly the operator's own line, sometimes any other."""
    own = context.world.behaviour.dear_goods
    elsewhere = own[rng.integers(0, len(own), len(operator))]
    return np.where(rng.random(len(operator)) < 0.7, own[operator], elsewhere)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Goods in a number: what lies in a parcel or stands on its label."""

    goods: Indices
    quantity: Indices
    value_cents: Indices
    net_mass_mg: Indices


def pieces(
    rng: Generator, context: Context, goods: Indices, target_cents: Floats | None = None
) -> Pieces:
    """Draw real articles of given kinds, in a number that reaches a wanted value.

    Parameters
    ----------
    rng, context
        As for `Typology.apply`.
    goods
        Kind of goods of each article.
    target_cents
        Wanted value of each line; without it one or two pieces are taken.
    """
    table = context.world.goods
    count = len(goods)
    unit = table.value_cents[goods] * np.exp(
        0.7 * table.value_log_sd[goods] * rng.normal(size=count)
    )
    mass = table.mass_mg[goods] * np.exp(0.7 * table.mass_log_sd[goods] * rng.normal(size=count))
    if target_cents is None:
        quantity = 1 + (rng.random(count) < 0.25)
    else:
        quantity = np.clip(np.round(target_cents / unit), 1, 24)
        unit = target_cents / quantity * np.exp(0.02 * rng.normal(size=count))
    quantity = np.maximum(1, np.minimum(quantity, _HEAVIEST_MG // mass)).astype(np.int64)
    return Pieces(goods, quantity, ints(unit * quantity, 20), ints(mass * quantity, 1_000))


def packed(rng: Generator, context: Context, operator: Indices, net_mass_mg: Indices) -> Indices:
    """Add the operator's packing to a net mass."""
    ratio = context.world.operators.packing_ratio[operator]
    return ints(net_mass_mg * ratio * rng.lognormal(0.0, 0.04, len(operator)), 2_000)


def cover_text(rng: Generator, context: Context, goods: Indices, operator: Indices) -> pl.Series:
    """Write descriptions of goods in the operator's manner."""
    style = context.world.operators.text_style[operator]
    return texts(rng, context.world.goods, goods, style)


def shares_of(rng: Generator, shares: list[float], size: int) -> Indices:
    """Draw a variant for each of `size` cases."""
    return weighted(rng, np.array(shares), size)
