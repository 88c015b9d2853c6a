"""The profile of an analyst's own flow: a TOML file from which a simulation starts.

Everything in it may be left out. What is there stands over what was measured, and what was
measured over the scenario; options of the command line stand over all.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from engine.errors import InputError
from engine.finding import FINDING_TYPES
from service.simulation.profile_keys import CONTROLS, FLOW, PREVALENCE, START, Rule, simulation

MOST_IRREGULAR: Final = 0.9
"""Sum of all prevalences that can be invented: operators falsify nine parcels in ten at most."""

_EXAMPLE: Final = "docs/how-to-simulate.md shows one; `triage simulate --write-profile` writes one."


@dataclass(frozen=True)
class Profile:
    """What a file says, checked.

    Attributes
    ----------
    name : the file as it was named; empty where there is none.
    declarations, outcomes : files to measure, as the file names them, from its own folder.
    from_state : whether to measure what the state has received.
    flow, prevalences, controls, start, simulation : key -> value of each table.
    """

    name: str = ""
    declarations: tuple[Path, ...] = ()
    outcomes: tuple[Path, ...] = ()
    from_state: bool = False
    flow: Mapping[str, Any] = field(default_factory=dict)
    prevalences: Mapping[str, float] = field(default_factory=dict)
    controls: Mapping[str, float] = field(default_factory=dict)
    start: Mapping[str, Any] = field(default_factory=dict)
    simulation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_measured(self) -> bool:
        """Whether it asks for numbers to be measured."""
        return bool(self.declarations or self.outcomes or self.from_state)


def read_profile(path: Path, typologies: Mapping[str, str], scenarios: Iterable[str]) -> Profile:
    """Read a profile.

    Parameters
    ----------
    path : the TOML file.
    typologies : name -> type of finding, of those that can be invented.
    scenarios : names of the worlds that there are.

    Raises
    ------
    InputError
        The file cannot be read, is no TOML, names what is not known, or gives a value that makes
        no sense; the message names the line where it can.
    """
    rules: dict[str, Mapping[str, Rule]] = {
        "flow": FLOW,
        "prevalences": dict.fromkeys((*typologies, *FINDING_TYPES), PREVALENCE),
        "controls": CONTROLS,
        "start": START,
        "simulation": simulation(tuple(scenarios)),
    }
    text, told = _read(path)
    reading = _Reading(path, text)
    for table, keys in told.items():
        reading.check_table(table, keys, rules)
        for key, value in keys.items():
            reading.check(table, key, value, rules[table])
    _check_together(reading, told, typologies)
    flow = told.get("flow", {})
    return Profile(
        str(path),
        declarations=_paths(path, flow.get("declarations", ())),
        outcomes=_paths(path, flow.get("outcomes", ())),
        from_state=flow.get("from_state", False),
        flow={key: value for key, value in flow.items()
              if key not in ("declarations", "outcomes", "from_state")},
        **{table: told.get(table, {}) for table in rules if table != "flow"},
    )  # fmt: skip


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"The profile {path} cannot be read: {reason}.",
                         f"Give a TOML file. {_EXAMPLE}") from error  # fmt: skip


def _paths(path: Path, names: Iterable[str]) -> tuple[Path, ...]:
    return tuple(path.parent / name for name in names)


def _check_together(
    reading: _Reading, told: Mapping[str, Mapping[str, Any]], typologies: Mapping[str, str]
) -> None:
    """Refuse keys that contradict each other."""
    flow, prevalences = told.get("flow", {}), told.get("prevalences", {})
    asked = told.get("simulation", {})
    if flow.get("from_state") and flow.keys() & {"declarations", "outcomes"}:
        reading.refuse("flow", "from_state", "stands beside files to measure.",
                       "Measure either the state or files.")  # fmt: skip
    if asked.keys() >= {"budget_controls", "budget_minutes"}:
        reading.refuse("simulation", "budget_minutes", "stands beside budget_controls.",
                       "Give the one budget of each flight.")  # fmt: skip
    for name, finding in typologies.items():
        if prevalences.keys() >= {name, finding}:
            reading.refuse("prevalences", name, f"stands beside {finding}, which includes it.",
                           "Give the type as a whole, or its typologies.")  # fmt: skip
    if (total := sum(prevalences.values())) > MOST_IRREGULAR:
        raise InputError(
            f"{reading.path}: the shares in [prevalences] add up to {total:g}.",
            f"They are shares of all parcels; keep their sum within {MOST_IRREGULAR}.",
        )


@dataclass(frozen=True)
class _Reading:
    """A file that is being checked."""

    path: Path
    text: str

    def check_table(self, table: str, keys: Any, rules: Mapping[str, Mapping[str, Rule]]) -> None:
        """Refuse an unknown table, and what stands outside of all tables."""
        if isinstance(keys, dict) and table in rules:
            return
        homes = [f"[{name}]" for name, known in rules.items() if table in known]
        if homes and not isinstance(keys, dict):
            raise InputError(
                f"{self._where(table, '')}: {table} stands in no table.",
                f"Put it under {' or '.join(homes)}.",
            )
        what = f"the table [{table}]" if isinstance(keys, dict) else table
        self.unknown(what, table, "", [f"[{name}]" for name in rules])

    def check(self, table: str, key: str, value: Any, rules: Mapping[str, Rule]) -> None:
        """Refuse an unknown key, or a value that its rule does not fit."""
        if key not in rules:
            self.unknown(f"{key} in [{table}]", table, key, list(rules))
        if not rules[key].fits(value):
            self.refuse(table, key, f"is {_short(value)}.", f"It takes {rules[key].words}.")

    def unknown(self, what: str, table: str, key: str, known: list[str]) -> NoReturn:
        """Refuse what nobody knows; what is known comes nearest first."""

        def likeness(name: str) -> float:
            return difflib.SequenceMatcher(None, (key or table).lower(), name.lower()).ratio()

        nearest = ", ".join(sorted(known, key=likeness, reverse=True))
        raise InputError(f"{self._where(table, key)}: {what} is not known.",
                         f"Known there, nearest first: {nearest}.")  # fmt: skip

    def refuse(self, table: str, key: str, came: str, way_out: str) -> NoReturn:
        """Refuse the value of a key."""
        raise InputError(f"{self._where(table, key)}: {key} in [{table}] {came}", way_out)

    def _where(self, table: str, key: str) -> str:
        """The file, and the line where it can be found; an inline table has no line of its own."""
        here = ""
        for at, line in enumerate(self.text.splitlines(), start=1):
            if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
                here = header[1].strip("\"'")
                if here == table and not key:
                    return f"{self.path}, line {at}"
            named = re.match(r"\s*(\"[^\"]*\"|'[^']*'|[\w-]+)\s*=", line)
            if named and (here, named[1].strip("\"'")) in ((table, key), ("", table)):
                return f"{self.path}, line {at}"
        return str(self.path)


def _short(value: object) -> str:
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
