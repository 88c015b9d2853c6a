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

from engine.declaration import CONSIGNMENT, FLIGHT
from features.catalogue import NAMES
from models.calibration import log_odds
from models.logistic import matrix
from models.risk_model import Floats, RiskModel

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


def middles(features: pl.DataFrame, chosen: pl.DataFrame) -> Floats:
    """The flight's median of every feature for every chosen row; NaN where no row has a value.

    Parameters
    ----------
    features : of whole flights.
    chosen : some of their rows.

    Returns
    -------
    An array (chosen rows, features).
    """
    asked = chosen.select(FLIGHT)
    table = features.join(asked.unique(), on=FLIGHT, how="semi")
    by_flight = table.group_by(FLIGHT).agg(pl.col(NAMES).median())
    return matrix(asked.join(by_flight, on=FLIGHT, how="left", maintain_order="left"))


def falls(
    model: RiskModel, chosen: pl.DataFrame, usual: Floats, questions: list[Question]
) -> Floats:
    """How far the log-odds of any irregularity fall when features are made ordinary.

    Parameters
    ----------
    model : fitted.
    chosen : rows with their features.
    usual : the ordinary values (`middles`); what is missing stays missing.
    questions : what to ask, all in one go.

    Returns
    -------
    One number a question, above 0 where the risk is lower without them.
    """
    if not questions:
        return np.zeros(0)
    before = _odds(model, chosen)
    parts = (questions[at : at + AT_ONCE] for at in range(0, len(questions), AT_ONCE))
    return np.concatenate([_fallen(model, chosen, usual, part, before) for part in parts])


def _fallen(
    model: RiskModel,
    chosen: pl.DataFrame,
    usual: Floats,
    questions: Sequence[Question],
    before: Floats,
) -> Floats:
    """`falls` of so many questions as fit into memory."""
    rows = [question.row for question in questions]
    asked = matrix(chosen[rows])
    for at, question in enumerate(questions):
        here = list(question.features)
        asked[at, here] = np.where(np.isnan(asked[at, here]), np.nan, usual[question.row, here])
    table = pl.from_numpy(asked, schema=list(NAMES)).with_columns(pl.col(NAMES).fill_nan(None))
    after = _odds(model, pl.concat([chosen[rows].select(CONSIGNMENT), table], how="horizontal"))
    return np.asarray(before[rows] - after)


def _odds(model: RiskModel, features: pl.DataFrame) -> Floats:
    return log_odds(model.predict(features)["any"].to_numpy())
