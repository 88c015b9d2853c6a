"""The store: what was received, and the current view of it.

Declarations lie in a folder a day of arrival, so that a flight is found by reading one day and a
day can be kept, archived or deleted as a whole; what came as messages lies in the database
(`service.storage`), and every view covers both. The row in force is the latest lodged; of two
lodged at the same instant the one received later stands.

The list of a flight sees all that was received for it. A day of the past is seen as it stood at
its end: an amendment lodged later, perhaps because of a control, was not there to learn from. A
row of which every version was lodged later counts with its first one, so that no parcel vanishes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from engine import outcome
from engine.declaration import CONSIGNMENT, FLIGHT, KEY
from engine.intake import in_order
from service.home import Home
from service.message_view import Messages
from service.receipts import (
    ORDER,
    Receipt,
    collected,
    files,
    fresh_of,
    made,
    scan,
    writing,
)
from service.row_schemas import DECLARATION_SCHEMA as DECLARATION_SCHEMA
from service.row_schemas import OUTCOME_SCHEMA as OUTCOME_SCHEMA

if TYPE_CHECKING:
    from service.storage.database import Database

INSTANCE: tuple[str, ...] = (*KEY, "lodged_at")
"""Versions of a row that differ in it do not replace each other: the later lodged one stands."""

SOURCE = "command line"
"""Who brought what no one else did."""

PART_ITEMS = 400_000
"""Items of a day that are looked at together, unless one flight has more (estimate: some 2 GB)."""

_DAY = "flight_date="


class Store:
    """Declarations and outcomes of one state folder, files and messages in one view.

    Parameters
    ----------
    home : the state folder; made at the first write.
    database : holds what came as messages, and the numbers of all receipts. None: the embedded
        one of the folder, opened when it is needed and made at the first write.
    """

    def __init__(self, home: Home, database: Database | None = None) -> None:
        self._home = home
        self._messages = Messages(home, database)
        self._flights_of: dict[Path, frozenset[str]] = {}
        self._day_flights: dict[date, tuple[str, pl.DataFrame]] = {}

    def add_declarations(self, rows: pl.DataFrame, *, source: str = SOURCE) -> Receipt:
        """Keep canonical rows as files; on disk when this returns.

        Parameters
        ----------
        rows : columns of `Declaration`; others are left out.
        source : who brought them.
        """
        rows = in_order(
            rows.select(pl.col(name).cast(kind) for name, kind in DECLARATION_SCHEMA.items())
        )
        total = Receipt()
        with writing(self._home.root), self._messages.filing(source) as filing:
            for (day,), part in rows.partition_by(
                "flight_date", as_dict=True, maintain_order=True
            ).items():
                folder = self._folder(day)
                made(folder)
                keys = part.lazy().select(KEY).unique()
                known = self._of_day(day, part["flight_number"].unique().sort().to_list())
                known = known.join(keys, on=KEY, how="semi")
                fresh, receipt = fresh_of(part, self._known(known, folder), KEY, INSTANCE)
                filing.file("declarations", folder, fresh, receipt)
                total += receipt
        return total

    def add_outcomes(self, rows: pl.DataFrame, *, source: str = SOURCE) -> Receipt:
        """Keep outcome rows as a file; on disk when this returns.

        Parameters
        ----------
        rows : columns of `OutcomeRow`; others are left out.
        source : who brought them.
        """
        rows = rows.select(pl.col(name).cast(kind) for name, kind in OUTCOME_SCHEMA.items())
        with writing(self._home.root), self._messages.filing(source) as filing:
            folder = self._home.outcomes
            made(folder)
            keys = rows.lazy().select(outcome.KEY).unique()
            known = self._all_outcomes().join(keys, on=outcome.KEY, how="semi")
            known_rows = self._known(known, folder)
            fresh, receipt = fresh_of(rows, known_rows, outcome.KEY, outcome.KEY)
            filing.file("outcomes", folder, fresh, receipt)
        return receipt

    def days(self) -> list[date]:
        """Days of arrival with declarations, in order."""
        folders = self._home.declarations.glob(f"{_DAY}*")
        named = {folder.name.removeprefix(_DAY) for folder in folders if files(folder)}
        return sorted({date.fromisoformat(name) for name in named}.union(self._messages.days()))

    def day(self, day: date, lodged_before: datetime | None = None) -> pl.DataFrame:
        """All flights of a day as they stood at its end (UTC), in canonical order.

        Parameters
        ----------
        day : day of arrival.
        lodged_before : what was lodged at this instant or later is not seen at all.
        """
        rows = _cut(self._of_day(day), lodged_before)
        return as_they_stood(collected(rows, files(self._folder(day))))

    def parts(self, day: date, lodged_before: datetime | None = None) -> Iterator[pl.DataFrame]:
        """The same, in parts of one or several whole flights, by flight number."""
        for numbers in _parted(self.flights(day)):
            rows = _cut(self._of_day(day, numbers), lodged_before)
            yield as_they_stood(collected(rows, files(self._folder(day))))

    def versions(self, day: date) -> pl.DataFrame:
        """Every version received for a day, those of one row in the order of their receipt."""
        rows = collected(self._of_day(day), files(self._folder(day)))
        return rows.sort(*KEY, ORDER).drop(ORDER)

    def messages(self) -> Iterator[tuple[date, pl.DataFrame]]:
        """What came as messages, day by day: all versions, with `ORDER`, that of all receipts."""
        for day in self._messages.days():
            yield day, self._messages.of_day(day)

    def mark(self, day: date) -> str:
        """A mark of the receipts of a day; it changes when another arrives."""
        names = [path.name for path in files(self._folder(day))]
        return _mark([*names, *map(str, self._messages.arrived(day))])

    def flight_mark(self, flight_number: str, flight_date: date) -> str:
        """A mark of the receipts for a flight; those for other flights do not change it."""
        paths = files(self._folder(flight_date))
        names = [path.name for path in paths if flight_number in self._flights_in(path)]
        arrived = self._messages.arrived(flight_date)
        return _mark([*names, *(str(flight) for flight in arrived if flight[0] == flight_number)])

    def flights(self, day: date) -> pl.DataFrame:
        """Flights of a day by number: `flight_number`, `flight_date`, `item_count`,
        `consignment_count`.
        """
        mark = self.mark(day)
        if self._day_flights.get(day, ("",))[0] != mark:
            paths = files(self._folder(day))
            of_files = scan(paths, DECLARATION_SCHEMA).select(KEY)
            keys = pl.concat([of_files, self._messages.keys(day).lazy()]).unique()
            counted = collected(keys, paths).group_by(FLIGHT).agg(
                item_count=pl.len().cast(pl.Int64),
                consignment_count=pl.col("hawb").n_unique().cast(pl.Int64),
            )  # fmt: skip
            self._day_flights[day] = (mark, counted.sort(FLIGHT))
        return self._day_flights[day][1]

    def flight(
        self, flight_number: str, flight_date: date, lodged_before: datetime | None = None
    ) -> pl.DataFrame:
        """Current view of a flight: everything received for it, in canonical order.

        Parameters
        ----------
        flight_number, flight_date : the flight.
        lodged_before : what was lodged at this instant or later is not seen.
        """
        rows = _cut(self._of_day(flight_date, [flight_number]), lodged_before)
        ordered = collected(rows, files(self._folder(flight_date)))
        ordered = ordered.sort(*KEY, "lodged_at", ORDER)
        return ordered.unique(KEY, keep="last", maintain_order=True).drop(ORDER)

    def outcomes(self) -> pl.DataFrame:
        """Current view of all outcome events, ordered by key."""
        rows = collected(self._all_outcomes(), files(self._home.outcomes))
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
        rows = pl.concat(
            [scan(paths, DECLARATION_SCHEMA), self._messages.of_consignments(wanted).lazy()]
        )
        needed = list(dict.fromkeys([*columns, *KEY, "lodged_at", ORDER]))
        rows = _cut(rows, lodged_before).select(needed)
        rows = rows.join(wanted.lazy(), on=CONSIGNMENT, how="semi")
        return as_they_stood(collected(rows, paths)).select(columns)

    def _of_day(self, day: date, flights: Sequence[str] | None = None) -> pl.LazyFrame:
        """All versions received for a day, or for some of its flights, with `ORDER`."""
        rows = scan(files(self._folder(day)), DECLARATION_SCHEMA)
        if flights is not None:
            rows = rows.filter(pl.col("flight_number").is_in(flights))
        return pl.concat([rows, self._messages.of_day(day, flights).lazy()])

    def _all_outcomes(self) -> pl.LazyFrame:
        rows = scan(files(self._home.outcomes), OUTCOME_SCHEMA)
        return pl.concat([rows, self._messages.outcomes().lazy()])

    def _known(self, rows: pl.LazyFrame, folder: Path) -> pl.DataFrame:
        """Rows of a scan in the order of their receipt."""
        return collected(rows, files(folder)).sort(ORDER).drop(ORDER)

    def _flights_in(self, path: Path) -> frozenset[str]:
        """Flights of which a file holds rows; a file never gets another one."""
        if path not in self._flights_of:
            numbers = scan([path], DECLARATION_SCHEMA).select("flight_number").unique()
            found = collected(numbers, [path])["flight_number"]
            self._flights_of[path] = frozenset(found.to_list())
        return self._flights_of[path]

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

    def parts(self, day: date) -> Iterator[pl.DataFrame]:
        """The same, in parts of one or several whole flights, by flight number."""
        return self._store.parts(day, end_of(self._as_of))

    def outcomes(self) -> pl.DataFrame:
        """Outcome events known by then, ordered by key."""
        return self._store.outcomes().filter(pl.col("recorded_at") < end_of(self._as_of))


def _parted(flights: pl.DataFrame) -> Iterator[list[str]]:
    """Numbers of flights that are looked at together, by their items."""
    numbers: list[str] = []
    items = 0
    for number, count in flights.select("flight_number", "item_count").iter_rows():
        if numbers and items + count > PART_ITEMS:
            yield numbers
            numbers, items = [], 0
        numbers.append(number)
        items += count
    if numbers:
        yield numbers


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


def _mark(parts: Sequence[str]) -> str:
    return hashlib.sha256(",".join(parts).encode()).hexdigest()[:16]


def _cut(rows: pl.LazyFrame, lodged_before: datetime | None) -> pl.LazyFrame:
    return rows if lodged_before is None else rows.filter(was_lodged_before(lodged_before))


def as_they_stood(rows: pl.DataFrame) -> pl.DataFrame:
    """The row in force of each key at the end of its day, in canonical order."""
    end = (pl.col("flight_date") + pl.duration(days=1)).cast(pl.Datetime("us"))
    is_late = pl.col("lodged_at") >= end.dt.replace_time_zone("UTC")
    # Of late versions the first stands, of others the last: the order of the late ones is turned.
    turn = pl.when(is_late).then(-1).otherwise(1)
    lodged, order = pl.col("lodged_at").to_physical() * turn, pl.col(ORDER).cast(pl.Int64) * turn
    ordered = rows.sort(*KEY, is_late.not_(), lodged, order)
    return ordered.unique(KEY, keep="last", maintain_order=True).drop(ORDER)
