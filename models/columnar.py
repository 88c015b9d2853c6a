"""Models of every kind asked in columns of numbers, without a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from models.calibration import probability
from models.expert import Expert
from models.risk_model import HEADS, Floats, RiskModel
from models.values import Values
from models.weighed import Weighed


@runtime_checkable
class Columnar(Protocol):
    """What answers columns of features as `RiskModel` answers frames."""

    def answers(self, values: Values) -> dict[str, Floats]:
        """Uncalibrated answers, as `RiskModel.predict`."""
        ...

    def contributed(self, values: Values) -> Floats:
        """What each feature adds (rows, features), as `RiskModel.contributions`."""
        ...


def columnar(model: RiskModel) -> Columnar:
    """A model as one that is asked in columns."""
    if isinstance(model, Columnar):
        return model
    if isinstance(model, Expert) and type(model).predict is Expert.predict:
        return ColumnarExpert.of(model)
    return _Framed(model)


@dataclass(frozen=True)
class ColumnarExpert:
    """The expert, informed or not, in columns.

    Attributes
    ----------
    weighed : its findings.
    revenue : of a fiscal irregularity, EUR.
    """

    weighed: Weighed
    revenue: float

    @classmethod
    def of(cls, expert: Expert) -> ColumnarExpert:
        """An expert that was fitted."""
        return cls(Weighed.of(expert.findings_), expert.revenue_)

    def answers(self, values: Values) -> dict[str, Floats]:
        """Probabilities from points; revenue is a fixed amount a fiscal irregularity."""
        odds = values.noticed.log_odds(self.weighed)
        answers = {head: probability(odds[head]) for head in HEADS}
        return answers | {"revenue": answers["fiscal"] * self.revenue}

    def contributed(self, values: Values) -> Floats:
        """Points of each sign, shared among the features it looks at."""
        return values.noticed.contributions(self.weighed)


@dataclass(frozen=True)
class _Framed:
    """Any other model: asked with a frame."""

    model: RiskModel

    def answers(self, values: Values) -> dict[str, Floats]:
        return {one.name: one.to_numpy() for one in self.model.predict(values.frame())}

    def contributed(self, values: Values) -> Floats:
        return self.model.contributions(values.frame())
