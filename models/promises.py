"""A fitted model with its calibration: what it promises of a consignment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import polars as pl

from engine.harm import risk_column
from models.calibration import Calibrator, calibration_weights, found_share, probability
from models.columnar import Columnar, columnar
from models.findings import SIDES, Findings
from models.risk_model import HEADS, RISKS, Examples, Floats, RiskModel
from models.values import Values
from models.weighed import Weighed

FOLDS = 3
"""Parts in time that the examples are cut into; each is answered for by a twin that learned from
the others, so that every control, and above all every random one, takes part in calibration."""

FEWEST_TO_CALIBRATE = 60
"""Examples below which a part held back would cost more than calibration gives (estimate)."""

REVENUE_PRIOR_EUR = 400.0
"""How sure we are of the answered sum of revenue, in EUR: some twenty paid findings (estimate)."""


@dataclass(frozen=True)
class Promises:
    """A model whose answers were turned into probabilities and money.

    Attributes
    ----------
    model : fitted.
    calibrators : per head.
    revenue_scale : what the revenue head's answers are multiplied with so that their sum is right.
    findings : how a risk divides into finding types.
    """

    model: RiskModel
    calibrators: dict[str, Calibrator] = field(default_factory=dict)
    revenue_scale: float = 1.0
    findings: Findings = field(default_factory=Findings.of_an_officer)

    def of(self, features: pl.DataFrame) -> pl.DataFrame:
        """`risk`, `risk_fiscal`, `risk_goods` (probabilities), `expected_revenue_eur`, and the
        risks of the finding types (`engine.harm.RISK_COLUMNS`).

        A part is never told above the whole: the head of any irregularity has learned from all
        findings and is the surer one.
        """
        return pl.DataFrame(self.of_values(Values.of(features)))

    def of_values(self, values: Values) -> dict[str, Floats]:
        """The same of columns."""
        told = self.heads(values)
        return told | self._by_type(values, told)

    def heads(self, values: Values) -> dict[str, Floats]:
        """`risk`, `risk_fiscal`, `risk_goods` and `expected_revenue_eur` alone, of columns."""
        return self.told_of(self._columnar.answers(values))

    def told_of(self, answers: dict[str, Floats]) -> dict[str, Floats]:
        """The same of what the model answered."""
        told: dict[str, Floats] = {
            RISKS[head]: self.calibrators.get(head, Calibrator())(answers[head]) for head in HEADS
        }
        for part in ("risk_fiscal", "risk_goods"):
            told[part] = np.minimum(told[part], told["risk"])
        told["expected_revenue_eur"] = answers["revenue"] * self.revenue_scale
        return told

    def contributions(self, features: pl.DataFrame) -> Floats:
        """What each feature adds to the log-odds of any irregularity: array (rows, features)."""
        return self._columnar.contributed(Values.of(features))

    def of_row(self, row: Floats) -> dict[str, float]:
        """What `of` tells of one consignment.

        Parameters
        ----------
        row : its features in the order of `features.catalogue.NAMES`; NaN is missing.
        """
        return {name: float(one[0]) for name, one in self.of_values(Values.of_rows(row)).items()}

    def contributions_of_row(self, row: Floats) -> Floats:
        """What each feature of one consignment adds to the log-odds of any irregularity.

        Parameters
        ----------
        row : its features in the order of `features.catalogue.NAMES`; NaN is missing.
        """
        return np.asarray(self._columnar.contributed(Values.of_rows(row))[0])

    @property
    def note(self) -> str:
        """Why the model is slower than it should be; empty where it is not."""
        return str(getattr(self.model, "note", ""))

    def _by_type(self, values: Values, told: dict[str, Floats]) -> dict[str, Floats]:
        """Risks of the finding types: the mean of what the signs say by themselves and of their
        share in the risk of their side, of which the model knows more.
        """
        own = values.noticed.risks(self._weighed)
        sides = values.noticed.log_odds(self._weighed)
        parts = {}
        for side in ("fiscal", "goods"):
            whole = probability(sides[side])
            for kind in SIDES[side]:
                shared = np.minimum(told[RISKS[side]] * own[kind] / whole, 1.0)
                parts[risk_column(kind)] = (own[kind] + shared) / 2
        return parts

    @cached_property
    def _columnar(self) -> Columnar:
        return columnar(self.model)

    @cached_property
    def _weighed(self) -> Weighed:
        return Weighed.of(self.findings)


def fitted(kind: type[RiskModel], examples: Examples) -> Promises:
    """Fit a model of a kind on all examples, calibrated on what its twins answered.

    Parameters
    ----------
    kind : class of the model; made without arguments.
    examples : sorted or not.
    """
    findings = Findings.of_an_officer().fitted(examples)
    answers, flow = _answered(kind, examples)
    calibrators: dict[str, Calibrator] = {}
    scale = 1.0
    if answers:
        weights = calibration_weights(examples)
        calibrators = {
            head: Calibrator.fitted(answers[head], examples.label(head), weights).anchored(
                flow[head], found_share(examples, head)
            )
            for head in HEADS
        }
        told = float((answers["revenue"] * weights).sum())
        paid = float((examples.revenue() * weights).sum())
        scale = (paid + REVENUE_PRIOR_EUR) / (told + REVENUE_PRIOR_EUR)
    return Promises(kind().fit(examples), calibrators, scale, findings)


def _answered(
    kind: type[RiskModel], examples: Examples
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Answers by twins that did not learn from what they answer for: to every example, and to the
    background of the latest part, which stands for the flow as it is now. Empty where examples are
    too few.
    """
    folds = list(_folds(examples))
    if len(examples) < FEWEST_TO_CALIBRATE or len(folds) < 2:
        return {}, {}
    answers = {name: np.zeros(len(examples)) for name in (*HEADS, "revenue")}
    flow: dict[str, Floats] = {name: np.zeros(0) for name in answers}
    for is_held in folds:
        held, rest = _parted(examples, is_held)
        twin = kind().fit(rest)
        told = twin.predict(held.features)
        for name, answer in answers.items():
            answer[is_held.to_numpy()] = told[name].to_numpy()
    if held.background is not None and not held.background.is_empty():
        told = twin.predict(held.background)
        flow = {name: told[name].to_numpy() for name in flow}
    return answers, flow


def _parted(examples: Examples, is_held: pl.Series) -> tuple[Examples, Examples]:
    """What is held back, and the rest; the background goes by the days of the examples."""
    held, rest = examples.where(is_held), examples.where(~is_held)
    if examples.background is None:
        return held, rest
    dates = held.labels["flight_date"]
    is_between = pl.col("flight_date").is_between(dates.min(), dates.max())
    return (
        replace(held, background=examples.background.filter(is_between)),
        replace(rest, background=examples.background.filter(~is_between)),
    )


def _folds(examples: Examples) -> Iterator[pl.Series]:
    """Parts in time, as equal as whole days allow."""
    dates = examples.labels["flight_date"]
    place = dates.rank("min") - 1
    part = (place * FOLDS / len(examples)).floor().cast(pl.Int64)
    for at in part.unique().sort():
        yield part == at
