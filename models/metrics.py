"""How good a ranking is, at budgets that officers have.

Two populations, never mixed. Where the truth of *every* consignment is known (a synthetic world)
the figures speak of the flow. In real life only what was controlled has a truth, and it was
chosen; those figures carry `of_controlled` in their names, and calibration is measured on the
random controls alone, each weighted by the inverse of the probability with which it was drawn.

Names of values, `B` being a budget (`50`: controls a flight; `1_percent`: of each day's flow;
`5_percent_of_controlled`): hit_rate_at_B, fiscal_hit_rate_at_B, goods_hit_rate_at_B, recall_at_B,
hits_at_B and revenue_eur_at_B (a flight, or a day where B is a share), capped_revenue_eur_at_B,
revenue_share_at_B (of the best possible list of that length), capped_revenue_share_at_B,
lift_at_B (hits over what chance hits). `..._low` and `..._high` are the ends of a 95 % interval
over days; `..._balanced_at_B` follows the default policy (risk raised by expected revenue) and
`..._by_yield_at_B` expected yield instead of risk. AUC, average precision and
calibration come for risk and, with `_fiscal` or `_goods`, for its parts. What is undefined, such
as AUC without a single irregular consignment, is absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from engine.declaration import CONSIGNMENT
from engine.errors import InputError, MissingColumnsError
from engine.policies.balanced import raised_risk
from models import curves
from models.budgets import (
    CAP_CENTS,
    CENTS_PER_EUR,
    CONTROLLED_BUDGETS,
    DAY,
    FLOW_BUDGETS,
    WINDOW,
    Budget,
    day_sums,
    with_ranks,
)
from models.intervals import A_SHARE, NOT_NEGATIVE, Interval, Numbers, day_draws, ratio_interval
from models.probabilities import Judged, calibration, separation

Population: TypeAlias = Literal["flow", "controlled"]
Measured: TypeAlias = dict[str, tuple[float, Interval | None]]

HEADS: dict[str, tuple[str, str, str]] = {
    "irregular": ("risk", "is_irregular", ""),
    "fiscal": ("risk_fiscal", "is_fiscal_irregular", "_fiscal"),
    "goods": ("risk_goods", "is_goods_irregular", "_goods"),
}
"""What is promised: the probability, the truth it is held against, the ending in names."""

_SHARES = frozenset(
    ("hit_rate", "fiscal_hit_rate", "goods_hit_rate", "recall", "revenue_share",
     "capped_revenue_share")
)  # fmt: skip
"""Measures that cannot exceed one."""

ENDINGS: dict[str, str] = {"risk": "", "balanced": "_balanced", "expected_yield": "_by_yield"}
"""Rankings that are measured, and the ending they give to the names of values."""

NEEDED: tuple[str, ...] = (
    *CONSIGNMENT,
    *(column for risk, truth, _ in HEADS.values() for column in (risk, truth)),
    "expected_yield",
    "expected_revenue_eur",
    "harm_eur",
    "revenue_eur",
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured, once.

    Parameters
    ----------
    population : `flow` if every truth was known, `controlled` if only that of controls.
    values : flat names to numbers; the module names them.
    by_day : sums by budget, ranking and day (`models.budgets.day_sums`).
    curves : `gain`, `revenue`, `calibration` and `frontier`, as frames (`models.curves`).
    """

    population: Population
    values: dict[str, float]
    by_day: pl.DataFrame
    curves: dict[str, pl.DataFrame]


def evaluate(
    scored: pl.DataFrame, *, population: Population, key: bytes, seed: int = 0
) -> Evaluation:
    """Measure a ranking against the truth.

    Parameters
    ----------
    scored : one row a consignment: its key, `risk`, `risk_fiscal`, `risk_goods`,
        `expected_revenue_eur`, `harm_eur`, `expected_yield`, the truth `is_irregular`,
        `is_fiscal_irregular`, `is_goods_irregular`, and `revenue_eur`, what a finding is worth.
        For the controlled also `is_random_control` and `weight`, the inverse of the selection
        probability, 1 if absent.
    population : what the rows are; see the module.
    key : secret of the tie-break of `engine.ranking`.
    seed : of the bootstrap over days.

    Raises
    ------
    InputError
        There are no rows, or a column is missing.
    """
    table = _prepared(scored)
    is_flow = population == "flow"
    budgets = FLOW_BUDGETS if is_flow else CONTROLLED_BUDGETS
    groups = sorted({budget.group for budget in budgets})
    ranked = with_ranks(table, groups, key)
    draws = day_draws(ranked["flight_date"].n_unique(), seed=seed)
    sums = [day_sums(ranked, b, ranking) for b in budgets for ranking in ENDINGS]
    measured: Measured = {}
    for budget, day_sum in zip(np.repeat(np.array(budgets), len(ENDINGS)), sums, strict=True):
        measured |= _at_budget(budget, day_sum, draws)
    honest = ranked if is_flow else ranked.filter(pl.col("is_random_control"))
    measured |= _of_heads(ranked, honest, population, draws)
    by_day = pl.concat(sums)
    whole = DAY if is_flow else WINDOW
    frames = {
        "gain": curves.gain_curve(ranked, whole),
        "revenue": curves.revenue_curve(ranked, whole),
        "frontier": curves.frontier(ranked, by_day, [b for b in budgets if b.group != DAY]),
    }
    if not honest.is_empty():
        judged = {head: _judged(ranked, honest, head) for head in HEADS}
        frames["calibration"] = curves.calibration_curve(judged)
    return Evaluation(population, _flat(measured), by_day, frames)


