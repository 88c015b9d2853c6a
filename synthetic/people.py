"""Consignees: invented people at invented addresses, in the destination mix."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from synthetic.draw import pick
from synthetic.inventing import invented

DESTINATIONS: Final[tuple[tuple[str, str, float], ...]] = (  # country, Faker locale, share
    ("DE", "de_DE", 0.22),  # shares: domain report 7; the 13 % "other" divided by estimate
    ("FR", "fr_FR", 0.18),
    ("ES", "es_ES", 0.10),
    ("NL", "nl_NL", 0.09),
    ("IT", "it_IT", 0.09),
    ("BE", "nl_BE", 0.08),
    ("PL", "pl_PL", 0.07),
    ("AT", "de_AT", 0.04),
    ("SE", "sv_SE", 0.03),
    ("PT", "pt_PT", 0.03),
    ("CZ", "cs_CZ", 0.03),
    ("RO", "ro_RO", 0.02),
    ("HU", "hu_HU", 0.01),
    ("DK", "da_DK", 0.01),
)

_NAMES, _STREETS, _CITIES = 260, 320, 90
"""Distinct first names (and as many surnames), streets and cities per country: enough for few
chance namesakes, cheap enough to draw from Faker for every world (estimate)."""

RETURNING = 0.55
"""Exponent of how unevenly people order (estimate)."""

_BALLS = 10
"""Balls in the urn for one unit of the weight of a person, who has 0.2 at the least."""


@dataclass(frozen=True, slots=True)
class Consignees:
    """Everybody who orders.

    Attributes
    ----------
    table
        importer_name, importer_street, importer_postcode, importer_city, importer_country and
        first_name, last_name and consignee_id (true); one row a person.
    urn
        Positions of people, each as often as the person orders: drawing is one gather.
    """

    table: pl.DataFrame
    urn: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Pool:
    first: pl.Series
    last: pl.Series
    street: pl.Series
    city: pl.DataFrame


def _pool(locale: str, seed: int) -> _Pool:
    faker = invented(locale, seed)

    def distinct(name: str, draw: int) -> pl.Series:
        made = dict.fromkeys(str(getattr(faker, name)()) for _ in range(draw))
        return pl.Series(name, list(made))

    city = distinct("city", _CITIES)
    codes = [str(faker.format("postcode")) for _ in range(len(city))]
    return _Pool(
        distinct("first_name", _NAMES),
        distinct("last_name", _NAMES),
        distinct("street_name", _STREETS),
        pl.DataFrame({"importer_postcode": codes, "importer_city": city}),
    )


def _addresses(rng: Generator, pool: _Pool, country: str, count: int) -> pl.DataFrame:
    number = pl.Series("number", np.minimum(rng.geometric(0.03, count), 399)).cast(pl.String)
    street = pick(rng, pool.street, count).rename("street")
    parts = pl.DataFrame([street, number])
    line = (
        pl.concat_str("number", "street", separator=" ")
        if country == "FR"
        else pl.concat_str("street", "number", separator=" ")
    )
    places = pool.city[rng.integers(0, len(pool.city), count)]
    return parts.select(line.alias("importer_street")).hstack(places)


def _country(rng: Generator, country: str, locale: str, people: int) -> pl.DataFrame:
    pool = _pool(locale, int(rng.integers(2**31)))
    homes = _addresses(rng, pool, country, max(1, int(people * 0.7)))
    home = rng.integers(0, len(homes), people)
    drop_addresses = max(1, people // 3000)  # parcel shops and forwarders, estimate
    at_drop = rng.random(people) < 0.01
    home[at_drop] = rng.integers(0, drop_addresses, int(at_drop.sum()))
    surname_of_home = rng.integers(0, len(pool.last), len(homes))
    alone = rng.random(people) < 0.25
    surname = np.where(
        alone | at_drop, rng.integers(0, len(pool.last), people), surname_of_home[home]
    )
    return homes[home].with_columns(
        pick(rng, pool.first, people).alias("first_name"),
        pool.last[surname].alias("last_name"),
        pl.lit(country).alias("importer_country"),
    )


def build_consignees(rng: Generator, count: int) -> Consignees:
    """Make `count` people; households share an address, some addresses take many names.

    Parameters
    ----------
    rng
        Source of chance.
    count
        Number of people, at least the number of countries.
    """
    shares = np.array([share for _, _, share in DESTINATIONS])
    sizes = np.maximum(1, np.round(shares / shares.sum() * count)).astype(int)
    tables = [
        _country(rng, country, locale, int(size))
        for (country, locale, _), size in zip(DESTINATIONS, sizes, strict=True)
    ]
    table = pl.concat(tables).with_columns(
        pl.concat_str("first_name", "last_name", separator=" ").alias("importer_name"),
        pl.concat_str(pl.lit("CO-"), pl.int_range(10**6, 10**6 + pl.len())).alias("consignee_id"),
    )
    often = rng.pareto(1 / RETURNING, len(table)).clip(0, 20) + 0.2
    urn = np.repeat(np.arange(len(table), dtype=np.int32), np.round(often * _BALLS).astype(int))
    return Consignees(table.rechunk(), urn)


def draw_consignees(rng: Generator, consignees: Consignees, size: int) -> np.ndarray:
    """Draw who ordered each of `size` parcels; return customers come more often."""
    return consignees.urn[rng.integers(0, len(consignees.urn), size)].astype(np.int64)
