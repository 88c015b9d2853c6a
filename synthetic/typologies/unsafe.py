"""Goods that break the rules of product safety."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.typologies.base import Context, ints, marked, with_values


class UnsafeGoods:
    """The article fails the safety rules: cheap, often without a named maker (T10)."""

    name = "unsafe goods"
    finding = "PRODUCT_SAFETY"
    columns = frozenset({"value_cents", "true_value_cents", "manufacturer_product_id"})

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Lower the price of the article a little, and leave its maker out at times."""
        rows = np.flatnonzero(context.chosen)
        product = frame["product"].to_numpy()[rows]
        # By product, so that the same article always costs the same: 0.65 to 1.0 times.
        factor = 0.65 + (product * 41 % 36) / 100
        unnamed = rows[product * 31 % 100 < 45]
        nobody = pl.Series([None] * len(unnamed), dtype=pl.String)
        frame = with_values(
            frame,
            rows,
            value_cents=ints(frame["value_cents"].to_numpy()[rows] * factor, 5),
            true_value_cents=ints(frame["true_value_cents"].to_numpy()[rows] * factor, 5),
        )
        frame = with_values(frame, unnamed, manufacturer_product_id=nobody)
        return marked(frame, rows, context, self.name)
