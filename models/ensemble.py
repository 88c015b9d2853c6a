"""The default: boosted trees and logistic regression, averaged in log-odds.

With few labels the two err in different ways: trees split on what little they saw, ranks and ridge
hold on to the broad signs. Their mean was better than either on development worlds
(docs/decisions/0006-few-labels.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from models.calibration import log_odds
from models.gradient_boosting import GradientBoosting, Settings
from models.logistic import Logistic
from models.risk_model import HEADS, Examples, Floats

TREES_WEIGHT = 0.65
"""Weight of the trees' log-odds; from 0.5 to 0.8 made little difference on development worlds."""


class Ensemble:
    """LightGBM and logistic regression, averaged in log-odds; revenue as their geometric mean."""

    kind = "ensemble"

    def __init__(self, trees: GradientBoosting | None = None, line: Logistic | None = None) -> None:
        self.trees = trees or GradientBoosting()
        self.line = line or Logistic()

    @property
    def settings(self) -> Settings:
        """Settings of the trees, for the record of a run."""
        return self.trees.settings

    def fit(self, examples: Examples) -> Self:
        """Fit both."""
        self.trees.fit(examples)
        self.line.fit(examples)
        return self

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """Probabilities of the heads and expected revenue."""
        trees, line = self.trees.predict(features), self.line.predict(features)
        answers = {
            head: 1 / (1 + np.exp(-_mean_log_odds(trees[head], line[head]))) for head in HEADS
        }
        revenue = np.sqrt(trees["revenue"].to_numpy() * line["revenue"].to_numpy())
        return pl.DataFrame(answers | {"revenue": revenue})

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Weighted mean of what both add to the log-odds."""
        trees, line = self.trees.contributions(features), self.line.contributions(features)
        return TREES_WEIGHT * trees + (1 - TREES_WEIGHT) * line

    def save(self, folder: Path) -> None:
        """Write both into one folder."""
        self.trees.save(folder)
        self.line.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read both."""
        return cls(GradientBoosting.load(folder), Logistic.load(folder))


def _mean_log_odds(a: pl.Series, b: pl.Series) -> Floats:
    return TREES_WEIGHT * log_odds(a.to_numpy()) + (1 - TREES_WEIGHT) * log_odds(b.to_numpy())
