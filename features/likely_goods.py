"""What the goods could be instead: mass and value read under the code that the words fit, too.

Wrong codes are mostly honest (domain report 7: 5 % and more): goods described as what they are,
under a code they do not belong to, weigh and cost what their words say. Goods under a false label
weigh and cost neither what the code nor what the words say.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from features.item_keys import ItemKeys, matched

CERTAIN = 0.5
"""Probability from which on the code that the words fit best is read as well (estimate)."""

READ: tuple[str, ...] = ("unit_mass", "unit_value")

_CODES = 1_000_000
"""Commodity codes of six digits are below this."""


def likely_goods(items: pl.DataFrame, keys: ItemKeys) -> pl.DataFrame:
    """The nearer of two readings of each item: under its code, and under that of its words.

    Parameters
    ----------
    items : prepared items with the columns of `References.read` and of `agreement`.
    keys : their keys.

    Returns
    -------
    In the order of `items`, spreads: `unit_mass_either_z`, `unit_value_either_z`: distance from
    what is usual for the declared code or for the likeliest code of the words, whichever is nearer.
    """
    like = keys.like
    is_told = items["has_pieces"].to_numpy()
    group = keys.flight.of * 2 + is_told
    said = items["hs6"].gather(like.first).cast(pl.Int64).to_numpy()
    is_certain = (items["text_certainty"] >= CERTAIN).fill_null(False).to_numpy()
    meant = items["text_hs6"].cast(pl.Int64).fill_null(0).to_numpy()
    asked = np.where(is_certain, group * _CODES + meant, -1)
    at = matched(asked, group[like.first] * _CODES + said)
    # An item that has the code its words mean, among those whose pieces are told as its own are.
    example = np.where(at >= 0, like.first[at], np.arange(len(at)))
    return pl.DataFrame({f"{name}_either_z": _nearer(items, name, example) for name in READ})


def _nearer(
    items: pl.DataFrame, name: str, example: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    columns = (name, f"{name}_usual", f"{name}_spread")
    value, usual, spread = (items[column].to_numpy() for column in columns)
    declared = (value - usual) / spread
    likely = (value - usual[example]) / spread[example]
    return np.asarray(np.where(np.abs(likely) < np.abs(declared), likely, declared))
