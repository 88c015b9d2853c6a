"""Goods that are forbidden or need a licence travel in a simple declaration."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Floats
from synthetic.typologies.base import (
    Context,
    cover_text,
    first_lines,
    ints,
    marked,
    operators_of,
    packed,
    pieces,
    shares_of,
    with_values,
)

_KINDS: dict[str, float] = {  # estimate: medicines and vapes lead, drugs are a tenth (T11)
    "300490": 0.34, "854340": 0.20, "240412": 0.10, "240220": 0.08, "930400": 0.08,
    "930700": 0.06, "821193": 0.06, "293292": 0.08,
}  # fmt: skip


class ProhibitedGoods:
    """Medicines, vapes, weapons or precursors, mostly under a neutral name (T11)."""

    name = "prohibited goods"
    finding = "PROHIBITED_RESTRICTED"
    columns = frozenset(
        {"hs6", "goods_description", "value_cents", "quantity", "gross_mass_mg", "net_mass_mg",
         "true_hs6", "true_value_cents", "true_quantity", "true_net_mass_mg", "goods"}
    )  # fmt: skip

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Replace the goods of the first line; one sender in five names them openly."""
        world = context.world
        rows = first_lines(frame, context.chosen)
        operator = operators_of(frame, rows)
        shares: Floats = np.array(list(_KINDS.values()))
        kinds = world.goods.positions(tuple(_KINDS))
        lot = pieces(rng, context, kinds[shares_of(rng, list(shares), len(rows))])
        cover = world.behaviour.cover_goods[operator]
        is_open = rng.random(len(rows)) < 0.2
        shown = np.where(is_open, lot.goods, cover)
        value = np.minimum(lot.value_cents * rng.uniform(0.3, 1.0, len(rows)), 14_000)
        frame = with_values(
            frame,
            rows,
            goods=lot.goods,
            true_hs6=world.goods.hs6[lot.goods],
            true_value_cents=lot.value_cents,
            true_quantity=lot.quantity,
            true_net_mass_mg=lot.net_mass_mg,
            hs6=world.goods.hs6[shown],
            goods_description=cover_text(rng, context, shown, operator),
            quantity=lot.quantity,
            value_cents=ints(value, 50),
            net_mass_mg=lot.net_mass_mg,
            gross_mass_mg=packed(rng, context, operator, lot.net_mass_mg),
        )
        return marked(frame, rows, context, self.name, has_new_goods=True)
