"""The default: boosted trees, logistic regression and the informed expert, averaged in log-odds.

They err in different ways: trees split on what little they saw, ranks and ridge hold on to the
broad signs, the expert knows what no label has shown yet. Their mean was better than any of them
on development worlds; trees count the less the fewer labels there are (decision records 0006 and
0018).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from models.calibration import log_odds, probability
from models.columnar import ColumnarExpert
from models.gradient_boosting import GradientBoosting, Settings
from models.informed import Informed
from models.logistic import Logistic
from models.risk_model import HEADS, Examples, Floats
from models.values import Values

TREES_SHARE = 0.5
"""Share of the trees where labels are many; from 0.4 to 0.8 made little difference on development
worlds."""

FEW_IRREGULAR = 25.0
"""Irregular controls at which trees count half of that (estimate): they need the most labels."""

LINE_SHARE = 2 / 3
"""Share of the line in the rest; it leans on the expert itself (estimate)."""


@dataclass(frozen=True)
class Shares:
    """What each part counts; they sum up to one."""

    trees: float
    line: float
    expert: float

    @classmethod
    def of(cls, irregular_count: int) -> Shares:
        """Shares for so many irregular controls to learn from."""
        trees = TREES_SHARE * irregular_count / (irregular_count + FEW_IRREGULAR)
        return cls(trees, (1 - trees) * LINE_SHARE, (1 - trees) * (1 - LINE_SHARE))


class Ensemble:
    """LightGBM, logistic regression and informed expert, averaged in log-odds; revenue as their
    geometric mean with the same shares.
    """

    kind = "ensemble"

    def __init__(
        self,
        trees: GradientBoosting | None = None,
        line: Logistic | None = None,
        expert: Informed | None = None,
    ) -> None:
        self.trees = trees or GradientBoosting()
        self.line = line or Logistic()
        self.expert = expert or Informed()

    @property
    def settings(self) -> Settings:
        """Settings of the trees, for the record of a run."""
        return self.trees.settings

    def fit(self, examples: Examples) -> Self:
        """Fit the expert, and the others on top of it."""
        self.expert.fit(examples)
        self.trees.findings = self.line.findings = self.expert.findings_
        self.trees.fit(examples)
        self.line.fit(examples)
        self.expert_ = ColumnarExpert.of(self.expert)
        self.shares_ = Shares.of(int(examples.label("any").sum()))
        return self

    @property
    def note(self) -> str:
        """Why a part is slower than it should be; empty where none is."""
        return self.trees.note

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """Probabilities of the heads and expected revenue."""
        return pl.DataFrame(self.answers(Values.of(features)))

    def answers(self, values: Values) -> dict[str, Floats]:
        """The same of columns."""
        parts = [part.answers(values) for part in (self.trees, self.line, self.expert_)]
        # All heads at once: for a single row numpy's calls cost more than what they work out.
        odds = self._mean(log_odds(np.array([[part[head] for head in HEADS] for part in parts])))
        revenue = np.exp(self._mean(np.log(np.array([part["revenue"] for part in parts]) + 0.01)))
        answers = dict(zip(HEADS, probability(odds), strict=True))
        return answers | {"revenue": np.maximum(revenue - 0.01, 0.0)}

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Mean of what the parts add to the log-odds."""
        return self.contributed(Values.of(features))

    def contributed(self, values: Values) -> Floats:
        """The same of columns."""
        parts = (self.trees, self.line, self.expert_)
        return self._mean([part.contributed(values) for part in parts])

    def save(self, folder: Path) -> None:
        """Write the parts into one folder."""
        for part in (self.trees, self.line, self.expert):
            part.save(folder)
        (folder / "ensemble.json").write_text(json.dumps(vars(self.shares_)) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the parts."""
        model = cls(GradientBoosting.load(folder), Logistic.load(folder), Informed.load(folder))
        model.expert_ = ColumnarExpert.of(model.expert)
        model.shares_ = Shares(**json.loads((folder / "ensemble.json").read_text()))
        return model

    def _mean(self, parts: Sequence[Floats] | Floats) -> Floats:
        trees, line, expert = parts
        shares = self.shares_
        return np.asarray(shares.trees * trees + shares.line * line + shares.expert * expert)
