"""How a model does at work: hits and euros by week and by reason, and promises kept.

All is measured on what was controlled. Hits of chosen controls say how good the choice is; only the
random ones speak of the flow, each weighted by the inverse of its probability. Everything here is
a sum over many consignments; nothing names one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import numpy as np
import polars as pl

from engine.declaration import CONSIGNMENT
from engine.outcome import label_columns, latest_known
from features.catalogue import FEATURES
from models.intervals import Numbers
from models.probabilities import wilson

FEWEST_A_BIN = 10
"""Results that a bin of calibration holds at least, but for the only one (estimate)."""

CALIBRATION_BINS = 5
"""Bins of calibration: on lists there are dozens of results, not thousands (estimate)."""

OTHER_THEME = "other"
"""Of sentences that no feature tells, such as the rules' own."""

_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def judged(outcomes: pl.DataFrame) -> pl.DataFrame:
    """The last result of every control of a parcel that was there, with what it says.

    Parameters
    ----------
    outcomes : events, rows of `OutcomeRow`.

    Returns
    -------
    Their key and `selected_by`, `selection_probability`, `week` (its Monday, of the day of
    arrival), `is_irregular` and `recovered_cents`, ordered by key.
    """
    last = latest_known(outcomes, before=_EVER)
    cents = (pl.col("recovered_eur") * 100).round().cast(pl.Int64)
    return (
        label_columns(last)
        .with_columns(week=pl.col("flight_date").dt.truncate("1w"), recovered_cents=cents)
        .select(
            *CONSIGNMENT, "selected_by", "selection_probability", "week", "is_irregular",
            "recovered_cents",
        )
        .sort(CONSIGNMENT)
    )  # fmt: skip


def hit_rates(controls: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Hits and euros of controls, group by group.

    Parameters
    ----------
    controls : from `judged`, perhaps with more columns to group by.
    by : columns of the groups.

    Returns
    -------
    `by`, `control_count`, `hit_count`, `hit_rate` with `low` and `high` (Wilson's 95 % interval),
    `recovered_eur` and `recovered_eur_per_control`, ordered by `by`.
    """
    sums = controls.group_by(by).agg(
        control_count=pl.len().cast(pl.Int64),
        hit_count=pl.col("is_irregular").sum().cast(pl.Int64),
        cents=pl.col("recovered_cents").sum(),
    )
    sums = sums.sort(by).with_columns(
        hit_rate=pl.col("hit_count") / pl.col("control_count"),
        recovered_eur=pl.col("cents") / 100,
        recovered_eur_per_control=pl.col("cents") / 100 / pl.col("control_count"),
    )
    ends = [wilson(rate, count) for rate, count in sums.select("hit_rate", "control_count").rows()]
    return sums.drop("cents").with_columns(
        low=pl.Series([low for low, _ in ends], dtype=pl.Float64),
        high=pl.Series([high for _, high in ends], dtype=pl.Float64),
    )


def by_theme(controls: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Hit rates by what the reasons speak of; a control counts with each of its themes once.

    Parameters
    ----------
    controls : from `judged`.
    listed : key of the consignment and `reasons`, the sentences it was listed with.

    Returns
    -------
    As `hit_rates` by `theme`; sentences that no feature tells ("drawn at random") have none.
    """
    themes = [sorted({theme_of(one) for one in some}) for some in listed["reasons"].to_list()]
    told = listed.select(CONSIGNMENT).with_columns(
        theme=pl.Series(themes, dtype=pl.List(pl.String))
    )
    told = told.explode("theme").filter(pl.col("theme") != OTHER_THEME).unique(maintain_order=True)
    return hit_rates(controls.join(told, on=CONSIGNMENT), ["theme"])


def theme_of(sentence: str) -> str:
    """What a reason speaks of: the theme of the feature that tells it so."""
    for pattern, theme in _patterns():
        if pattern.match(sentence):
            return theme
    return OTHER_THEME


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Sentences of the features with gaps for what is filled in; the most words first."""
    told = sorted(
        ((one.sentence, one.theme) for one in FEATURES if one.sentence),
        key=lambda pair: -len(re.sub(r"\{[^}]*\}", "", pair[0])),
    )
    plain = [(rf"no single sign; most weighed was {re.escape(one.meaning)}:", one.theme)
             for one in FEATURES]  # fmt: skip
    gaps = [(".+?".join(map(re.escape, re.split(r"\{[^}]*\}", text))), theme)
            for text, theme in told]  # fmt: skip
    return [(re.compile(text), theme) for text, theme in gaps + plain]


def promises_kept(told: pl.DataFrame) -> pl.DataFrame:
    """Risk as it was told on lists against what was found, in bins of equal mass.

    Parameters
    ----------
    told : `risk`, `is_irregular` and `weight`, what each row stands for.

    Returns
    -------
    `mean_risk`, `observed_share`, `low`, `high`, `count`, from the lowest risk; fewer bins where
    there are few rows, none where there is none.
    """
    schema = {name: pl.Float64 for name in ("mean_risk", "observed_share", "low", "high")}
    if told.is_empty():
        return pl.DataFrame(schema=schema | {"count": pl.Int64})
    ordered = told.sort("risk", "is_irregular")
    risk, weight = (ordered[name].cast(pl.Float64).to_numpy() for name in ("risk", "weight"))
    is_true = ordered["is_irregular"].cast(pl.Float64).to_numpy()
    bins = max(1, min(CALIBRATION_BINS, len(risk) // FEWEST_A_BIN))
    middle = (np.cumsum(weight) - weight / 2) / weight.sum()
    part = np.minimum((middle * bins).astype(np.int64), bins - 1)
    rows = [_kept(risk[at], is_true[at], weight[at]) for at in (part == n for n in np.unique(part))]
    return pl.DataFrame(rows)


def _kept(risk: Numbers, is_true: Numbers, weight: Numbers) -> dict[str, float | int]:
    share = float(np.average(is_true, weights=weight))
    low, high = wilson(share, float(weight.sum() ** 2 / (weight**2).sum()))
    mean = float(np.average(risk, weights=weight))
    return {
        "mean_risk": mean, "observed_share": share, "low": low, "high": high, "count": len(risk)
    }  # fmt: skip
