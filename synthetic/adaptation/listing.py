"""New listings for bad articles, and bad articles in the place of others."""

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.adaptation.choices import Choices
from synthetic.draw import Indices, replaced
from synthetic.products import texts, wrong_codes
from synthetic.world import World

_OTHER_CODE: Final = 0.3
"""Share of new listings under another code (estimate)."""

_TOWARD_USUAL: Final = 0.7
"""How far the price of a new listing is drawn toward that of honest senders (estimate)."""

_USUAL_SPREAD: Final = 0.3
"""Spread of those prices against that of honest ones (estimate)."""

_HAS_MAKER: Final = 0.6
"""Share of listings that name a maker: as of all listings."""


def bad_articles(choices: Choices, operator: int, typology: int) -> Indices:
    """Return an operator's articles in which a typology lies."""
    products = choices.products
    own = products.first[operator] + np.arange(products.count[operator])
    return np.asarray(own[choices.behaviour.product_typology[own] == typology])


def relist(world: World, choices: Choices, rng: Generator, articles: Indices) -> None:
    """List articles anew: other product ids and texts, at times another code, a usual price.

    Parameters
    ----------
    world
        The goods.
    choices
        Changed in place.
    rng
        Source of chance.
    articles
        Positions of the articles.
    """
    if not len(articles):
        return
    products, table, count = choices.products, world.goods, len(articles)
    goods = products.goods[articles]
    style = world.operators.text_style[products.operator[articles]]
    editions = products.editions
    for first in range(0, len(editions), len(products.goods)):
        editions = replaced(editions, articles + first, texts(rng, table, goods, style))
    declared = np.where(rng.random(count) < _OTHER_CODE, wrong_codes(rng, table, goods), goods)
    value = products.value_cents.copy()
    spread = _USUAL_SPREAD * table.value_log_sd[goods] * rng.normal(size=count)
    usual = table.value_cents[goods] * np.exp(spread)
    value[articles] = value[articles] ** (1 - _TOWARD_USUAL) * usual**_TOWARD_USUAL
    number = pl.Series(rng.integers(10**7, 10**8, count)).cast(pl.String)
    maker = "69" + pl.Series(rng.integers(10**11, 10**12, count)).cast(pl.String)
    is_named = pl.Series(rng.random(count) < _HAS_MAKER)
    makers = pl.select(pl.when(is_named).then(maker)).to_series()
    choices.products = replace(
        products,
        value_cents=value,
        editions=editions,
        hs6=replaced(products.hs6, articles, table.hs6[declared]),
        merchant_id=replaced(products.merchant_id, articles, "SKU" + number),
        manufacturer_id=replaced(products.manufacturer_id, articles, makers),
    )


def exchange(choices: Choices, rng: Generator, articles: Indices) -> None:
    """Stop bad articles, and put into as many others of the same sender what lay in them.

    Parameters
    ----------
    choices
        Changed in place.
    rng
        Source of chance.
    articles
        Positions of the articles that are given up; each is followed by the good one of its
        sender that sells most nearly as often.
    """
    products, typology = choices.products, choices.behaviour.product_typology
    for article in rng.permutation(articles).tolist():
        operator = products.operator[article]
        own = products.first[operator] + np.arange(products.count[operator])
        good = own[typology[own] < 0]
        if len(good):
            off = np.abs(np.log(products.share[good] / products.share[article]))
            typology[good[int(np.argmin(off))]] = typology[article]
            typology[article] = -1
