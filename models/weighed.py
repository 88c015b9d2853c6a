"""What the signs say of some consignments, worked out once for all parts of a model that ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.detection import DETECTION_POWERS
from models.calibration import probability
from models.findings import SIDES, USUAL_CONTROL, Findings, heads_of
from models.risk_model import Floats
from models.sign_program import sign_program
from models.signs import SIGNS


@dataclass(frozen=True, eq=False)
class Weighed:
    """The points of findings, as columns ask for them.

    Attributes
    ----------
    findings : whose points they are.
    kinds : finding types, in the order in which they are worked out.
    bases : log-odds of each without any sign.
    starts : where each one's points begin, and the end.
    signs, points : which sign, and its points.
    """

    findings: Findings
    kinds: Sequence[str]
    bases: Floats
    starts: NDArray[np.int64]
    signs: NDArray[np.int64]
    points: Floats

    @classmethod
    def of(cls, findings: Findings) -> Weighed:
        """Prepare the points of findings."""
        place = {sign.name: at for at, sign in enumerate(SIGNS)}
        lines = findings.lines
        return cls(
            findings,
            list(lines),
            np.array([findings.bases[kind] for kind in lines]),
            np.cumsum([0, *(len(points) for points in lines.values())], dtype=np.int64),
            np.array([place[name] for points in lines.values() for name in points], dtype=np.int64),
            np.array([point for points in lines.values() for point in points.values()]),
        )

    @cached_property
    def key(self) -> str:
        """The same for findings that are equal: comparing these each time takes longer than all
        they say of a single row.
        """
        bases, lines = self.findings.bases, self.findings.lines
        return repr(
            (
                sorted((kind, float(base)) for kind, base in bases.items()),
                sorted(
                    (kind, name, float(point))
                    for kind, points in lines.items()
                    for name, point in points.items()
                ),
                sorted(lines),
            )
        )

    @cached_property
    def heads(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Of the heads in the order of `SIDES`: where each one's finding types begin, and the end;
        the types as places in `kinds`; the chance that a control sees each.
        """
        asked = [kind for kinds in SIDES.values() for kind in kinds]
        return (
            np.cumsum([0, *(len(kinds) for kinds in SIDES.values())], dtype=np.int64),
            np.array([self.kinds.index(kind) for kind in asked], dtype=np.int64),
            np.array([DETECTION_POWERS[kind][USUAL_CONTROL] for kind in asked]),
        )

    @cached_property
    def by_sign(self) -> Floats:
        """Points (signs, finding types), 0 where a sign does not speak of a type."""
        table = np.zeros((len(SIGNS), len(self.kinds)))
        for kind in range(len(self.kinds)):
            part = slice(self.starts[kind], self.starts[kind + 1])
            table[self.signs[part], kind] = self.points[part]
        return table

    @cached_property
    def blank(self) -> float:
        """Log-odds of any finding without any sign."""
        bases = self.findings.bases.items()
        return float(heads_of({kind: probability(np.array([b])) for kind, b in bases})["any"][0])


@dataclass(frozen=True)
class _Told:
    """What findings say: probabilities (finding types, rows), the same by name, odds of heads."""

    key: str
    by_kind: Floats
    risks: dict[str, Floats]
    odds: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class Noticed:
    """What signs and findings say of columns of features.

    Attributes
    ----------
    columns : (features, rows); NaN is missing.
    """

    columns: Floats
    _known: list[_Told] = field(default_factory=list)

    @cached_property
    def strengths(self) -> Floats:
        """Strength of every sign (signs, rows), as `models.signs.strengths`."""
        return sign_program().run(self.columns)

    def risks(self, weighed: Weighed) -> dict[str, Floats]:
        """Probability of every finding type, as `Findings.risks`."""
        return self._told(weighed).risks

    def log_odds(self, weighed: Weighed) -> dict[str, Floats]:
        """Log-odds of the heads, as `Findings.log_odds`."""
        return self._told(weighed).odds

    def contributions(self, weighed: Weighed) -> Floats:
        """What each feature adds to the log-odds of any finding (rows, features), as
        `Findings.contributions`.
        """
        from models import sign_kernels

        told = self._told(weighed)
        program = sign_program()
        return np.asarray(
            sign_kernels.shared(
                self.strengths, told.by_kind, weighed.by_sign, program.looked_at,
                program.first_looked, told.odds["any"] - weighed.blank, self.columns.shape[0],
            )
        )  # fmt: skip

    def _told(self, weighed: Weighed) -> _Told:
        for told in self._known:
            if told.key == weighed.key:
                return told
        from models import sign_kernels  # numba's import takes most of a second

        risks = probability(
            sign_kernels.summed(
                self.strengths, weighed.bases, weighed.starts, weighed.signs, weighed.points
            )
        )
        nothing = sign_kernels.nothing_found(risks, *weighed.heads)
        odds = np.log((1 - nothing) / nothing)
        self._known.append(
            _Told(
                weighed.key,
                risks,
                dict(zip(weighed.kinds, risks, strict=True)),
                dict(zip(SIDES, odds, strict=True)),
            )
        )
        return self._known[-1]
