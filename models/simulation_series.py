"""Figures of a simulation week by week, with bands over seeds."""

from __future__ import annotations

from typing import TypeAlias

import polars as pl

from models.simulation_tables import Simulated

WINDOW_WEEKS = 4
"""Weeks that a point of a picture takes together: a week's few hits jump too much to be read, and
the estimated rate looks back over four weeks as well."""

KEY = ("policy", "seed", "week")

Band: TypeAlias = pl.DataFrame
"""`policy`, `week`, `median`, `low` and `high` over seeds (and what else it is grouped by)."""

_SUMMED = (
    "consignment_count", "control_count", "gone_count", "hit_count", "recovered_cents",
    "lost_cents", "stopped_cents", "irregular_count",
)  # fmt: skip


def series(simulated: Simulated, window_weeks: int = 1) -> pl.DataFrame:
    """Figures by week, one row a policy, seed and week.

    Parameters
    ----------
    simulated : the tables.
    window_weeks : weeks that are taken together, ending with the row's; fewer at the start.
        Shares are sums over sums, not means of shares.

    Returns
    -------
    `policy`, `seed`, `week`; then `recovered_eur`, `hits`, `escaped_eur` (on the mean week of the
    window), `precision`, `stopped_share` and `typologies_caught_share` (null without a
    denominator); and as they came `true_rate`, `estimated_rate`, `estimated_low`,
    `estimated_high`, `random_share`, `drift_index` and `promoted_count`.
    """
    rolled = simulated.weekly.with_columns(_rolled(pl.col(_SUMMED), window_weeks))
    weeks = (pl.col("week") - pl.col("week").min() + 1).clip(upper_bound=window_weeks)
    told = rolled.select(
        *KEY,
        (pl.col("recovered_cents") / 100 / weeks).alias("recovered_eur"),
        (pl.col("hit_count") / weeks).alias("hits"),
        ((pl.col("lost_cents") - pl.col("stopped_cents")) / 100 / weeks).alias("escaped_eur"),
        _over("hit_count", pl.col("control_count") - pl.col("gone_count")).alias("precision"),
        _over("stopped_cents", pl.col("lost_cents")).alias("stopped_share"),
        *("true_rate", "estimated_rate", "estimated_low", "estimated_high"),
        *("random_share", "drift_index", "promoted_count"),
    )
    caught = caught_by_week(simulated, window_weeks)
    kinds = [name for name in caught.columns if name not in KEY]
    mean = pl.mean_horizontal(kinds) if kinds else pl.lit(None, pl.Float64)
    mean_share = caught.select(*KEY, typologies_caught_share=mean)
    return told.join(mean_share, on=KEY, how="left", maintain_order="left")


def caught_by_week(simulated: Simulated, window_weeks: int = 1) -> pl.DataFrame:
    """Share of each typology's irregular consignments that were caught.

    Returns
    -------
    `policy`, `seed`, `week` and one column a typology, by name; null where it did not occur within
    the window.
    """
    names = sorted(simulated.typologies["typology"].unique().to_list())
    found = simulated.weekly.select(KEY)
    for name in names:
        rows = simulated.typologies.filter(typology=name)
        rows = rows.select(*KEY, irregular="irregular_count", caught="caught_count")
        complete = found.select(KEY).join(rows, on=KEY, how="left", maintain_order="left")
        counts = complete.with_columns(
            _rolled(pl.col("irregular", "caught").fill_null(0), window_weeks)
        )
        found = found.with_columns(counts.select(_over("caught", pl.col("irregular")).alias(name)))
    return found


def band(table: pl.DataFrame, value: str, *, by: tuple[str, ...] = ()) -> Band:
    """Median, least and greatest over seeds of one column, week by week; nulls are left out."""
    groups = ("policy", *by, "week")
    column = pl.col(value)
    return (
        table.filter(column.is_not_null())
        .group_by(groups, maintain_order=True)
        .agg(column.median().alias("median"), column.min().alias("low"), column.max().alias("high"))
    )


def _rolled(columns: pl.Expr, window_weeks: int) -> pl.Expr:
    """Sums over the last weeks of a policy and seed; whole numbers, hence exact."""
    return columns.rolling_sum(window_weeks, min_samples=1).over("policy", "seed")


def _over(part: str, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(pl.col(part) / whole)
