"""Honest mistakes: wrong codes, vague texts, masses read badly, lost house numbers, rounding."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Indices, pick
from synthetic.goods import VAGUE_TEXTS
from synthetic.products import wrong_codes
from synthetic.rows import Rows, Words
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


def make_mistakes(world: World, items: Rows, rng: Generator) -> Rows:
    """Put the mistakes of honest clerks into the declared columns.

    Parameters
    ----------
    world
        The goods and operators.
    items
        Working table as `traffic.draw_items` returns it.
    rng
        Source of chance of this flight.
    """
    count = len(items)
    wrong = np.flatnonzero(rng.random(count) < _WRONG_SLIP)
    vague = np.flatnonzero(rng.random(count) < _VAGUE_SLIP)
    codes = world.goods.hs6[wrong_codes(rng, world.goods, items["goods"][wrong])]
    texts = pick(rng, pl.Series(VAGUE_TEXTS), len(vague))
    return items.changed(
        hs6=items.words["hs6"].replaced(wrong, codes),
        goods_description=items.words["goods_description"].replaced(vague, texts),
        gross_mass_mg=_masses(items, rng),
        value_cents=_rounded(items, world),
        importer_street=_without_number(items, rng),
    )


def _masses(items: Rows, rng: Generator) -> Indices:
    count = len(items)
    gross = items["gross_mass_mg"].astype(np.float64)
    off = np.flatnonzero(rng.random(count) < _MASS_ERROR)
    gross[off] *= rng.uniform(0.85, 1.15, len(off))
    blunder = np.flatnonzero(rng.random(count) < _GROSS_BLUNDER)
    gross[blunder] *= rng.choice([0.1, 2.0, 3.0, 10.0], len(blunder))
    return np.asarray(np.clip(gross, 1_000, 30_000_000).astype(np.int64))


def _rounded(items: Rows, world: World) -> Indices:
    """Some senders round: to whole euros, to .99, to half euros; the others give cents."""
    cents = items["value_cents"].copy()
    manner = (world.operators.text_style * 7 % 10)[items["operator"]]
    for of_manner, step, less in ((7, 100, 0), (4, 100, 1), (1, 50, 0)):
        rows = np.flatnonzero(manner == of_manner)
        cents[rows] = np.round(cents[rows] / step) * step - less
    return np.maximum(cents, 5)


def _without_number(items: Rows, rng: Generator) -> Words:
    parcel = items["parcel"]
    lost = rng.random(int(parcel[-1]) + 1) < _NO_HOUSE_NUMBER
    return items.words["importer_street"].rewritten(
        np.flatnonzero(lost[parcel]),
        lambda street: street.str.replace_all(r"\d+\w?", "").str.strip_chars(" ,"),
    )
