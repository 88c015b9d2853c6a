"""`triage compare`: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.options import Day, day_of


def compare(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]...", help="Versions or run names; the newest if none."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with pictures.")
    ] = None,
    date: Day = None,
) -> None:
    """Put training runs side by side.

    Hit rate and revenue at fixed budgets, calibration, and intervals over days: a difference
    smaller than its interval is no difference. With --date only runs that saw no later day are
    compared.

    Example: triage compare 1 2 3 --html comparison.html
    """
    from service.composition import open_home
    from service.console import steps
    from service.training import compare as put_side_by_side

    with steps("Comparing"):
        rows = put_side_by_side(open_home(), runs or [], html, as_of=day_of(date))
    show(rows)
    if html is not None:
        from service.console import say

        say(f"The page with pictures is in {html}.")


def show(rows: list[dict[str, object]]) -> None:
    """Print rows of a comparison."""
    from service.console import stdout, table

    names = list(dict.fromkeys(name for row in rows for name in row))
    stdout().print(table(names, [[row.get(name) for name in names] for row in rows]))
