"""Goods that infringe intellectual property."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.typologies.base import Context, ints, marked, with_values


class Counterfeit:
    """The article bears a brand without right; the text names none, the price lies between."""

    name = "counterfeit"
    finding = "IPR_INFRINGEMENT"
    columns = frozenset(
        {"value_cents", "true_value_cents", "goods_description", "manufacturer_product_id"}
    )

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Raise the price of the article above junk, and at times shorten its text (T9)."""
        rows = np.flatnonzero(context.chosen)
        product = frame["product"].to_numpy()[rows]
        # By product, so that the same article always costs the same: 1.0 to 2.6 times.
        factor = 1.0 + (product * 37 % 160) / 100
        frame = with_values(
            frame,
            rows,
            value_cents=ints(frame["value_cents"].to_numpy()[rows] * factor),
            true_value_cents=ints(frame["true_value_cents"].to_numpy()[rows] * factor),
        )
        short = rows[product * 53 % 100 < 15]
        text = frame["goods_description"][short].str.split(" ").list.last()
        frame = with_values(frame, short, goods_description=text.str.to_lowercase())
        unnamed = rows[product * 29 % 100 < 60]
        nobody = pl.Series([None] * len(unnamed), dtype=pl.String)
        frame = with_values(frame, unnamed, manufacturer_product_id=nobody)
        return marked(frame, rows, context, self.name)
