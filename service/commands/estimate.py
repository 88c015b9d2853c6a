"""`triage estimate`: what flows past, from the random controls."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from service.commands.options import Day, day_of


def estimate(
    since: Annotated[
        datetime | None,
        typer.Option("--from", metavar="DATE", formats=["%Y-%m-%d"],
                     help="First day of arrival. YYYY-MM-DD."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"],
                     help="Last day of arrival. YYYY-MM-DD."),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all figures as JSON as well.")
    ] = None,
    date: Day = None,
) -> None:  # fmt: skip
    """Estimate how much is irregular, and what revenue flows past.

    Only controls drawn at random (selected_by = random) can tell it. Shares and EUR a day come
    with 95 % intervals, by kind of finding; what is assumed is said.

    Example: triage estimate --from 2026-09-01 --until 2026-09-30
    """
    from service.composition import open_home, open_store
    from service.console import counting, say, stdout, table
    from service.estimation import (
        assumptions,
        figures,
        power_rows,
        told,
        what_flows_past,
        write_json,
    )

    with counting("Reading the days") as done:
        made = what_flows_past(
            open_store(open_home()),
            since=day_of(since),
            until=day_of(until),
            as_of=day_of(date),
            progress=done,
        )
    console = stdout()
    for line in told(made):
        console.print(line, soft_wrap=True)
    for title, rows in (
        ("What flows past", figures(made)),
        ("Powers assumed: chance that a control finds what is there", power_rows(made)),
    ):
        if made.kinds:
            names = list(rows[0])
            console.print(table(names, [list(row.values()) for row in rows], title))
    for line in assumptions(made):
        console.print(line, soft_wrap=True)
    if json is not None:
        write_json(made, json)
        say(f"All figures are in {json}.")
