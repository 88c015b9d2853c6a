"""Small scored worlds with known truth, for the tests of what is measured."""

from datetime import date, timedelta

import numpy as np
import polars as pl

KEY = b"sixteen bytes ok"
FIRST_DAY = date(2026, 9, 1)


def scored(
    risk: list[float],
    irregular: list[bool],
    revenue_eur: list[float] | None = None,
    *,
    per_flight: int | None = None,
    flights_a_day: int = 1,
) -> pl.DataFrame:
    """Consignments with given risks and truth, flight after flight, day after day."""
    count = len(risk)
    per_flight = per_flight or count
    flights = [i // per_flight for i in range(count)]
    revenue = revenue_eur if revenue_eur is not None else [float(x) for x in irregular]
    return pl.DataFrame(
        {
            "flight_number": [f"XX{flight % flights_a_day}" for flight in flights],
            "flight_date": [FIRST_DAY + timedelta(flight // flights_a_day) for flight in flights],
            "hawb": [f"H{i:06d}" for i in range(count)],
            "risk": risk,
            "risk_fiscal": risk,
            "risk_goods": [x / 2 for x in risk],
            "harm_eur": [50 * x for x in risk],
            "expected_revenue_eur": [10 * x for x in risk],
            "expected_yield": [10 * x for x in risk],
            "is_irregular": irregular,
            "is_fiscal_irregular": irregular,
            "is_goods_irregular": [x and i % 3 == 0 for i, x in enumerate(irregular)],
            "revenue_eur": revenue,
            "weight": [1.0] * count,
            "is_random_control": [i % 2 == 0 for i in range(count)],
        }
    )


def world(*, skill: float, days: int = 5, flights: int = 2, per_flight: int = 120) -> pl.DataFrame:
    """A random world, the same for every skill; a skill of 0 ranks blindly, of 1 perfectly."""
    rng = np.random.default_rng(7)
    count = days * flights * per_flight
    chance = rng.beta(0.3, 3.0, count)
    irregular = rng.random(count) < chance
    revenue = np.where(irregular, rng.lognormal(3.0, 1.0, count), 0.0)
    risk = skill * chance + (1 - skill) * rng.permutation(chance)
    return scored(
        risk.tolist(),
        irregular.tolist(),
        revenue.tolist(),
        per_flight=per_flight,
        flights_a_day=flights,
    )
