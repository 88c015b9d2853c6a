"""Curves: what is found as the budget grows. Frames, for pictures and for reading back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engine.harm import expected_yield
from models.budgets import CENTS_PER_EUR, Budget, rank_column, size_column
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


HARM_WEIGHTS: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 5.0)
"""Weights of harm at which the frontier is drawn: none, half, as much as revenue, and above."""

ORDERS: dict[str, str] = {"risk": "by risk", "balanced": "balanced (the default)"} | {
    f"yield_{weight:g}": f"expected yield, harm × {weight:g}" for weight in HARM_WEIGHTS
}
"""Orders of the frontier, in words."""


def frontier(ranked: pl.DataFrame, by_day: pl.DataFrame, budgets: Sequence[Budget]) -> pl.DataFrame:
    """Precision against revenue: what each order of the list finds for the same controls.

    From risk alone, over the default policy, to expected yield with harm at several weights:
    along it, hits are exchanged for euros, and euros for findings of the goods.

    Parameters
    ----------
    ranked : consignments in the total order (`models.budgets.with_ranks`).
    by_day : `models.budgets.day_sums` of these budgets by risk and balanced.
    budgets : those to draw with harm weighed as well; each costs a sort a weight.

    Returns
    -------
    `budget`, `ranking` (of `ORDERS`), `hit_rate`, `goods_hit_rate`, `revenue_eur_per_control`,
    `capped_eur_per_control`.
    """
    usual = by_day.filter(pl.col("ranking").is_in(["risk", "balanced"])).select(
        "budget", "ranking", *_FRONTIER
    )
    weighed = [_chosen(ranked, budget, weight) for budget in budgets for weight in HARM_WEIGHTS]
    sums = (
        pl.concat([usual, *weighed])
        .group_by("budget", "ranking", maintain_order=True)
        .agg(pl.col(_FRONTIER).sum())
    )
    controls = pl.col("controls")
    return sums.select(
        "budget",
        "ranking",
        hit_rate=pl.col("hits") / controls,
        goods_hit_rate=pl.col("goods_hits") / controls,
        revenue_eur_per_control=pl.col("revenue_cents") / (controls * CENTS_PER_EUR),
        capped_eur_per_control=pl.col("capped_cents") / (controls * CENTS_PER_EUR),
    )


_FRONTIER = ("controls", "hits", "goods_hits", "revenue_cents", "capped_cents")


def _chosen(ranked: pl.DataFrame, budget: Budget, weight: float) -> pl.DataFrame:
    """Sums over what is controlled in order of expected yield; ties keep the total order."""
    yields = ranked.with_columns(expected_yield(weight))
    place = pl.col("expected_yield").rank("ordinal", descending=True)
    place = place.over(*budget.group) if budget.group else place
    count = pl.len().cast(pl.Int64)
    size = budget.size(count.over(*budget.group) if budget.group else count)
    chosen = yields.filter(place <= size)
    return chosen.select(
        pl.col("revenue_cents", "capped_cents").sum(),
        controls=pl.len().cast(pl.Int64),
        hits=pl.col("is_irregular").sum().cast(pl.Int64),
        goods_hits=pl.col("is_goods_irregular").sum().cast(pl.Int64),
    ).select(
        pl.lit(budget.name).alias("budget"),
        pl.lit(f"yield_{weight:g}").alias("ranking"),
        *_FRONTIER,
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
