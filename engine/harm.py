"""Harm beside revenue: deceit, unsafe, counterfeit, prohibited goods owe little and matter much."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from math import isfinite
from operator import add
from types import MappingProxyType

import polars as pl

from engine.errors import SettingError
from engine.finding import FINDING_TYPES

HARM_WEIGHT = 1.0
"""Euros of revenue that one euro of expected harm is worth; a choice of the administration, not
of nature. One: as much (estimate)."""

HARMS_EUR: Mapping[str, float] = MappingProxyType(
    {
        "UNDERVALUATION": 0.0,
        "SPLITTING": 120.0,
        "MISDESCRIPTION": 300.0,
        "MISCLASSIFICATION": 0.0,
        "UNDECLARED_GOODS": 60.0,
        "IOSS_MISUSE": 40.0,
        "FALSE_GIFT": 20.0,
        "FALSE_ORIGIN": 20.0,
        "IPR_INFRINGEMENT": 50.0,
        "PRODUCT_SAFETY": 25.0,
        "PROHIBITED_RESTRICTED": 500.0,
    }
)
"""Harm of one irregularity of a type beside the revenue it loses, EUR. All are estimates.

The harm of a value or a code that is wrong is its revenue. A counterfeit is worth some EUR 140 with
fines at Liège (2025, domain report 1.6), a part of which revenue shows; unsafe goods are many, and
one control settles them for a whole product. What lies in a parcel under a false description nobody
has examined (batteries on an aircraft, goods stopped elsewhere), and altered names are the mark of
organised fraud (1.5): they weigh most, after what is prohibited. Whoever sees it otherwise says so:
`--harms`.
"""


def risk_column(finding_type: str) -> str:
    """Name of the column that holds the risk of a finding type."""
    return f"risk_{finding_type.lower()}"


RISK_COLUMNS: tuple[str, ...] = tuple(risk_column(kind) for kind in FINDING_TYPES)


def expected_harm(harms_eur: Mapping[str, float] = HARMS_EUR) -> pl.Expr:
    """Expected harm in euro, from the risks of the finding types (`RISK_COLUMNS`), as `harm_eur`.

    Parameters
    ----------
    harms_eur : finding type -> EUR; types that are absent harm nothing.
    """
    # Added one after the other: polars' own sum over columns differs in the last bits.
    terms = [pl.col(risk_column(kind)) * eur for kind, eur in harms_eur.items()]
    return reduce(add, terms, pl.lit(0.0)).alias("harm_eur")


def checked_harms(harms_eur: Mapping[str, object]) -> dict[str, float]:
    """The usual harms, with some replaced by a user's.

    Raises
    ------
    SettingError
        There is no such finding type, or the harm is no number of 0 or more.
    """
    for kind, eur in harms_eur.items():
        if kind not in HARMS_EUR:
            raise SettingError(
                f"There is no finding type {kind!r}.", f"Use one of: {', '.join(HARMS_EUR)}."
            )
        if isinstance(eur, bool) or not isinstance(eur, int | float):
            raise SettingError(f"The harm of {kind} is {eur!r}.", "Give euros, 0 or more.")
        if not (isfinite(eur) and eur >= 0):
            raise SettingError(f"The harm of {kind} is {eur!r}.", "Give euros, 0 or more.")
    return dict(HARMS_EUR) | {kind: float(eur) for kind, eur in harms_eur.items()}  # type: ignore[arg-type]


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
