"""Invented flows whose bands and brokers are known, for tests of drift."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import polars as pl

USUAL: Mapping[str, float] = {"8": 0.6, "30": 0.2, "75": 0.1, "110": 0.06, "145": 0.04}
"""Value in EUR -> share of the flow."""

BROKERS: Mapping[str, float] = {"BE0123456789": 0.7, "NL987654321": 0.25, "FR1200000001": 0.05}


def flights(
    seed: int,
    count: int,
    *,
    values: Mapping[str, float] = USUAL,
    brokers: Mapping[str, float] = BROKERS,
    size: int = 500,
) -> pl.DataFrame:
    """Consignments of flights, one a day; each has a mix of its own around the usual one."""
    rng = np.random.default_rng(seed)
    parts = [_flight(rng, at, values, brokers, size) for at in range(count)]
    return pl.concat(parts)


def _flight(
    rng: np.random.Generator,
    at: int,
    values: Mapping[str, float],
    brokers: Mapping[str, float],
    size: int,
) -> pl.DataFrame:
    def drawn(shares: Mapping[str, float]) -> list[str]:
        mix = rng.dirichlet(np.array(list(shares.values())) * 200)
        return rng.choice(np.array(list(shares)), size=size, p=mix).tolist()  # type: ignore[no-any-return]

    return pl.DataFrame(
        {
            "flight_number": "XY1",
            "flight_date": date(2026, 9, 1) + timedelta(days=at),
            "hawb": [f"H{number}" for number in range(size)],
            "value_cents": [int(value) * 100 for value in drawn(values)],
            "declarant_eori": drawn(brokers),
            "gross_mass_mg": rng.integers(50_000, 2_000_000, size),
        }
    )


def planted(change: Mapping[str, float], usual: Mapping[str, float] = USUAL) -> dict[str, float]:
    """The usual shares with some of them changed, and the rest as large as is left."""
    left = 1 - sum(change.values())
    rest = sum(share for name, share in usual.items() if name not in change)
    return {name: change.get(name, share * left / rest) for name, share in usual.items()}
