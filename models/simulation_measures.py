"""How policies did in a simulation: over all weeks, the first and the last, seed by seed.

A policy meets the same world as the others of its seed, so that policies are compared within a
seed first and only then over seeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from engine.strategies import REFERENCE
from models.measures import Measure
from models.simulation_tables import Simulated

SPAN_WEEKS = 8
"""Weeks at the end in which policies are judged, as the project's target says; and at the start,
where looking around costs most."""

FIGURES: tuple[Measure, ...] = (
    Measure(
        "recovered_eur",
        "EUR recovered a week",
        "Duty, VAT and fines that the week's controls brought in, on the mean week.",
        "eur",
    ),
    Measure(
        "hits",
        "Hits a week",
        "Controls that found something, by their last word, on the mean week.",
        "count",
    ),
    Measure(
        "precision",
        "Precision",
        "Hits over the controls of parcels that were still there.",
        "share",
    ),
    Measure(
        "escaped_eur",
        "EUR flowing past a week",
        "What all irregular consignments truly cost, less what was stopped, on the mean week. "
        "It includes what no budget could reach.",
        "eur",
        "less",
    ),
    Measure(
        "stopped_share",
        "Loss stopped",
        "Of what all irregular consignments truly cost, the share in which a control found "
        "something.",
        "share",
    ),
    Measure(
        "typologies_caught_share",
        "Typologies caught",
        "Share of the irregular consignments that were caught, taken typology by typology and "
        "then averaged: a rare way of cheating counts as much as a common one.",
        "share",
    ),
    Measure(
        "true_rate",
        "True irregularity",
        "Share of all consignments that are irregular, as the simulation knows; where shippers "
        "react, it moves with what is controlled.",
        "share",
        "less",
    ),
    Measure(
        "estimate_error",
        "Error of the estimate",
        "Mean distance between the share estimated from random controls and the true one. "
        "A dash where nothing was drawn at random.",
        "share",
        "less",
    ),
    Measure(
        "interval_held_share",
        "Interval held the truth",
        "Share of the weeks in which the 95 % interval of the estimate held the true share. "
        "Weeks overlap (each looks back over four), so that few of them count as many.",
        "share",
    ),
    Measure(
        "random_share",
        "Random share",
        "Share of the budget that is drawn at random, as the policy asked, on the mean week.",
        "share",
    ),
    Measure(
        "promotions",
        "Promotions",
        "Times a challenger became champion.",
        "count",
    ),
)
"""What a report tells of a policy, in its order."""

FIGURE = {figure.metric: figure for figure in FIGURES}

HEADLINES = FIGURES[:6]
"""What a policy gains and lets pass; the others say how it came about and what is known of it."""

JUDGED = frozenset(figure.metric for figure in HEADLINES) | {"true_rate", "estimate_error"}
"""Figures with a best; more promotions are neither good nor bad, and 95 % is meant to be held."""


_SUMMED = (
    "consignment_count", "control_count", "gone_count", "hit_count", "recovered_cents",
    "lost_cents", "stopped_cents", "irregular_count", "promoted_count",
)  # fmt: skip


_TRADE_WORDS = frozenset({"IOSS", "IPR"})
"""Abbreviations of the trade, which stay in capitals."""


@dataclass(frozen=True, slots=True)
class Span:
    """Weeks that are taken together.

    Parameters
    ----------
    name : `all`, `first` or `last`.
    words : such as `the last 8 weeks`.
    label : the same in a table, such as `last 8`.
    first_week, last_week : both within.
    """

    name: str
    words: str
    label: str
    first_week: int
    last_week: int

    def of(self, table: pl.DataFrame) -> pl.DataFrame:
        """Rows of a table with the column `week` that lie within."""
        return table.filter(pl.col("week").is_between(self.first_week, self.last_week))


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over seeds; with one seed all three are the same.

    Parameters
    ----------
    median, low, high : over the seeds, low and high being the least and the greatest.
    seed_count : seeds that have the figure.
    """

    median: float
    low: float
    high: float
    seed_count: int


def spans(simulated: Simulated) -> dict[str, Span]:
    """All weeks; and the first and the last eight where there are more than eight."""
    weeks = simulated.weekly["week"].to_list()
    first, last = min(weeks), max(weeks)
    count = simulated.week_count
    words = f"all {count} weeks" if count > 1 else "the one week"
    whole = Span("all", words, f"all {count}", first, last)
    if count <= SPAN_WEEKS:
        return {"all": whole}
    ends = (first, first + SPAN_WEEKS - 1), (last - SPAN_WEEKS + 1, last)
    early = Span("first", f"the first {SPAN_WEEKS} weeks", f"first {SPAN_WEEKS}", *ends[0])
    late = Span("last", f"the last {SPAN_WEEKS} weeks", f"last {SPAN_WEEKS}", *ends[1])
    return {"all": whole, "first": early, "last": late}


def figures(simulated: Simulated) -> pl.DataFrame:
    """Every figure of every policy and seed, span by span.

    Returns
    -------
    `policy`, `seed`, `span`, `figure` (a metric of `FIGURES`) and `value`, in the order of the
    policies; a figure that cannot be told, such as the precision of no control, has no row.
    """
    kinds = _parts(simulated.typologies)
    rows = [
        (policy, seed, span.name, figure, value)
        for (policy, seed), weeks in _parts(simulated.weekly).items()
        for span in spans(simulated).values()
        for figure, value in _values(
            span.of(weeks), span.of(kinds.get((policy, seed), simulated.typologies.clear()))
        ).items()
    ]
    names = ("policy", "seed", "span", "figure", "value")
    types = (pl.String, pl.Int64, pl.String, pl.String, pl.Float64)
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


