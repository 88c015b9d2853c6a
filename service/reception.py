"""Reception: files in, rows through the door, and an account of what became of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from engine import outcome
from engine.acceptance import Accepted, accept, no_rejections
from engine.errors import InputError, TriageError
from engine.intake import Rates, latest_only, take_in
from engine.outcome import OutcomeRow
from engine.remarks import REMARKS, far_ahead_of, remarks
from service.manifest_file import expanded, read_table
from service.receipts import Receipt
from service.store import DECLARATION_SCHEMA, OUTCOME_SCHEMA
from service.table_file import TableFile

REJECTION_SCHEMA: dict[str, Any] = {"file": pl.String, "line": pl.Int64, **no_rejections().schema}

_TOLD = ("column", "rule", "value", "message")


@dataclass(frozen=True)
class Door:
    """Judges rows: `engine.acceptance` in the form of one kind of table.

    Attributes
    ----------
    judge : judges the rows of a table.
    schema : what comes through, where nothing does.
    """

    judge: Callable[[pl.DataFrame], Accepted]
    schema: Mapping[str, pl.DataType]


@dataclass(frozen=True)
class Reception:
    """One file, received.

    Attributes
    ----------
    path : the file.
    rows : rows that came through the door.
    rejections : `file`, `line` (null where a file has no lines), and the columns of
        `engine.acceptance`; one row a broken rule.
    received_count, rejected_count : rows of the file, and of them the rejected.
    unknown_columns : columns that the contract does not know; they were left out.
    notes : what the user should know about the file.
    """

    path: Path
    rows: pl.DataFrame
    rejections: pl.DataFrame
    received_count: int
    rejected_count: int
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Account:
    """What became of all rows of some files; it grows file by file.

    Attributes
    ----------
    file_count, received_count, rejected_count : what came and what stayed outside.
    receipt : what the store made of the accepted ones.
    rejections, remarks : collected tables.
    errors : files that could not be used as a whole, in words.
    left_out_count : rows later than the day the command runs as of.
    """

    file_count: int = 0
    received_count: int = 0
    rejected_count: int = 0
    left_out_count: int = 0
    receipt: Receipt = field(default_factory=Receipt)
    rejections: pl.DataFrame = field(default_factory=lambda: rejection_table([]))
    remarks: dict[tuple[str, str, str], int] = field(default_factory=dict)
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    errors: tuple[TriageError, ...] = ()

    @property
    def accepted_count(self) -> int:
        """Rows that came through the door."""
        return self.received_count - self.rejected_count

    def add(self, reception: Reception, receipt: Receipt) -> None:
        """Account for one more file."""
        self.file_count += 1
        self.received_count += reception.received_count
        self.rejected_count += reception.rejected_count
        self.receipt += receipt
        self.rejections = rejection_table([self.rejections, reception.rejections])
        self.unknown_columns = _joined(self.unknown_columns, reception.unknown_columns)
        self.notes = _joined(self.notes, (f"{reception.path}: {n}" for n in reception.notes))

    def add_remarks(self, items: pl.DataFrame) -> None:
        """Count what is odd about canonical rows of whole consignments, as they are in force."""
        known = (*REMARKS, far_ahead_of(datetime.now(UTC).date()))
        for *name, count in remarks(latest_only(items), known).iter_rows():
            key = (str(name[0]), str(name[1]), str(name[2]))
            self.remarks[key] = self.remarks.get(key, 0) + int(count)


def declarations_door(rates: Rates, key: bytes) -> Door:
    """The door for declarations: canonical, pseudonymised rows, every version of them."""
    return Door(
        lambda raw: take_in(raw, rates=rates, key=key, all_versions=True), DECLARATION_SCHEMA
    )


def outcomes_door() -> Door:
    """The door for outcomes."""
    return Door(_outcomes, OUTCOME_SCHEMA)


def _outcomes(raw: pl.DataFrame) -> Accepted:
    if raw.is_empty():
        raise InputError("The outcomes hold no rows.", "Check that the export is complete.")
    return accept(
        raw,
        OutcomeRow,
        what="The outcomes table",
        required=outcome.REQUIRED,
        capitals=outcome.CODE_COLUMNS,
        small=outcome.LOWER_COLUMNS,
    )


def receive(path: Path, door: Door) -> Reception:
    """Read a file and judge its rows.

    Raises
    ------
    InputError
        The file cannot be used as a whole; the message names it.
    """
    table = read_table(path)
    try:
        return received(table, door)
    except InputError as error:
        if str(path) in error.message:
            raise
        raise InputError(f"{path}: {error.message}", error.way_out) from error


def received(table: TableFile, door: Door) -> Reception:
    """Judge the rows of a table.

    Raises
    ------
    InputError
        The table cannot be used as a whole.
    """
    if _has_rows(table):
        return _reception(table, door.judge(table.rows))
    nothing = pl.DataFrame(schema={"row_number": pl.Int64, **door.schema})
    return _reception(table, Accepted(nothing, no_rejections(), (), 0))


def receive_all(
    paths: Iterable[Path], door: Door, done: Callable[[int, int], None] | None = None
) -> Iterator[Reception | InputError]:
    """Receive files one by one; a file that cannot be used comes as its error."""
    names = expanded(paths)
    for count, path in enumerate(names, start=1):
        try:
            yield receive(path, door)
        except InputError as error:
            yield error
        if done is not None:
            done(count, len(names))


def rejection_table(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """One table of rejections with their files."""
    empty = pl.DataFrame(schema=REJECTION_SCHEMA)
    return pl.concat([empty, *parts])


def rejections_told(rejections: pl.DataFrame) -> list[dict[str, Any]]:
    """Rejections as an answer names them: row, column, rule, value, message."""
    told = rejections.select(pl.col("row_number").alias("row"), *_TOLD).with_columns(
        pl.col(pl.String).fill_null("")
    )
    return told.to_dicts()


def _has_rows(table: TableFile) -> bool:
    """Whether there is something to judge; a file of unreadable lines alone has only faults."""
    return not table.rows.is_empty() or table.rejections.is_empty()


def _reception(table: TableFile, accepted: Accepted) -> Reception:
    nested = table.nested.filter(~pl.col("column").is_in(accepted.unknown_columns))
    judged = pl.concat([nested, accepted.rejections])
    judged = judged.unique(["row_number", "column"], keep="first", maintain_order=True)
    rejections = pl.concat([table.rejections, judged])
    if table.lines is None:
        rejections = rejections.with_columns(line=pl.lit(None, pl.Int64))
    else:
        rejections = rejections.join(table.lines, on="row_number", how="left")
    rejections = rejections.with_columns(file=pl.lit(str(table.path))).sort("row_number", "column")
    return Reception(
        table.path,
        accepted.rows.join(nested, on="row_number", how="anti", maintain_order="left"),
        rejections.select(REJECTION_SCHEMA.keys()),
        table.rows.height + table.rejections.height,
        rejections["row_number"].n_unique(),
        accepted.unknown_columns,
        table.notes,
    )


def _joined(known: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*known, *more]))
