"""A world like a flow that was measured: what is counted on the one is set up in the other.

Of what is counted, some is a number of the world (flights, shares); the rest follows from one:
how many different senders show in a week, from how many there are; the usual price, from the
price level.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from synthetic.brokers import PLATFORM_VOLUMES
from synthetic.draw import Floats, zipf_weights
from synthetic.generate import fly
from synthetic.people import RETURNING
from synthetic.scenario import (
    AFTER_JULY,
    EUR_3_FROM,
    PREVALENCES,
    ZERO_DUTY_EDGE_AFTER,
    Scenario,
)
from synthetic.shippers import VOLUME_EXPONENT
from synthetic.typologies import TYPOLOGIES
from synthetic.world import build_world

FEWEST: Final = {
    "shippers": 20,
    "consignees": 20,
    "brokers": 3,
    "ioss_numbers": len(PLATFORM_VOLUMES) + 1,
}
"""Least sizes of the tables of parties: below them some drawn share has nobody to fall on."""

_MOST_SENDERS: Final = 50_000
_MOST_CONSIGNEES: Final = 1_000_000
"""Parties beyond which a world only grows slower to build (estimate: the largest preset has 3,000
and 400,000)."""

_A_WEEK: Final = 10
"""Parties for each parcel of a week from which on hardly one is met twice in any case (estimate):
nothing that is seen says whether there are more."""

_SEEDS: Final = (101, 102, 103, 104)
"""Worlds whose usual price is looked at; one alone rests on the articles of a few large senders."""

_LOOKED_AT: Final = 1500
"""Parcels of each that are looked at (estimate: the median is then sure to a few percent)."""

FINDINGS: Final[Mapping[str, str]] = {one.name: one.finding for one in TYPOLOGIES}
"""Typology -> what is recorded of it when it is found."""


def begun(scenario: Scenario, on: date) -> Scenario:
    """Return a scenario that begins on another day, under the law and the habits of that day.

    Parameters
    ----------
    scenario
        Its prevalences and the pull of the EUR 150 line are kept unless the law of July 2026 lies
        between the two days.
    on
        First day of traffic.
    """
    moved = replace(scenario, start_date=on)
    if (on >= EUR_3_FROM) == (scenario.start_date >= EUR_3_FROM):
        return moved
    if on >= EUR_3_FROM:
        return replace(moved, prevalences=AFTER_JULY, zero_duty_edge=ZERO_DUTY_EDGE_AFTER)
    return replace(moved, prevalences=PREVALENCES, zero_duty_edge=1.0)


def by_finding(prevalences: Mapping[str, float]) -> dict[str, float]:
    """Return the share of consignments by type of finding."""
    shares = dict.fromkeys(FINDINGS.values(), 0.0)
    for name, share in prevalences.items():
        shares[FINDINGS[name]] += share
    return shares


def divided(prevalences: Mapping[str, float], finding: str, share: float) -> dict[str, float]:
    """Divide the share of a type of finding over its typologies, as they usually stand.

    Parameters
    ----------
    prevalences
        Usual shares by typology.
    finding, share
        Type of finding, and share of consignments with it.
    """
    names = [name for name in prevalences if FINDINGS[name] == finding]
    total = sum(prevalences[name] for name in names)
    return {
        name: share * (prevalences[name] / total if total else 1 / len(names)) for name in names
    }


def senders_behind(seen: float, parcels: float) -> int:
    """Return how many senders a market has if so many different ones show on so many parcels."""
    ends = (FEWEST["shippers"], _MOST_SENDERS)
    return _behind(seen, parcels, lambda n: zipf_weights(n, VOLUME_EXPONENT), ends)


def consignees_behind(seen: float, parcels: float) -> int:
    """Return how many people order if so many different ones show on so many parcels."""
    return _behind(seen, parcels, _ordering, (FEWEST["consignees"], _MOST_CONSIGNEES))


def price_factor_for(scenario: Scenario, median_eur: float) -> float:
    """Return the price level at which a scenario declares a usual value.

    Parameters
    ----------
    scenario
        Everything else about the world.
    median_eur
        Median value of a goods item, EUR.
    """
    small = replace(
        scenario,
        parcels_per_flight=_LOOKED_AT,
        consignees=max(2 * _LOOKED_AT, FEWEST["consignees"]),
        flights_per_day=1,
    )
    medians = [_median_eur(small, seed) for seed in _SEEDS]
    return scenario.price_factor * median_eur / float(np.mean(medians))


def _median_eur(scenario: Scenario, seed: int) -> float:
    flight = fly(build_world(scenario, days=1, seed=seed), 0, 0)
    in_euro = flight.declarations.filter(pl.col("intrinsic_value_currency") == "EUR")
    return float(np.median(in_euro["intrinsic_value"].to_numpy()))


def _ordering(count: int) -> Floats:
    """Shares of the orders, as `people.build_consignees` draws them."""
    rest = 1 - (np.arange(count) + 0.5) / count
    often = (rest**-RETURNING - 1).clip(0, 20) + 0.2
    return np.asarray(often / often.sum())


def _behind(
    seen: float, parcels: float, shares: Callable[[int], Floats], ends: tuple[int, int]
) -> int:
    """Return the size of a table of which so many different rows show in so many draws."""
    low = ends[0]
    high = max(low, min(ends[1], round(_A_WEEK * parcels)))
    while low < high:
        middle = (low + high) // 2
        if float(-np.expm1(-parcels * shares(middle)).sum()) < seen:
            low = middle + 1
        else:
            high = middle
    return low
