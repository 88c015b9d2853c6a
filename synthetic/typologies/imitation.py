"""Figures drawn toward those of honest senders, so that ratios look ordinary."""

from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Floats, Indices
from synthetic.typologies.base import Context, ints, operators_of, with_values

_LOG_SD_SHARE: Final = 0.7
"""Spread of what an imitator writes against that of honest prices and masses (estimate)."""

_HIGHEST_RATIO: Final = 0.9
"""Nobody who undervalues declares more than this of the true value (estimate)."""


def ordinary_values(
    frame: pl.DataFrame, rng: Generator, context: Context, rows: Indices, naive: Floats | Indices
) -> Floats | Indices:
    """Draw declared values toward the usual price of the goods, as far as each sender imitates.

    Parameters
    ----------
    frame, rng, context
        As for `Typology.apply`.
    rows
        Rows whose value is falsified.
    naive
        Value in cents that would be declared without imitation.

    Returns
    -------
    ndarray
        Value in cents, below the true one where it was changed; without imitators `naive`, and
        no chance is drawn.
    """
    weight = context.world.behaviour.imitation[operators_of(frame, rows)]
    if not weight.any():
        return naive
    table, goods = context.world.goods, frame["goods"].to_numpy()[rows]
    usual = table.value_cents[goods] * frame["quantity"].to_numpy()[rows]
    usual = usual * np.exp(_LOG_SD_SHARE * table.value_log_sd[goods] * rng.normal(size=len(rows)))
    highest = _HIGHEST_RATIO * frame["true_value_cents"].to_numpy()[rows]
    drawn = _between(np.maximum(naive, 1.0), np.maximum(usual, 1.0), weight)
    return np.where(weight > 0, np.minimum(drawn, np.maximum(highest, naive)), naive)


def with_ordinary_pieces(
    frame: pl.DataFrame, rng: Generator, context: Context, heads: Indices
) -> pl.DataFrame:
    """Declare as many pieces, and as much mass, as the declared value would honestly buy.

    Parameters
    ----------
    frame, rng, context
        As for `Typology.apply`; the declared value is that which is falsified already.
    heads
        Rows that hold the goods; those of senders who do not imitate stay as they are.
    """
    weight = context.world.behaviour.imitation[operators_of(frame, heads)]
    heads, weight = heads[weight > 0], weight[weight > 0]
    if not len(heads):
        return frame
    table, goods = context.world.goods, frame["goods"].to_numpy()[heads]
    pieces = frame["quantity"].to_numpy()[heads]
    buys = np.round(frame["value_cents"].to_numpy()[heads] / table.value_cents[goods])
    quantity = ints(np.minimum(buys, pieces))
    spread = _LOG_SD_SHARE * table.mass_log_sd[goods] * rng.normal(size=len(heads))
    usual = table.mass_mg[goods] * quantity * np.exp(spread)
    net = frame["net_mass_mg"].to_numpy()[heads]
    gross = frame["gross_mass_mg"].to_numpy()[heads]
    shown = np.minimum(_between(net.astype(np.float64), usual, weight), net)
    return with_values(
        frame,
        heads,
        quantity=quantity,
        net_mass_mg=ints(shown, 1_000),
        gross_mass_mg=ints(gross * (shown / net), 2_000),
    )


def _between(naive: Floats | Indices, usual: Floats, weight: Floats) -> Floats:
    """Return the geometric mean of two figures, the second with the given weight."""
    return np.asarray(np.exp((1 - weight) * np.log(naive) + weight * np.log(usual)))
