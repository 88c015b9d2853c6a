"""The code is not that of the goods: a catch-all or a lower rate, or one code for many lines."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.typologies.base import (
    Context,
    cover_text,
    first_lines,
    marked,
    operators_of,
    with_values,
)


class Misclassification:
    """An article is always declared under the sender's cheap code, at times with fitting text."""

    name = "misclassification"
    finding = "MISCLASSIFICATION"
    columns = frozenset({"hs6", "goods_description"})

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Replace the code of the chosen articles."""
        world = context.world
        rows = np.flatnonzero(context.chosen)
        codes = world.behaviour.cheap_code[operators_of(frame, rows)]
        differs = (codes != frame["true_hs6"][rows]).to_numpy()
        rows, codes = rows[differs], codes.filter(pl.Series(differs))
        frame = with_values(frame, rows, hs6=codes)
        # Some senders change the text as well (T4): by product, so that it stays the same.
        rewritten = rows[frame["product"].to_numpy()[rows] % 10 < 3]
        place = {code: number for number, code in enumerate(world.goods.hs6)}
        goods = frame["hs6"][rewritten].replace_strict(place, return_dtype=pl.Int64)
        text = cover_text(rng, context, goods.to_numpy(), operators_of(frame, rewritten))
        frame = with_values(frame, rewritten, goods_description=text)
        return marked(frame, rows, context, self.name)


class LineCollapsing:
    """Different goods stand under one code and text, to pay EUR 3 once (domain report 2.6)."""

    name = "line collapsing"
    finding = "MISCLASSIFICATION"
    columns = frozenset({"value_cents", "quantity", "gross_mass_mg", "net_mass_mg", "is_declared"})

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Add the further lines of a parcel to its first one, and leave them out."""
        parcel = frame["parcel"].to_numpy()
        many = np.bincount(parcel, frame["is_declared"].to_numpy())[parcel] > 1
        rows = np.flatnonzero(context.chosen & many)
        heads = first_lines(frame, context.chosen & many)
        gone = np.setdiff1d(rows, heads)
        sums = {
            name: np.bincount(parcel[rows], frame[name].to_numpy()[rows], minlength=1)[
                parcel[heads]
            ].astype(np.int64)
            for name in ("value_cents", "quantity", "gross_mass_mg", "net_mass_mg")
        }
        frame = with_values(frame, heads, **sums)
        frame = with_values(frame, gone, is_declared=False)
        return marked(frame, rows, context, self.name)
