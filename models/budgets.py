"""Fixed budgets: who is controlled when a list is cut after so many, and what that finds.

A list is ranked afresh for every flight, or for every day's flow; of each, exactly k consignments
are controlled, at least one. All sums are integers, so that they are the same in any row order.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from engine.declaration import FLIGHT
from engine.ranking import rank

CENTS_PER_EUR = 100
CAP_CENTS = 1_000 * CENTS_PER_EUR
"""What one consignment counts for at most where revenue is capped, so that no single parcel
decides a comparison (EUR 1,000; estimate: some ten times an ordinary finding)."""

MILLIONTHS = 1_000_000
BILLIONTHS = 1_000_000_000

DAY: tuple[str, ...] = ("flight_date",)
WINDOW: tuple[str, ...] = ()
"""All that was measured, ranked as one list."""

RANKINGS: dict[str, str] = {
    "risk": "risk",
    "balanced": "raised_risk",
    "expected_yield": "expected_yield",
    "best": "revenue_cents",
    "best_capped": "capped_cents",
}
"""Lists that are compared, by what they are sorted by; ties fall back on the total order of
`engine.ranking`. The best ones know the truth."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many consignments of each group are controlled.

    Parameters
    ----------
    name : as it stands in the names of metrics, such as `50` or `0.1_percent`.
    words : as a person says it.
    group : columns that make one list.
    unit : the word for one list, over which hits and revenue are averaged.
    controls : consignments a list; None if a share is given.
    millionths : share of each list, in millionths.
    """

    name: str
    words: str
    group: tuple[str, ...]
    unit: str
    controls: int | None = None
    millionths: int = 0

    def size(self, consignments: pl.Expr) -> pl.Expr:
        """Consignments controlled of a list of so many: never none, never more than there are."""
        if self.controls is not None:
            return pl.min_horizontal(consignments, pl.lit(self.controls))
        return pl.max_horizontal(consignments * self.millionths // MILLIONTHS, pl.lit(1))


def _of_flight(controls: int) -> Budget:
    words = f"{controls} controls a flight"
    return Budget(str(controls), words, FLIGHT, "flight", controls=controls)


def _of_flow(percent: str, millionths: int) -> Budget:
    words = f"{percent} % of each day's flow"
    return Budget(f"{percent}_percent", words, DAY, "day", millionths=millionths)


def _of_controlled(percent: int) -> Budget:
    words = f"the top {percent} % of what was controlled"
    name = f"{percent}_percent_of_controlled"
    return Budget(name, words, WINDOW, "day", millionths=percent * 10_000)


FLOW_BUDGETS: tuple[Budget, ...] = (
    *(_of_flight(controls) for controls in (10, 50, 150)),
    _of_flow("0.01", 100),
    _of_flow("0.1", 1_000),
    _of_flow("1", 10_000),
    _of_flow("5", 50_000),
)
"""Budgets where the truth of every consignment is known."""

CONTROLLED_BUDGETS: tuple[Budget, ...] = tuple(_of_controlled(p) for p in (1, 5, 10, 25, 50))
"""Shares of what was controlled, ranked as one list over the window: a day holds few controls.
They compare orderings of what somebody chose; they do not say what the flow would give."""

BUDGETS: dict[str, Budget] = {b.name: b for b in (*FLOW_BUDGETS, *CONTROLLED_BUDGETS)}


def with_ranks(table: pl.DataFrame, groups: list[tuple[str, ...]], key: bytes) -> pl.DataFrame:
    """Add the rank of each row (from 0) in each list of each ranking, and the lists' sizes.

    Parameters
    ----------
    table : consignments with the columns of `RANKINGS` and the key of a consignment.
    groups : what makes one list, of `FLIGHT`, `DAY` and `WINDOW`.
    key : secret of the tie-break.

    Returns
    -------
    The rows in the total order of `engine.ranking`, whatever their order before.
    """
    table = rank(table, key=key).with_row_index("_at")
    position = pl.int_range(pl.len(), dtype=pl.Int64)
    for ranking, by in RANKINGS.items():
        table = table.sort(by, "_at", descending=[True, False]).with_columns(
            _over(position, group).alias(rank_column(ranking, group)) for group in groups
        )
    sizes = [_over(pl.len().cast(pl.Int64), group).alias(size_column(group)) for group in groups]
    return table.sort("_at").drop("_at").with_columns(sizes)


def day_sums(ranked: pl.DataFrame, budget: Budget, ranking: str) -> pl.DataFrame:
    """What a budget finds, by day, when it follows a ranking.

    Returns
    -------
    One row a day, days ascending: the flow (`flights`, `consignments`, `irregular`), what was
    controlled and found (`controls`, `hits`, `fiscal_hits`, `goods_hits`, `revenue_cents`,
    `capped_cents`), the most that could be found (`best_cents`, `best_capped_cents`) and what
    chance would hit (`chance_hits`).
    """
    size = pl.col(size_column(budget.group))
    controls = budget.size(size)
    chosen = _rank(ranking, budget) < controls
    cents, capped = pl.col("revenue_cents"), pl.col("capped_cents")
    chance = (controls * (BILLIONTHS / size)).round().cast(pl.Int64)
    return (
        ranked.group_by("flight_date")
        .agg(
            flights=pl.col("flight_number").n_unique().cast(pl.Int64),
            consignments=pl.len().cast(pl.Int64),
            irregular=_count(pl.col("is_irregular")),
            controls=_count(chosen),
            hits=_count(chosen & pl.col("is_irregular")),
            fiscal_hits=_count(chosen & pl.col("is_fiscal_irregular")),
            goods_hits=_count(chosen & pl.col("is_goods_irregular")),
            revenue_cents=cents.filter(chosen).sum(),
            capped_cents=capped.filter(chosen).sum(),
            best_cents=cents.filter(_rank("best", budget) < controls).sum(),
            best_capped_cents=capped.filter(_rank("best_capped", budget) < controls).sum(),
            chance_hits=chance.filter(pl.col("is_irregular")).sum() / BILLIONTHS,
        )
        .sort("flight_date")
        .select(pl.lit(budget.name).alias("budget"), pl.lit(ranking).alias("ranking"), pl.all())
    )


def rank_column(ranking: str, group: tuple[str, ...]) -> str:
    """Name of the column with the ranks of a ranking."""
    return _column("rank", ranking, group)


def size_column(group: tuple[str, ...]) -> str:
    """Name of the column with the size of each row's list."""
    return _column("size", "", group)


def _rank(ranking: str, budget: Budget) -> pl.Expr:
    return pl.col(rank_column(ranking, budget.group))


def _column(what: str, ranking: str, group: tuple[str, ...]) -> str:
    return f"_{what}_{ranking}_{len(group)}"


def _over(expression: pl.Expr, group: tuple[str, ...]) -> pl.Expr:
    return expression.over(*group) if group else expression


def _count(condition: pl.Expr) -> pl.Expr:
    return condition.sum().cast(pl.Int64)
