"""`triage generate`: an invented world, for trying and testing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.console import Done

WORLD = ("truth_items.parquet", "truth.parquet", "outcomes.parquet", "declarations")
"""What a world consists of; the declarations come last, so that with them it is whole."""


def generate(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")],
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help="tiny, demo, season, liege-2022 or liege-2026.")
    ] = "demo",
    days: Annotated[int, typer.Option(metavar="N", min=1, help="Days of traffic.")] = 28,
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Same seed, same world.")] = 1,
) -> None:
    """Invent a world of flights, parcels, cheats and controls.

    Writes DIR/declarations/flight_date=.../*.parquet and DIR/outcomes.parquet in the form of the
    contract, and DIR/truth.parquet with what was really inside, which no model ever sees. All
    people are invented.

    Example: triage generate --scenario demo --days 28 --seed 1 --out world
    """
    from shlex import quote

    from service.console import counting, program, stdout

    with counting(f"Generating {scenario}") as done:
        write(scenario, days, seed, out, done)
    stdout().print(
        f"{days} days of the scenario {scenario} (seed {seed}) are in {out}.\n"
        f"Next: {program()} ingest {quote(f'{out}/declarations')} && "
        f"{program()} outcomes {quote(f'{out}/outcomes.parquet')}",
        soft_wrap=True,
        markup=False,
    )


def write(scenario: str, days: int, seed: int, out: Path, done: Done | None = None) -> None:
    """Write a world, whole or not at all.

    Raises
    ------
    SettingError
        There is no such scenario.
    InputError
        The folder already holds declarations: two worlds in one would be neither.
    """
    from engine.errors import InputError, SettingError
    from synthetic.generate import write_world
    from synthetic.scenario import PRESETS

    if scenario not in PRESETS:
        raise SettingError(
            f"There is no scenario '{scenario}'.", f"Choose one of: {', '.join(PRESETS)}."
        )
    if (out / "declarations").exists():
        raise InputError(
            f"{out} already holds declarations.", "Give a new folder, or remove the old one."
        )
    draft = out / ".draft-world"
    shutil.rmtree(draft, ignore_errors=True)  # of a run that was interrupted
    try:
        write_world(PRESETS[scenario], days=days, seed=seed, out=draft, progress=done)
        for part in WORLD:
            os.replace(draft / part, out / part)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
