"""What the figures mean, in one sentence each, and which way is better.

The names are those of `models.metrics`; this is the part of them that people compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from models.budgets import BUDGETS

Unit: TypeAlias = Literal["share", "eur", "times", "number", "count"]
Better: TypeAlias = Literal["more", "less", "one"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of a comparison.

    Parameters
    ----------
    metric : its name among the values of an evaluation.
    label : what a person calls it.
    meaning : one sentence.
    unit : how it is written.
    better : whether more, less, or nearer to one is better.
    """

    metric: str
    label: str
    meaning: str
    unit: Unit
    better: Better = "more"

    @property
    def subject(self) -> str:
        """The label without the budget or the part."""
        return self.label.split(", ")[0]

    def said(self, value: float) -> str:
        """The value as a person reads it."""
        if self.unit == "share":
            digits = 1 if abs(value) >= 0.01 or value == 0 else 2
            return f"{100 * value:.{digits}f} %"
        if self.unit in ("eur", "count"):
            return f"{value:,.{0 if self.unit == 'eur' else 1}f}"
        return f"{value:.2f} ×" if self.unit == "times" else f"{value:.3f}"

    def said_between(self, low: float, high: float) -> str:
        """An interval as a person reads it, the unit once."""
        first = self.said(low).removesuffix(" %").removesuffix(" ×")
        return f"{first} to {self.said(high)}"

    def best(self, values: Mapping[str, float]) -> frozenset[str]:
        """Those who have the best value, as it is written; nobody if all are written alike."""
        texts = {name: self.said(value) for name, value in values.items()}
        if len(set(texts.values())) < 2:
            return frozenset()
        best = texts[min(values, key=lambda name: self._distance(values[name]))]
        return frozenset(name for name, text in texts.items() if text == best)

    def _distance(self, value: float) -> float:
        """How far from perfect; only the order of distances means something."""
        if self.better == "one":
            return abs(value - 1.0)
        return value if self.better == "less" else -value


def _at(measure: str, label: str, meaning: str, unit: Unit, *budgets: str) -> tuple[Measure, ...]:
    return tuple(
        Measure(f"{measure}_at_{name}", f"{label}, {BUDGETS[name].words}", meaning, unit)
        for name in budgets
    )


_FIXED = ("10", "50", "150")
_SHARES = ("0.01_percent", "0.1_percent", "1_percent", "5_percent")
_CONTROLLED = ("5_percent_of_controlled", "10_percent_of_controlled", "25_percent_of_controlled")

_HIT_RATE = "Share of the controls on the list that end with a finding."
_BALANCED = "when the default policy makes the list: risk, raised where there is money behind it."
_RECALL = "Share of all irregular consignments that are on the list."
_REVENUE = "Duty, VAT and fines that the list finds, on average"
_SHARE = "Revenue found, against the best list of the same length that could have been made."
_AUC = "Chance that an irregular consignment is ranked above a regular one; 0.5 is blind chance."
_PRECISION = "Precision averaged over all irregular consignments; blind chance gives their share."
_ERROR = "Mean distance between promised risk and what came true, over ten bins of equal mass."

MEASURES: tuple[Measure, ...] = (
    *_at("hit_rate", "Hit rate", _HIT_RATE, "share", *_FIXED, *_SHARES, *_CONTROLLED),
    *_at(
        "hit_rate_balanced",
        "Hit rate (balanced)",
        f"{_HIT_RATE[:-1]}, {_BALANCED}",
        "share",
        *_FIXED,
    ),
    *_at("revenue_eur", "EUR found a flight", f"{_REVENUE} a flight.", "eur", *_FIXED),
    *_at(
        "revenue_eur_balanced",
        "EUR found a flight (balanced)",
        f"{_REVENUE} a flight, {_BALANCED}",
        "eur",
        *_FIXED,
    ),
    *_at("revenue_eur", "EUR found a day", f"{_REVENUE} a day.", "eur", *_SHARES[2:], *_CONTROLLED),
    *_at(
        "capped_revenue_eur",
        "EUR found a flight (capped)",
        "The same, a consignment counting EUR 1,000 at most, so that no single parcel decides.",
        "eur",
        *_FIXED,
    ),
    *_at("revenue_share", "Share of best revenue", _SHARE, "share", *_FIXED, *_CONTROLLED),
    *_at("recall", "Recall", _RECALL, "share", "50", *_SHARES[2:], *_CONTROLLED),
    *_at("lift", "Lift", "Hits, against what blind chance would hit.", "times", *_FIXED),
    Measure("auc", "AUC", _AUC, "number"),
    Measure("auc_fiscal", "AUC, fiscal", _AUC, "number"),
    Measure("auc_goods", "AUC, goods", _AUC, "number"),
    Measure("auc_of_controlled", "AUC, of the controlled", _AUC, "number"),
    Measure("average_precision", "Average precision", _PRECISION, "number"),
    Measure(
        "average_precision_of_controlled",
        "Average precision, of the controlled",
        _PRECISION,
        "number",
    ),
    Measure("calibration_error", "Calibration error", _ERROR, "share", "less"),
    Measure(
        "calibration_error_of_random_controls",
        "Calibration error, random controls",
        _ERROR,
        "share",
        "less",
    ),
    Measure(
        "calibration_error_top_1_percent",
        "Calibration error, highest 1 %",
        "Distance between promised risk and what came true among the highest hundredth.",
        "share",
        "less",
    ),
    Measure(
        "calibration_ratio",
        "Promised / observed",
        "Irregular consignments promised, over those there were; 1 is right.",
        "times",
        "one",
    ),
    Measure(
        "brier", "Brier score", "Mean squared error of the risk; less is better.", "number", "less"
    ),
)

HEADLINES = frozenset(
    {
        *(f"hit_rate_at_{name}" for name in (*_FIXED, "0.1_percent", "1_percent", *_CONTROLLED)),
        *(f"hit_rate_balanced_at_{name}" for name in _FIXED),
        *(f"revenue_eur_at_{name}" for name in (*_FIXED, *_CONTROLLED)),
        *(f"revenue_eur_balanced_at_{name}" for name in _FIXED),
        *("revenue_share_at_50", "recall_at_50", "lift_at_50", "auc", "auc_of_controlled"),
        *("calibration_error", "calibration_error_of_random_controls", "calibration_ratio"),
    }
)
"""Metrics that a terminal shows; the page shows all."""
