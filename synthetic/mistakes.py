"""Honest mistakes: wrong codes, vague texts, masses read badly, lost house numbers, rounding."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import pick, replaced, with_series
from synthetic.goods import VAGUE_TEXTS
from synthetic.products import wrong_codes
from synthetic.world import World

_WRONG_SLIP = 0.02
"""Wrong code by a slip; with the habits of products 5 % of lines (domain report 7)."""

_VAGUE_SLIP = 0.015
"""Vague text by a slip; with the habits of products 6 % of lines (domain report 7)."""

_MASS_ERROR = 0.08
"""Lines whose mass is off by up to 15 % (domain report 7); the share is an estimate."""

_GROSS_BLUNDER = 0.002
"""Lines with one mass for the whole parcel, or a unit misread (estimate)."""

_NO_HOUSE_NUMBER = 0.03
"""Addresses without house number (domain report 7)."""


def make_mistakes(world: World, items: pl.DataFrame, rng: Generator) -> pl.DataFrame:
    """Put the mistakes of honest clerks into the declared columns.

    Parameters
    ----------
    world
        The goods and operators.
    items
        Working frame as `traffic.draw_items` returns it.
    rng
        Source of chance of this flight.
    """
    count = len(items)
    goods = items["goods"].to_numpy()
    wrong = np.flatnonzero(rng.random(count) < _WRONG_SLIP)
    vague = np.flatnonzero(rng.random(count) < _VAGUE_SLIP)
    codes = world.goods.hs6[wrong_codes(rng, world.goods, goods[wrong])]
    return with_series(
        items,
        replaced(items["hs6"], wrong, codes),
        replaced(items["goods_description"], vague, pick(rng, pl.Series(VAGUE_TEXTS), len(vague))),
        _masses(items, rng),
        _rounded(items, world),
        _without_number(items, rng),
    )


def _masses(items: pl.DataFrame, rng: Generator) -> pl.Series:
    count = len(items)
    factor = np.where(rng.random(count) < _MASS_ERROR, rng.uniform(0.85, 1.15, count), 1.0)
    blunder = rng.random(count) < _GROSS_BLUNDER
    factor = np.where(blunder, rng.choice([0.1, 2.0, 3.0, 10.0], count), factor)
    gross = items["gross_mass_mg"].to_numpy() * factor
    return pl.Series("gross_mass_mg", np.clip(gross, 1_000, 30_000_000).astype(np.int64))


def _rounded(items: pl.DataFrame, world: World) -> pl.Series:
    """Some senders round: to whole euros, to .99, to half euros; the others give cents."""
    cents = items["value_cents"].to_numpy()
    manner = world.operators.text_style[items["operator"].to_numpy()] * 7 % 10
    rounded = np.select(
        [manner == 7, manner == 4, manner == 1],
        [np.round(cents / 100) * 100, np.round(cents / 100) * 100 - 1, np.round(cents / 50) * 50],
        cents,
    )
    return pl.Series("value_cents", np.maximum(rounded, 5).astype(np.int64))


def _without_number(items: pl.DataFrame, rng: Generator) -> pl.Series:
    parcel = items["parcel"].to_numpy()
    lost = rng.random(int(parcel[-1]) + 1) < _NO_HOUSE_NUMBER
    rows = np.flatnonzero(lost[parcel])
    street = items["importer_street"]
    bare = street[rows].str.replace_all(r"\d+\w?", "").str.strip_chars(" ,")
    return replaced(street, rows, bare)
