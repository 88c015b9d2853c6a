"""The rule list: profiles on declared data and watch lists, as a selectivity system has them today.

Fixed thresholds on what is declared, and parties found irregular before; no learned reference, no
look at the rest of the flight. It is the baseline that a customs service knows (30 % of what Liège
controls is irregular: domain report 1.6). Each rule gives points; all figures are estimates.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from features.catalogue import NAMES
from models.calibration import probability
from models.risk_model import Examples, Floats

_f = pl.col

PRONE_CHAPTERS = (33.0, 42.0, 61.0, 62.0, 64.0, 71.0, 85.0, 90.0, 91.0, 95.0)
"""Chapters of brands, cosmetics, toys and small electronics (domain report 3.1, T9 and T10)."""


@dataclass(frozen=True)
class Rule:
    """A condition over declared data that adds points."""

    name: str
    condition: pl.Expr
    points: float


RULES: tuple[Rule, ...] = (
    Rule("value from EUR 140 to 150", _f("line_gap_eur").is_between(0, 10), 2.0),
    Rule("value from EUR 120 to 140", _f("line_gap_eur").is_between(10, 30), 1.0),
    Rule("gift from EUR 35 to 45", _f("gift_line_gap_eur").is_between(0, 10), 1.5),
    Rule("more than EUR 150 in an H7", _f("odd_over_low_value_line") == 1, 1.5),
    Rule("more than five kilograms", _f("gross_mass_kg") > 5, 1.0),
    Rule("more than ten pieces of one article", _f("largest_quantity") > 10, 0.7),
    Rule("description is a stop word", _f("is_stop_word") == 1, 1.0),
    Rule("malformed or missing IOSS number",
         (_f("odd_ioss_form") == 1) | (_f("odd_ioss_missing") == 1), 2.0),
    Rule("procedures that do not go together", _f("odd_procedure_set") == 1, 1.0),
    Rule("excise or restricted goods in an H7", _f("odd_not_in_h7") == 1, 2.0),
    Rule("chapter prone to brands or safety", _f("chapter").is_in(PRONE_CHAPTERS), 0.5),
    Rule("sender found irregular before", (_f("sender_rate") > 0.3) & (_f("sender_controls") > 0.9),
         2.0),
    Rule("consignee found irregular before",
         (_f("consignee_rate") > 0.3) & (_f("consignee_controls") > 0.9), 1.5),
)  # fmt: skip
"""The rule list, in no order: points add up."""

BASE_LOG_ODDS = -2.5
"""Log-odds of a consignment that no rule marks: 8 % (domain report 3.1, base scenario)."""

REVENUE_EUR = 25.0
"""Revenue of an irregularity (domain report 2.5: EUR 5 to 40)."""


class Rules:
    """The rule list behind the protocol of models."""

    kind = "rules"

    def fit(self, examples: Examples) -> Self:
        """Nothing is learned."""
        return self

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """A probability from points, the same for all heads; revenue is a fixed amount."""
        points = BASE_LOG_ODDS + self.contributions(features).sum(axis=1)
        risk = probability(points)
        return pl.DataFrame(
            {"any": risk, "fiscal": risk / 2, "goods": risk / 2, "revenue": risk / 2 * REVENUE_EUR}
        )

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Points of each rule, shared among the features it looks at."""
        shared = np.zeros((features.height, len(NAMES)))
        for rule in RULES:
            mark = features.select(rule.condition.fill_null(False)).to_series().to_numpy()
            looked_at = rule.condition.meta.root_names()
            for name in looked_at:
                shared[:, NAMES.index(name)] += mark * rule.points / len(looked_at)
        return shared

    def save(self, folder: Path) -> None:
        """Write names and points of the rules, for the record."""
        told = [{"rule": rule.name, "points": rule.points} for rule in RULES]
        (folder / "rules.json").write_text(json.dumps(told, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The rule list of this version of the program."""
        return cls()
