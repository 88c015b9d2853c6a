"""The inspection list (contract section 3) as a table and as a file.

A cell that a spreadsheet would run as a formula is defused by an apostrophe before it, in CSV and
in Excel alike: a workbook is saved as CSV in one click.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from engine.errors import InputError, SettingError

LIST_COLUMNS: dict[str, str] = {
    "rank": "place on the list; 1 is opened first",
    "hawb": "the consignment: house waybill or tracking number",
    "flight_number": "its flight",
    "flight_date": "date of arrival",
    "uld_id": "pallet or container on the aircraft",
    "bag_id": "bag or carton inside it",
    "mawb": "master air waybill",
    "risk": "calibrated probability of any irregularity, 0 to 1",
    "risk_fiscal": "probability of an irregularity about money",
    "risk_goods": "probability of one about the goods: intellectual property, safety, prohibited",
    "expected_revenue_eur": "duty and VAT expected to be recovered, EUR",
    "expected_yield": "expected revenue plus the configured weight of harm, EUR",
    "minutes": "expected officer time of this parcel, without its share of set-up time",
    "selected_by": "model, random or rule (the rule list, or a mandatory control)",
    "selection_probability": "with which it was chosen: for random controls the number drawn "
    "over the number on the flight; 1.0 for the policy's own, where nothing is left to chance",
    "reasons": "sentences an officer can check; in CSV and Excel joined with '; '",
}
"""Columns of the inspection list, in order, and what they mean."""

LIST_SCHEMA: dict[str, Any] = dict.fromkeys(LIST_COLUMNS, pl.String) | {
    "rank": pl.Int64,
    "flight_date": pl.Date,
    **dict.fromkeys(("risk", "risk_fiscal", "risk_goods", "expected_revenue_eur",
                     "expected_yield", "minutes", "selection_probability"), pl.Float64),
    "reasons": pl.List(pl.String),
}  # fmt: skip
"""Types of the columns of a list."""

DECIMALS = {"risk": 6, "risk_fiscal": 6, "risk_goods": 6, "expected_revenue_eur": 2,
            "harm_eur": 2, "expected_yield": 2, "minutes": 1}  # fmt: skip
"""Decimals written: cents, millionths of probability, six seconds."""

FORMULA_STARTS = r"^[=+\-@\t\r\n＝＋－＠]"
"""First characters that make a spreadsheet run a cell (OWASP, CSV injection), full-width too."""

MOST_EXCEL_ROWS = 1_048_575
"""Rows of a sheet below its header (limit of the format)."""

_MOST_WIDTH = 80


def inspection_list(chosen: pl.DataFrame, reasons: list[list[str]]) -> pl.DataFrame:
    """The list from the chosen consignments and the reasons in their order."""
    told = chosen.with_columns(reasons=pl.Series(reasons, dtype=pl.List(pl.String)))
    return _rounded(told.select(LIST_COLUMNS.keys()))


def check_name(path: Path | None, option: str) -> None:
    """Refuse a file name whose form nobody knows, before any work is done.

    Raises
    ------
    SettingError
        The ending is none of the accepted ones.
    """
    if path is not None and path.suffix.lower() not in _WRITERS:
        raise SettingError(
            f"{option} {path} has an ending that is no form of a list.",
            f"Name it with one of {', '.join(_WRITERS)}.",
        )


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a list or a table of scores in the form that the file's name says.

    The file is there whole or not at all; the same table gives the same bytes.

    Raises
    ------
    SettingError
        The ending is none of the accepted ones.
    InputError
        The folder cannot be written to, or the table does not fit the form.
    """
    check_name(path, "The file")
    draft = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _WRITERS[path.suffix.lower()](_rounded(table), draft)
        os.replace(draft, path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another file."
        ) from error
    finally:
        if draft.exists():
            draft.unlink()


def defused(table: pl.DataFrame) -> pl.DataFrame:
    """Text cells that no spreadsheet runs; lists of reasons joined with `; `."""
    lists = [name for name, kind in table.schema.items() if kind == pl.List(pl.String)]
    table = table.with_columns(pl.col(lists).list.join("; "))
    return table.with_columns(pl.col(pl.String).str.replace(f"({FORMULA_STARTS})", "'${1}"))


def _rounded(table: pl.DataFrame) -> pl.DataFrame:
    known = {name: digits for name, digits in DECIMALS.items() if name in table.columns}
    return table.with_columns(pl.col(name).round(digits) for name, digits in known.items())


def _write_csv(table: pl.DataFrame, path: Path) -> None:
    defused(table).write_csv(path)


def _write_parquet(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path)


def _write_json(table: pl.DataFrame, path: Path) -> None:
    rows = (json.dumps(row, ensure_ascii=False, default=str) for row in table.iter_rows(named=True))
    path.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


def _write_excel(table: pl.DataFrame, path: Path) -> None:
    import xlsxwriter

    if table.height > MOST_EXCEL_ROWS:
        raise InputError(
            f"{table.height:,} rows do not fit an Excel sheet of {MOST_EXCEL_ROWS:,}.",
            "Write .csv or .parquet.",
        )
    cells = defused(table)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True,
               "default_date_format": "yyyy-mm-dd"}  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        # The day of the list, not of the writing: the same list gives the same bytes.
        book.set_properties({"title": "Inspection list", "created": _day_of(table)})
        sheet = book.add_worksheet("list")
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(cells.columns):
            sheet.set_column(at, at, _width(cells[name]))
        sheet.write_row(0, 0, cells.columns, book.add_format({"bold": True}))
        for at, row in enumerate(cells.iter_rows(), start=1):
            sheet.write_row(at, 0, row)
        sheet.autofilter(0, 0, max(cells.height, 1), len(cells.columns) - 1)


def _day_of(table: pl.DataFrame) -> datetime:
    days = table["flight_date"].drop_nulls() if "flight_date" in table.columns else None
    first = None if days is None or days.is_empty() else days.min()
    return datetime.combine(first, time()) if first is not None else datetime(2000, 1, 1)  # type: ignore[arg-type]


def _width(column: pl.Series) -> int:
    lengths: list[int] = column.cast(pl.String).str.len_chars().drop_nulls().to_list()
    return min(max([len(column.name), *lengths]) + 2, _MOST_WIDTH)


_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_excel,
    ".json": _write_json,
    ".parquet": _write_parquet,
}
