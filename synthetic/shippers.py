"""Shippers: who sends, under which names, and how identities die and return.

An *operator* is the real actor: its goods, habits and honesty. An *identity* is what the
declarations show: a name and an identifier in use for some months. An operator who returns under
a new identity (a phoenix) keeps street, postcode, goods, texts, broker and bag prefix.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.brokers import PLATFORM_VOLUMES, Brokers
from synthetic.draw import Floats, Indices, filled, pick, weighted, zipf_weights
from synthetic.inventing import invented
from synthetic.scenario import Scenario

COUNTRIES: Final = ("CN", "HK", "TR", "US", "GB", "VN")
_COUNTRY_SHARES = (0.88, 0.05, 0.025, 0.015, 0.015, 0.015)  # domain report 7; others divided
AIRPORTS: Final = ("", "HKG", "IST", "JFK", "LHR", "HAN")
"""Airport of loading by country; China's depends on the flight."""

VOLUME_EXPONENT: Final = 0.82
"""Zipf exponent of shipper volumes, so that the top 5 % hold about half of the cases."""

SCHEMES: Final = ("platform", "own", "special", "standard", "gift")
"""How value added tax is paid: a platform's IOSS number, an own one, special arrangements,
standard, or not at all because a private person sends a present."""

_SYLLABLES = (
    "hua", "long", "tai", "xin", "yuan", "feng", "jia", "hong", "sheng", "da", "ming", "wei",
    "bo", "chang", "tong", "rui", "jin", "hai", "tian", "yun", "kang", "li", "shun", "xing",
    "guang", "dong", "nan", "bei", "mei", "yi", "cheng", "fu", "an", "qi", "zhong", "ke", "lan",
    "peng", "xiang", "ze",
)  # fmt: skip
_CITIES = (
    ("Shenzhen", "518000"), ("Guangzhou", "510000"), ("Yiwu", "322000"), ("Hangzhou", "310000"),
    ("Dongguan", "523000"), ("Ningbo", "315000"), ("Quanzhou", "362000"), ("Putian", "351100"),
    ("Zhengzhou", "450000"), ("Foshan", "528000"), ("Xiamen", "361000"), ("Wenzhou", "325000"),
)  # fmt: skip
_TRADES = (
    "Trading", "E-Commerce", "Technology", "Network Technology", "Import and Export",
    "Supply Chain", "Electronic", "Garment", "International Logistics", "Industrial",
)  # fmt: skip
_FORMS = ("Co., Ltd", "Co.,Ltd.", "Limited", "CO LTD", "Company")
_LOCALES = {"TR": "tr_TR", "US": "en_US", "GB": "en_GB", "VN": "vi_VN"}


@dataclass(frozen=True, slots=True)
class Operators:
    """The real actors; arrays hold one element an operator.

    Attributes
    ----------
    volumes
        Weight in the flow while active.
    is_dishonest
        Cheats as a habit, in part of its parcels.
    country, broker, second_broker, scheme, platform, ioss
        Positions in `COUNTRIES`, brokers, `SCHEMES`, platforms (-1 none) and IOSS numbers (-1).
    price_level, packing_ratio
        Own factor on prices; gross over net mass.
    text_style, currency
        Manner of writing descriptions; 0 euro, 1 US dollar.
    bag_prefix
        Text before the number of a bag.
    """

    volumes: Floats
    is_dishonest: np.ndarray
    country: Indices
    broker: Indices
    second_broker: Indices
    scheme: Indices
    platform: Indices
    ioss: Indices
    price_level: Floats
    packing_ratio: Floats
    text_style: Indices
    currency: Indices
    bag_prefix: pl.Series


@dataclass(frozen=True, slots=True)
class Identities:
    """What declarations show of an operator, one row an identity.

    Attributes
    ----------
    table
        exporter_id, exporter_name, exporter_street, exporter_postcode, exporter_city,
        exporter_country, shipper_id (true) and shipper_is_phoenix_of (true, null if new).
    operator
        Position of the operator behind it.
    from_day, to_day
        First day in use, and first day no longer.
    """

    table: pl.DataFrame
    operator: Indices
    from_day: Floats
    to_day: Floats


@dataclass(frozen=True, slots=True)
class _Lives:
    """Successive holders of the places in the market: arrays of one element an identity."""

    place: Indices
    operator: Indices
    from_day: Floats
    to_day: Floats
    predecessor: Indices
    is_dishonest: np.ndarray
    operator_place: Indices


