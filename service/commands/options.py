"""Options that several commands share."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.reception import Account

Day = Annotated[
    datetime | None,
    typer.Option("--date", metavar="DATE", formats=["%Y-%m-%d"],
                 help="Run as of this day: nothing later is seen. YYYY-MM-DD."),
]  # fmt: skip

Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", help="Write every rejected row with its rule (CSV)."),
]

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...", help="Files, folders or patterns; Parquet, CSV, JSON, Excel."
    ),
]


def day_of(given: datetime | None) -> date | None:
    """The day of a date option."""
    return None if given is None else given.date()


def finish(account: Account, rejects: Path | None) -> None:
    """Write the rejections, name the files that could not be used, and leave with the status.

    Status 0 where every file could be used and at least one row was accepted, else 1.
    """
    from service.console import complain
    from service.list_file import defused

    if rejects is not None:
        rejects.parent.mkdir(parents=True, exist_ok=True)
        defused(account.rejections).write_csv(rejects)
    for error in account.errors:
        complain(error)
    if account.errors or not account.accepted_count:
        raise typer.Exit(1)
