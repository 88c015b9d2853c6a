"""Harm beside revenue: unsafe, counterfeit and prohibited goods owe little and matter much."""

from __future__ import annotations

from math import isfinite

import polars as pl

from engine.errors import SettingError

HARM_WEIGHT = 1.0
"""Euros of revenue that one euro of expected harm is worth; a choice of the administration, not
of nature. One: as much (estimate)."""


GOODS_HARM_EUR = 100.0
"""Harm of one finding of goods (intellectual property, safety, prohibited), EUR.

Estimate: at Liège in 2025 an irregular file, nearly always a counterfeit, brought some EUR 140 with
fines (domain report 1.6); the harm that revenue does not show is put a little below.
"""


def expected_harm() -> pl.Expr:
    """Expected harm in euro, from `risk_goods`, as `harm_eur`."""
    return (GOODS_HARM_EUR * pl.col("risk_goods")).alias("harm_eur")


def expected_yield(weight: float = HARM_WEIGHT) -> pl.Expr:
    """Expected revenue plus weighted harm, in euro, from `expected_revenue_eur` and `harm_eur`.

    Raises
    ------
    SettingError
        The weight is negative or not finite.
    """
    if not (isfinite(weight) and weight >= 0):
        raise SettingError(f"The weight of harm is {weight}.", "Give a number of 0 or more.")
    yield_eur = pl.col("expected_revenue_eur") + weight * pl.col("harm_eur")
    return yield_eur.alias("expected_yield")
