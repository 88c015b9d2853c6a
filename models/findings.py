"""What might be found: a probability for every finding type, from an officer's signs.

Each finding type is a line of log-odds over the signs that speak of it, and starts from the points
of an officer. Labels move the points, but only as far as they can prove: every point has a prior
around what the officer gave it. A control that found nothing proves little where such a control
finds little (`engine.detection`): what is learned is the probability of the irregularity itself,
seen through the chance that a control of that type finds it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from engine.detection import DETECTION_POWERS
from engine.finding import FINDING_TYPES, FISCAL_FINDINGS, GOODS_FINDINGS
from features.catalogue import NAMES
from models.calibration import probability
from models.risk_model import Examples, Floats
from models.signs import BASE_SHARES, SIGNS, strengths

SIDES: dict[str, tuple[str, ...]] = {
    "any": FINDING_TYPES,
    "fiscal": FISCAL_FINDINGS,
    "goods": GOODS_FINDINGS,
}
"""Finding types that each head asks for."""

POINTS_SPREAD = 0.2
"""Standard deviation of our belief about a sign's points, as a share of them."""

POINTS_FLOOR = 0.1
"""The least standard deviation of points."""

BASE_SPREAD = 0.35
"""Standard deviation of our belief about a base rate, in log-odds: a factor of one and a half
(estimates, as the two above). With twice as much, controls that old rules had led elsewhere taught
that nobody misdescribes: fewer misdescribed parcels came to the top of development worlds."""

USUAL_CONTROL = "physical"
"""Control for which the chance of finding is told."""

TOLD_SHARE = 0.5
"""Share of the irregular controls that must name a finding type for types to be learned (estimate):
where types are not noted, a finding without one must not pass for the absence of all."""

Lines = dict[str, dict[str, float]]
"""Finding type -> sign -> points."""


@dataclass(frozen=True)
class Findings:
    """Log-odds of every finding type.

    Attributes
    ----------
    bases : finding type -> log-odds without any sign.
    lines : finding type -> sign -> points at full strength.
    """

    bases: dict[str, float]
    lines: Lines

    @classmethod
    def of_an_officer(cls) -> Findings:
        """Base rates and points as an officer gives them: nothing learned."""
        bases = {kind: float(np.log(p / (1 - p))) for kind, p in BASE_SHARES.items()}
        lines = {
            kind: {sign.name: sign.points[kind] for sign in SIGNS if kind in sign.points}
            for kind in FINDING_TYPES
        }
        return cls(bases, lines)

    def fitted(self, examples: Examples) -> Findings:
        """Move bases and points towards what controls found."""
        if not _names_types(examples):
            return self
        seen = strengths(examples.features)
        is_clear = examples.is_clear()
        bases, lines = {}, {}
        for kind, points in self.lines.items():
            x = np.column_stack([np.ones(len(seen)), *(seen[name].to_numpy() for name in points)])
            power = np.array([DETECTION_POWERS[kind][c] for c in examples.control_types()])
            prior = np.array([self.bases[kind], *points.values()])
            line = _moved(prior, x, examples.has_finding(kind), power, is_clear)
            bases[kind] = float(line[0])
            lines[kind] = dict(zip(points, map(float, line[1:]), strict=True))
        return Findings(bases, lines)

    def risks(self, features: pl.DataFrame) -> dict[str, Floats]:
        """Probability of every finding type, whether a control would see it or not.

        The terms are added one by one: a matrix product may differ in its last bits with the
        number of rows.
        """
        seen = strengths(features)
        told = {}
        for kind, points in self.lines.items():
            odds = np.full(features.height, self.bases[kind])
            for name, point in points.items():
                odds += point * seen[name].to_numpy()
            told[kind] = probability(odds)
        return told

    def log_odds(self, features: pl.DataFrame) -> dict[str, Floats]:
        """Log-odds of the heads: that a physical control finds something of that side."""
        return heads_of(self.risks(features))

    def contributions(self, features: pl.DataFrame) -> Floats:
        """What each feature adds to the log-odds of any finding: array (rows, features).

        What the signs add together is shared among them by their points, each finding type
        counting by its probability, and a sign's part among the features it looks at; so a row
        sums up to its log-odds above those of a consignment without a sign.
        """
        seen, risks = strengths(features), self.risks(features)
        total_risk = np.zeros(features.height)
        for risk in risks.values():
            total_risk += risk
        shared = np.zeros((features.height, len(NAMES)))
        for sign in SIGNS:
            part = np.zeros(features.height)
            for kind in sign.points:
                part += risks[kind] / total_risk * self.lines[kind][sign.name]
            looked_at = sign.strength.meta.root_names()
            for name in looked_at:
                shared[:, NAMES.index(name)] += part * seen[sign.name].to_numpy() / len(looked_at)
        blank = heads_of({kind: probability(np.array([b])) for kind, b in self.bases.items()})
        gained = heads_of(risks)["any"] - blank["any"]
        total = shared.sum(axis=1)
        scale = np.divide(gained, total, out=np.zeros(len(total)), where=total > 0)
        return np.asarray(shared * scale[:, np.newaxis])

    def save(self, folder: Path) -> None:
        """Write bases and points as JSON."""
        told = {"bases": self.bases, "points": self.lines}
        (folder / "findings.json").write_text(json.dumps(told, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Findings:
        """Read what `save` wrote."""
        told = json.loads((folder / "findings.json").read_text())
        return cls(told["bases"], told["points"])


def heads_of(risks: dict[str, Floats]) -> dict[str, Floats]:
    """Log-odds that a physical control finds something of each side, types taken as independent."""
    told = {}
    for head, kinds in SIDES.items():
        nothing = np.ones(len(risks[kinds[0]]))
        for kind in kinds:
            nothing *= 1 - risks[kind] * DETECTION_POWERS[kind][USUAL_CONTROL]
        told[head] = np.log((1 - nothing) / nothing)
    return told


def _names_types(examples: Examples) -> bool:
    is_clear = examples.is_clear()[examples.label("any") == 1]
    return not len(is_clear) or bool(is_clear.mean() >= TOLD_SHARE)


def _moved(prior: Floats, x: Floats, is_found: Floats, power: Floats, is_clear: Floats) -> Floats:
    """The most probable line (maximum a posteriori), points never below zero.

    A finding has the probability power x p, its absence 1 - power x p.
    """
    from scipy.optimize import minimize  # a second that scoring need not wait

    spread = np.concatenate([[BASE_SPREAD], POINTS_SPREAD * prior[1:] + POINTS_FLOOR])

    def loss(line: Floats) -> tuple[float, Floats]:
        p = probability(x @ line)
        seen = power * p
        told = np.where(is_found == 1, np.log(seen), np.log1p(-seen))
        slope = np.where(is_found == 1, 1 - p, -seen * (1 - p) / (1 - seen)) * is_clear
        away = (line - prior) / spread
        return float((away**2).sum() / 2 - (told * is_clear).sum()), away / spread - x.T @ slope

    bounds = [(None, None), *((0.0, None) for _ in prior[1:])]
    found = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)
