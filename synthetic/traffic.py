"""Honest traffic of one flight: parcels by shipper and consignee, and their goods items."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.brokers import PLATFORMS
from synthetic.draw import Floats, Indices, weighted
from synthetic.people import draw_consignees
from synthetic.rows import NOTHING, Column, Rows, Words
from synthetic.scenario import EUR_3_FROM
from synthetic.shippers import SCHEMES
from synthetic.world import World

_CALENDAR: Final[tuple[tuple[tuple[int, int], tuple[int, int], float], ...]] = (
    ((11, 11), (11, 16), 1.6),  # 11.11 (peaks: domain report 7; heights are estimates)
    ((11, 24), (12, 3), 1.4),  # Black Friday
    ((12, 4), (12, 18), 1.3),  # before Christmas
    ((2, 1), (2, 20), 0.6),  # Chinese New Year
)

VARIANTS: Final = (
    "black", "white", "red", "blue", "M", "L", "XL", "one size",
)  # fmt: skip

_NAME_VARIANTS = 0.2
"""Share of operators whose texts name the variant bought (estimate)."""

_GIFT_LINE_CENTS = 4_500
"""Gifts above this are declared as sales by honest senders (Reg. (EC) 1186/2009 Art. 25)."""

_LOW_VALUE_LINE_CENTS = 15_000
"""Honest consignments above this go by the standard declaration H1."""


@dataclass(frozen=True, slots=True)
class Parcels:
    """The parcels of a flight, in the order of the brokers' files; one element a parcel.

    Attributes
    ----------
    shipper, operator, broker, consignee
        Positions in the world's tables.
    master, place
        Number of the master waybill on the flight, and of the parcel in its file.
    """

    shipper: Indices
    operator: Indices
    broker: Indices
    consignee: Indices
    master: Indices
    place: Indices


def busyness(on: date) -> float:
    """Volume of a day against an ordinary one."""
    for begin, end, factor in _CALENDAR:
        if begin <= (on.month, on.day) <= end:
            return factor
    return 1.0 if on.weekday() < 5 else 0.9


def draw_parcels(world: World, rng: Generator, day: int) -> Parcels:
    """Draw who sends to whom, by which broker and under which master waybill.

    Parameters
    ----------
    world
        The parties.
    rng
        Source of chance of this flight.
    day
        Day of arrival, from 0.
    """
    scenario = world.scenario
    count = max(1, round(scenario.parcels_per_flight * busyness(world.on(day))))
    active = world.active(day)
    operator = world.identities.operator[active]
    activity = rng.lognormal(0.0, 0.35, len(active))  # days differ; estimate
    drawn = weighted(rng, world.operators.volumes[operator] * activity, count)
    broker = np.where(
        rng.random(count) < 0.85,
        world.operators.broker[operator[drawn]],
        world.operators.second_broker[operator[drawn]],
    )
    order = np.lexsort((active[drawn], broker))
    drawn, broker = drawn[order], broker[order]
    size = int(np.clip(scenario.parcels_per_flight / 15, 60, 2000))
    within = np.arange(count) - np.searchsorted(broker, broker)
    master = np.unique(broker * (count // size + 2) + within // size, return_inverse=True)[1]
    return Parcels(
        shipper=active[drawn],
        operator=operator[drawn],
        broker=broker,
        consignee=draw_consignees(rng, world.consignees, count),
        master=master,
        place=within % size,
    )


def draw_lines(rng: Generator, count: int, one_line_share: float) -> Indices:
    """Draw the number of goods items of each parcel.

    The rest beyond one line divides as 20 : 9 : 9 over two, three and more (domain report 7).
    """
    rest = 1 - one_line_share
    shares = np.array([one_line_share, rest * 20 / 38, rest * 9 / 38, rest * 9 / 38])
    lines = weighted(rng, shares, count) + 1
    return np.where(lines == 4, 3 + rng.geometric(0.6, count), lines)


def _products(world: World, rng: Generator, operator: Indices, line: Indices) -> Indices:
    """Draw the first product by its share, and take the next ones of the shelf after it."""
    products = world.products
    first, count = products.first[operator], products.count[operator]
    start = np.zeros(len(operator), dtype=np.int64)
    heads = np.flatnonzero(line == 1)
    cumulative = np.cumsum(products.share)
    base = cumulative[first[heads]] - products.share[first[heads]]
    drawn = np.searchsorted(cumulative, base + rng.random(len(heads)) * (1 - 1e-9))
    own_last = first[heads] + count[heads] - 1
    start[heads] = np.clip(drawn, first[heads], own_last) - first[heads]
    parcel = np.cumsum(line == 1) - 1
    step = np.where(rng.random(len(heads)) < 0.5, 1, -1)  # to either side: no product twice
    place = (start[heads][parcel] + (line - 1) * step[parcel]) % count
    return np.asarray(first + place)


def draw_items(world: World, rng: Generator, parcels: Parcels, day: int) -> Rows:
    """Draw the goods items, declared as they truly are.

    Parameters
    ----------
    world
        The goods and parties.
    rng
        Source of chance of this flight.
    parcels
        The flight's parcels.
    day
        Day of arrival, from 0; it decides texts and procedure codes.

    Returns
    -------
    Rows
        One row a goods item in the order of parcels and lines: positions (`parcel`, `line`,
        `shipper`, `operator`, `product`, `goods`, `consignee`), the declared columns with money in
        cents and mass in milligrams, and the truth (`true_*`, `is_*`, `typologies` as bits).
    """
    lines = draw_lines(rng, len(parcels.shipper), world.scenario.one_line_share)
    parcel = np.repeat(np.arange(len(lines)), lines)
    line = np.arange(len(parcel)) - (np.cumsum(lines) - lines)[parcel] + 1
    operator = parcels.operator[parcel]
    product = _products(world, rng, operator, line)
    numbers = {
        "parcel": parcel,
        "line": line,
        "shipper": parcels.shipper[parcel],
        "operator": operator,
        "product": product,
        "goods": world.products.goods[product],
        "consignee": parcels.consignee[parcel],
    }
    numbers |= _amounts(world, rng, numbers)
    procedure = _procedure(world, rng, parcels, parcel, numbers["value_cents"], world.on(day))
    honest = {
        "true_consignment": parcel,
        "order_parts": np.ones(len(parcel), dtype=np.int64),
        "is_declared": np.ones(len(parcel), dtype=np.bool_),
        "is_ioss_genuine": np.ones(len(parcel), dtype=np.bool_),
        "typologies": np.zeros(len(parcel), dtype=np.int64),
    }
    return Rows(
        numbers | honest,
        {**_described(world, rng, numbers, day), **_parties(world, parcels, parcel)},
    ).changed(**procedure)


def _quantities(world: World, rng: Generator, goods: Indices) -> Indices:
    """Pieces of a line: a Poisson number whose mean is exponential, which is a geometric one."""
    more = world.goods.more_pieces
    scale = np.zeros(len(more))
    scale[more > 0] = 1 / np.log1p(1 / more[more > 0])
    return 1 + (rng.standard_exponential(len(goods)) * scale[goods]).astype(np.int64)


def _amounts(world: World, rng: Generator, drawn: dict[str, Indices]) -> dict[str, Indices]:
    """Draw pieces, value and mass of each line, as they are and as they are declared."""
    products, product, count = world.products, drawn["product"], len(drawn["product"])
    quantity = _quantities(world, rng, drawn["goods"])
    discount = np.where(rng.random(count) < 0.6, 1.0, rng.uniform(0.75, 1.05, count))
    unit = np.maximum(np.round(products.value_cents[product] * discount), 5)
    value = (unit * quantity).astype(np.int64)
    net = products.mass_mg[product] * quantity * _about(rng, 0.06, count)
    gross = net * world.operators.packing_ratio[drawn["operator"]] * _about(rng, 0.04, count)
    net_mg = np.maximum(net, 1_000).astype(np.int64)
    return {
        "quantity": quantity,
        "gross_mass_mg": np.maximum(gross, 2_000).astype(np.int64),
        "net_mass_mg": net_mg,
        "value_cents": value,
        "true_value_cents": value,
        "true_quantity": quantity,
        "true_net_mass_mg": net_mg,
    }


def _about(rng: Generator, log_sd: float, count: int) -> Floats:
    """Factors near 1; single precision, twice as fast, is more than scales have."""
    return np.asarray(np.exp(log_sd * rng.standard_normal(count, dtype=np.float32)))


def _described(
    world: World, rng: Generator, drawn: dict[str, Indices], day: int
) -> dict[str, Words]:
    products, product = world.products, drawn["product"]
    text = Words((products.editions,), products.text_on(product, day))
    return {
        "hs6": Words((products.hs6,), product),
        "goods_description": _variants(rng, drawn["operator"], text),
        "merchant_product_id": Words((products.merchant_id,), product),
        "manufacturer_product_id": Words((products.manufacturer_id,), product),
        "true_hs6": Words((products.true_hs6,), product),
    }


def _variants(rng: Generator, operator: Indices, text: Words) -> Words:
    """Some senders name the colour or size that the buyer took."""
    names = pl.Series(VARIANTS)
    rows = np.flatnonzero(operator * 11 % 100 < 100 * _NAME_VARIANTS)
    taken = names[rng.integers(0, len(names), len(rows))]
    joined = pl.DataFrame([text.at(rows).written().alias("text"), taken.alias("taken")]).select(
        pl.concat_str("text", "taken", separator=" ")
    )
    return text.replaced(rows, joined.to_series())


def _parties(world: World, parcels: Parcels, parcel: Indices) -> dict[str, Words]:
    shipper, consignee = parcels.shipper[parcel], parcels.consignee[parcel]
    exporter = [f"exporter_{p}" for p in ("id", "name", "street", "postcode", "city", "country")]
    importer = [f"importer_{p}" for p in ("name", "street", "postcode", "city", "country")]
    senders, people = world.identities.table, world.consignees.table
    return {
        **{name: Words((senders[name],), shipper) for name in exporter},
        **{name: Words((people[name],), consignee) for name in importer},
        "country_of_origin": Words((senders["exporter_country"].replace("HK", "CN"),), shipper),
    }


def codes_of(on: date) -> tuple[str, ...]:
    """Procedure codes of the schemes of `shippers.SCHEMES` on a day (domain report 1.3)."""
    if on >= EUR_3_FROM:
        return ("F48", "F48", "F49", "F53", "C08")
    return ("C07|F48", "C07|F48", "C07|F49", "C07", "C08")


def _procedure(
    world: World, rng: Generator, parcels: Parcels, parcel: Indices, value: Indices, on: date
) -> dict[str, Column | Words]:
    operator = parcels.operator
    total = np.bincount(parcel, value).astype(np.int64)
    scheme = world.operators.scheme[operator]
    is_gift = (scheme == SCHEMES.index("gift")) & (total <= _GIFT_LINE_CENTS)
    scheme = np.where(is_gift | (scheme < 4), scheme, SCHEMES.index("standard"))
    is_dear = total > _LOW_VALUE_LINE_CENTS
    has_ioss = (scheme <= 1) & ~is_dear
    codes = pl.Series((*codes_of(on), "000"))
    is_silent = has_ioss | (rng.random(len(total)) < 0.1)
    cost = (250 + total * rng.uniform(0.02, 0.2, len(total))).astype(np.int64)  # estimate
    transport = np.full(len(parcel), NOTHING)
    first = np.searchsorted(parcel, np.flatnonzero(~is_silent))
    transport[first] = cost[~is_silent]
    number = np.where(has_ioss, world.operators.ioss[operator], -1)
    return {
        "additional_procedure_codes": Words(
            (codes,), np.where(is_dear, len(codes) - 1, scheme)[parcel]
        ),
        "ioss_number": Words.or_null(world.ioss, number[parcel]),
        "transport_cents": transport,
        "platform": Words.or_null(pl.Series(PLATFORMS), world.operators.platform[operator][parcel]),
        "declaration_type": Words((pl.Series(["H7", "H1"]),), is_dear.astype(np.int64)[parcel]),
    }
