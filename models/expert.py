"""The expert: what an experienced officer would weigh, given all that features show.

Nothing is learned from outcomes beyond the past rates that features hold. It is where learned
models start from (with few labels they are a corrected officer rather than a guess), and what ranks
when no trained model can be used. The signs and their points are in `models.signs`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import polars as pl

from models.calibration import probability
from models.findings import Findings
from models.risk_model import HEADS, Examples, Floats

REVENUE_EUR = 25.0
"""Revenue of a fiscal irregularity (domain report 2.5: EUR 5 to 40)."""


class Expert:
    """The signs behind the protocol of models."""

    kind = "expert"

    def __init__(self) -> None:
        self.findings_ = Findings.of_an_officer()
        self.revenue_ = REVENUE_EUR

    def fit(self, examples: Examples) -> Self:
        """Nothing is learned."""
        return self

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """Probabilities from points; revenue is a fixed amount a fiscal irregularity."""
        odds = self.findings_.log_odds(features)
        answers = {head: probability(odds[head]) for head in HEADS}
        return pl.DataFrame(answers | {"revenue": answers["fiscal"] * self.revenue_})

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Points of each sign, shared among the features it looks at."""
        return self.findings_.contributions(features)

    def save(self, folder: Path) -> None:
        """Write the points, for the record."""
        self.findings_.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The signs of this version of the program."""
        return cls()
