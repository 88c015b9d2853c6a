"""The store: what was received, and the current view of it.

Declarations lie in a folder a day of arrival, so that a flight is found by reading one day and a
day can be kept, archived or deleted as a whole. The row in force is the latest lodged; of two
lodged at the same instant the one received later stands.

The list of a flight sees all that was received for it. A day of the past is seen as it stood at
its end: an amendment lodged later, perhaps because of a control, was not there to learn from. A
row of which every version was lodged later counts with its first one, so that no parcel vanishes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from engine import outcome
from engine.declaration import CONSIGNMENT, KEY, Declaration
from engine.intake import in_order
from engine.outcome import OutcomeRow
from service.home import Home
from service.receipts import ORDER, Receipt, append, collected, files, scan, writing

DECLARATION_SCHEMA: dict[str, pl.DataType] = {
    name: column.dtype for name, column in Declaration.columns().items()
}
OUTCOME_SCHEMA: dict[str, pl.DataType] = {
    name: column.dtype for name, column in OutcomeRow.columns().items() if name != "row_number"
}

INSTANCE: tuple[str, ...] = (*KEY, "lodged_at")
"""Versions of a row that differ in it do not replace each other: the later lodged one stands."""

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
                total += append(self._folder(day), part, KEY, INSTANCE)
        return total

    def add_outcomes(self, rows: pl.DataFrame) -> Receipt:
        """Keep outcome rows; on disk when this returns."""
        rows = rows.select(pl.col(name).cast(kind) for name, kind in OUTCOME_SCHEMA.items())
        with writing(self._home.root):
            return append(self._home.outcomes, rows, outcome.KEY, outcome.KEY)

    def days(self) -> list[date]:
        """Days of arrival with declarations, in order."""
        folders = self._home.declarations.glob(f"{_DAY}*")
        named = sorted(folder.name.removeprefix(_DAY) for folder in folders if files(folder))
        return [date.fromisoformat(name) for name in named]

    def day(self, day: date, lodged_before: datetime | None = None) -> pl.DataFrame:
        """All flights of a day as they stood at its end (UTC), in canonical order.

        Parameters
        ----------
        day : day of arrival.
        lodged_before : what was lodged at this instant or later is not seen at all.
        """
        paths = files(self._folder(day))
        rows = _cut(scan(paths, DECLARATION_SCHEMA), lodged_before)
        return _as_they_stood(collected(rows, paths))

    def versions(self, day: date) -> pl.DataFrame:
        """Every version received for a day, those of one row in the order of their receipt."""
        paths = files(self._folder(day))
        return collected(scan(paths, DECLARATION_SCHEMA), paths).sort(*KEY, ORDER).drop(ORDER)

    def mark(self, day: date) -> str:
        """A mark of the receipts of a day; it changes when another arrives."""
        names = ",".join(path.name for path in files(self._folder(day)))
        return hashlib.sha256(names.encode()).hexdigest()[:16]

    def flight(
        self, flight_number: str, flight_date: date, lodged_before: datetime | None = None
    ) -> pl.DataFrame:
        """Current view of a flight: everything received for it, in canonical order.

        Parameters
        ----------
        flight_number, flight_date : the flight.
        lodged_before : what was lodged at this instant or later is not seen.
        """
        paths = files(self._folder(flight_date))
        rows = _cut(scan(paths, DECLARATION_SCHEMA), lodged_before)
        rows = rows.filter(pl.col("flight_number") == flight_number)
        ordered = collected(rows, paths).sort(*KEY, "lodged_at", ORDER)
        return ordered.unique(KEY, keep="last", maintain_order=True).drop(ORDER)

    def outcomes(self) -> pl.DataFrame:
        """Current view of all outcome events, ordered by key."""
        paths = files(self._home.outcomes)
        rows = collected(scan(paths, OUTCOME_SCHEMA), paths)
        rows = rows.sort(*outcome.KEY, ORDER).unique(outcome.KEY, keep="last", maintain_order=True)
        return rows.select(OUTCOME_SCHEMA.keys())

    def items_of(
        self,
        outcomes: pl.DataFrame,
        columns: Sequence[str] = tuple(DECLARATION_SCHEMA),
        lodged_before: datetime | None = None,
    ) -> pl.DataFrame:
        """Items of exactly the consignments that `outcomes` name, as they stood on their day.

        Parameters
        ----------
        outcomes : rows with the consignment's key; only days that occur are read.
        columns : columns wanted; the others are not read.
        lodged_before : what was lodged at this instant or later is not seen at all.
        """
        wanted = outcomes.select(CONSIGNMENT).unique()
        days = wanted["flight_date"].unique().sort().to_list()
        paths = [path for day in days for path in files(self._folder(day))]
        rows = _cut(scan(paths, DECLARATION_SCHEMA), lodged_before)
        needed = list(dict.fromkeys([*columns, *KEY, "lodged_at", ORDER]))
        rows = rows.select(needed).join(wanted.lazy(), on=CONSIGNMENT, how="semi")
        return _as_they_stood(collected(rows, paths)).select(columns)

    def _folder(self, day: date) -> Path:
        return self._home.declarations / f"{_DAY}{day.isoformat()}"


class StoreAsOf:
    """A store as it was at the end of a day: nothing later is seen of anything.

    Parameters
    ----------
    store : what was received.
    as_of : the day; declarations of flights after it, and whatever was lodged or recorded after
        it, are not there.
    """

    def __init__(self, store: Store, as_of: date) -> None:
        self._store = store
        self._as_of = as_of

    def days(self) -> list[date]:
        """Days of arrival with declarations, in order."""
        return [day for day in self._store.days() if day <= self._as_of]

    def day(self, day: date) -> pl.DataFrame:
        """All flights of a day as they stood at its end, in canonical order."""
        return self._store.day(day, end_of(self._as_of))

    def outcomes(self) -> pl.DataFrame:
        """Outcome events known by then, ordered by key."""
        return self._store.outcomes().filter(pl.col("recorded_at") < end_of(self._as_of))


def end_of(day: date) -> datetime:
    """The first instant after a day (UTC)."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def was_lodged_before(instant: datetime) -> pl.Expr:
    """Whether a row was there before an instant.

    A row that names no instant carries the start of its flight's day; that says nothing, and a
    list made on the evening before must not lose it.
    """
    start = pl.col("flight_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return (pl.col("lodged_at") < instant) | (pl.col("lodged_at") == start)


def _cut(rows: pl.LazyFrame, lodged_before: datetime | None) -> pl.LazyFrame:
    return rows if lodged_before is None else rows.filter(was_lodged_before(lodged_before))


def _as_they_stood(rows: pl.DataFrame) -> pl.DataFrame:
    """The row in force of each key at the end of its day, in canonical order."""
    end = (pl.col("flight_date") + pl.duration(days=1)).cast(pl.Datetime("us"))
    is_late = pl.col("lodged_at") >= end.dt.replace_time_zone("UTC")
    # Of late versions the first stands, of others the last: the order of the late ones is turned.
    turn = pl.when(is_late).then(-1).otherwise(1)
    lodged, order = pl.col("lodged_at").to_physical() * turn, pl.col(ORDER).cast(pl.Int64) * turn
    ordered = rows.sort(*KEY, is_late.not_(), lodged, order)
    return ordered.unique(KEY, keep="last", maintain_order=True).drop(ORDER)
