"""The store: what was received, and the current view of it.

Declarations lie in a folder a day of arrival, so that a flight is found by reading one day and a
day can be kept, archived or deleted as a whole. The current view of a row is the latest lodged;
of two lodged at the same instant the one received later stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from engine import outcome
from engine.declaration import CONSIGNMENT, KEY, Declaration
from engine.intake import in_order
from engine.outcome import OutcomeRow
from service.home import Home
from service.receipts import ORDER, Receipt, append, files, scan, writing

DECLARATION_SCHEMA: dict[str, pl.DataType] = {
    name: column.dtype for name, column in Declaration.columns().items()
}
OUTCOME_SCHEMA: dict[str, pl.DataType] = {
    name: column.dtype for name, column in OutcomeRow.columns().items() if name != "row_number"
}

_DAY = "flight_date="


class Store:
    """Declarations and outcomes of one state folder.

    Parameters
    ----------
    home : the state folder; made at the first write.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    def add_declarations(self, rows: pl.DataFrame) -> Receipt:
        """Keep canonical rows; on disk when this returns.

        Parameters
        ----------
        rows : columns of `Declaration`; others are left out.
        """
        rows = in_order(
            rows.select(pl.col(name).cast(kind) for name, kind in DECLARATION_SCHEMA.items())
        )
        total = Receipt()
        with writing(self._home.root):
            for (day,), part in rows.partition_by(
                "flight_date", as_dict=True, maintain_order=True
            ).items():
                total += append(self._folder(day), part, KEY)
        return total

    def add_outcomes(self, rows: pl.DataFrame) -> Receipt:
        """Keep outcome rows; on disk when this returns."""
        rows = rows.select(pl.col(name).cast(kind) for name, kind in OUTCOME_SCHEMA.items())
        with writing(self._home.root):
            return append(self._home.outcomes, rows, outcome.KEY)

    def days(self) -> list[date]:
        """Days of arrival with declarations, in order."""
        folders = self._home.declarations.glob(f"{_DAY}*")
        named = sorted(folder.name.removeprefix(_DAY) for folder in folders if files(folder))
        return [date.fromisoformat(name) for name in named]

    def day(self, day: date) -> pl.DataFrame:
        """Current view of all flights of a day, in canonical order."""
        return _current(scan(files(self._folder(day)), DECLARATION_SCHEMA))

    def mark(self, day: date) -> str:
        """A mark of the receipts of a day; it changes when another arrives."""
        names = ",".join(path.name for path in files(self._folder(day)))
        return hashlib.sha256(names.encode()).hexdigest()[:16]

    def flight(self, flight_number: str, flight_date: date) -> pl.DataFrame:
        """Current view of a flight: everything received for it, in canonical order."""
        rows = scan(files(self._folder(flight_date)), DECLARATION_SCHEMA)
        return _current(rows.filter(pl.col("flight_number") == flight_number))

    def outcomes(self) -> pl.DataFrame:
        """Current view of all outcome events, ordered by key."""
        rows = scan(files(self._home.outcomes), OUTCOME_SCHEMA).collect()
        rows = rows.sort(*outcome.KEY, ORDER).unique(outcome.KEY, keep="last", maintain_order=True)
        return rows.select(OUTCOME_SCHEMA.keys())

    def items_of(
        self, outcomes: pl.DataFrame, columns: Sequence[str] = tuple(DECLARATION_SCHEMA)
    ) -> pl.DataFrame:
        """Current view of the items of exactly the consignments that `outcomes` name.

        Parameters
        ----------
        outcomes : rows with the consignment's key; only days that occur are read.
        columns : columns wanted; the others are not read.
        """
        wanted = outcomes.select(CONSIGNMENT).unique()
        days = wanted["flight_date"].unique().sort().to_list()
        paths = [path for day in days for path in files(self._folder(day))]
        rows = scan(paths, DECLARATION_SCHEMA)
        needed = list(dict.fromkeys([*columns, *KEY, "lodged_at", ORDER]))
        return _current(rows.select(needed).join(wanted.lazy(), on=CONSIGNMENT, how="semi")).select(
            columns
        )

    def _folder(self, day: date) -> Path:
        return self._home.declarations / f"{_DAY}{day.isoformat()}"


def _current(rows: pl.LazyFrame) -> pl.DataFrame:
    """The row in force of each key, in canonical order."""
    ordered = rows.collect().sort(*KEY, "lodged_at", ORDER)
    return ordered.unique(KEY, keep="last", maintain_order=True).drop(ORDER)
