"""The products of every operator: goods, declared text, price and mass of one piece."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from engine.tariff import EU_TARIFF
from synthetic.draw import Floats, Indices, pick, replaced, weighted
from synthetic.goods import CATCH_ALL_CODES, FAMILY_SHARES, GOODS, VAGUE_TEXTS
from synthetic.scenario import Scenario
from synthetic.shippers import Operators
from synthetic.titles import FOREIGN_TITLES, TITLES

_PRODUCT_EXPONENT = 0.7
"""How unevenly an operator's products sell (estimate)."""

_LIGHT = 0.9
"""Exponent by which light goods sell more often (estimate, fitted to 0.5 kg a parcel)."""

_GENERALISTS = 0.08
"""Share of operators, the largest, who deal in everything (estimate)."""

_WRONG_HABIT = 0.03
"""Products whose code is wrong in all honesty; a further 2 % of lines are slips (5 %: report 7)."""

_EDITIONS, _EDITION_DAYS = 3, 12
"""Texts of a product, and days until a seller rewrites it (estimate)."""

_PLAIN = 0.65
"""Products with a plain text whatever their sender's manner (estimate)."""

_VAGUE_HABIT = 0.045
"""Products described vaguely as a habit; slips make it 6 % of lines (domain report 7)."""

_COLOURS = ("Black", "White", "Red", "Blue", "Pink", "Green")
_WORDS = ("New", "Fashion", "Portable", "Summer", "Mini", "2026")
_PACKS = ("1pc", "2pcs", "5pcs", "1 set")
_BEFORE: Final = ("", *(f"{word} " for word in (*_WORDS, *_COLOURS, *_PACKS)))
_AHEAD_OF: Final = np.array([0, 0, 0, 1, 0, 1 + len(_WORDS), 0, 1 + len(_WORDS) + len(_COLOURS)])
_AHEAD: Final = np.array([1, 1, 1, len(_WORDS), 1, len(_COLOURS), 1, len(_PACKS)])
"""What may stand before a title, and by manner of writing which part of it: first and size."""

_LETTER_CASES: Final = 3
"""Titles are held as they are, in lower case and in capitals."""

_DETAILS = {
    "clothing": ("100% polyester", "95% cotton", "for women", "for men", "knitted", "plus size"),
    "electronics": ("5V", "USB", "for phone", "plastic", "USB-C", "2.4G"),
    "home": ("plastic", "for kitchen", "household", "bathroom use", "set", "foldable"),
    "toys": ("for kids", "plastic", "ABS", "children", "indoor play", "3+"),
    "beauty": ("cosmetic", "for face", "30ml", "personal care", "for hair", "set"),
    "jewellery": ("alloy", "women", "fashion", "zinc", "unisex", "gift box"),
    "footwear": ("EU 38", "EU 42", "rubber sole", "women", "men", "textile"),
    "bags": ("PU", "polyester", "women", "large", "travel", "canvas"),
    "sports": ("outdoor", "training", "nylon", "adult", "gym", "set"),
    "tools": ("metal", "steel", "car", "universal", "plastic", "kit"),
    "other": ("metal", "plastic", "outdoor", "pack", "household", "refill"),
}


_DEAR_SHARE: Final = 0.05
_DEAR_LOG: Final = 1.6
_DEAR_LOG_SD: Final = 0.4
"""Branded and better articles of the same code cost some five times as much; with them the honest
consignments of EUR 120 to 150 are as many as a log-normal of median 8 and mean 15 has (domain
report 3.2: 0.3 %). Without them nearly all parcels just under the line would be guilty. Estimates.
"""


@dataclass(frozen=True, slots=True)
class TextPool:
    """Texts by kind of goods, end to end: kind `k` has `size[k]` from `first[k]` on.

    Titles follow once more in lower case, and once more in capitals.
    """

    text: pl.Series
    first: Indices
    size: Indices


@dataclass(frozen=True, slots=True)
class GoodsTable:
    """`GOODS` as columns; arrays hold one element a kind of goods."""

    hs6: pl.Series
    value_cents: Floats
    value_log_sd: Floats
    mass_mg: Floats
    mass_log_sd: Floats
    more_pieces: Floats
    brand: Floats
    safety: Floats
    is_restricted: np.ndarray
    is_duty_free: np.ndarray
    weight: Floats
    titles: TextPool
    foreign: TextPool
    details: pl.Series

    def positions(self, codes: tuple[str, ...]) -> Indices:
        """Return the positions of some codes."""
        where = {code: place for place, code in enumerate(self.hs6)}
        return np.array([where[code] for code in codes], dtype=np.int64)


