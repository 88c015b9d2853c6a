"""More lies in the parcel than the declaration says."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Indices
from synthetic.typologies.base import (
    Context,
    dear_goods,
    first_lines,
    ints,
    marked,
    operators_of,
    pieces,
    shares_of,
    with_values,
)

_VARIANTS = [0.55, 0.30, 0.15]
"""Lines left out, a dear article added, a master carton full of goods (estimate, T5)."""


class UndeclaredGoods:
    """Lines are left out, goods are slipped in, or a carton holds far more than is named."""

    name = "undeclared goods"
    finding = "UNDECLARED_GOODS"
    columns = frozenset(
        {"gross_mass_mg", "net_mass_mg", "true_value_cents", "true_quantity", "true_net_mass_mg",
         "is_declared", "line"}
    )  # fmt: skip

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Hide lines where there are several; add hidden ones elsewhere."""
        heads = first_lines(frame, context.chosen)
        parcel = frame["parcel"].to_numpy()
        lines = np.bincount(parcel)[parcel[heads]]
        variant = shares_of(rng, _VARIANTS, len(heads))
        variant = np.where((variant == 0) & (lines == 1), 1, variant)
        frame = _leave_out(frame, rng, heads[variant == 0])
        frame = _more_of_it(frame, rng, heads[variant == 2])
        frame = marked(frame, heads, context, self.name)
        return _slip_in(frame, rng, context, heads[variant == 1])


def _heavier(frame: pl.DataFrame, heads: Indices, mass_mg: Indices, shows: float) -> pl.DataFrame:
    """Add hidden mass to the gross mass of the first line, as far as the scale shows it."""
    gross = frame["gross_mass_mg"].to_numpy()[heads] + mass_mg * shows
    return with_values(frame, heads, gross_mass_mg=np.minimum(ints(gross), 30_000_000))


def _leave_out(frame: pl.DataFrame, rng: Generator, heads: Indices) -> pl.DataFrame:
    parcel = frame["parcel"].to_numpy()
    gone = np.flatnonzero(np.isin(parcel, parcel[heads]) & (frame["line"].to_numpy() > 1))
    hidden = np.bincount(parcel[gone], frame["gross_mass_mg"].to_numpy()[gone], minlength=1)
    hidden = np.pad(hidden, (0, int(parcel[-1]) + 1 - len(hidden)))
    frame = _heavier(frame, heads, hidden[parcel[heads]], float(rng.uniform(0.6, 1.0)))
    return with_values(frame, gone, is_declared=False)


def _more_of_it(frame: pl.DataFrame, rng: Generator, heads: Indices) -> pl.DataFrame:
    factor = rng.integers(4, 25, len(heads))
    gross = frame["gross_mass_mg"].to_numpy()[heads]
    factor = np.maximum(2, np.minimum(factor, 28_000_000 // gross))
    true = {
        name: frame[name].to_numpy()[heads] * factor
        for name in ("true_value_cents", "true_quantity", "true_net_mass_mg")
    }
    return with_values(frame, heads, gross_mass_mg=ints(gross * factor * 0.95), **true)


def _slip_in(frame: pl.DataFrame, rng: Generator, context: Context, heads: Indices) -> pl.DataFrame:
    if not len(heads):
        return frame
    lot = pieces(rng, context, dear_goods(rng, context, operators_of(frame, heads)))
    frame = _heavier(frame, heads, lot.net_mass_mg, float(rng.uniform(0.5, 1.0)))
    codes = context.world.goods.hs6[lot.goods]
    hidden = frame[heads].with_columns(
        pl.Series("line", np.full(len(heads), 99)),
        pl.Series("goods", lot.goods),
        codes.alias("hs6"),
        codes.alias("true_hs6"),
        pl.Series("value_cents", lot.value_cents),
        pl.Series("true_value_cents", lot.value_cents),
        pl.Series("quantity", lot.quantity),
        pl.Series("true_quantity", lot.quantity),
        pl.Series("net_mass_mg", lot.net_mass_mg),
        pl.Series("true_net_mass_mg", lot.net_mass_mg),
        pl.Series("gross_mass_mg", lot.net_mass_mg),
        pl.lit(None, dtype=pl.Int64).alias("transport_cents"),
        pl.lit(False).alias("is_declared"),
    )
    return pl.concat([frame, hidden]).sort("parcel", "line", maintain_order=True)
