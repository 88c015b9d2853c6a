"""A fitted model with its calibration: what it promises of a consignment."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from models.calibration import CHOSEN_WEIGHT, Calibrator
from models.risk_model import HEADS, RISKS, Examples, Floats, RiskModel

LATER_SHARE = 0.3
"""Share of the examples, the latest, on which calibration is learned."""

FEWEST_TO_CALIBRATE = 60
"""Examples below which a part held back would cost more than calibration gives (estimate)."""


@dataclass(frozen=True)
class Promises:
    """A model whose answers were turned into probabilities and money.

    Attributes
    ----------
    model : fitted.
    calibrators : per head.
    revenue_scale : what the revenue head's answers are multiplied with so that their sum is right.
    """

    model: RiskModel
    calibrators: dict[str, Calibrator] = field(default_factory=dict)
    revenue_scale: float = 1.0

    def of(self, features: pl.DataFrame) -> pl.DataFrame:
        """`risk`, `risk_fiscal`, `risk_goods` (probabilities), `expected_revenue_eur`.

        A part is never told above the whole: the head of any irregularity has learned from all
        findings and is the surer one.
        """
        answers = self.model.predict(features)
        told: dict[str, Floats] = {
            RISKS[head]: self.calibrators.get(head, Calibrator())(answers[head].to_numpy())
            for head in HEADS
        }
        for part in ("risk_fiscal", "risk_goods"):
            told[part] = np.minimum(told[part], told["risk"])
        told["expected_revenue_eur"] = answers["revenue"].to_numpy() * self.revenue_scale
        return pl.DataFrame(told)


def fitted(model: RiskModel, later: RiskModel, examples: Examples) -> Promises:
    """Fit a model on all examples, calibrated on how its twin did on the later ones.

    Parameters
    ----------
    model : to be fitted on all examples.
    later : an unfitted twin; learns the earlier examples and answers for the later ones.
    examples : sorted or not; later is by `flight_date`.
    """
    earlier_part, later_part = _by_time(examples)
    calibrators: dict[str, Calibrator] = {}
    scale = 1.0
    if len(earlier_part) and len(later_part):
        answers = later.fit(earlier_part).predict(later_part.features)
        random = later_part.labels["is_random"].to_numpy()
        weights = later_part.weight() * np.where(random, 1.0, CHOSEN_WEIGHT)
        calibrators = {
            head: Calibrator.fitted(answers[head].to_numpy(), later_part.label(head), weights)
            for head in HEADS
        }
        told = float((answers["revenue"].to_numpy() * weights).sum())
        paid = float((later_part.revenue() * weights).sum())
        # Half of the way: a few hundred amounts with a heavy tail say little about a mean.
        scale = float(np.clip(np.sqrt((paid + 1) / (told + 1)), 0.25, 4.0))
    return Promises(model.fit(examples), calibrators, scale)


def _by_time(examples: Examples) -> tuple[Examples, Examples]:
    """The earlier and the later examples; nothing at all where they are too few."""
    dates = examples.labels["flight_date"]
    nothing = pl.Series([False] * len(examples), dtype=pl.Boolean)
    if len(examples) < FEWEST_TO_CALIBRATE:
        return examples.where(nothing), examples.where(nothing)
    cut = dates.sort()[int(len(dates) * (1 - LATER_SHARE))]
    is_later = dates >= cut
    if is_later.all():
        is_later = dates > cut
    return examples.where(~is_later), examples.where(is_later)