def _prepared(scored: pl.DataFrame) -> pl.DataFrame:
    """The rows with money in cents, and with weights."""
    if scored.is_empty():
        raise InputError(
            "The evaluation got no consignments.", "Leave days with known truth after the cut."
        )
    missing = [name for name in NEEDED if name not in scored.columns]
    if missing:
        raise MissingColumnsError("The scored table", missing, scored.columns)
    absent = {"weight": pl.lit(1.0), "is_random_control": pl.lit(False)}
    table = scored.with_columns(
        **{name: value for name, value in absent.items() if name not in scored.columns}
    )
    cents = (pl.col("revenue_eur").fill_null(0.0) * CENTS_PER_EUR).round().cast(pl.Int64)
    return table.with_columns(
        pl.col("weight").fill_null(1.0),
        pl.col("is_random_control").fill_null(False),
        raised_risk(),
        revenue_cents=cents,
        capped_cents=pl.min_horizontal(cents, CAP_CENTS),
    )


def _at_budget(budget: Budget, day_sum: pl.DataFrame, draws: Numbers) -> Measured:
    """The measures of one budget along one ranking."""
    by = {name: day_sum[name].cast(pl.Float64).to_numpy() for name in day_sum.columns[3:]}
    units = by["flights"] if budget.unit == "flight" else np.ones(len(day_sum))
    quotients = {
        "hit_rate": (by["hits"], by["controls"]),
        "revenue_eur": (by["revenue_cents"] / CENTS_PER_EUR, units),
        "capped_revenue_eur": (by["capped_cents"] / CENTS_PER_EUR, units),
        "revenue_share": (by["revenue_cents"], by["best_cents"]),
        "capped_revenue_share": (by["capped_cents"], by["best_capped_cents"]),
    }
    ending = ENDINGS[day_sum["ranking"][0]]
    if not ending:
        quotients |= {
            "fiscal_hit_rate": (by["fiscal_hits"], by["controls"]),
            "goods_hit_rate": (by["goods_hits"], by["controls"]),
            "hits": (by["hits"], units),
            "recall": (by["hits"], by["irregular"]),
            "lift": (by["hits"], by["chance_hits"]),
        }
    return {
        f"{name}{ending}_at_{budget.name}": (
            float(numerator.sum() / denominator.sum()),
            ratio_interval(
                numerator, denominator, draws, A_SHARE if name in _SHARES else NOT_NEGATIVE
            ),
        )
        for name, (numerator, denominator) in quotients.items()
        if denominator.sum() > 0
    }


def _of_heads(
    ranked: pl.DataFrame, honest: pl.DataFrame, population: Population, draws: Numbers
) -> Measured:
    """Separation on all rows, calibration on those that stand for the flow."""
    of_all, of_honest = (
        ("", "") if population == "flow" else ("_of_controlled", "_of_random_controls")
    )
    measured: Measured = {}
    for head, (_, _, ending) in HEADS.items():
        everyone = _judged(ranked, ranked, head)
        if everyone.has_both:
            found = separation(everyone, draws)
            measured |= {f"{name}{ending}{of_all}": value for name, value in found.items()}
        if honest.is_empty():
            continue
        judged = _judged(ranked, honest, head)
        found = calibration(judged, draws)
        measured |= {f"{name}{ending}{of_honest}": value for name, value in found.items()}
        happened, stood_for = judged.by_day(judged.is_true), judged.by_day()
        share = float(happened.sum() / stood_for.sum())
        over_days = ratio_interval(happened, stood_for, draws, A_SHARE)
        measured[f"irregular_share{ending}{of_honest}"] = (share, over_days)
    return measured


def _judged(ranked: pl.DataFrame, rows: pl.DataFrame, head: str) -> Judged:
    """Arrays of one head. Rows weigh alike, but for those that stand for the flow."""
    risk, truth, _ = HEADS[head]
    days = ranked["flight_date"].unique().sort()
    weight = rows["weight"] if rows is not ranked else pl.ones(len(rows), eager=True)
    return Judged(
        risk=rows[risk].cast(pl.Float64).to_numpy(),
        is_true=rows[truth].cast(pl.Float64).to_numpy(),
        weight=weight.cast(pl.Float64).to_numpy(),
        day=days.search_sorted(rows["flight_date"]).cast(pl.Int64).to_numpy(),
        day_count=len(days),
    )


def _flat(measured: Measured) -> dict[str, float]:
    """Values and ends of intervals under flat names."""
    flat: dict[str, float] = {}
    for name, (value, over_days) in measured.items():
        flat[name] = value
        if over_days is not None:
            flat |= {f"{name}_low": over_days.low, f"{name}_high": over_days.high}
    return flat
