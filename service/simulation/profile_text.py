"""A profile as a TOML file: each number with where it comes from, and its 95 % interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from engine.errors import InputError
from models.prevalence import BELIEF
from service.simulation.measured_flow import MeasuredFlow
from service.simulation.own_flow import Figure, Figures, OwnFlow

_HEAD = """\
# Profile of a flow, for: triage simulate --profile THIS_FILE
# Every line may be changed or left out; what is left out is the preset's.
# In brackets: 95 % interval. What each key means: docs/how-to-simulate.md."""

_ABOUT = {
    "flow": "Who sends, who receives, and how much. `shippers` and `consignees` are all there are "
    "at one time;\n# they follow from how many different ones show in a week. `price_factor` is "
    "the price level.",
    "prevalences": "Share of consignments by typology, whether found or not. What random controls "
    "found, corrected\n# for what such controls miss and leaned on the usual shares, which count "
    f"as {BELIEF:g} findings of each type;\n# typologies of one type of finding share it as "
    "usual. Intervals are of chance, not of the powers assumed.",
    "controls": "How it is controlled before the simulation begins.",
    "start": 'First day, a Monday: the law follows from it. model = "champion" begins with the '
    "model in force.",
    "simulation": "What is asked. Options of the command line stand over these.",
}


def write_profile(
    path: Path, own: OwnFlow, measured: MeasuredFlow | None, asked: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write a profile.

    Parameters
    ----------
    path : the file; see `check_new`.
    own : the numbers.
    measured : what they rest on.
    asked : further keys of the tables `start` and `simulation`.

    Raises
    ------
    InputError
        The file is there already.
    """
    check_new(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(own, measured, asked)) + "\n", encoding="utf-8")


def check_new(path: Path) -> None:
    """Refuse a file that is there already: somebody may have worked on it.

    Raises
    ------
    InputError
        It is there.
    """
    if path.exists():
        raise InputError(f"{path} is there already.", "Name a new file, or remove this one.")


def _lines(
    own: OwnFlow, measured: MeasuredFlow | None, asked: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    yield _HEAD
    if measured is not None:
        yield f"# {told(measured)}"
    tables: dict[str, Figures] = {
        "flow": own.flow,
        "prevalences": own.prevalences,
        "controls": own.controls,
        "start": {"on": own.starts_on, **_asked(asked["start"])},
        "simulation": _asked(asked["simulation"]),
    }
    for name, figures in tables.items():
        yield f"\n[{name}]\n# {_ABOUT[name]}"
        for key, figure in figures.items():
            yield _line(key, figure)


def told(measured: MeasuredFlow) -> str:
    """What was measured, in one sentence."""
    made = measured.estimation
    return (
        f"Measured: {measured.consignment_count:,} parcels on {measured.flight_count:,} flights, "
        f"{measured.first_on} to {measured.last_on}; {measured.control_count:,} controls, "
        f"{measured.random_count:,} of them random, {made.counted_count:,} of these with a result."
    )


def _asked(values: Mapping[str, Any]) -> Figures:
    return {key: Figure(value, "") for key, value in values.items() if value is not None}


def _line(key: str, figure: Figure) -> str:
    name = f'"{key}"' if " " in key else key
    line = f"{name} = {_toml(figure.value)}"
    if not figure.told:
        return line
    ends = figure.interval
    span = "" if ends is None else f" ({ends.low:.3g} to {ends.high:.3g})"
    return f"{line}  # {figure.told}{span}"


def _toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value) if isinstance(value, date) else repr(value)
