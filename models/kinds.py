"""The kinds of models, in one visible tuple; a contract test finds the file that forgot it."""

from __future__ import annotations

from engine.errors import SettingError
from models.chance import Chance
from models.ensemble import Ensemble
from models.expert import Expert
from models.gradient_boosting import GradientBoosting
from models.informed import Informed
from models.logistic import Logistic
from models.risk_model import RiskModel
from models.rules import Rules

KINDS: tuple[type[RiskModel], ...] = (
    Chance,
    Rules,
    Expert,
    Informed,
    Logistic,
    GradientBoosting,
    Ensemble,
)

DEFAULT_KIND = Ensemble.kind
"""What `triage train` fits unless told otherwise."""


def model_class(kind: str) -> type[RiskModel]:
    """The class of a kind.

    Raises
    ------
    SettingError
        There is no such kind.
    """
    for known in KINDS:
        if known.kind == kind:
            return known
    names = ", ".join(known.kind for known in KINDS)
    raise SettingError(f"There is no model kind '{kind}'.", f"Choose one of {names}.")
