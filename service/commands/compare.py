"""`triage compare`: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import Day, day_of

if TYPE_CHECKING:
    from models.comparison import Comparison


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
    compared. Below the table: what moved from the flow that each run learned from to the one it was
    judged on, and to the latest days, if any came after those.

    Example: triage compare 1 2 3 --html comparison.html
    """
    from service.composition import open_home, open_store
    from service.console import steps
    from service.training import compare as put_side_by_side

    with steps("Comparing"):
        home = open_home()
        found = put_side_by_side(
            home, runs or [], html, as_of=day_of(date), declarations=open_store(home)
        )
    show(found)
    if html is not None:
        from service.console import say

        say(f"The page with pictures is in {html}.")


def show(comparison: Comparison) -> None:
    """Print the figures of a comparison, and what moved since its runs learned."""
    from service.console import safe, stdout, table

    rows = comparison.table()
    names = list(dict.fromkeys(name for row in rows for name in row))
    stdout().print(table(names, [[row.get(name) for name in names] for row in rows]))
    if comparison.drift:
        stdout().print("What moved since the runs learned:")
    for line in comparison.drift:
        stdout().print(f"  {safe(line)}", markup=False)
