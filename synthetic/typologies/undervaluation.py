"""The declared value lies below the price paid: in proportion, below a line, or one for all."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Floats, Indices, Mask
from synthetic.typologies.base import (
    Context,
    cover_text,
    dear_goods,
    first_lines,
    ints,
    marked,
    operators_of,
    packed,
    parcel_values,
    pieces,
    sums_by_parcel,
    with_values,
)
from synthetic.typologies.imitation import ordinary_values, with_ordinary_pieces

EDGE, MIDDLE = 0, 1
"""Value bands of `Behaviour.value_band`."""

_MIDDLE_CENTS = (4_500, 11_500)
"""Total declared in the middle band (estimate; the move is that of domain report 3.1, T1)."""

_LINE_CENTS = 15_000
"""Intrinsic value up to which the low-value rules hold."""


class ProportionalUndervaluation:
    """Every price is declared at a fraction that the sender keeps to (domain report 3.2)."""

    name = "proportional undervaluation"
    finding = "UNDERVALUATION"
    columns = frozenset({"value_cents"})

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Declare the sender's ratio of the true value, a little jittered."""
        rows = np.flatnonzero(context.chosen)
        ratio = context.world.behaviour.value_ratio[operators_of(frame, rows)]
        true = frame["true_value_cents"].to_numpy()[rows]
        naive = true * ratio * rng.uniform(0.9, 1.1, len(rows))
        declared = ordinary_values(frame, rng, context, rows, naive)
        frame = with_values(frame, rows, value_cents=ints(declared, 10))
        return marked(frame, rows, context, self.name)


class EdgeSeekingUndervaluation:
    """Goods worth more than EUR 150 are declared just below it (domain report 3.2)."""

    name = "edge-seeking undervaluation"
    finding = "UNDERVALUATION"
    columns = frozenset(
        {"value_cents", "quantity", "gross_mass_mg", "net_mass_mg", "hs6", "goods_description",
         "true_hs6", "true_value_cents", "true_quantity", "true_net_mass_mg", "goods"}
    )  # fmt: skip

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Put dear goods into the parcel's first line, and the parcel's value below the line."""
        heads = first_lines(frame, context.chosen)
        operator = operators_of(frame, heads)
        target = _LINE_CENTS * (1.03 + rng.exponential(0.7, len(heads)).clip(0, 4))
        lot = pieces(rng, context, dear_goods(rng, context, operator), target)
        hs6 = context.world.goods.hs6[lot.goods]
        keeps = self._pays(rng, context, lot.goods, operator)
        heads, operator, hs6 = heads[keeps], operator[keeps], hs6.filter(pl.Series(keeps))
        frame = with_values(
            frame,
            heads,
            goods=lot.goods[keeps],
            hs6=hs6,
            true_hs6=hs6,
            goods_description=cover_text(rng, context, lot.goods[keeps], operator),
            quantity=lot.quantity[keeps],
            true_quantity=lot.quantity[keeps],
            true_value_cents=lot.value_cents[keeps],
            net_mass_mg=lot.net_mass_mg[keeps],
            true_net_mass_mg=lot.net_mass_mg[keeps],
            gross_mass_mg=packed(rng, context, operator, lot.net_mass_mg[keeps]),
        )
        parcel = frame["parcel"].to_numpy()
        rows = np.flatnonzero(np.isin(parcel, parcel[heads]))
        edge = rng.triangular(115, 147, 149.99, len(heads)) * 100
        edge = self._moved(rng, context, operator, edge)
        total = np.zeros(int(parcel[-1]) + 1)
        total[parcel[heads]] = edge
        declared = parcel_values(frame, rows, total[parcel[rows]])
        frame = with_values(frame, rows, value_cents=declared)
        frame = with_ordinary_pieces(frame, rng, context, heads)
        frame = marked(frame, heads, context, self.name, has_new_goods=True)
        return marked(frame, rows, context, self.name)

    @staticmethod
    def _pays(rng: Generator, context: Context, goods: Indices, operator: Indices) -> Mask:
        """Drop part of the goods free of duty: the line means less to them since July 2026."""
        is_free = context.world.goods.is_duty_free[goods]
        pull = context.world.behaviour.zero_duty_edge
        return ~is_free | (rng.random(len(goods)) < pull[operator])

    @staticmethod
    def _moved(rng: Generator, context: Context, operator: Indices, edge: Floats) -> Floats:
        """Draw another total for those who have left the edge for the middle, each time anew."""
        middle = np.flatnonzero(context.world.behaviour.value_band[operator] == MIDDLE)
        moved = edge.copy()
        moved[middle] = rng.uniform(*_MIDDLE_CENTS, len(middle))
        return moved


class ConstantUndervaluation:
    """Every article has the same price on paper, whatever it is (domain report 3.2)."""

    name = "constant undervaluation"
    finding = "UNDERVALUATION"
    columns = frozenset({"value_cents"})

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Declare the sender's constant, but never more than the goods are worth."""
        rows = np.flatnonzero(context.chosen)
        worth = sums_by_parcel(frame, "true_value_cents", rows)
        constant = context.world.behaviour.constant_cents[operators_of(frame, rows)]
        dear = worth > 1.5 * constant * _lines(frame, rows)
        rows, constant = rows[dear], constant[dear]
        declared = ordinary_values(frame, rng, context, rows, constant)
        frame = with_values(frame, rows, value_cents=ints(declared, 10))
        return marked(frame, rows, context, self.name)


def _lines(frame: pl.DataFrame, rows: Indices) -> Indices:
    parcel = frame["parcel"].to_numpy()
    return np.asarray(np.bincount(parcel)[parcel[rows]])
