"""Pictures of what was measured, as SVG. One run or several on one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from models.budgets import BUDGETS
from models.curves import ORDERS
from models.drawing import DASHES, PALETTE, REFERENCE, drawable, drawn
from models.metrics import Evaluation, Population
from models.probabilities import wilson

CHANCE, BEST = "blind chance", "best possible"

LOWEST_RISK = 1e-4
"""Where the axes of calibration end; what lies below is drawn on the edge."""

PARTS = {"irregular": "any irregularity", "fiscal": "fiscal", "goods": "goods"}
"""Words for the heads."""

Runs = Mapping[str, pl.DataFrame]


def plots_of(name: str, evaluation: Evaluation) -> dict[str, str]:
    """All pictures of one run: `gain`, `revenue`, `calibration`, `hit_rate_by_day`, `frontier`.

    Parameters
    ----------
    name : of the run, for the legend.
    evaluation : what was measured.
    """
    found, population = evaluation.curves, evaluation.population
    pictures = {
        "gain": gain_plot({name: found["gain"]}, population),
        "revenue": revenue_plot({name: found["revenue"]}, population),
        "hit_rate_by_day": hit_rate_plot({name: evaluation.by_day}),
        "frontier": frontier_plot({name: at_usual_budget(found["frontier"])}),
    }
    if "calibration" in found:
        parts = found["calibration"].partition_by("head", as_dict=True, include_key=True)
        heads = {PARTS[str(head)]: frame for (head,), frame in parts.items()}
        pictures["calibration"] = calibration_plot(heads)
    return pictures


def at_usual_budget(frontier: pl.DataFrame) -> pl.DataFrame:
    """Rows of a frontier at the budget that runs are told apart at; none if it was not drawn."""
    for budget in ("50", "10_percent_of_controlled"):
        rows = frontier.filter(budget=budget)
        if not rows.is_empty() and "goods_hit_rate" in rows.columns:
            return rows
    return frontier.clear()


def gain_plot(gains: Runs, population: Population = "flow") -> str:
    """Share of the irregular consignments found, as more is controlled.

    Parameters
    ----------
    gains : run name to `models.curves.gain_curve`.
    population : what the shares are shares of.
    """
    first = next(iter(gains.values()))
    lines = {name: frame.select("share", found="recall") for name, frame in gains.items()}
    lines[CHANCE] = first.select("share", found="share")
    lines[BEST] = first.select("share", found="best_recall")
    return _shares_plot(
        lines, "How many irregular parcels are found", "irregular parcels found", population
    )


def revenue_plot(revenues: Runs, population: Population = "flow") -> str:
    """Share of the revenue at stake found, as more is controlled.

    Parameters
    ----------
    revenues : run name to `models.curves.revenue_curve`. A single run is drawn twice: in order
        of risk, and in order of expected yield.
    population : what the shares are shares of.
    """
    first = next(iter(revenues.values()))
    if len(revenues) == 1:
        name = next(iter(revenues))
        lines = {
            f"{name}, by risk": first.select("share", found="by_risk"),
            f"{name}, by expected yield": first.select("share", found="by_expected_yield"),
        }
    else:
        lines = {name: frame.select("share", found="by_risk") for name, frame in revenues.items()}
    lines[CHANCE] = first.select("share", found="share")
    lines[BEST] = first.select("share", found="best")
    return _shares_plot(
        lines, "How much of the revenue at stake is found", "revenue found", population
    )


def frontier_plot(frontiers: Runs) -> str:
    """Precision against revenue at one budget: a point an order of the list, a line a run.

    Parameters
    ----------
    frontiers : run name to rows of one budget of `models.curves.frontier`.
    """
    import altair as alt

    table = _stacked(frontiers).with_columns(
        order=pl.col("ranking").replace(ORDERS),
        at=pl.col("ranking").replace_strict({name: at for at, name in enumerate(ORDERS)}),
    )
    near = alt.Scale(zero=False, nice=True)
    x = alt.X("revenue_eur_per_control:Q", scale=near, title="EUR found a control")
    y = alt.Y("hit_rate:Q", scale=near, axis=alt.Axis(format="~%"), title="controls with a finding")
    base = alt.Chart(drawable(table)).encode(x=x, y=y, color=_colour(list(frontiers)))
    line = base.mark_line(strokeWidth=1.5).encode(order="at:O", strokeDash=_dash(list(frontiers)))
    shapes = [
        "circle",
        "square",
        "triangle-up",
        "triangle-right",
        "diamond",
        "cross",
        "triangle-down",
    ]
    shape = alt.Shape(
        "order:N",
        title=None,
        sort=None,
        scale=alt.Scale(domain=list(ORDERS.values()), range=shapes),
    )
    points = base.mark_point(filled=True, size=80, opacity=1).encode(shape=shape)
    budget = BUDGETS[next(iter(frontiers.values()))["budget"][0]].words
    return drawn(
        line + points,
        "What is exchanged: hits against euros",
        f"At {budget}; each point orders the list in another way.",
    )


def calibration_plot(calibrations: Runs) -> str:
    """Promised against observed share, in ten bins of equal mass and the highest hundredth.

    Parameters
    ----------
    calibrations : run name, or part of the risk, to rows of one head of
        `models.curves.calibration_curve`.
    """
    import altair as alt

    axis = alt.Axis(format="~%", values=[0.0001, 0.001, 0.01, 0.1, 1], grid=True)
    scale = alt.Scale(type="log", domain=[LOWEST_RISK, 1], clamp=True)
    edge = pl.col("mean_risk", "observed_share", "low", "high").clip(LOWEST_RISK, 1.0)
    table = _stacked({name: frame.with_columns(edge) for name, frame in calibrations.items()})
    table = table.with_columns(
        bin=pl.when("is_top").then(pl.lit("highest 1 %")).otherwise(pl.lit("a tenth of the flow"))
    )
    x = alt.X("mean_risk:Q", scale=scale, axis=axis, title="promised risk (mean of the bin)")
    y = alt.Y("observed_share:Q", scale=scale, axis=axis, title="share found irregular")
    base = alt.Chart(drawable(table)).encode(x=x, color=_colour(list(calibrations)))
    bars = base.mark_rule(strokeWidth=1.5, opacity=0.6).encode(
        y=alt.Y("low:Q", scale=scale, axis=axis, title="share found irregular"), y2="high:Q"
    )
    shape = alt.Shape("bin:N", title=None, scale=alt.Scale(range=["circle", "diamond"]))
    points = base.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=shape)
    ends = pl.DataFrame({"mean_risk": [LOWEST_RISK, 1.0], "observed_share": [LOWEST_RISK, 1.0]})
    line = alt.Chart(drawable(ends)).mark_line(color=REFERENCE, strokeDash=[4, 4]).encode(x=x, y=y)
    return drawn(
        line + bars + points,
        "Does the promised risk come true?",
        "On the dashed line it does; above it there is more than promised. Bars: 95 %.",
    )


def hit_rate_plot(by_days: Runs, budget: str | None = None) -> str:
    """Hit rate by day at one budget, with a band of 95 % for the controls of the day.

    Parameters
    ----------
    by_days : run name to `Evaluation.by_day`.
    budget : its name; 50 controls a flight, or the middle one that was measured, if None.
    """
    import altair as alt

    measured = next(iter(by_days.values()))["budget"].unique(maintain_order=True).to_list()
    chosen = budget or ("50" if "50" in measured else measured[len(measured) // 2])
    table = _stacked({name: _with_band(frame, chosen) for name, frame in by_days.items()})
    ticks = alt.TimeIntervalStep(interval="day", step=1 + table["day"].n_unique() // 8)
    axis = alt.Axis(format="%d %b", labelOverlap=True, tickCount=ticks)
    x = alt.X("day:T", title="day", axis=axis)
    words = "controls with a finding"
    y = alt.Y("hit_rate:Q", title=words, axis=alt.Axis(format="~%"))
    base = alt.Chart(drawable(table)).encode(x=x, color=_colour(list(by_days)))
    band = base.mark_area(opacity=0.13).encode(y=alt.Y("low:Q", title=words), y2="high:Q")
    line = base.mark_line(point=True, strokeWidth=2).encode(y=y, strokeDash=_dash(list(by_days)))
    return drawn(
        band + line,
        f"Hit rate by day, {BUDGETS[chosen].words}",
        "Band: 95 % interval for that day's number of controls.",
    )


def _with_band(by_day: pl.DataFrame, budget: str) -> pl.DataFrame:
    rows = by_day.filter(pl.col("controls") > 0, budget=budget, ranking="risk")
    rows = rows.with_columns(hit_rate=pl.col("hits") / pl.col("controls"))
    bands = [wilson(share, n) for share, n in zip(rows["hit_rate"], rows["controls"], strict=True)]
    return rows.select(
        pl.col("flight_date").cast(pl.String).alias("day"),
        "hit_rate",
        pl.Series("low", [low for low, _ in bands], dtype=pl.Float64),
        pl.Series("high", [high for _, high in bands], dtype=pl.Float64),
    )


def _shares_plot(
    lines: dict[str, pl.DataFrame], title: str, found: str, population: Population
) -> str:
    """Curves over the share controlled, on a logarithmic axis: budgets are tiny shares."""
    import altair as alt

    is_flow = population == "flow"
    whole = "each day's flow" if is_flow else "what was controlled"
    least = LOWEST_RISK if is_flow else 0.01
    table = _stacked(lines).filter(pl.col("share") >= least * 0.999)
    x = alt.X(
        "share:Q",
        scale=alt.Scale(type="log", domain=[least, 1]),
        axis=alt.Axis(format="~%", values=[0.0001, 0.001, 0.01, 0.1, 1], grid=True),
        title=f"share of {whole} that is controlled (each step is ten times more)",
    )
    y = alt.Y("found:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="~%"), title=found)
    names = list(lines)
    chart = alt.Chart(drawable(table)).mark_line(strokeWidth=2)
    return drawn(chart.encode(x=x, y=y, color=_colour(names), strokeDash=_dash(names)), title, "")


def _stacked(frames: Runs) -> pl.DataFrame:
    return pl.concat(
        [frame.with_columns(pl.lit(name).alias("run")) for name, frame in frames.items()]
    )


def _colour(names: Sequence[str]) -> Any:
    import altair as alt

    return alt.Color("run:N", title=None, sort=None, scale=_scale(names, PALETTE, REFERENCE))


def _dash(names: Sequence[str]) -> Any:
    import altair as alt

    return alt.StrokeDash("run:N", title=None, sort=None, scale=_scale(names, DASHES, [3, 3]))


def _scale(names: Sequence[str], marks: Sequence[Any], reference: Any) -> Any:
    """Runs take the marks in turn; what is no run always looks the same."""
    import altair as alt

    looks, runs = {CHANCE: reference, BEST: reference}, 0
    for name in names:
        if name not in looks:
            looks[name] = marks[runs % len(marks)]
            runs += 1
    if BEST in names and marks is DASHES:
        looks[BEST] = [1, 2]
    return alt.Scale(domain=list(names), range=[looks[name] for name in names])
