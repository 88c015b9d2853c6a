"""`triage train`: fit, evaluate, log, register."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from service.commands.options import Day, day_of


def train(
    declarations: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH...", help="Learn from these; else from the state."),
    ] = None,
    outcomes: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH...", help="Control results to these declarations."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="Learn only from what was known by this day. YYYY-MM-DD.",
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="ensemble, gradient_boosting, logistic, informed, expert, rules or chance.",
        ),
    ] = "ensemble",
    truth: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Truth of an invented world, to measure against; never learned from.",
        ),
    ] = None,
    date: Day = None,
) -> None:
    """Fit a model, measure it on later days, log the run, register a version.

    The first version becomes `champion`, the one that ranks; later ones wait for
    `triage promote`. A control result is learned from only if it was recorded before the cut.
    --until is the last day to learn from, days after it measure; with --date nothing later than
    that day is looked at, not even to measure.

    Example: triage train --model logistic --until 2026-09-21
    """
    from service.composition import open_home, open_store
    from service.console import stdout, steps
    from service.training import train as fit

    home = open_home()
    with steps("Walking the days") as progress:
        reports = fit(
            home,
            open_store(home),
            declarations=declarations or [],
            outcomes=outcomes or [],
            until=day_of(until),
            kinds=[model],
            truth=truth,
            as_of=day_of(date),
            progress=progress,
        )
    stdout().print(reports[0].text, markup=False)  # fmt: skip
