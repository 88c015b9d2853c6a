"""The terminal: results on stdout, everything else on stderr, and nothing that can harm it.

Texts of declarants are shown as text: control characters, which could rewrite the screen, and
rich's own markup are taken out.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from engine.errors import TriageError
from service.reception import Account

SHOWN_MESSAGES = 10
"""Messages of rejected rows shown; `--rejects` writes them all."""

WIDTH_OF_A_FILE = 120
"""Columns when the output goes to a file or a pipe."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")

Done = Callable[[int, int], None]
"""Told after each step: how many are done, and how many there are."""

Step = Callable[[str, int, int], None]
"""The same with what is being done; 0 of 0 where nobody can count."""


def stdout() -> Console:
    """Where results go."""
    console = Console(soft_wrap=False, highlight=False)
    return console if console.is_terminal else Console(width=WIDTH_OF_A_FILE, highlight=False)


def stderr() -> Console:
    """Where everything else goes."""
    return Console(stderr=True, highlight=False)


def safe(text: str) -> str:
    """A text without characters that steer a terminal."""
    return _UNSAFE.sub(" ", text)


def program() -> str:
    """How the user can start this program again: by its name, if the shell finds it so."""
    path = Path(sys.executable).with_name("triage")
    found = shutil.which("triage")
    if not path.exists() or (found is not None and Path(found).absolute() == path.absolute()):
        return "triage"
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def say(sentence: str) -> None:
    """A sentence on stderr."""
    stderr().print(safe(sentence), markup=False, soft_wrap=True)


def complain(error: TriageError) -> None:
    """An error in words, with its way out."""
    console = stderr()
    console.print(Text.assemble(("Error: ", "bold red"), safe(error.message)), soft_wrap=True)
    if error.way_out:
        console.print(safe(error.way_out), markup=False, soft_wrap=True)


@contextmanager
def steps(title: str) -> Iterator[Step]:
    """A progress bar on stderr while something takes its time; nothing where nobody looks."""
    console = stderr()
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bar:
        task, doing = bar.add_task(title, total=None), title

        def step(what: str, done: int, total: int) -> None:
            nonlocal task, doing
            if what != doing:  # a task of its own: a bar cannot forget how many there were
                bar.remove_task(task)
                task, doing = bar.add_task(safe(what), total=None), what
            bar.update(task, completed=done, total=total or None)

        yield step


@contextmanager
def counting(title: str) -> Iterator[Done]:
    """A progress bar for one kind of step."""
    with steps(title) as step:
        yield lambda done, total: step(title, done, total)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> Table:
    """A plain table; numbers to the right."""
    made = Table(title=title or None, title_justify="left", header_style="bold")
    for at, column in enumerate(columns):
        is_number = bool(rows) and all(isinstance(row[at], int | float) for row in rows)
        made.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(_cell(value)) for value in row))
    return made


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.4g}" if isinstance(value, float) else safe(str(value))


def show_account(account: Account, what: str, console: Console) -> None:
    """What became of the rows that came: counts, rejections by rule, remarks."""
    if not account.file_count:
        return
    receipt = account.receipt
    console.print(
        f"{account.received_count:,} {what} read from {account.file_count:,} "
        f"file{'' if account.file_count == 1 else 's'}: {account.accepted_count:,} accepted, "
        f"{account.rejected_count:,} rejected; {receipt.new_count:,} new rows, "
        f"{receipt.repeated_count:,} already known, {receipt.amended_count:,} amended.",
        soft_wrap=True,
    )
    if account.left_out_count:
        console.print(f"{account.left_out_count:,} rows later than --date were left out.")
    for note in account.notes:
        console.print(f"Note: {safe(note)}", markup=False, soft_wrap=True)
    if account.unknown_columns:
        names = safe(", ".join(account.unknown_columns))
        console.print(f"Columns left out, unknown to the contract: {names}.", markup=False)
    _show_rejections(account, console)
    _show_remarks(account, console)


def _show_rejections(account: Account, console: Console) -> None:
    rejections = account.rejections
    if rejections.is_empty():
        return
    counts = rejections.group_by("rule").len("count").sort(
        "count", "rule", descending=[True, False]
    )  # fmt: skip
    console.print(table(["rule", "rows"], counts.rows(), "Rejected rows by the rule they break"))
    shown = rejections.head(SHOWN_MESSAGES)
    for file, line, message in shown.select("file", "line", "message").iter_rows():
        where = file if line is None else f"{file}, line {line}"
        console.print(safe(f"{where}: {message}"), markup=False, soft_wrap=True)
    if rejections.height > shown.height:
        console.print(
            f"... and {rejections.height - shown.height:,} more; --rejects FILE writes them all."
        )


def _show_remarks(account: Account, console: Console) -> None:
    if not account.remarks:
        return
    ordered = sorted(account.remarks.items(), key=lambda item: (-item[1], item[0]))
    rows = [(column, meaning, count) for (_, column, meaning), count in ordered]
    console.print(
        table(["column", "what is odd", "rows"], rows, "Odd, but accepted: they stay on the list")
    )
