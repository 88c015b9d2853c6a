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
from models.calibration import probability
from models.findings import Findings
from models.lightgbm_alone import lightgbm as lgb
from models.logistic import matrix
from models.risk_model import HEADS, Examples, Floats

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
        examples = examples.on_background()
        x = matrix(examples.features)
        weight = examples.weight()
        prior = self.findings_.log_odds(examples.features)
        self.boosters_: dict[str, list[lgb.Booster]] = {}
        self.shifts_: dict[str, float] = {}
        for head in HEADS:
            start = self.settings.prior * prior[head]
            y = examples.label(head)
            shift = _shift(y, weight, start)
            self.boosters_[head] = self._grown(x, y, weight, start + shift, "binary", head)
            self.shifts_[head] = shift
        self.boosters_["revenue"] = self._revenue(x, examples)
        return self

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """Probabilities of the heads and expected revenue."""
        x = matrix(features)
        prior = self.findings_.log_odds(features)
        answers: dict[str, Floats] = {}
        for head in HEADS:
            start = self.settings.prior * prior[head] + self.shifts_[head]
            answers[head] = probability(start + self.margin(x, head))
        answers["revenue"] = np.exp(self.margin(x, "revenue")) - 1
        return pl.DataFrame({name: np.maximum(values, 0.0) for name, values in answers.items()})

    def margin(self, x: Floats, head: str) -> Floats:
        """What the trees of a head say, in log-odds, without the prior; mean over the bags."""
        trees = [booster.predict(x, raw_score=True) for booster in self.boosters_[head]]
        return np.asarray(np.mean(trees, axis=0)) if trees else np.zeros(len(x))

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Contributions to the log-odds of any irregularity: exact Shapley values of the trees,
        plus the expert's part; a row sums up to its log-odds less a constant.
        """
        x = matrix(features)
        # LightGBM divides by the number of rows here.
        boosters = self.boosters_["any"] if len(x) else []
        trees = [booster.predict(x, pred_contrib=True) for booster in boosters]
        grown = np.mean(trees, axis=0)[:, :-1] if trees else np.zeros_like(x)
        return np.asarray(grown + self.settings.prior * self.findings_.contributions(features))

    def save(self, folder: Path) -> None:
        """Write the trees as LightGBM text, the settings and the prior as JSON."""
        self.findings_.save(folder)
        for head, boosters in self.boosters_.items():
            for bag, booster in enumerate(boosters):
                booster.save_model(folder / f"trees-{head}-{bag}.txt")
        told = {"settings": asdict(self.settings), "shifts": self.shifts_,
                "bags": {head: len(b) for head, b in self.boosters_.items()}}  # fmt: skip
        (folder / "gradient_boosting.json").write_text(json.dumps(told, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read trees and settings."""
        told = json.loads((folder / "gradient_boosting.json").read_text())
        model = cls(Settings(**told["settings"]))
        model.findings_ = Findings.load(folder)
        model.shifts_ = told["shifts"]
        model.boosters_ = {
            head: [
                lgb.Booster(model_file=str(folder / f"trees-{head}-{bag}.txt"))
                for bag in range(count)
            ]
            for head, count in told["bags"].items()
        }
        return model

    def _grown(
        self, x: Floats, y: Floats, weight: Floats, start: Floats | None, objective: str, head: str
    ) -> list[lgb.Booster]:
        if y.min() == y.max():
            return []
        return [
            lgb.train(
                _parameters(self.settings, objective, head, bag),
                lgb.Dataset(x, y, weight=weight, init_score=start, feature_name=list(NAMES)),
                self.settings.rounds,
            )
            for bag in range(self.settings.bags if head == "any" else 1)
        ]

    def _revenue(self, x: Floats, examples: Examples) -> list[lgb.Booster]:
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
        "num_threads": 2,
        "verbosity": -1,
    }
    if settings.monotone:
        parameters["monotone_constraints"] = [_direction(name, head) for name in NAMES]
    return parameters
