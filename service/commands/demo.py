"""`triage demo`: everything once, on an invented world."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.home import Home

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
    from service.home import Home

    home = Home((out / "state").absolute())
    last_day = _bring_in(home, out, days, seed)
    _learn(home, out, last_day)
    flight = _list_a_flight(home, out, last_day)
    stdout().print(_next_steps(out, flight), markup=False, soft_wrap=True)


def _bring_in(home: Home, out: Path, days: int, seed: int) -> date:
    """Generate the world unless it is there, and receive all but its last day."""
    from service.bringing_in import ingest, record
    from service.commands.generate import write
    from service.composition import open_store
    from service.console import counting, stdout

    if not (out / "truth.parquet").exists():
        with counting("Generating a world") as done:
            write("demo", days, seed, out, done)
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
    from service.console import counting
    from service.training import compare, train

    store = open_store(home)
    until = last_day - timedelta(days=LATER_DAYS + 1)
    with counting("Looking at every day as it came") as progress:
        reports = train(
            home, store, declarations=[], outcomes=[], until=until, kinds=KINDS,
            truth=out / "truth.parquet", progress=progress,
        )  # fmt: skip
    runs = [str(report.version) for report in reports]
    show(compare(home, runs, out / "comparison.html"))


def _list_a_flight(home: Home, out: Path, last_day: date) -> Path:
    """The main job on one flight of the last day."""
    from engine.budget import Budget
    from service.composition import open_store
    from service.console import stdout
    from service.inspection import Wish, inspect, receive_manifest
    from service.list_file import write_table
    from service.list_table import show_list
    from service.scoring import score

    store = open_store(home)
    flight = min((out / "declarations" / f"flight_date={last_day}").iterdir())
    _, items = receive_manifest(home, store, [flight], keeps=True)
    made = inspect(
        items,
        Wish(Budget.controls(CONTROLS)),
        lambda rows: score(home, store, rows, as_of=None),
        home.pseudonym_key(),
    )
    write_table(made.rows, out / "list.xlsx")
    show_list(made, stdout())
    return flight


def _next_steps(out: Path, flight: Path) -> str:
    home = f"TRIAGE_HOME={out / 'state'}"
    other = sorted(flight.parent.iterdir())[-1]
    return f"""
Where to look next
  {out}/comparison.html    the models side by side, with pictures
  {out}/list.xlsx          the list above, as an officer gets it
  {home} triage manifest {other} --budget-minutes 480 --policy expected_yield
  {home} triage mlflow
  triage ingest --help     your own declarations"""
