"""`triage promote`: choose the version that ranks."""

from __future__ import annotations

from typing import Annotated

import typer

from service.commands.options import Day, day_of


def promote(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="As `triage compare` says.")],
    date: Day = None,
) -> None:
    """Make a registered version the champion: from now on it ranks.

    With --date a version that learned from later days is refused.

    Example: triage promote 3
    """
    from service.composition import open_home
    from service.console import stdout
    from service.training import promote as put_in_force

    stdout().print(put_in_force(open_home(), version, as_of=day_of(date)), markup=False)