def goods_table(price_factor: float) -> GoodsTable:
    """Turn the table of goods into columns, at a price level."""
    tilted = {g.hs6: g.weight * (g.unit_mass_grams / 200) ** -_LIGHT for g in GOODS}
    families = {f: sum(tilted[g.hs6] for g in GOODS if g.family == f) for f in FAMILY_SHARES}
    return GoodsTable(
        hs6=pl.Series("hs6", [good.hs6 for good in GOODS]),
        value_cents=np.array([good.unit_value_eur * 100 * price_factor for good in GOODS]),
        value_log_sd=np.array([good.value_log_sd for good in GOODS]),
        mass_mg=np.array([good.unit_mass_grams * 1000 for good in GOODS]),
        mass_log_sd=np.array([good.mass_log_sd for good in GOODS]),
        more_pieces=np.array([good.more_pieces for good in GOODS]),
        brand=np.array([good.brand for good in GOODS]),
        safety=np.array([good.safety for good in GOODS]),
        is_restricted=np.array([good.is_restricted for good in GOODS]),
        is_duty_free=np.array([EU_TARIFF.rates.get(good.hs6, 1) == 0 for good in GOODS]),
        weight=np.array(
            [tilted[g.hs6] / families[g.family] * FAMILY_SHARES[g.family] for g in GOODS]
        ),
        titles=_in_all_cases(_pool([TITLES[good.hs6] for good in GOODS])),
        foreign=_pool([FOREIGN_TITLES[good.hs6] for good in GOODS]),
        details=pl.Series(["", *(f" {word}" for g in GOODS for word in _DETAILS[g.family])]),
    )


