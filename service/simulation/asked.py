"""What is asked of a simulation: the command line over the profile, that over the usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.strategies import USUAL
from models.kinds import DEFAULT_KIND
from service.simulation.plan import WARM_UP_WEEKS
from service.simulation.profile import Profile

CONTROLS: Final = 25
"""Controls a flight unless told otherwise: one of the usual levels (domain report 4.2)."""

USUALLY: Final[Mapping[str, Any]] = {
    "scenario": "season",
    "weeks": 26,
    "intensity": 1.0,
    "seeds": [1],
    "policies": list(USUAL),
    "retrain_days": 14,
    "model": DEFAULT_KIND,
}
"""What holds where nothing else is said."""

_BUDGETS: Final = ("budget_controls", "budget_minutes")


def asked_of(profile: Profile, given: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is asked, by the keys of the table [simulation] of a profile.

    Parameters
    ----------
    profile : what a file says.
    given : what the command line says; None or an empty list: nothing.
    """
    said = {key: value for key, value in given.items() if value not in (None, [])}
    budgets = [{key: layer[key] for key in _BUDGETS if key in layer}
               for layer in (said, profile.simulation)]  # fmt: skip
    budget = next((one for one in budgets if one), {"budget_controls": CONTROLS})
    told = {**USUALLY, **profile.simulation, **said}
    return {key: told[key] for key in USUALLY} | dict.fromkeys(_BUDGETS) | budget


def warm_up_of(profile: Profile) -> int:
    """Weeks controlled as of old before the simulation."""
    return int(profile.start.get("warm_up_weeks", WARM_UP_WEEKS))
