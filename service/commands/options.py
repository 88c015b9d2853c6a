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


def _checked(rejects: Path | None) -> Path | None:
    """Refuse a form nobody knows before any work is done."""
    if rejects is not None:
        from service.list_file import check_name

        check_name(rejects, "--rejects")
    return rejects


Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", callback=_checked,
                 help="Write every rejected row with its rule, by its ending .csv, .xlsx, .json or "
                 ".parquet."),
]  # fmt: skip

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

    if rejects is not None:
        from service.list_file import write_table

        write_table(account.rejections, rejects)
    for error in account.errors:
        complain(error)
    if account.errors or not account.accepted_count:
        raise typer.Exit(1)
