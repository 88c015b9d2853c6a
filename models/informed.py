"""The informed expert: an officer's signs, their points moved by what controls found.

Some fifty signs with a prior each: little that could be learned wrongly, so it is the surest of the
learned kinds where labels are few, and a part of the default kind.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

from models.expert import REVENUE_EUR, Expert
from models.findings import Findings
from models.risk_model import Examples

REVENUE_PRIOR = 10.0
"""Paid findings that our belief about their mean revenue is worth (estimate)."""


class Informed(Expert):
    """The expert after looking at outcomes."""

    kind = "informed"

    def fit(self, examples: Examples) -> Self:
        """Move points, base rates and the mean revenue of a paid fiscal finding."""
        self.findings_ = Findings.of_an_officer().fitted(examples)
        paid = (examples.label("fiscal") == 1) & (examples.revenue() > 0)
        total = float(examples.revenue()[paid].sum()) + REVENUE_PRIOR * REVENUE_EUR
        self.revenue_ = total / (int(paid.sum()) + REVENUE_PRIOR)
        return self

    def save(self, folder: Path) -> None:
        """Write points and revenue as JSON."""
        super().save(folder)
        (folder / "informed.json").write_text(json.dumps({"revenue": self.revenue_}) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read points and revenue."""
        model = cls()
        model.findings_ = Findings.load(folder)
        model.revenue_ = json.loads((folder / "informed.json").read_text())["revenue"]
        return model
