"""What a simulation is asked to do, and the folder it works in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol

import polars as pl

from engine.budget import Budget
from engine.errors import InputError, SettingError
from engine.strategies import strategy_named
from features.catalogue import fingerprint
from models.artifact import program_fingerprint
from models.kinds import model_class
from models.simulation.season import Calendar, Legacy, World

NAME: Final = "simulation.json"
"""File of what was asked, in the folder of the simulation."""

WARM_UP_WEEKS: Final = 4
"""Weeks before the simulation, controlled by the rule list of old: what the first model learns
from (estimate: some five hundred controls)."""


@dataclass(frozen=True)
class Plan:
    """What is simulated.

    Attributes
    ----------
    scenario : name of the world.
    world : everything the world is made from, as text, so that another one is recognised.
    starts_on : Monday of the first week before the simulation.
    weeks, flights_per_week : how long, and how much.
    controls, minutes : the budget of each flight; exactly one is given.
    intensity : how strongly shippers react, 0 to 1.
    seeds : of the worlds.
    policies : names of `engine.strategies`.
    kind : of the models.
    retrain_days : days between two challengers.
    warm_up_weeks : weeks controlled as of old, from which the first model learns.
    first_model : name and hash of the model that scores first instead; empty where there is none.
    """

    scenario: str
    world: Mapping[str, Any]
    starts_on: date
    weeks: int
    flights_per_week: int
    controls: int | None
    minutes: float | None
    intensity: float
    seeds: tuple[int, ...]
    policies: tuple[str, ...]
    kind: str
    retrain_days: int
    warm_up_weeks: int = WARM_UP_WEEKS
    first_model: str = ""

    def __post_init__(self) -> None:
        self.budget  # noqa: B018  refuses what is no budget
        model_class(self.kind)
        for name in self.policies:
            strategy_named(name)
        if not 0 <= self.intensity <= 1:
            raise SettingError(
                f"The intensity is {self.intensity}; it says how strongly shippers react.",
                "Give 0 (not at all) to 1.",
            )
        for what, names in (("policy", self.policies), ("seed", self.seeds)):
            twice = sorted({str(name) for name in names if names.count(name) > 1})
            if twice:
                raise SettingError(f"The {what} {twice[0]} is named twice.", "Name it once.")

    @property
    def budget(self) -> Budget:
        """Of each flight."""
        if self.controls is not None:
            return Budget.controls(self.controls)
        assert self.minutes is not None
        return Budget.minutes(self.minutes)

    @property
    def calendar(self) -> Calendar:
        """Which flights come when."""
        return Calendar(self.starts_on, self.flights_per_week)

    @property
    def days(self) -> int:
        """Days that the world must last."""
        return 7 * (self.warm_up_weeks + self.weeks)

    def key(self, seed: int) -> bytes:
        """Secret of the pseudonyms, draws and ties of a world: invented like the world itself."""
        return f"an invented world's key {seed}".encode()

    def described(self) -> str:
        """Everything that decides the figures, as JSON."""
        told = asdict(self) | {
            "features": fingerprint(), "expert_and_rules": program_fingerprint()
        }  # fmt: skip
        return json.dumps(told, indent=1, default=str, sort_keys=True) + "\n"

    def settle(self, folder: Path) -> None:
        """Make the folder this simulation's own, or find that it is.

        Raises
        ------
        InputError
            The folder holds another simulation, or something else.
        """
        path, described = folder / NAME, self.described()
        if path.exists():
            _check_same(path, described)
            return
        draft = path.with_suffix(".draft")
        if folder.exists() and any(one != draft for one in folder.iterdir()):
            raise InputError(
                f"{folder} holds files that are no simulation's.", "Give a new folder with --out."
            )
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_text(described)
        draft.replace(path)  # whole or not at all: half a description would be another simulation


class Worlds(Protocol):
    """Makes worlds; picklable, for they are made in other processes."""

    def new(self, seed: int) -> tuple[World, Legacy]:
        """A world before its first day, and the desk that controlled it as of old."""

    def save(self, world: Any, folder: Path) -> None:
        """Write what has changed in a world into an empty folder; only between two days."""

    def load(self, folder: Path, seed: int) -> World:
        """Read what `save` wrote."""


def _check_same(path: Path, described: str) -> None:
    """Say what differs if a folder holds another simulation."""
    try:
        before, now = _flat(json.loads(path.read_text())), _flat(json.loads(described))
    except ValueError as problem:
        raise InputError(f"{path} cannot be read: {problem}.", "Give a new folder.") from problem
    differing = sorted(
        name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
    )
    if differing:
        name = differing[0]
        raise InputError(
            f"{path.parent} holds a simulation with another {name.replace('_', ' ')}: "
            f"{_short(before.get(name))} there, {_short(now.get(name))} here.",
            "Give a new folder with --out, or remove this one.",
        )


def _flat(told: Mapping[str, Any], of: str = "") -> dict[str, Any]:
    """Nested objects as one, so that what differs can be named."""
    flat: dict[str, Any] = {}
    for name, value in told.items():
        flat |= _flat(value, f"{of}{name}'s ") if isinstance(value, dict) else {of + name: value}
    return flat


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def table(rows: list[dict[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Rows as a table of a schema; an empty one has its columns."""
    return pl.DataFrame(rows, schema=dict(schema), orient="row")
