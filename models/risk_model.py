"""What every model promises: from features to risks, from labels to a fit, to a folder and back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HEADS: tuple[str, ...] = ("any", "fiscal", "goods")
"""What is asked of a consignment: any irregularity, one about money, one about the goods."""

LABELS: dict[str, str] = {
    "any": "is_irregular",
    "fiscal": "is_fiscal_irregular",
    "goods": "is_goods_irregular",
}
"""The label column of each head."""

RISKS: dict[str, str] = {"any": "risk", "fiscal": "risk_fiscal", "goods": "risk_goods"}
"""The column a head is told in."""

REVENUE_CAP_EUR = 1_000.0
"""No single parcel decides the revenue head (cost-sensitive learning is sensitive to outliers in
amounts: peers report 3.3; the figure is an estimate, about seven times the mean irregular file)."""


@dataclass(frozen=True)
class Examples:
    """Controlled consignments and what was found.

    Attributes
    ----------
    features : one row a consignment: key, and one column a feature.
    labels : in the same order: key, `is_irregular`, `is_fiscal_irregular`, `is_goods_irregular`,
        `recovered_eur`, `label_weight`, `is_random`, `selection_probability`.
    """

    features: pl.DataFrame
    labels: pl.DataFrame

    def __len__(self) -> int:
        return self.labels.height

    def where(self, mask: pl.Series) -> Examples:
        """The examples that a mask picks."""
        return Examples(self.features.filter(mask), self.labels.filter(mask))

    def label(self, head: str) -> Floats:
        """Labels of a head, 0 or 1."""
        return self.labels[LABELS[head]].cast(pl.Float64).to_numpy()

    def revenue(self) -> Floats:
        """Revenue recovered, EUR, capped."""
        return self.labels["recovered_eur"].clip(0.0, REVENUE_CAP_EUR).to_numpy()

    def weight(self) -> Floats:
        """How much each example says."""
        return self.labels["label_weight"].to_numpy()


class RiskModel(Protocol):
    """A fitted or unfitted model. Constructors store settings; `fit` learns."""

    kind: str

    def fit(self, examples: Examples) -> Self:
        """Learn from controlled consignments; the same examples give the same model."""
        ...

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """Uncalibrated answers: `any`, `fiscal`, `goods` (0 to 1), `revenue` (EUR, 0 or more)."""
        ...

    def contributions(self, features: pl.DataFrame) -> Floats:
        """What each feature adds to the log-odds of any irregularity: array (rows, features)."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model as data (text, Parquet, JSON)."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        ...
