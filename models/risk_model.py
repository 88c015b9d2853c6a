"""What every model promises: from features to risks, from labels to a fit, to a folder and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.declaration import CONSIGNMENT

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


BACKGROUND_WEIGHT = 0.15
"""What an unlabelled consignment counts beside a control that found nothing (estimate: nine of ten
are clean, and nobody looked; 0.5 and more of them drowned what was found on development worlds,
decision record 0018)."""


@dataclass(frozen=True)
class Examples:
    """Controlled consignments and what was found.

    Attributes
    ----------
    features : one row a consignment: key, and one column a feature.
    labels : in the same order: key, `is_irregular`, `is_fiscal_irregular`, `is_goods_irregular`,
        `recovered_eur`, `label_weight`, `is_random`, `selection_probability`, `finding_types`
        (joined with `|`, empty for none), `control_type` (the one that finds most).
    background : features of consignments that nobody controlled, drawn evenly from the flow: what
        the flow looks like where old rules never led; None: not known.
    """

    features: pl.DataFrame
    labels: pl.DataFrame
    background: pl.DataFrame | None = None

    def __len__(self) -> int:
        return self.labels.height

    def where(self, mask: pl.Series) -> Examples:
        """The examples that a mask picks."""
        return replace(self, features=self.features.filter(mask), labels=self.labels.filter(mask))

    def on_background(self) -> Examples:
        """The examples, and after them the background as faint clean ones.

        Controls were chosen for being suspicious: learned from them alone, an ordinary parcel
        looks like the mildest suspect. At most as many are taken as there are controls.
        """
        if self.background is None or self.background.is_empty() or not len(self):
            return self
        rows = self.background.gather_every(-(-self.background.height // len(self)))
        plain: dict[str, pl.Expr] = {
            name: pl.lit(None, dtype=dtype) for name, dtype in self.labels.schema.items()
        } | {name: pl.lit(False) for name in (*LABELS.values(), "is_random")}
        plain |= {
            "recovered_eur": pl.lit(0.0),
            "label_weight": pl.lit(BACKGROUND_WEIGHT),
            "finding_types": pl.lit(""),
        }
        plain |= {name: pl.col(name) for name in CONSIGNMENT}
        labels = rows.select(**plain).select(self.labels.columns)
        return Examples(
            pl.concat([self.features, rows.select(self.features.columns)]),
            pl.concat([self.labels, labels]),
        )

    def label(self, head: str) -> Floats:
        """Labels of a head, 0 or 1."""
        return self.labels[LABELS[head]].cast(pl.Float64).to_numpy()

    def revenue(self) -> Floats:
        """Revenue recovered, EUR, capped."""
        return self.labels["recovered_eur"].clip(0.0, REVENUE_CAP_EUR).to_numpy()

    def weight(self) -> Floats:
        """How much each example says."""
        return self.labels["label_weight"].to_numpy()

    def has_finding(self, finding_type: str) -> Floats:
        """Whether this was found, 0 or 1."""
        found = self.labels["is_irregular"] & self.labels["finding_types"].str.contains(
            finding_type
        )
        return found.cast(pl.Float64).to_numpy()

    def is_clear(self) -> Floats:
        """Whether it is known what was found: 0 where something was, and nobody noted what."""
        unclear = self.labels["is_irregular"] & (self.labels["finding_types"] == "")
        return (~unclear).cast(pl.Float64).to_numpy()

    def control_types(self) -> list[str]:
        """How each example was controlled."""
        return self.labels["control_type"].to_list()


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
