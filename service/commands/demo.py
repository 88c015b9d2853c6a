"""`triage demo`: everything once, on an invented world."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.home import Home

SCENARIO = "demo"

_MARK = "demo.json"
"""Says that a folder is a demonstration's own, and which world is whole in it."""

KINDS = ("ensemble", "logistic", "rules")
"""Models that are compared; the first one becomes champion."""

LATER_DAYS = 6
"""Days that no model learns from: on them the models are measured."""

CONTROLS = 20
"""Budget of the list shown: it fits a screen."""


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the demonstration.")] = Path(
        "demo"
    ),
    days: Annotated[int, typer.Option(metavar="N", min=14, help="Days of traffic.")] = 21,
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Same seed, same world.")] = 1,
) -> None:
    """Everything once, on a small invented world, in about a minute.

    Generates a world, learns from its controls, compares the models on later days, and lists what
    to open on a flight of the last day. All of it stays in one folder, apart from your own state.

    Example: triage demo
    """
    from service.console import stdout

    home = _fresh_state(out)
    last_day = _bring_in(home, out, days, seed)
    _learn(home, out, last_day)
    flight = _list_a_flight(home, out, last_day)
    stdout().print(_next_steps(out, flight), markup=False, soft_wrap=True)


def _fresh_state(out: Path) -> Home:
    """An empty state: figures of two demonstrations are never mixed.

    Raises
    ------
    InputError
        The folder holds something that no demonstration made.
    """
    from engine.errors import InputError
    from service.home import Home

    state = out / "state"
    if not (out / _MARK).exists():
        if state.exists() or (out / "declarations").exists():
            raise InputError(
                f"{out} holds data that `triage demo` did not make.",
                "Give another folder with --out, or remove this one.",
            )
        _remember(out, {})
    _remove(out, "state")
    return Home(state.absolute())


def _made_before(out: Path) -> object:
    """The world that is whole in the folder; nothing if there is none."""
    try:
        return json.loads((out / _MARK).read_text())
    except (OSError, ValueError):
        return {}


def _remember(out: Path, world: dict[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).write_text(json.dumps(world) + "\n")


def _remove(out: Path, *names: str) -> None:
    for name in names:
        path = out / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _bring_in(home: Home, out: Path, days: int, seed: int) -> date:
    """Generate the world unless it is there, and receive all but its last day."""
    from service.bringing_in import ingest, record
    from service.commands.generate import WORLD, write
    from service.composition import open_store
    from service.console import counting, stdout

    made = {"scenario": SCENARIO, "days": days, "seed": seed}
    if _made_before(out) != made:
        _remember(out, {})  # until the new world is whole there is none
        _remove(out, *WORLD)
        with counting("Generating a world") as done:
            write(SCENARIO, days, seed, out, done)
        _remember(out, made)
    folders = sorted((out / "declarations").glob("flight_date=*"))
    last_day = date.fromisoformat(folders[-1].name.partition("=")[2])
    store = open_store(home)
    with counting("Reading declarations") as done:
        account = ingest(home, store, folders[:-1], done=done)
    controls = record(store, [out / "outcomes.parquet"], as_of=last_day - timedelta(days=1))
    stdout().print(
        f"A world of {len(folders)} days is in {out}: {account.received_count:,} goods items and "
        f"{controls.received_count - controls.left_out_count:,} control results received.",
        markup=False,
    )
    return last_day


def _learn(home: Home, out: Path, last_day: date) -> None:
    """Train each kind up to a day, and put them side by side on the days after it."""
    from service.commands.compare import show
    from service.composition import open_store
    from service.console import steps
    from service.training import compare, train

    store = open_store(home)
    until = last_day - timedelta(days=LATER_DAYS + 1)
    with steps("Looking at every day as it came") as progress:
        reports = train(
            home, store, declarations=[], outcomes=[], until=until, kinds=KINDS,
            truth=out / "truth.parquet", progress=progress,
        )  # fmt: skip
    runs = [str(report.version) for report in reports]
    with steps("Comparing"):
        found = compare(home, runs, out / "comparison.html")
    show(found)


def _list_a_flight(home: Home, out: Path, last_day: date) -> Path:
    """The main job on one flight of the last day."""
    from engine.budget import Budget
    from service.composition import open_store
    from service.console import stdout, steps
    from service.inspection import Wish, inspect, receive_manifest
    from service.list_file import write_table
    from service.list_table import show_list
    from service.scoring import score

    store = open_store(home)
    flight = min((out / "declarations" / f"flight_date={last_day}").iterdir())
    _, items = receive_manifest(home, store, [flight], keeps=True)
    with steps("Scoring") as step:
        made = inspect(
            items,
            Wish(Budget.controls(CONTROLS)),
            lambda rows: score(home, store, rows, as_of=None, progress=step),
            home.pseudonym_key(),
        )
    write_table(made.rows, out / "list.xlsx")
    show_list(made, stdout())
    return flight


def _next_steps(out: Path, flight: Path) -> str:
    from shlex import quote

    from service.console import program

    triage = program()
    home = f"TRIAGE_HOME={quote(str(out / 'state'))}"
    other = quote(str(sorted(flight.parent.iterdir())[-1]))
    return f"""
Where to look next
  {out}/comparison.html    the models side by side, with pictures
  {out}/list.xlsx          the list above, as an officer gets it
  {home} {triage} manifest {other} --budget-minutes 480 --policy expected_yield
  {home} {triage} mlflow
  {triage} ingest --help     your own declarations"""
