"""Phones under the label of lighters: text, code and value are those of cheap cover goods."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.typologies.base import (
    Context,
    cover_text,
    dear_goods,
    first_lines,
    ints,
    marked,
    operators_of,
    packed,
    pieces,
    with_values,
)


class Mislabelling:
    """The label names cover goods; the mass is true, or the number of pieces is fitted to it."""

    name = "mislabelling"
    finding = "MISDESCRIPTION"
    columns = frozenset(
        {"hs6", "goods_description", "value_cents", "quantity", "gross_mass_mg", "net_mass_mg",
         "true_hs6", "true_value_cents", "true_quantity", "true_net_mass_mg", "goods"}
    )  # fmt: skip

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Replace the goods of the parcel's first line, and declare others."""
        rows = first_lines(frame, context.chosen)
        operator = operators_of(frame, rows)
        world, count = context.world, len(rows)
        lot = pieces(rng, context, dear_goods(rng, context, operator))
        own_cover = world.behaviour.cover_goods
        cover = np.where(
            rng.random(count) < 0.75, own_cover[operator], rng.choice(own_cover, count)
        )
        shown = pieces(rng, context, cover)
        unit_mass = shown.net_mass_mg / shown.quantity
        fitting = np.clip(np.round(lot.net_mass_mg / unit_mass), 1, 60)
        hides = world.behaviour.is_camouflaged[operator]
        quantity = ints(np.where(hides, fitting, shown.quantity))
        value = shown.value_cents / shown.quantity * quantity * rng.uniform(0.8, 1.6, count)
        frame = with_values(
            frame,
            rows,
            goods=lot.goods,
            true_hs6=world.goods.hs6[lot.goods],
            true_value_cents=lot.value_cents,
            true_quantity=lot.quantity,
            true_net_mass_mg=lot.net_mass_mg,
            hs6=world.goods.hs6[cover],
            goods_description=cover_text(rng, context, cover, operator),
            quantity=quantity,
            value_cents=ints(np.minimum(value, lot.value_cents * 0.8), 20),
            net_mass_mg=lot.net_mass_mg,
            gross_mass_mg=packed(rng, context, operator, lot.net_mass_mg),
        )
        return marked(frame, rows, context, self.name, has_new_goods=True)
