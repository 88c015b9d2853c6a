"""Parquet and Excel files."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from engine.errors import InputError
from service.table_file import TableFile, checked_names, without_empty_rows

_PARTITION = re.compile(r"flight_date=(\d{4}-\d{2}-\d{2})")


def read_parquet(path: Path) -> TableFile:
    """Read a Parquet file; the day in a folder's name `flight_date=...` fills an absent column.

    Raises
    ------
    InputError
        The file is cut short or damaged.
    """
    try:
        rows = pl.read_parquet(path, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(
            f"{path} is a Parquet file that cannot be read: {_first_line(error)}.",
            "It is cut short or damaged; copy or write it anew.",
        ) from error
    rows.columns = checked_names(path, rows.columns)
    day = _PARTITION.search(str(path.parent))
    if day and "flight_date" not in rows.columns:
        rows = rows.with_columns(flight_date=pl.lit(day[1]))
    return TableFile(path, _numbered(rows.with_columns(_plain(rows))))


def read_excel(path: Path) -> TableFile:
    """Read the first sheet of a workbook (.xlsx); the first row holds the column names.

    Raises
    ------
    InputError
        The workbook is damaged, or its first sheet is empty.
    """
    import fastexcel

    try:
        workbook = fastexcel.read_excel(path)
        header = workbook.load_sheet(0, header_row=None, n_rows=1, dtypes="string").to_polars()
        names = [str(name or "") for name in header.row(0)] if header.height else []
        checked_names(path, names)
        sheet = workbook.load_sheet(0, schema_sample_rows=None, dtype_coercion="coerce")
        rows = sheet.to_polars()
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError) as error:
        raise InputError(
            f"{path} is a workbook that cannot be read: {_first_line(error)}.",
            "Save it anew as .xlsx, without a password, the table on the first sheet.",
        ) from error
    notes: tuple[str, ...] = ()
    if len(workbook.sheet_names) > 1:
        notes = (f"only the first sheet, '{workbook.sheet_names[0]}', was read.",)
    rows.columns = checked_names(path, rows.columns)
    return TableFile(path, without_empty_rows(_numbered(rows)), notes=notes)


def _plain(rows: pl.DataFrame) -> list[pl.Series]:
    """Columns of kinds that no column of ours has, as text, so that the door can judge them."""
    plain = []
    for column in rows.get_columns():
        if column.dtype == pl.List(pl.String):
            plain.append(column.list.join("|"))  # codes and findings, as lists elsewhere
        elif column.dtype == pl.Binary:
            texts = [None if cell is None else cell.decode(errors="replace") for cell in column]
            plain.append(pl.Series(column.name, texts, dtype=pl.String))
        elif column.dtype.is_nested() or column.dtype in (pl.Duration, pl.Time):
            texts = [None if cell is None else str(cell) for cell in column]
            plain.append(pl.Series(column.name, texts, dtype=pl.String))
    return plain


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    if "row_number" in rows.columns:
        rows = rows.drop("row_number")
    # Counted as 64 bits, like the row numbers of every other form.
    return rows.with_row_index("row_number", offset=1).with_columns(
        pl.col("row_number").cast(pl.Int64)
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")
