"""What is not known of a sender, as a distribution of what controls of it would find.

A sender controlled often is known; of one controlled never only its kin's rate is. The rate that
controls of a sender would find follows a beta distribution whose mean is the leaned rate and whose
weight is that of its controls and of the prior (Thompson 1933; Chapelle and Li 2011). A policy that
explores reads a higher rate out of it than the mean: one drawn from it, or its upper end.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import betaincinv, expit, logit

from engine.policies.balanced import raised_risk

Floats = npt.NDArray[np.float64]

EXPLORED_COLUMNS: Final = ("sender_rate", "sender_controls", "sender_luck")
"""What an exploring policy needs beside `engine.selection.SCORED_COLUMNS`: the sender's leaned rate
of irregular controls, the weight of its controls, and an even draw from 0 to 1 of its own, the same
for all consignments of a sender on a flight."""

PRIOR_CONTROLS: Final = 8.0
"""Controls that the leaned rate is worth where a sender has none (estimate; rates on development
worlds are worth between 3 and 40)."""

_LEAST: Final = 1e-4
"""No rate and no draw is nearer to never or always."""


def explored(offered: pl.DataFrame, at: Floats) -> pl.DataFrame:
    """The offered consignments by the stake of their risk, were the sender's rate another one.

    Parameters
    ----------
    offered
        Scored consignments with `EXPLORED_COLUMNS`, in the one total order.
    at
        Where in each sender's distribution the rate is read, 0 to 1; one a row.

    Returns
    -------
    DataFrame
        The same rows, best first; ties keep their order. Risk and expected yield are changed for
        the sorting alone.
    """
    rate = np.clip(offered["sender_rate"].fill_null(0.0).to_numpy(), _LEAST, 1 - _LEAST)
    weight = offered["sender_controls"].fill_null(0.0).to_numpy() + PRIOR_CONTROLS
    read = betaincinv(rate * weight, (1 - rate) * weight, np.clip(at, _LEAST, 1 - _LEAST))
    shift = logit(np.clip(read, _LEAST, 1 - _LEAST)) - logit(rate)
    risk = np.clip(offered["risk"].to_numpy(), 1e-9, 1 - 1e-9)
    moved = expit(logit(risk) + shift)
    stake = (
        pl.DataFrame({"risk": moved})
        .with_columns(expected_yield=offered["expected_yield"] * pl.Series(moved / risk))
        .select(raised_risk())
        .to_series()
    )
    order = np.argsort(-stake.to_numpy(), kind="stable")
    return offered[order]
