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
    compared. Below the table: what moved between the flow that each run learned from and the one it
    was judged on.

    Example: triage compare 1 2 3 --html comparison.html
    """
    from service.composition import open_home
    from service.console import steps
    from service.training import compare as put_side_by_side

    with steps("Comparing"):
        found = put_side_by_side(open_home(), runs or [], html, as_of=day_of(date))
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
        stdout().print("What moved from the flow learned from to the flow judged on:")
    for line in comparison.drift:
        stdout().print(f"  {safe(line)}", markup=False)
