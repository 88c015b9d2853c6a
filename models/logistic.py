"""Logistic regression on ranks beside an officer's word: hard to fool, good with few labels.

The log-odds of the informed expert (`models.findings`) are one more column, hardly held back by
the penalty, so that ranks only correct them. Without it the ridge learns from nothing: with some
hundred labels it found less than half as much on development worlds (decision record 0018).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl

from features.catalogue import NAMES
from models.calibration import probability
from models.findings import Findings
from models.ranks import RankTables
from models.risk_model import HEADS, Examples, Floats
from models.values import Values
from models.weighed import Weighed

QUANTILES = 32
"""Knots of the rank transformation of each feature."""

STRENGTH = 0.003
"""Inverse regularisation; some 200 features and a few hundred labels need much of it (estimate; of
0.003, 0.01 and 0.03 it was the best on development worlds)."""

PRIOR_MIDDLE = -2.5
"""Log-odds that count as the middle of the expert's column: near 8 % (report 3.1), so that the
column does not stand in for the intercept."""

PRIOR_SCALE = 5.0
"""How much less than a rank the expert's log-odds are held back, squared in the penalty
(estimate; with 1 the ranks drown them)."""


class Logistic:
    """Ridge-penalised logistic regression on rank-transformed features, one a head.

    Every feature becomes its quantile among the examples, from -1 to 1 (missing: 0), beside a mark
    of being missing; so outliers cannot decide and units do not matter.

    Parameters
    ----------
    strength : inverse regularisation.
    findings : the expert's word, fitted already; None: fitted with the line.
    """

    kind = "logistic"

    def __init__(self, strength: float = STRENGTH, findings: Findings | None = None) -> None:
        self.strength = strength
        self.findings = findings

    def fit(self, examples: Examples) -> Self:
        """Learn knots from the features and coefficients from the labels."""
        self.findings_ = self.findings or Findings.of_an_officer().fitted(examples)
        examples = examples.on_background()
        values = matrix(examples.features)
        self.knots_ = _knots(values)
        prior = self.findings_.log_odds(examples.features)
        ranks = self._transformed(values)
        self.coefficients_ = {}
        for head in HEADS:
            x = np.column_stack([ranks, _column(prior[head])])
            self.coefficients_[head] = _fitted(
                x, examples.label(head), examples.weight(), self.strength
            )
        self._prepared()
        paid = (examples.label("any") == 1) & (examples.revenue() > 0)
        self.revenue_ = float(examples.revenue()[paid].mean()) if paid.any() else 0.0
        return self

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """Probabilities; revenue is the mean of paid findings times the fiscal probability."""
        return pl.DataFrame(self.answers(Values.of(features)))

    def answers(self, values: Values) -> dict[str, Floats]:
        """The same of columns."""
        prior = values.noticed.log_odds(self.weighed_)
        lines = [self.coefficients_[head] for head in HEADS]
        odds = np.array(
            [c[0] + c[-1] * _column(prior[head]) for head, c in zip(HEADS, lines, strict=True)]
        )
        self.tables_.add_to(odds, values.columns)
        answers = dict(zip(HEADS, probability(odds), strict=True))
        return answers | {"revenue": answers["fiscal"] * self.revenue_}

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Coefficient times distance from the middle rank, of the head of any irregularity, and
        the expert's part.
        """
        return self.contributed(Values.of(features))

    def contributed(self, values: Values) -> Floats:
        """The same of columns."""
        slope = self.coefficients_["any"][-1] * PRIOR_SCALE
        told = slope * values.noticed.contributions(self.weighed_)
        return np.asarray(self.tables_.parts(values.columns) + told)

    def save(self, folder: Path) -> None:
        """Write knots, coefficients and the expert's points as JSON."""
        self.findings_.save(folder)
        told: dict[str, Any] = {
            "knots": [list(k) for k in self.knots_],
            "coefficients": {head: c.tolist() for head, c in self.coefficients_.items()},
            "revenue": self.revenue_,
            "strength": self.strength,
        }
        (folder / "logistic.json").write_text(json.dumps(told) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read knots and coefficients."""
        told = json.loads((folder / "logistic.json").read_text())
        model = cls(told["strength"])
        model.findings_ = Findings.load(folder)
        model.knots_ = [np.array(k) for k in told["knots"]]
        model.coefficients_ = {h: np.array(c) for h, c in told["coefficients"].items()}
        model.revenue_ = told["revenue"]
        model._prepared()
        return model

    def _prepared(self) -> None:
        """What does not depend on the rows asked."""
        self.weighed_ = Weighed.of(self.findings_)
        half = len(self.knots_)
        lines = [self.coefficients_[head] for head in HEADS]
        slopes = [(line[1 : 1 + half], line[1 + half : 1 + 2 * half]) for line in lines]
        self.tables_ = RankTables.of(self.knots_, slopes)

    def _transformed(self, values: Floats) -> Floats:
        """Ranks of all features, then marks of missing ones, as a matrix."""
        columns = list(self._columns(values))
        return np.column_stack([rank for rank, _ in columns] + [gap for _, gap in columns])

    def _columns(self, values: Floats) -> Iterator[tuple[Floats, Floats]]:
        """Rank from -1 to 1 (0 where missing), and half a mark where missing, a feature a time."""
        for at, knots in enumerate(self.knots_):
            column = values[:, at]
            missing = np.isnan(column)
            rank = np.zeros(len(values))
            if len(knots) > 1:
                # The middle of equal knots: a constant run sits at its mean rank.
                left = np.searchsorted(knots, column, side="left")
                right = np.searchsorted(knots, column, side="right")
                rank = np.where(missing, 0.0, (left + right) / len(knots) - 1)
            yield rank, missing * 0.5


def _column(odds: Floats) -> Floats:
    """The expert's log-odds as a column beside the ranks."""
    return PRIOR_SCALE * (odds - PRIOR_MIDDLE)


def matrix(features: pl.DataFrame) -> Floats:
    """The features as numbers, missing as NaN."""
    return features.select(NAMES).to_numpy().astype(np.float64)


def _knots(values: Floats) -> list[Floats]:
    shares = (np.arange(QUANTILES) + 0.5) / QUANTILES
    knots = []
    for column in values.T:
        known = column[~np.isnan(column)]
        knots.append(np.quantile(known, shares) if len(known) else np.zeros(0))
    return knots


def _fitted(x: Floats, y: Floats, weight: Floats, strength: float) -> Floats:
    """Intercept and coefficients; only an intercept when there is one class."""
    if y.min() == y.max():
        share = np.clip(np.average(y, weights=weight), 0.001, 0.999)
        return np.concatenate([[np.log(share / (1 - share))], np.zeros(x.shape[1])])
    from sklearn.linear_model import LogisticRegression  # seconds that scoring need not wait

    # Few columns and a steep one among them: half the time of the usual solver, to the same end.
    regression = LogisticRegression(C=strength, max_iter=500, solver="newton-cholesky")
    regression.fit(x, y, sample_weight=weight)
    return np.concatenate([regression.intercept_, regression.coef_[0]])