@dataclass(frozen=True, slots=True)
class Products:
    """Everything on offer, operator after operator.

    Attributes
    ----------
    first, count
        Where an operator's products begin, and how many there are.
    operator, goods
        Whose product, and which kind of goods it is.
    share
        Share in its operator's lines.
    value_cents, mass_mg
        Price and net mass of one piece.
    hs6
        As declared in good faith.
    editions
        Descriptions in good faith: all products' first text, then all second ones, and so on.
    true_hs6
        The right code.
    merchant_id, manufacturer_id
        Product identifiers; the second is null for goods without a named maker.
    """

    first: Indices
    count: Indices
    operator: Indices
    goods: Indices
    share: Floats
    value_cents: Floats
    mass_mg: Floats
    hs6: pl.Series
    editions: pl.Series
    true_hs6: pl.Series
    merchant_id: pl.Series
    manufacturer_id: pl.Series

    def text_on(self, product: Indices, day: int) -> Indices:
        """Return where in `editions` each product's text of a day is; sellers rewrite them."""
        edition = ((day + product * 7) // _EDITION_DAYS) % _EDITIONS
        return np.asarray(product + edition * len(self.goods))


def _assortments(rng: Generator, table: GoodsTable, operator: Indices, volumes: Floats) -> Indices:
    """Draw goods so that each operator deals in one to three families, the largest in all."""
    operators = len(volumes)
    families = list(FAMILY_SHARES)
    family_of = np.array([families.index(good.family) for good in GOODS])
    shares = np.array(list(FAMILY_SHARES.values()))
    own = np.stack([weighted(rng, shares, operators) for _ in range(3)], axis=1)
    own[:, 1] = np.where(rng.random(operators) < 0.5, own[:, 0], own[:, 1])
    own[:, 2] = np.where(rng.random(operators) < 0.7, own[:, 0], own[:, 2])
    family = own[operator, rng.integers(0, 3, len(operator))]
    is_general = volumes[operator] >= np.quantile(volumes, 1 - _GENERALISTS)
    family = np.where(is_general, weighted(rng, shares, len(operator)), family)
    goods = np.zeros(len(operator), dtype=np.int64)
    for number in range(len(families)):
        rows = np.flatnonzero(family == number)
        members = np.flatnonzero(family_of == number)
        goods[rows] = members[weighted(rng, table.weight[members], len(rows))]
    return goods


def texts(rng: Generator, table: GoodsTable, goods: Indices, style: Indices) -> pl.Series:
    """Write a description for each article in its sender's manner.

    Parameters
    ----------
    rng
        Source of chance.
    table
        The goods.
    goods
        Kind of goods of each article.
    style
        Manner of writing: 0 plain, 1 lower case, 2 capitals, 3 advertising words, 4 detail,
        5 colour first, 6 the buyer's language, 7 pack.
    """
    titles, foreign, count = table.titles, table.foreign, len(goods)
    rank = np.minimum(rng.geometric(0.4, count) - 1, titles.size[goods] - 1)
    other = rng.integers(0, 10**6, count) % foreign.size[goods]
    manner = np.where(np.isin(style, (1, 2)), style, 0)
    title = titles.first[goods] + rank + manner * (len(titles.text) // _LETTER_CASES)
    body = np.where(style == 6, len(titles.text) + foreign.first[goods] + other, title)
    before = _AHEAD_OF[style] + rng.integers(0, 12, count) % _AHEAD[style]
    detail = goods * 6 + rng.integers(0, 6, count)
    after = np.where(style == 4, 1 + detail, 0)
    parts = pl.DataFrame(
        {
            "before": pl.Series(_BEFORE)[before],
            "body": pl.concat([titles.text, foreign.text])[body],
            "after": table.details[after],
        }
    )
    return parts.select(pl.concat_str(pl.all()).alias("goods_description")).to_series()


def _editions(rng: Generator, table: GoodsTable, goods: Indices, manner: Indices) -> pl.Series:
    """Write all texts of all products; vague ones stay vague."""
    vague = rng.random(len(goods)) < _VAGUE_HABIT
    written = []
    for _ in range(_EDITIONS):
        style = np.where(rng.random(len(goods)) < _PLAIN, 0, manner)
        text = texts(rng, table, goods, style)
        written.append(replaced(text, vague, pick(rng, pl.Series(VAGUE_TEXTS), int(vague.sum()))))
    return pl.concat(written)


def _pool(lists: list[tuple[str, ...]]) -> TextPool:
    size = np.array([len(words) for words in lists], dtype=np.int64)
    return TextPool(
        pl.Series([word for words in lists for word in words]), np.cumsum(size) - size, size
    )


def _in_all_cases(titles: TextPool) -> TextPool:
    text = titles.text
    cases = pl.concat([text, text.str.to_lowercase(), text.str.to_uppercase()])
    return TextPool(cases, titles.first, titles.size)


def wrong_codes(rng: Generator, table: GoodsTable, goods: Indices) -> Indices:
    """Return, for each article, goods whose code an honest clerk takes instead.

    A neighbour in the tariff in three cases of five, else a catch-all code (estimate).
    """
    neighbour = np.argsort(np.argsort(table.hs6.to_numpy()))
    by_code = np.argsort(table.hs6.to_numpy())
    step = rng.choice([-2, -1, 1, 2], len(goods))
    near = by_code[np.clip(neighbour[goods] + step, 0, len(by_code) - 1)]
    catch_all = rng.choice(table.positions(CATCH_ALL_CODES), len(goods))
    return np.where(rng.random(len(goods)) < 0.6, near, catch_all)


def build_products(
    rng: Generator, scenario: Scenario, table: GoodsTable, operators: Operators
) -> Products:
    """Give every operator its products.

    Parameters
    ----------
    rng
        Source of chance.
    scenario
        World to build for.
    table
        The goods at the scenario's price level.
    operators
        Who sells; larger ones have more products.
    """
    size = len(operators.volumes)
    scale = (operators.volumes / operators.volumes.mean()) ** 0.5
    count = np.maximum(3, rng.poisson(14 * scale)).astype(np.int64)
    first = np.cumsum(count) - count
    operator = np.repeat(np.arange(size), count)
    rank = np.arange(len(operator)) - first[operator] + 1
    weight = rank.astype(float) ** -_PRODUCT_EXPONENT
    goods = _assortments(rng, table, operator, operators.volumes)
    declared = np.where(
        rng.random(len(goods)) < _WRONG_HABIT, wrong_codes(rng, table, goods), goods
    )
    number = pl.Series(rng.integers(10**7, 10**8, len(goods))).cast(pl.String)
    maker = pl.Series(rng.integers(10**11, 10**12, len(goods))).cast(pl.String)
    spread = rng.normal(size=len(goods)) * table.value_log_sd[goods]
    is_dear = rng.random(len(goods)) < _DEAR_SHARE
    spread += is_dear * rng.normal(_DEAR_LOG, _DEAR_LOG_SD, len(goods))
    return Products(
        first=first,
        count=count,
        operator=operator,
        goods=goods,
        share=weight / np.bincount(operator, weight)[operator],
        value_cents=table.value_cents[goods] * operators.price_level[operator] * np.exp(spread),
        mass_mg=table.mass_mg[goods]
        * np.exp(rng.normal(size=len(goods)) * table.mass_log_sd[goods]),
        hs6=table.hs6[declared],
        editions=_editions(rng, table, goods, operators.text_style[operator]),
        true_hs6=table.hs6[goods],
        merchant_id=("SKU" + number).alias("merchant_product_id"),
        manufacturer_id=pl.select(
            pl.when(pl.Series(rng.random(len(goods)) < 0.6)).then("69" + maker)
        )
        .to_series()
        .alias("manufacturer_product_id"),
    )
