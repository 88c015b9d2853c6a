"""A table as it was read from a file: text rows, unreadable records, and what was odd about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from engine.acceptance import no_rejections
from engine.errors import InputError

MOST_COLUMNS = 1_000
"""Columns of a table (estimate: twenty times those of the contract). Tables of 500,000 columns,
which fit into one message, kept a core busy for hours."""


@dataclass(frozen=True)
class TableFile:
    """Rows of a file before any check of their content.

    Attributes
    ----------
    path : the file.
    rows : the records that could be read, with `row_number` (the first data row is 1).
    rejections : records that could not be read, as in `engine.acceptance`.
    lines : line of the file of each record (`row_number`, `line`); None where a file has no lines.
    notes : sentences the user should read.
    nested : cells that hold an array or an object, as rejections; they count where the contract
        knows the column.
    """

    path: Path
    rows: pl.DataFrame
    rejections: pl.DataFrame = field(default_factory=no_rejections)
    lines: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()
    nested: pl.DataFrame = field(default_factory=no_rejections)


def syntax_rejections(form: str, faults: list[tuple[int, int | None, str]]) -> pl.DataFrame:
    """Rejections of records that cannot be read.

    Parameters
    ----------
    form : `csv` or `json`.
    faults : (row number, line or None, what is wrong). What the record holds is not repeated:
        nobody can say which part of it is a person's name.
    """
    if not faults:
        return no_rejections()
    return pl.DataFrame(
        [
            (number, "", f"{form}|syntax", "", _message(number, line, fault))
            for number, line, fault in faults
        ],
        schema=no_rejections().schema,
        orient="row",
    )


def nested_rejections(cells: list[tuple[int, str, str]]) -> pl.DataFrame:
    """Rejections of cells that hold more than one value.

    Parameters
    ----------
    cells : (row number, column, what it holds). The content is not repeated, as it may name a
        person.
    """
    rows = [
        (
            number,
            column.strip(),
            f"{column.strip()}|nested",
            "",
            f"row {number}, {column.strip()}: must be one text or number; got {what}. Give each "
            "value a column or a row of its own, and join codes with |.",
        )
        for number, column, what in cells
    ]
    return pl.DataFrame(rows, schema=no_rejections().schema, orient="row")


def _message(number: int, line: int | None, fault: str) -> str:
    where = f"row {number}" if line is None else f"row {number} (line {line})"
    return f"{where} {fault}."


def checked_names(path: Path, names: list[str]) -> list[str]:
    """Column names without blanks around them.

    Raises
    ------
    InputError
        Two columns have one name: nobody can say which one counts. Or there are too many.
    """
    if len(names) > MOST_COLUMNS:
        raise InputError(
            f"{path} has {len(names):,} columns; at most {MOST_COLUMNS:,} are read.",
            "Send the columns of the data dictionary; all others are left out anyway.",
        )
    names = [name.strip() for name in names]
    twice = sorted(name for name, count in Counter(names).items() if count > 1 and name)
    if twice:
        raise InputError(
            f"{path} has more than one column named {', '.join(twice)}.",
            "Keep the one that counts.",
        )
    return names


def without_empty_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in which at least one cell is filled; spreadsheets export empty ones at the end."""
    cells = [name for name in rows.columns if name != "row_number"]
    return rows.filter(pl.any_horizontal(pl.col(cells).is_not_null())) if cells else rows
