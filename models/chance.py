"""Chance: every consignment has the overall rate. The floor that others must beat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from features.catalogue import NAMES
from models.risk_model import HEADS, Examples, Floats


class Chance:
    """The overall rates of the controls, for everybody alike.

    Ties are settled by the keyed hash of the consignment (`engine.ranking`), so that the list of
    this model is a draw.
    """

    kind = "chance"

    def __init__(self, rates: dict[str, float] | None = None) -> None:
        self.rates_ = rates or {}

    def fit(self, examples: Examples) -> Self:
        """Take the mean of the labels."""
        weight = examples.weight()
        self.rates_ = {
            head: float(np.average(examples.label(head), weights=weight)) for head in HEADS
        }
        self.rates_["revenue"] = float(np.average(examples.revenue(), weights=weight))
        return self

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """The same rates for every row."""
        return features.select(
            pl.repeat(rate, pl.len(), dtype=pl.Float64).alias(name)
            for name, rate in self.rates_.items()
        )

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Nothing contributes."""
        return np.zeros((features.height, len(NAMES)))

    def save(self, folder: Path) -> None:
        """Write the rates as JSON."""
        (folder / "chance.json").write_text(json.dumps(self.rates_, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the rates."""
        return cls(json.loads((folder / "chance.json").read_text()))
