"""The flow that a model learned from and the one it was judged on, kept beside the model.

What comes later can be held against it without the rows it learned from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError, StateError
from models.drift import Drift, drift_between
from models.flow import Flow
from models.random_controls import Draws

FILE = "flow.json"
"""Beside the model; models of earlier versions of the program have none."""


@dataclass(frozen=True, slots=True)
class Period:
    """Flights of some days, and what random controls of them found.

    Parameters
    ----------
    flow : what the flights looked like.
    draws : random controls with a result known then.
    """

    flow: Flow
    draws: Draws

    def as_json(self) -> dict[str, Any]:
        """The period as it is kept."""
        return {"flow": self.flow.as_json(), "draws": self.draws.as_json()}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Period:
        """The period that `as_json` told."""
        return cls(Flow.from_json(told["flow"]), Draws.from_json(told["draws"]))


@dataclass(frozen=True, slots=True)
class LearnedFlow:
    """Both periods of a training.

    Parameters
    ----------
    learned_from : up to the last day that the judged model learned from.
    judged_on : the days after it; risks told are those of the judged model.
    """

    learned_from: Period
    judged_on: Period

    def drift(self) -> Drift:
        """What moved from the one to the other."""
        before, now = self.learned_from, self.judged_on
        return drift_between(before.flow, now.flow, before.draws, now.draws)

    def save(self, folder: Path) -> None:
        """Write it beside a saved model."""
        told = {name: getattr(self, name).as_json() for name in ("learned_from", "judged_on")}
        (folder / FILE).write_text(json.dumps(told) + "\n")


def load_learned_flow(folder: Path) -> LearnedFlow | None:
    """Read what is kept beside a saved model; None: it was trained before drift was measured.

    Raises
    ------
    StateError
        The file is no such thing.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text())
        return LearnedFlow(*(Period.from_json(told[name]) for name in LearnedFlow.__slots__))
    except (OSError, ValueError, TypeError, KeyError, InputError) as problem:
        raise StateError(
            f"The summary of the flow in {path} cannot be read: {problem}.",
            "Train again with `triage train`.",
        ) from problem


def drift_told(learned: LearnedFlow | None, latest: Flow | None = None) -> str:
    """What moved since a model learned, in sentences for a terminal or a page.

    Parameters
    ----------
    learned : both periods; None: they were not kept.
    latest : a flow that came later; None: the one that the model was judged on.
    """
    if learned is None:
        return "trained before drift was measured."
    drift = learned.drift() if latest is None else drift_between(learned.learned_from.flow, latest)
    if drift.largest_index is None:
        return "too few flights to tell drift between what it learned from and what came after."
    most = drift.stabilities[0]
    return (
        f"{drift.alert or 'Nothing moved beyond chance.'} Most moved {most.column} "
        f"(stability index {most.excess:.2f} beyond chance)."
    )