def caught_by_typology(simulated: Simulated) -> pl.DataFrame:
    """Share of the irregular consignments of each typology that were caught, span by span.

    Returns
    -------
    `policy`, `seed`, `span`, `figure` (the typology) and `value`; no row where the typology did not
    occur.
    """
    parts = [
        _caught(span.of(simulated.typologies), "policy", "seed", "typology").select(
            "policy",
            "seed",
            pl.lit(span.name).alias("span"),
            pl.col("typology").alias("figure"),
            pl.col("caught_share").alias("value"),
        )
        for span in spans(simulated).values()
    ]
    return pl.concat(parts)


def typology_words(typology: str) -> str:
    """A typology as people write it: `false origin`, `IOSS misuse`."""
    words = typology.lower().replace("_", " ").split(" ")
    return " ".join(word.upper() if word.upper() in _TRADE_WORDS else word for word in words)


def against(table: pl.DataFrame, reference: str = REFERENCE) -> pl.DataFrame:
    """How many times the reference's value, within the same seed.

    Parameters
    ----------
    table : from `figures`.
    reference : a policy; if it is not in the table, nothing can be told and no row comes.

    Returns
    -------
    Like `figures`, without the reference; no row where the reference's value is 0.
    """
    base = table.filter(policy=reference).select("seed", "span", "figure", base="value")
    others = table.filter(pl.col("policy") != reference)
    joined = others.join(base, on=["seed", "span", "figure"], how="inner", maintain_order="left")
    return (
        joined.filter(pl.col("base") != 0)
        .with_columns(value=pl.col("value") / pl.col("base"))
        .drop("base")
    )


def spread(table: pl.DataFrame) -> dict[tuple[str, str, str], Spread]:
    """Policy, span and figure -> the figure over seeds.

    Parameters
    ----------
    table : from `figures`, `caught_by_typology` or `against`.
    """
    parts = table.partition_by("policy", "span", "figure", as_dict=True, maintain_order=True)
    return {
        (str(policy), str(span), str(figure)): over_seeds(rows["value"].to_list())
        for (policy, span, figure), rows in parts.items()
    }


def over_seeds(values: Iterable[float]) -> Spread:
    """One value a seed, at least one."""
    numbers = sorted(values)
    middle = len(numbers) // 2
    median = numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2
    return Spread(median, numbers[0], numbers[-1], len(numbers))


def first_places(table: pl.DataFrame, span: str, figure: str) -> dict[str, int]:
    """Policy -> seeds in which it has the best value; ties count for all of them."""
    rows = table.filter(span=span, figure=figure)
    best = pl.col("value").min() if FIGURE[figure].better == "less" else pl.col("value").max()
    won = rows.filter(pl.col("value") == best.over("seed"))
    counts = dict.fromkeys(rows["policy"].unique(maintain_order=True).to_list(), 0)
    for policy in won["policy"].to_list():
        counts[policy] += 1
    return counts


def said(figure: Measure, found: Spread) -> str:
    """A figure over seeds as a person reads it: the median, and the range if there is one."""
    if found.seed_count == 1:
        return figure.said(found.median)
    return f"{figure.said(found.median)} ({figure.said_between(found.low, found.high)})"


def best(figure: Measure, row: Mapping[str, Spread]) -> frozenset[str]:
    """Policies with the best median; nobody for a figure without a best."""
    if figure.metric not in JUDGED:
        return frozenset()
    return figure.best({policy: found.median for policy, found in row.items()})


def _parts(table: pl.DataFrame) -> dict[Any, pl.DataFrame]:
    return dict(table.partition_by("policy", "seed", as_dict=True, maintain_order=True))


def _values(weeks: pl.DataFrame, kinds: pl.DataFrame) -> dict[str, float]:
    """Figures of one policy and seed in some weeks; whole numbers are summed before dividing."""
    count = weeks.height
    total = {name: int(weeks[name].sum()) for name in _SUMMED}
    there = total["control_count"] - total["gone_count"]
    told = weeks.filter(pl.all_horizontal(pl.col("estimated_low", "estimated_high").is_not_null()))
    held = told["true_rate"].is_between(told["estimated_low"], told["estimated_high"])
    found = {
        "recovered_eur": total["recovered_cents"] / 100 / count,
        "hits": total["hit_count"] / count,
        "precision": _over(total["hit_count"], there),
        "escaped_eur": (total["lost_cents"] - total["stopped_cents"]) / 100 / count,
        "stopped_share": _over(total["stopped_cents"], total["lost_cents"]),
        "typologies_caught_share": _mean(_caught(kinds, "typology")["caught_share"]),
        "true_rate": _over(total["irregular_count"], total["consignment_count"]),
        "estimate_error": _mean((weeks["estimated_rate"] - weeks["true_rate"]).abs()),
        "interval_held_share": _over(int(held.sum()), told.height),
        "random_share": _mean(weeks["random_share"]),
        "promotions": float(total["promoted_count"]),
    }
    return {name: value for name, value in found.items() if value is not None}


def _caught(kinds: pl.DataFrame, *by: str) -> pl.DataFrame:
    """The groups in which anything was irregular, with the share of it that was caught."""
    totals = kinds.group_by(by, maintain_order=True).agg(
        pl.col("irregular_count", "caught_count").sum()
    )
    share = pl.col("caught_count") / pl.col("irregular_count")
    return totals.filter(pl.col("irregular_count") > 0).with_columns(caught_share=share)


def _over(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: pl.Series) -> float | None:
    mean = values.mean()
    return mean if isinstance(mean, float) else None