def _rates(scenario: Scenario, is_dishonest: np.ndarray) -> tuple[Floats, Floats]:
    """Daily rates of giving up and of returning under a new name; 80 % of phoenixes cheat."""
    share = max(scenario.dishonest_share, 1e-6)
    phoenix = np.where(is_dishonest, 0.8 / share, 0.2 / (1 - share)) * scenario.phoenix_per_month
    return np.full(len(is_dishonest), scenario.new_per_month) / 30, phoenix / 30


def _live(rng: Generator, scenario: Scenario, prone: Floats, horizon_days: int) -> _Lives:
    places = len(prone)
    honesty = [rng.random(places) < prone * scenario.dishonest_share]
    operator_place = [np.arange(places)]
    place, operator = np.arange(places), np.arange(places)
    start, predecessor = np.full(places, -999.0), np.full(places, -1)
    rows: list[tuple[np.ndarray, ...]] = []
    identities, operators = places, places
    while len(place):
        dishonest = np.concatenate(honesty)[operator]
        giving_up, returning = _rates(scenario, dishonest)
        life = rng.exponential(1 / (giving_up + returning + 1e-9))
        end = np.maximum(start, 0.0) + np.ceil(life + 2)
        rows.append((place, operator, start, end, predecessor))
        own = np.arange(identities - len(place), identities)
        goes_on = end < horizon_days
        is_phoenix = rng.random(len(place)) < returning / (giving_up + returning + 1e-9)
        fresh = goes_on & ~is_phoenix
        next_operator = np.where(is_phoenix, operator, -1)
        next_operator[fresh] = operators + np.arange(fresh.sum())
        operators += int(fresh.sum())
        honesty.append(
            rng.random(int(fresh.sum())) < prone[place[fresh]] * scenario.dishonest_share
        )
        operator_place.append(place[fresh])
        predecessor = np.where(is_phoenix, own, -1)[goes_on]
        place, operator, start = place[goes_on], next_operator[goes_on], end[goes_on]
        identities += len(place)
    columns = [np.concatenate(parts) for parts in zip(*rows, strict=True)]
    return _Lives(
        columns[0], columns[1], columns[2], columns[3], columns[4],
        np.concatenate(honesty), np.concatenate(operator_place),
    )  # fmt: skip


def _schemes(rng: Generator, scenario: Scenario, volumes: Floats) -> Indices:
    """Divide operators over the VAT schemes so that the volume shares come out right."""
    scheme = np.zeros(len(volumes), dtype=np.int64)
    rest = 1 - scenario.ioss_share
    shares = (0.13, 3 / 7 * rest, 3 / 7 * rest, rest / 7)  # domain report 7
    small = (volumes < np.quantile(volumes, 0.97)).astype(float)
    for code, share in enumerate(shares, start=1):
        free = small * (scheme == 0)
        scheme[filled(rng, volumes, share, free)] = code
    return scheme


def _prefixes(rng: Generator, count: int) -> pl.Series:
    letters = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ"))
    drawn = letters[rng.integers(0, len(letters), (count, 3))]
    return pl.Series("bag_prefix", ["".join(row) for row in drawn])


