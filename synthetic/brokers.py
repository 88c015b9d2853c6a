"""Brokers and their files, marketplaces, and import one-stop-shop numbers. All are invented."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Floats, zipf_weights

PLATFORMS: Final = ("Kaidao", "Shoplume", "Velvetbay", "Orimart", "Tangofair")
"""Five marketplaces that hold most of the volume (domain report 7); invented names."""

PLATFORM_VOLUMES: Final = (0.32, 0.26, 0.20, 0.13, 0.09)
"""Shares among the five; estimate."""

_INTEGRATORS = 3
"""Brokers that are express integrators; they see a sixth of the irregularities (US audit 2024)."""


@dataclass(frozen=True, slots=True)
class Brokers:
    """What differs from one broker's file to the next, one row or element a broker.

    Attributes
    ----------
    eori, representative
        Who lodges, and for whom it is lodged (null where nobody is named).
    volumes
        Share of the flow.
    is_integrator
        Express integrator rather than a consolidator's agent.
    net_mass
        0: net mass is left out, 1: given, 2: written equal to gross.
    has_quantity, has_platform, has_origin, has_exporter_id, has_uld, has_mrn
        Optional columns that the broker fills in.
    prepared_share
        Share of master waybills whose file is worked over.
    lodging_hours
        Mean hours between lodging and the day of arrival's noon.
    waybill_style
        Form of the house waybill.
    """

    eori: pl.Series
    representative: pl.Series
    volumes: Floats
    is_integrator: np.ndarray
    net_mass: np.ndarray
    has_quantity: np.ndarray
    has_platform: np.ndarray
    has_origin: np.ndarray
    has_exporter_id: np.ndarray
    has_uld: np.ndarray
    has_mrn: np.ndarray
    prepared_share: Floats
    lodging_hours: Floats
    waybill_style: np.ndarray


def build_brokers(rng: Generator, count: int, prepared_share: float) -> Brokers:
    """Make the brokers; habits are estimates after the forwarder file of domain report 1.5."""
    countries = rng.choice(["BE", "NL", "FR", "DE", "LU"], count, p=[0.7, 0.12, 0.08, 0.06, 0.04])
    digits = rng.integers(10**8, 10**9, (2, count))
    eori = [f"{country}0{number}" for country, number in zip(countries, digits[0], strict=True)]
    names = [f"BE1{number}" if number % 3 else None for number in digits[1]]
    is_integrator = np.zeros(count, dtype=np.bool_)
    is_integrator[rng.permutation(np.arange(2, count))[: min(_INTEGRATORS, count - 2)]] = True
    volumes = zipf_weights(count, 0.7)
    prepared = rng.beta(1.2, 1.6, count)
    prepared *= prepared_share / np.average(prepared, weights=volumes)
    return Brokers(
        eori=pl.Series("declarant_eori", eori),
        representative=pl.Series("representative_eori", names, dtype=pl.String),
        volumes=volumes,
        is_integrator=is_integrator,
        net_mass=rng.choice(3, count, p=[0.25, 0.55, 0.20]),
        has_quantity=rng.random(count) < 0.75,
        has_platform=rng.random(count) < 0.70,
        has_origin=rng.random(count) < 0.55,
        has_exporter_id=rng.random(count) < 0.80,
        has_uld=rng.random(count) < 0.85,
        has_mrn=rng.random(count) < 0.50,
        prepared_share=prepared.clip(0, 0.95),
        lodging_hours=rng.uniform(2, 30, count),
        waybill_style=rng.integers(0, 4, count),
    )


def ioss_numbers(rng: Generator, count: int) -> pl.Series:
    """Make distinct numbers: `IM`, three digits for the state, seven more (domain report 1.3)."""
    states = rng.choice([56, 276, 372, 442, 528, 616, 724], count)
    rest = rng.choice(9_000_000, count, replace=False) + 1_000_000
    numbers = [f"IM{state:03d}{tail}" for state, tail in zip(states, rest, strict=True)]
    return pl.Series("ioss_number", numbers)
