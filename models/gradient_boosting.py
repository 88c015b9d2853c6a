"""LightGBM: small trees, many of them, few labels, and what an officer knows built in.

Three heads (any, fiscal, goods) and one for revenue. Every head starts from the log-odds of the
informed expert, shrunk, so that with few labels the model is a corrected officer rather than a
guess, and features whose direction is known (more past findings never lower a risk) are held
monotone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl

from features.catalogue import NAMES
from models.boosters import Boosters
from models.calibration import probability
from models.findings import Findings
from models.logistic import matrix
from models.risk_model import HEADS, Examples, Floats
from models.values import Values
from models.weighed import Weighed

UP: frozenset[str] = frozenset(
    {
        "text_gap", "sender_text_gap", "consignee_splits", "consignee_split_excess_eur",
        "consignee_link_strength", "odd_ioss_form", "odd_ioss_missing", "odd_procedure_set",
        "odd_over_low_value_line", "odd_not_in_h7", "word_odds_max", "word_odds_sum",
        "expected_over_line_eur", "is_near_line",
    }
)  # fmt: skip
"""Features that never lower a risk when they grow; past rates are added by their ending."""

DOWN: frozenset[str] = frozenset({"text_hs6_lift", "text_hs4_lift", "text_hs2_lift"})
"""Features that never raise a risk when they grow."""


THREADS = 1
"""Threads that grow trees. On some thousand examples of few leaves a second one waits more than it
works: four fits of the ensemble took 32 s with two threads and 12 to 15 s with one."""


@dataclass(frozen=True)
class Settings:
    """Settings of the boosting; conservative, because labels are few (all estimates, chosen on
    development worlds, never on those reported).
    """

    rounds: int = 160
    learning_rate: float = 0.04
    leaves: int = 12
    smallest_leaf: int = 20
    column_share: float = 0.2
    row_share: float = 0.8
    ridge: float = 10.0
    bags: int = 3
    prior: float = 0.5
    monotone: bool = True
    seed: int = 20_261_121


class GradientBoosting:
    """Bagged LightGBM with a prior from the informed expert.

    Parameters
    ----------
    settings : of the boosting.
    findings : the prior, fitted already; None: fitted with the trees.
    """

    kind = "gradient_boosting"

    def __init__(self, settings: Settings | None = None, findings: Findings | None = None) -> None:
        self.settings = settings or Settings()
        self.findings = findings

    def fit(self, examples: Examples) -> Self:
        """Grow the trees of every head."""
        self.findings_ = self.findings or Findings.of_an_officer().fitted(examples)
        self.weighed_ = Weighed.of(self.findings_)
        examples = examples.on_background()
        x = matrix(examples.features)
        weight = examples.weight()
        prior = self.findings_.log_odds(examples.features)
        grown: dict[str, list[str]] = {}
        self.shifts_: dict[str, float] = {}
        for head in HEADS:
            start = self.settings.prior * prior[head]
            y = examples.label(head)
            shift = _shift(y, weight, start)
            grown[head] = self._grown(x, y, weight, start + shift, "binary", head)
            self.shifts_[head] = shift
        grown["revenue"] = self._revenue(x, examples)
        self.boosters_ = Boosters.of(grown)
        return self

    @property
    def note(self) -> str:
        """Why LightGBM itself evaluates a part, slower; empty where it does not."""
        return self.boosters_.note

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """Probabilities of the heads and expected revenue."""
        return pl.DataFrame(self.answers(Values.of(features)))

    def answers(self, values: Values) -> dict[str, Floats]:
        """The same of columns."""
        margins = self.boosters_.means(values.columns)
        prior = values.noticed.log_odds(self.weighed_)
        answers: dict[str, Floats] = {}
        for head in HEADS:
            start = self.settings.prior * prior[head] + self.shifts_[head]
            answers[head] = probability(start + margins[head])
        answers["revenue"] = np.exp(margins["revenue"]) - 1
        return {name: np.maximum(told, 0.0) for name, told in answers.items()}

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Contributions to the log-odds of any irregularity: exact Shapley values of the trees,
        plus the expert's part; a row sums up to its log-odds less a constant.
        """
        return self.contributed(Values.of(features))

    def contributed(self, values: Values) -> Floats:
        """The same of columns."""
        grown = self.boosters_.mean_contributions(values.columns)
        return grown + self.settings.prior * values.noticed.contributions(self.weighed_)

    def save(self, folder: Path) -> None:
        """Write the trees as LightGBM text, the settings and the prior as JSON."""
        self.findings_.save(folder)
        texts = self.boosters_.texts
        for head, bags in texts.items():
            for bag, text in enumerate(bags):
                (folder / f"trees-{head}-{bag}.txt").write_text(text, encoding="utf-8")
        told = {"settings": asdict(self.settings), "shifts": self.shifts_,
                "bags": {head: len(bags) for head, bags in texts.items()}}  # fmt: skip
        (folder / "gradient_boosting.json").write_text(json.dumps(told, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read trees and settings."""
        told = json.loads((folder / "gradient_boosting.json").read_text())
        model = cls(Settings(**told["settings"]))
        model.findings_ = Findings.load(folder)
        model.weighed_ = Weighed.of(model.findings_)
        model.shifts_ = told["shifts"]
        model.boosters_ = Boosters.of(
            {
                head: [
                    (folder / f"trees-{head}-{bag}.txt").read_text(encoding="utf-8")
                    for bag in range(count)
                ]
                for head, count in told["bags"].items()
            }
        )
        return model

    def _grown(
        self, x: Floats, y: Floats, weight: Floats, start: Floats | None, objective: str, head: str
    ) -> list[str]:
        """LightGBM's text of every bag; none where there is nothing to tell apart."""
        from models.lightgbm_alone import lightgbm as lgb  # a second that scoring need not wait

        if y.min() == y.max():
            return []
        return [
            lgb.train(
                _parameters(self.settings, objective, head, bag),
                lgb.Dataset(x, y, weight=weight, init_score=start, feature_name=list(NAMES)),
                self.settings.rounds,
            ).model_to_string()
            for bag in range(self.settings.bags if head == "any" else 1)
        ]

    def _revenue(self, x: Floats, examples: Examples) -> list[str]:
        """Trees for ln(1 + expected revenue): a Poisson-like head on capped amounts."""
        paid = examples.revenue()
        return self._grown(x, paid + 1.0, examples.weight(), None, "tweedie", "revenue")


def _shift(y: Floats, weight: Floats, start: Floats) -> float:
    """What must be added to the starting log-odds so that their mean is the overall rate."""
    share = np.clip(np.average(y, weights=weight), 0.001, 0.999)
    return float(np.log(share / (1 - share)) - np.average(start, weights=weight))


def _direction(name: str, head: str) -> int:
    if name in UP:
        return 1
    if name in DOWN:
        return -1
    past = name.endswith("_recovered") or name.endswith("_rate")
    return 1 if past and (head != "goods" or not name.endswith("_recovered")) else 0


def _parameters(settings: Settings, objective: str, head: str, bag: int) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "objective": objective,
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.smallest_leaf,
        "feature_fraction": settings.column_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "lambda_l2": settings.ridge,
        "boost_from_average": objective != "binary",
        "seed": settings.seed + bag,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": THREADS,
        "verbosity": -1,
    }
    if settings.monotone:
        parameters["monotone_constraints"] = [_direction(name, head) for name in NAMES]
    return parameters
