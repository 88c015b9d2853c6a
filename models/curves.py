"""Curves: what is found as the budget grows. Frames, for pictures and for reading back."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.budgets import CENTS_PER_EUR, rank_column, size_column
from models.intervals import Numbers
from models.probabilities import Judged, calibration_table

SHARES: Numbers = np.geomspace(1e-4, 1.0, 49)
"""Shares of each list at which curves are drawn: twelve a factor of ten."""


def gain_curve(ranked: pl.DataFrame, group: tuple[str, ...]) -> pl.DataFrame:
    """Share of the irregular consignments found as more of each list is controlled.

    Returns
    -------
    `share` of each list controlled, at least one consignment; `recall` and `hit_rate` there;
    `best_recall` if all irregular ones came first.
    """
    irregular = ranked["is_irregular"].cast(pl.Float64).to_numpy()
    everyone = np.ones(len(irregular))
    found = _found(ranked, "risk", group, irregular)
    controlled = _found(ranked, "risk", group, everyone)
    total = max(irregular.sum(), 1.0)
    return pl.DataFrame(
        {
            "share": SHARES,
            "recall": found / total,
            "hit_rate": found / controlled,
            "best_recall": np.minimum(controlled / total, 1.0),
        }
    )


def revenue_curve(ranked: pl.DataFrame, group: tuple[str, ...]) -> pl.DataFrame:
    """Share of the revenue at stake found as more of each list is controlled.

    Returns
    -------
    `share` of each list controlled; shares of the revenue in order of risk (`by_risk`), of
    expected yield (`by_expected_yield`) and of the truth (`best`), and the same with each
    consignment capped (`capped_...`).
    """
    columns: dict[str, Numbers] = {"share": SHARES}
    for prefix, amount, best in (
        ("", "revenue_cents", "best"),
        ("capped_", "capped_cents", "best_capped"),
    ):
        cents = ranked[amount].cast(pl.Float64).to_numpy()
        total = max(cents.sum(), 1.0)
        orders = {"by_risk": "risk", "by_expected_yield": "expected_yield", "best": best}
        for name, ranking in orders.items():
            columns[prefix + name] = _found(ranked, ranking, group, cents) / total
    return pl.DataFrame(columns)


def frontier(by_day: pl.DataFrame) -> pl.DataFrame:
    """Precision against revenue: each budget followed by risk and by expected yield.

    Parameters
    ----------
    by_day : `models.budgets.day_sums` of all budgets and rankings.

    Returns
    -------
    `budget`, `ranking`, `hit_rate`, `revenue_eur_per_control`, `capped_eur_per_control`.
    """
    sums = by_day.group_by("budget", "ranking", maintain_order=True).agg(
        pl.col("hits", "controls", "revenue_cents", "capped_cents").sum()
    )
    euros = pl.col("controls") * CENTS_PER_EUR
    return sums.select(
        "budget",
        "ranking",
        hit_rate=pl.col("hits") / pl.col("controls"),
        revenue_eur_per_control=pl.col("revenue_cents") / euros,
        capped_eur_per_control=pl.col("capped_cents") / euros,
    )


def calibration_curve(heads: dict[str, Judged]) -> pl.DataFrame:
    """Promised against observed share of each head, in bins (`models.probabilities`)."""
    tables = [
        calibration_table(judged).select(pl.lit(head).alias("head"), pl.all())
        for head, judged in heads.items()
    ]
    return pl.concat(tables)


def _found(ranked: pl.DataFrame, ranking: str, group: tuple[str, ...], amount: Numbers) -> Numbers:
    """Sum of an amount over what is controlled at each of `SHARES`.

    A row of rank r (from 0) in a list of n is controlled from the share (r + 1) / n on; the
    first of a list always is. Amounts are whole numbers, so their order does not matter.
    """
    rank = ranked[rank_column(ranking, group)].to_numpy()
    size = ranked[size_column(group)].to_numpy()
    enters = np.where(rank == 0, 0.0, (rank + 1) / size)
    order = np.argsort(enters, kind="stable")
    sums = np.cumsum(amount[order])
    # A hair of tolerance: 0.1 of 10 rows is one row, whatever binary fractions make of it.
    last = np.searchsorted(enters[order], SHARES * (1 + 1e-12), side="right") - 1
    return np.asarray(sums[last], dtype=np.float64)
