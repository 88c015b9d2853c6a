"""What if a value were ordinary: the model asked again, with features at their flight's middle.

A contribution says what a feature adds by the model's own account; it does not say that the risk
would fall without it, for a second feature may say the same. So whatever is to be told as a reason
is first made ordinary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.calibration import log_odds
from models.columnar import Columnar, columnar
from models.risk_model import Floats, RiskModel
from models.values import Values

AT_ONCE = 20_000
"""Questions asked together: some 100 MB (estimate)."""


@dataclass(frozen=True)
class Question:
    """Which features of which row are to be made ordinary.

    Attributes
    ----------
    row : position among the chosen.
    features : positions in `NAMES`.
    """

    row: int
    features: tuple[int, ...]


def falls(
    model: RiskModel, chosen: pl.DataFrame, usual: Floats, questions: list[Question]
) -> Floats:
    """How far the log-odds of any irregularity fall when features are made ordinary.

    Parameters
    ----------
    model : fitted.
    chosen : rows with their features.
    usual : the ordinary values (`models.standing`); what is missing stays missing.
    questions : what to ask, all in one go.

    Returns
    -------
    One number a question, above 0 where the risk is lower without them.
    """
    return Asked.of(columnar(model), Values.of(chosen), usual).falls(questions)


@dataclass(frozen=True)
class Asked:
    """A model that is asked about some rows, again and again.

    Attributes
    ----------
    model : fitted.
    rows : (rows, features); NaN is missing.
    usual : the ordinary values, in the same form.
    before : log-odds of any irregularity as the rows are.
    """

    model: Columnar
    rows: Floats
    usual: Floats
    before: Floats

    @classmethod
    def of(cls, model: Columnar, chosen: Values, usual: Floats) -> Asked:
        """Ask about rows as they are."""
        rows = np.ascontiguousarray(chosen.columns.T)
        return cls(model, rows, usual, _odds(model, chosen))

    def falls(self, questions: Sequence[Question]) -> Floats:
        """As `models.ordinary.falls`."""
        parts = [questions[at : at + AT_ONCE] for at in range(0, len(questions), AT_ONCE)]
        return np.concatenate([np.zeros(0), *(self._fallen(part) for part in parts)])

    def _fallen(self, questions: Sequence[Question]) -> Floats:
        """`falls` of so many questions as fit into memory."""
        rows = [question.row for question in questions]
        asked = self.rows[rows]
        for at, question in enumerate(questions):
            here = list(question.features)
            usual = self.usual[question.row, here]
            asked[at, here] = np.where(np.isnan(asked[at, here]), np.nan, usual)
        return np.asarray(self.before[rows] - _odds(self.model, Values.of_rows(asked)))


def _odds(model: Columnar, values: Values) -> Floats:
    return log_odds(model.answers(values)["any"])