def build_shippers(
    rng: Generator, scenario: Scenario, brokers: Brokers, horizon_days: int
) -> tuple[Operators, Identities]:
    """Make the operators and every identity they use until the horizon.

    Parameters
    ----------
    rng
        Source of chance.
    scenario
        Sizes, honesty and turnover.
    brokers
        Brokers to choose from.
    horizon_days
        Days after which no identity is needed.
    """
    volumes = zipf_weights(scenario.shippers, VOLUME_EXPONENT)
    broker_of_place = weighted(rng, brokers.volumes, scenario.shippers)
    prone = np.where(brokers.is_integrator[broker_of_place], 1 / 6, 1.0)
    prone[: max(1, scenario.shippers // 100)] = 0.0  # the very largest are marketplaces' own
    lives = _live(rng, scenario, prone / prone.mean(), horizon_days)
    place = lives.operator_place
    count = len(place)
    scheme = _schemes(rng, scenario, volumes[place])
    platform = np.where(scheme == 0, weighted(rng, np.array(PLATFORM_VOLUMES), count), -1)
    own = rng.integers(len(PLATFORM_VOLUMES), scenario.ioss_numbers, count)
    operators = Operators(
        volumes=volumes[place],
        is_dishonest=lives.is_dishonest,
        country=weighted(rng, np.array(_COUNTRY_SHARES), count),
        broker=broker_of_place[place],
        second_broker=np.where(
            rng.random(count) < 0.3, weighted(rng, brokers.volumes, count), broker_of_place[place]
        ),
        scheme=scheme,
        platform=platform,
        ioss=np.select([scheme == 0, scheme == 1], [platform, own], -1),
        price_level=rng.lognormal(0.0, 0.35, count),
        packing_ratio=rng.uniform(1.04, 1.30, count),
        text_style=weighted(rng, np.array([4, 2.5, 1.5, 1, 0.6, 0.6, 0.6, 0.5]), count),
        currency=(rng.random(count) < 0.06).astype(np.int64),
        bag_prefix=_prefixes(rng, count),
    )
    return operators, _identities(rng, operators, lives)


def chinese_firms(rng: Generator, count: int) -> pl.DataFrame:
    """Invent names and addresses of firms: exporter_name, _street, _postcode and _city."""
    syllables = pl.Series(_SYLLABLES)
    cities = pl.DataFrame(_CITIES, schema=["exporter_city", "exporter_postcode"], orient="row")
    parts = cities[rng.integers(0, len(cities), count)].with_columns(
        **{f"word_{k}": pick(rng, syllables, count) for k in range(4)},
        trade=pick(rng, pl.Series(_TRADES), count),
        form=pick(rng, pl.Series(_FORMS), count),
        number=pl.Series(rng.integers(1, 900, count)),
        manner=pl.Series(rng.integers(0, 3, count)),
    )
    word = pl.concat_str(pl.col("word_0").str.to_titlecase(), "word_1")
    road = pl.concat_str(pl.col("word_2").str.to_titlecase(), "word_3")
    street = (
        pl.when(pl.col("manner") == 0)
        .then(pl.format("No.{} {} Road", "number", road))
        .when(pl.col("manner") == 1)
        .then(pl.format("{} {} Rd", "number", road))
        .otherwise(pl.format("Building {}, {} Industrial Park", pl.col("number") % 30 + 1, road))
    )
    return parts.select(
        pl.format("{} {} {} {}", "exporter_city", word, "trade", "form").alias("exporter_name"),
        street.alias("exporter_street"),
        "exporter_postcode",
        "exporter_city",
    )


def _elsewhere(rng: Generator, country: str, count: int) -> pl.DataFrame:
    faker = invented(_LOCALES[country], int(rng.integers(2**31)))
    makers = ("company", "street_address", "postcode", "city")
    pools = [[str(getattr(faker, name)()).replace("\n", " ") for _ in range(40)] for name in makers]
    names = ("exporter_name", "exporter_street", "exporter_postcode", "exporter_city")
    return pl.DataFrame(
        [pick(rng, pl.Series(name, pool), count) for name, pool in zip(names, pools, strict=True)]
    )


def _places(rng: Generator, operators: Operators) -> pl.DataFrame:
    """Return name and address of each operator's first identity."""
    country = pl.Series("exporter_country", COUNTRIES)[operators.country]
    table = chinese_firms(rng, len(country)).with_columns(country)
    for code in _LOCALES:
        here = (country == code).to_numpy()
        if here.any():
            other = _elsewhere(rng, code, int(here.sum())).with_columns(pl.lit(code).alias("c"))
            index = np.arange(len(table))
            index[here] = len(table) + np.arange(int(here.sum()))
            table = pl.concat([table, other.rename({"c": "exporter_country"})])[index]
    return table


def _identities(rng: Generator, operators: Operators, lives: _Lives) -> Identities:
    count = len(lives.operator)
    homes = _places(rng, operators)[lives.operator]
    is_phoenix = pl.Series("is_phoenix", lives.predecessor >= 0)
    shipper_id = pl.Series("shipper_id", [f"SH-{number:06d}" for number in range(count)])
    previous = shipper_id[np.maximum(lives.predecessor, 0)]
    tail = pl.Series(rng.integers(10**8, 10**9, count)).cast(pl.String)
    identifier = pl.Series(pick(rng, pl.Series(["91440300MA5", "SLR", "CN", "91330782"]), count))
    renamed = chinese_firms(rng, count)["exporter_name"]
    table = homes.with_columns(
        pl.when(is_phoenix & pl.lit(pl.Series(rng.random(count) < 0.35)))
        .then(pl.col("exporter_street").str.replace("No.", "No. ", literal=True) + ", 2F")
        .otherwise("exporter_street")
        .alias("exporter_street"),
        pl.when(is_phoenix).then(renamed).otherwise("exporter_name").alias("exporter_name"),
        (identifier + tail).alias("exporter_id"),
        shipper_id,
        pl.when(is_phoenix).then(previous).alias("shipper_is_phoenix_of"),
    )
    return Identities(table, lives.operator, lives.from_day, lives.to_day)
